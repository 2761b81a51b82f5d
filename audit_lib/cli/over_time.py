"""Over time: history, diff, purge."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from audit_lib.cli.asked import AsJson, AsOf, HistoryAt, Lang, RunPolicy, home, instant, open_run
from audit_lib.cli.past import of_series
from audit_lib.cli.said import UNFINISHED, WRONG_INPUT, say, stop

Runs = Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder that receives the runs.")]
Earlier = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the earlier run.", show_default=False)]
Later = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the later run.", show_default=False)]


def history(folder: Runs = Path("runs"), history: HistoryAt = "", lang: Lang = None, as_json: AsJson = False) -> None:
    """The runs of a folder, what each showed and what changed."""
    from audit_lib.history.series import Series
    from audit_lib.report.over_time import history_lines
    from audit_lib.report.words import words

    def told(series: Series) -> None:
        runs = series.runs()
        outcomes = {one["run_id"]: series.outcomes(one["run_id"]) for one in runs}
        if as_json:
            shown = [{**one, "controls": outcomes[one["run_id"]]} for one in runs]
            say([json.dumps(shown, ensure_ascii=False, indent=1)])
        else:
            say(history_lines(runs, outcomes, words(lang.value if lang else _language())))

    _asked(history, folder, told)


def diff(
    earlier: Earlier,
    later: Later,
    records: Annotated[bool, typer.Option("--records", help="A line a finding, as CSV.")] = False,
    policy: RunPolicy = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """What became of the findings of a run in a later one.

    New, back again, still open and for how long, deleted, mended: by control, or a line a finding with --records.
    """
    from audit_lib.history.difference import DifferenceError, difference
    from audit_lib.report.over_time import difference_lines

    try:
        with difference(earlier, later) as found:
            if as_json:
                say([json.dumps(found.as_data(), ensure_ascii=False, indent=1)])
            elif records:
                _csv(found)
            else:
                say(difference_lines(found, open_run(later, policy, lang)))
    except DifferenceError as error:
        stop(WRONG_INPUT, [str(error)])


def purge(
    older_than: Annotated[str, typer.Option("--older-than", help="A period such as P2Y.", show_default=False)],
    folder: Runs = Path("runs"),
    as_of: AsOf = "",
    try_out: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed.")] = False,
    history: HistoryAt = "",
) -> None:
    """Remove old runs, their bundles and private folders.

    Older than a period before the last run, or before --as-of. What runs showed in counts and their hashes stay.
    """
    from audit_lib.history.purge import purge
    from audit_lib.policy.periods import PeriodError

    def done(series: Any) -> None:
        try:
            for name in purge(series, older_than, instant(as_of), really=not try_out):
                say([f"{'would be removed' if try_out else 'removed'}: {folder / name}"])
        except PeriodError as error:
            stop(WRONG_INPUT, [f"--older-than '{older_than}': {error}"])
        except OSError as error:
            stop(UNFINISHED, [f"{error.filename or folder}: {error.strerror}"])

    _asked(history, folder, done)


def _language() -> str:
    """The policy's; English where there is none."""
    from audit_lib.policy import PolicyError, load_policy

    try:
        return load_policy(home("expectations")).policy.language
    except PolicyError:
        return "en"


def _csv(found: Any) -> None:
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as private:
        made = Path(private, "changes.csv")
        found.write(made)
        sys.stdout.flush()
        with made.open("rb") as lines:
            shutil.copyfileobj(lines, sys.stdout.buffer)


def _asked(where: str, folder: Path, what: Any) -> None:
    """Does what is asked of the series of a folder, where there is a history."""
    from audit_lib.history.store import NONE, HistoryError, place

    if place(where) == NONE:
        stop(WRONG_INPUT, ["--history none: write the file or the URL that remembers the runs"])
    try:
        of_series(where, folder, what)
    except HistoryError as error:
        stop(WRONG_INPUT, [str(error)])
