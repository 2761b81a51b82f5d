"""Compare: two policies on the same exports."""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from audit_lib.cli.asked import AsJson, AsOf, Exports, Lang, instant, open_run
from audit_lib.cli.auditing import checked
from audit_lib.cli.said import WRONG_INPUT, say, stop, warn

One = Annotated[Path, typer.Option("--policy", help="Policy folder.", show_default=False)]
Other = Annotated[Path, typer.Option("--with", help="Policy folder to compare with.", show_default=False)]


def compare(
    exports: Exports,
    policy: One,
    other: Other,
    as_of: AsOf = "",
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """What two policies find in the same exports.

    Which findings appear and go, by control; which controls only one has. Only --json has references to records.
    """
    from audit_lib.history.compared import compared, moved
    from audit_lib.report.comparison import as_data, comparison, differences

    if not exports.is_dir():
        stop(WRONG_INPUT, [f"{exports}: no such folder: write the folder that holds the exports"])
    with tempfile.TemporaryDirectory() as private:
        places = [(policy, "--policy"), (other, "--with")]
        runs, problems = [], []
        for number, (folder, option) in enumerate(places):
            made, met = _checked(exports, folder, option, as_of, Path(private, str(number)))
            runs.append(open_run(made, None, lang))
            problems.append(met)
        before, after = runs
        findings = before.folder / "findings.parquet", after.folder / "findings.parquet"
        found = differences(before, after, compared(*findings))
        if as_json:
            say([json.dumps(as_data(before, after, found, moved(*findings)), ensure_ascii=False, indent=1)])
        else:
            say(comparison(before, after, (policy, other), found))
    for line in _told(problems, [option for _, option in places]):
        warn(line)
    if any(problems):
        raise typer.Exit(WRONG_INPUT)


def _checked(exports: Path, policy: Path, option: str, as_of: str, out: Path) -> tuple[Path, list[str]]:
    from audit_lib.audit import Request

    return checked(Request(exports, out, policy, as_of=instant(as_of)), about=f"{option} {policy}: ")


def _told(problems: list[list[str]], options: list[str]) -> list[str]:
    """Problems of both checks once, those of one with its option."""
    shared = [line for line in problems[0] if line in problems[1]]
    return shared + [
        f"{option}: {line}"
        for option, lines in zip(options, problems, strict=True)
        for line in lines
        if line not in shared
    ]
