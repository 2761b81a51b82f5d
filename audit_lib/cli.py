"""Command line: opens, calls, prints; every command imports only what it needs."""

import datetime as dt
import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

DONE, VIOLATED, WRONG_INPUT, UNFINISHED = 0, 1, 2, 3

app = typer.Typer(
    name="dpo-audit",
    help="Checks that the databases keep the promises of the privacy policy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Language(StrEnum):
    FR = "fr"
    EN = "en"


class Engine(StrEnum):
    LOCAL = "local"
    POSTGRES = "postgres"
    SPARK = "spark"


class Logs(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class FailOn(StrEnum):
    """Worst severity tolerated: a violated control at or above it ends with status 1."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEVER = "never"


Exports = Annotated[Path, typer.Argument(help="Folder of exports.", show_default=False)]
Out = Annotated[Path, typer.Option("--out", help="Folder that receives the run.", show_default=False)]
AsOf = Annotated[str, typer.Option("--as-of", help="Audit instant, ISO 8601. By default the one of the exports.")]
Lang = Annotated[Language | None, typer.Option("--lang", help="Language of the report. By default the policy's.")]
Judge = Annotated[Engine | None, typer.Option("--engine", help="What judges. By default what holds the data.")]
PolicyFolder = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy folder. By default expectations/ here, or the product's."),
]
Set = Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE: another value for a parameter.")]
Memory = Annotated[str, typer.Option("--memory-limit", help="Memory of DuckDB, such as 2GB. By default 80 % of all.")]
Master = Annotated[str, typer.Option("--master", help="Spark's master, with --engine spark.")]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep", help="Private folder of what is read: the next audit reads only new files.", show_default=False
    ),
]

Anonymity = Annotated[bool, typer.Option("--anonymity", help="Measure the tables that should be anonymous too.")]


@app.command()
def run(
    exports: Exports,
    out: Out,
    as_of: AsOf = "",
    lang: Lang = None,
    engine: Judge = None,
    policy: PolicyFolder = None,
    fail_on: FailOn = FailOn.NEVER,
    changes: Set = None,
    memory_limit: Memory = "",
    master: Master = "local[*]",
    keep: Keep = None,
) -> None:
    """Check the exports, execute the notebooks, write the report."""
    request = _request(exports, out, as_of, lang, engine, policy, changes, memory_limit, master, keep, anonymity=True)
    from audit_lib.reporting import Reporter, ReportError, Wanted, Written

    notebooks = _home("notebooks")
    with ExitStack() as stack:
        reporters: list[Reporter] = []
        written: list[Written] = []

        def progress(step: str) -> None:
            _progress(step)
            # Until the check, reading and importing keep two cores busy; then the second has nothing else to do.
            if step == "check":
                reporters.append(stack.enter_context(closing(Reporter(notebooks))))

        def complete(draft: Path) -> None:
            [reporter] = reporters
            facts = json.loads((draft / "run.json").read_text("utf-8"))
            reporter.begin(Wanted(draft, exports, request.policy, notebooks, facts["language"]))
            written.append(reporter.result(_progress))

        try:
            folder, problems = _checked(request, complete, progress)
        except ReportError as error:
            _stop(UNFINISHED, str(error).splitlines())
    [done] = written
    _print_run(folder, [("report", folder / "report.html"), ("pdf", folder / "report.pdf" if done.pdf else None)])
    _finish(folder, fail_on, [*problems, *done.messages], wrong=bool(problems))


@app.command()
def check(
    exports: Exports,
    out: Out,
    as_of: AsOf = "",
    lang: Lang = None,
    engine: Judge = None,
    policy: PolicyFolder = None,
    fail_on: FailOn = FailOn.NEVER,
    changes: Set = None,
    memory_limit: Memory = "",
    master: Master = "local[*]",
    keep: Keep = None,
    anonymity: Anonymity = False,
) -> None:
    """Check the exports, without notebooks and report."""
    request = _request(
        exports, out, as_of, lang, engine, policy, changes, memory_limit, master, keep, anonymity=anonymity
    )
    folder, problems = _checked(request)
    _print_run(folder, [])
    _finish(folder, fail_on, problems, wrong=bool(problems))


@app.command()
def sources(exports: Exports, policy: PolicyFolder = None, as_of: AsOf = "") -> None:
    """What each file was recognised as.

    Its mapping, rows, quarantine, and what is missing.
    """
    from audit_lib.audit.sources import described

    lines, problems = described(exports, policy or _home("expectations"), _instant(as_of))
    _say(lines)
    if problems:
        _stop(WRONG_INPUT, problems)


@app.command()
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
        folder = load_policy(policy or _home("expectations"))
        lines = described(folder, control, lang.value if lang else folder.policy.language)
    except PolicyError as error:
        _stop(WRONG_INPUT, error.errors)
    except KeyError:
        _stop(WRONG_INPUT, [f"control '{control}': no such id, list them with: dpo-audit controls"])
    _say(lines)
    if folder.errors:
        _stop(WRONG_INPUT, folder.errors)


@app.command()
def suites(
    check_only: Annotated[bool, typer.Option("--check", help="Fail when a derived file has drifted.")] = False,
    policy: PolicyFolder = None,
) -> None:
    """Derive the suites and the catalogue from the controls."""
    from audit_lib import suites as derived
    from audit_lib.policy import PolicyError, load_policy

    root = policy or _home("expectations")
    try:
        folder = load_policy(root)
        if folder.errors:
            _stop(WRONG_INPUT, folder.errors)
        if not check_only:
            _say(f"{root / name}: written" for name in derived.write(folder, root))
            return
        drifted = derived.drifted(folder, root)
    except PolicyError as error:
        _stop(WRONG_INPUT, error.errors)
    if drifted:
        _stop(
            WRONG_INPUT,
            [f"{root / name}: differs from the controls, run: dpo-audit suites" for name in drifted],
        )


@app.command()
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
        names = list(start(policy or _home("expectations"), folder, company=company, language=lang.value))
    except StartError as error:
        _stop(WRONG_INPUT, [f"{folder}: {error}"])
    except PolicyError as error:
        _stop(WRONG_INPUT, error.errors)
    except OSError as error:
        _stop(UNFINISHED, [f"{error.filename or folder}: {error.strerror}"])
    _say(f"{folder / name}: written" for name in names)
    _say(
        [f"next: write what the company promises in {folder / 'policy.yaml'}, delete the controls of what it does not"]
    )
    _say([f"then: dpo-audit suites --policy {folder}, and dpo-audit check EXPORTS --out DIR --policy {folder}"])


RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.", show_default=False)]


@app.command()
def locate(
    run: RunFolder,
    reference: Annotated[str, typer.Argument(metavar="REF", help="A record_ref of findings.parquet.")],
    exports: Annotated[
        Path | None, typer.Option("--exports", help="The folder that was checked: shows what the record holds.")
    ] = None,
    policy: PolicyFolder = None,
    lang: Lang = None,
) -> None:
    """From a finding back to the record.

    Its file and row and what was found of it; with --exports, what the record holds.
    """
    from audit_lib.remediation import LocateError, located

    folder = policy or _home("expectations")
    try:
        _say(list(located(_run(run, folder, lang), reference, mappings=folder / "mappings", exports=exports)))
    except LocateError as error:
        _stop(WRONG_INPUT, [str(error)])


@app.command()
def actions(
    run: RunFolder,
    control: Annotated[str, typer.Option("--control", help="One control only.")] = "",
    policy: PolicyFolder = None,
    lang: Lang = None,
) -> None:
    """What to do, a line a record, as CSV.

    Most urgent first, on standard output.
    """
    import shutil
    import tempfile

    from audit_lib.remediation import write_actions

    opened = _run(run, policy or _home("expectations"), lang)
    with tempfile.TemporaryDirectory() as private:
        made = Path(private, "actions.csv")
        try:
            write_actions(opened, made, control)
        except KeyError:
            _stop(WRONG_INPUT, [f"--control '{control}': not in this run, list them with: dpo-audit controls"])
        sys.stdout.flush()
        with made.open("rb") as lines:
            shutil.copyfileobj(lines, sys.stdout.buffer)


def _run(folder: Path, policy: Path, lang: Language | None) -> Any:
    from audit_lib.policy import PolicyError
    from audit_lib.report import RunError, load

    try:
        return load(folder, policy=policy, lang=lang.value if lang else None)
    except RunError as error:
        _stop(WRONG_INPUT, [str(error)])
    except PolicyError as error:
        _stop(WRONG_INPUT, error.errors)


@app.command()
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
        _stop(WRONG_INPUT, [f"--{error}"])
    _say([f"sample: {folder}"])


def _request(
    exports: Path,
    out: Path,
    as_of: str,
    lang: Language | None,
    engine: Engine | None,
    policy: Path | None,
    changes: Iterable[str] | None,
    memory_limit: str,
    master: str,
    keep: Path | None,
    *,
    anonymity: bool,
) -> Any:
    from audit_lib.audit import Request

    said = list(changes or ())
    wrong = [f"--set '{one}': write NAME=VALUE" for one in said if "=" not in one]
    names = [one.partition("=")[0] for one in said]
    wrong += [f"--set {name}: written twice, keep one" for name in sorted({n for n in names if names.count(n) > 1})]
    if wrong:
        _stop(WRONG_INPUT, wrong)
    return Request(
        exports=exports,
        out=out,
        policy=policy or _home("expectations"),
        as_of=_instant(as_of),
        language=lang.value if lang else None,
        engine=engine.value if engine else None,
        changes=dict(one.split("=", 1) for one in said),
        memory_limit=memory_limit or None,
        master=master,
        keep=keep,
        anonymity=anonymity,
    )


def _checked(
    request: Any,
    complete: Callable[[Path], None] = lambda _: None,
    progress: Callable[[str], None] = lambda step: _progress(step),
) -> tuple[Path, list[str]]:
    from audit_lib.audit import ConfigurationError, check
    from audit_lib.audit.key import KeyFileError
    from audit_lib.sources.postgres import DatabaseError
    from audit_lib.unforeseen import EngineLostError

    try:
        return check(request, progress, complete)
    except ConfigurationError as error:
        _stop(WRONG_INPUT, error.problems)
    except KeyFileError as error:
        _stop(WRONG_INPUT, [str(error)])
    except DatabaseError as error:
        _stop(UNFINISHED, [f"the run could not finish: {error}"])
    except EngineLostError as error:
        _stop(UNFINISHED, [f"the run could not finish: {error}{_hint(str(error))}"])
    except OSError as error:
        _stop(UNFINISHED, [f"{error.filename or request.out}: {error.strerror}"])


def _instant(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError:
        _stop(WRONG_INPUT, [f"--as-of '{text}': write an ISO 8601 instant, such as 2026-11-01T06:00:00+01:00"])
    if value.tzinfo is None:
        _stop(WRONG_INPUT, [f"--as-of '{text}': add the offset, such as {value.isoformat()}+01:00"])
    return value


def _home(name: str) -> Path:
    """A folder of the product: here, or beside the package when the command runs from elsewhere."""
    here = Path(name)
    return here if here.is_dir() else Path(__file__).resolve().parent.parent / name


def _print_run(folder: Path, more: list[tuple[str, Path | None]]) -> None:
    found = json.loads((folder / "controls.json").read_text("utf-8"))
    facts = json.loads((folder / "run.json").read_text("utf-8"))
    outcomes: dict[str, int] = {}
    for control in found:
        outcomes[control["outcome"]] = outcomes.get(control["outcome"], 0) + 1
    read, loaded, aside = (
        sum(file[f"rows_{what}"] for file in facts["inputs"]) for what in ("read", "loaded", "quarantined")
    )
    _say(f"note: {note}" for note in facts["notes"])
    _say([f"rows: {read} read = {loaded} loaded + {aside} quarantined"])
    _say([f"outcomes: {', '.join(f'{n} {name}' for name, n in sorted(outcomes.items()))}"])
    _say(map(_effect, facts["effects"]))
    files = [("controls", folder / "controls.json"), ("findings", folder / "findings.parquet"), *more]
    _say(f"{name}: {path}" for name, path in [("run", folder), *files] if path)


def _effect(effect: dict[str, Any]) -> str:
    """What --set changed of a control: its outcome, and the verdicts whose number is another."""
    before, after = effect["before"], effect["after"]
    pairs = [("outcome", before["outcome"], after["outcome"])]
    pairs += [(name, before["counts"].get(name, 0), n) for name, n in after["counts"].items()]
    changed = ", ".join(f"{name} {old} → {new}" for name, old, new in pairs if old != new)
    return f"effect of {', '.join(effect['parameters'])}: {effect['control_id']}: {changed or 'none'}"


def _finish(folder: Path, fail_on: FailOn, messages: list[str], *, wrong: bool) -> NoReturn:
    for message in messages:
        _warn(message)
    if wrong:
        raise typer.Exit(WRONG_INPUT)
    grades = list(FailOn)[:-1]
    tolerated = [] if fail_on is FailOn.NEVER else [grade.value for grade in grades[: grades.index(fail_on) + 1]]
    found = json.loads((folder / "controls.json").read_text("utf-8"))
    violated = any(one["outcome"] == "violated" and one["severity"] in tolerated for one in found)
    raise typer.Exit(VIOLATED if violated else DONE)


def _progress(step: str) -> None:
    print(f"· {step}", file=sys.stderr, flush=True)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _warn(message: str) -> None:
    print(message, file=sys.stderr)


def _stop(status: int, messages: Iterable[str]) -> NoReturn:
    for message in messages:
        _warn(message)
    raise typer.Exit(status)


# DuckDB's names for what the machine is short of; its own text may quote a value.
_SHORT_OF = {
    "OutOfMemoryException": "memory: close other programs, or write a larger --memory-limit",
    "SIGKILL": "memory: close other programs, or write a smaller --memory-limit",
    **dict.fromkeys(("IOException", "TransactionException", "FatalException"), "disk: free some where --out is"),
}


def _hint(kind: str) -> str:
    short_of = _SHORT_OF.get(kind)
    return f", perhaps short of {short_of}" if short_of else ""


def _unfinished(error: Exception) -> NoReturn:
    from audit_lib.unforeseen import unforeseen

    said = unforeseen(error)
    _warn(f"the run could not finish: {said}{_hint(said.kind)}")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(UNFINISHED)


def main() -> None:
    """Entry point. Flushes and leaves without tearing modules down: 0.5 s of every command."""
    status = DONE
    # Trees of SQL and models are many small objects that stay: looking for garbage takes a twentieth of a check.
    gc.disable()
    # A scheduler that stops a run must not leave its private folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(UNFINISHED))
    try:
        app()
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else WRONG_INPUT
    except KeyboardInterrupt:
        status = UNFINISHED
    except Exception as error:
        _unfinished(error)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
