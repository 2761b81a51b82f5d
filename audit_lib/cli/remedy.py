"""Remedy: from findings to records: locate, actions."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from audit_lib.cli.asked import Lang, RunFolder, RunPolicy, open_run, own_policy
from audit_lib.cli.said import WRONG_INPUT, say, stop


def locate(
    run: RunFolder,
    reference: Annotated[str, typer.Argument(metavar="REF", help="A record_ref of findings.parquet.")],
    exports: Annotated[
        Path | None, typer.Option("--exports", help="The folder that was checked: shows what the record holds.")
    ] = None,
    policy: RunPolicy = None,
    lang: Lang = None,
) -> None:
    """From a finding back to the record.

    Its file and row and what was found of it; with --exports, what the record holds.
    """
    from audit_lib.remediation import LocateError, located

    mappings = own_policy(run, policy) / "mappings"
    try:
        say(list(located(open_run(run, policy, lang), reference, mappings=mappings, exports=exports)))
    except LocateError as error:
        stop(WRONG_INPUT, [str(error)])


def actions(
    run: RunFolder,
    control: Annotated[str, typer.Option("--control", help="One control only.")] = "",
    policy: RunPolicy = None,
    lang: Lang = None,
) -> None:
    """What to do, a line a record, as CSV.

    Most urgent first, on standard output.
    """
    import shutil
    import tempfile

    from audit_lib.remediation import write_actions

    opened = open_run(run, policy, lang)
    with tempfile.TemporaryDirectory() as private:
        made = Path(private, "actions.csv")
        try:
            write_actions(opened, made, control)
        except KeyError:
            stop(WRONG_INPUT, [f"--control '{control}': not in this run, list them with: dpo-audit controls"])
        sys.stdout.flush()
        with made.open("rb") as lines:
            shutil.copyfileobj(lines, sys.stdout.buffer)
