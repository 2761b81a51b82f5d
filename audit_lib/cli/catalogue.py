"""Catalogue: what is checked: controls, suites, init, sample."""

from pathlib import Path
from typing import Annotated

import typer

from audit_lib.cli.asked import Lang, Language, Logs, PolicyFolder, home
from audit_lib.cli.said import UNFINISHED, WRONG_INPUT, say, stop


def controls(
    control: Annotated[str, typer.Argument(metavar="[ID]", help="One control, in full.")] = "",
    policy: PolicyFolder = None,
    lang: Lang = None,
) -> None:
    """The catalogue of controls, or one in full.

    With an id: its words, clause, law and SQL.
    """
    from audit_lib.audit.catalogue import described
    from audit_lib.policy import PolicyError, load_policy

    try:
        folder = load_policy(policy or home("expectations"))
        lines = described(folder, control, lang.value if lang else folder.policy.language)
    except PolicyError as error:
        stop(WRONG_INPUT, error.errors)
    except KeyError:
        stop(WRONG_INPUT, [f"control '{control}': no such id, list them with: dpo-audit controls"])
    say(lines)
    if folder.errors:
        stop(WRONG_INPUT, folder.errors)


def suites(
    check_only: Annotated[bool, typer.Option("--check", help="Fail when a derived file has drifted.")] = False,
    policy: PolicyFolder = None,
) -> None:
    """Derive the suites and the catalogue from the controls."""
    from audit_lib import suites as derived
    from audit_lib.policy import PolicyError, load_policy

    root = policy or home("expectations")
    try:
        folder = load_policy(root)
        if folder.errors:
            stop(WRONG_INPUT, folder.errors)
        if not check_only:
            say(f"{root / name}: written" for name in derived.write(folder, root))
            return
        drifted = derived.drifted(folder, root)
    except PolicyError as error:
        stop(WRONG_INPUT, error.errors)
    if drifted:
        stop(
            WRONG_INPUT,
            [f"{root / name}: differs from the controls, run: dpo-audit suites" for name in drifted],
        )


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Policy folder to start.", show_default=False)],
    company: Annotated[str, typer.Option("--company", help="Who made the promises.")] = "My company",
    lang: Annotated[Language, typer.Option("--lang", help="Language of the reports.")] = Language.EN,
    policy: PolicyFolder = None,
) -> None:
    """Start a policy folder for another company.

    Controls, law and mappings to adapt, no Python; check exports against it with --policy DIR.
    """
    from audit_lib.policy import PolicyError
    from audit_lib.starting import StartError, start

    try:
        names = list(start(policy or home("expectations"), folder, company=company, language=lang.value))
    except StartError as error:
        stop(WRONG_INPUT, [f"{folder}: {error}"])
    except PolicyError as error:
        stop(WRONG_INPUT, error.errors)
    except OSError as error:
        stop(UNFINISHED, [f"{error.filename or folder}: {error.strerror}"])
    say(f"{folder / name}: written" for name in names)
    say([f"next: write what the company promises in {folder / 'policy.yaml'}, delete the controls of what it does not"])
    say([f"then: dpo-audit suites --policy {folder}, and dpo-audit check EXPORTS --out DIR --policy {folder}"])


def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write.", show_default=False)],
    rows: Annotated[int, typer.Option("--rows", min=1, help="Rows of usage logs; the rest in proportion.")] = 2400,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same bytes.")] = 2026,
    logs: Annotated[Logs, typer.Option("--logs", help="Format of the usage logs.")] = Logs.JSONL,
) -> None:
    """Write the exports of the invented company, at any size."""
    from audit_lib import sample as company

    try:
        company.write(folder, rows=rows, seed=seed, logs=logs.value)
    except ValueError as error:
        stop(WRONG_INPUT, [f"--{error}"])
    say([f"sample: {folder}"])
