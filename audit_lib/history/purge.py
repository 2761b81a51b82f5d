"""Purge: runs have a retention period too; what they showed in counts, and their hashes, stay."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

from audit_lib.audit import drafts
from audit_lib.history.series import Series
from audit_lib.policy.periods import parts


def purge(series: Series, older_than: str, as_of: dt.datetime | None, *, really: bool = True) -> Iterator[str]:
    """Removes the runs of a folder that judge an instant before `as_of` less the period, with their bundles, and what
    runs that were killed have left. Names of what was removed, or would be.

    `as_of`: the last run's instant when None. Raises PeriodError, HistoryError and OSError. A run that the history does
    not know is added to it first.
    """
    months, days = parts(older_than)
    found = {
        run: dt.datetime.fromisoformat(json.loads((run / "run.json").read_text("utf-8"))["as_of"])
        for run in _runs(series.folder)
    }
    last = as_of or max(found.values(), default=None)
    if last is None:
        return
    limit = last - relativedelta(months=months, days=days)
    known = {one["run_id"]: one for one in series.runs()}
    for run in sorted((run for run, instant in found.items() if instant < limit), key=lambda run: run.name):
        if really:
            if run.name not in known:
                series.record(run)
            shutil.rmtree(run)
            series.purged(run.name)
        yield run.name
        for name in series.bundle_files(run.name):
            if really:
                (series.folder / name).unlink()
            yield name
    if really and (killed := drafts.clear(series.folder)):
        yield f"{killed} × .draft"


def _runs(folder: Path) -> Iterator[Path]:
    yield from (path.parent for path in sorted(folder.glob("*/run.json")) if not path.parent.name.startswith("."))
