"""Forecast: what comes in the months after a run, and what a change of its policy would do."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from audit_lib.cli.asked import AsJson, Lang, Language, RunFolder, Set, open_run, settings
from audit_lib.cli.auditing import checked
from audit_lib.cli.said import WRONG_INPUT, say, stop, warn

Months = Annotated[int, typer.Option("--months", min=1, max=1200, help="Whole months after the one of the run.")]
OfRun = Annotated[
    Path | None, typer.Option("--exports", help="The folder that was checked, with --set.", show_default=False)
]


def forecast(
    run: RunFolder,
    months: Months = 12,
    lang: Lang = None,
    as_json: AsJson = False,
    exports: OfRun = None,
    changes: Set = None,
) -> None:
    """What falls due and what lapses in the months after a run.

    With --exports and --set, what another value would do: NAME of a parameter, or CONTROL.ARGUMENT of a control.
    """
    if not (run / "policy").is_dir():
        stop(WRONG_INPUT, [f"{run}: it has no folder policy: give the folder of a finished run of this version"])
    opened = open_run(run, None, lang)
    if exports is None and not changes:
        from audit_lib.report.outlook import as_data, outlook

        found = _foreseen(opened, months)
        say([_written(as_data(opened, found))] if as_json else outlook(opened, found))
        return
    if exports is None:
        stop(WRONG_INPUT, ["--exports: write it with --set: the folder that was checked"])
    if not changes:
        stop(WRONG_INPUT, ["--set: write it with --exports: NAME=VALUE"])
    _what_if(opened, months, lang, exports, settings(changes), as_json=as_json)


def _what_if(
    before: Any, months: int, lang: Language | None, exports: Path, changes: Mapping[str, str], *, as_json: bool
) -> None:
    from audit_lib.history import whatif
    from audit_lib.history.compared import compared, moved
    from audit_lib.report.comparison import as_data, differences, what_if

    if others := whatif.other_exports(before.facts, exports):
        stop(WRONG_INPUT, others)
    # Its files are findings of the exports: only their owner reads them, and they are gone when it is told.
    with tempfile.TemporaryDirectory() as private:
        try:
            request = whatif.request(before.folder, before.facts, exports, changes, Path(private))
        except whatif.WhatIfError as error:
            stop(WRONG_INPUT, error.problems)
        folder, _ = checked(request)
        after = open_run(folder, None, lang or Language(before.words.lang))
        if others := whatif.differences(before.facts, after.facts):
            stop(WRONG_INPUT, others)
        findings = before.folder / "findings.parquet", folder / "findings.parquet"
        if before.facts["key"] != after.facts["key"]:
            stop(WRONG_INPUT, ["DPO_AUDIT_KEY_FILE: it is not the key of the run: name that one"])
        found = differences(before, after, compared(*findings))
        then = _foreseen(before, months), _foreseen(after, months)
        told = [_written(as_data(before, after, found, moved(*findings), then))] if as_json else []
    if before.facts["tool_version"] != after.facts["tool_version"]:
        warn(f"{before.facts['run_id']}: made by version {before.facts['tool_version']}, checked again by another")
    say(told or what_if(before, after, changes, found, then))


def _foreseen(run: Any, months: int) -> Any:
    from audit_lib.history.forecast import forecast as foreseen
    from audit_lib.policy import load_policy

    law = load_policy(run.folder / "policy").law
    return foreseen(run.aggregates, run.lapses, law, today=run.today, months=months)


def _written(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)
