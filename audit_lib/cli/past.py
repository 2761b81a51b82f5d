"""Past: a command's way to the history."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from audit_lib.cli.said import WRONG_INPUT, stop, warn


def of_series(where: str, folder: Path, what: Callable[[Any], Any], every: str | None = None) -> Any:
    """What the history tells of the runs of a folder; None where there is no history. Raises HistoryError."""
    from audit_lib.history.series import Series
    from audit_lib.history.store import NONE, opened, place

    if (at := place(where)) == NONE:
        return None
    with opened(at) as store:
        return what(Series(store, folder, every))


class Past:
    """What came before an audit. Where the history cannot be used, one line says so and the audit goes on."""

    def __init__(self, where: str, out: Path, every: str) -> None:
        from audit_lib.policy.periods import PeriodError, parts

        if every:
            try:
                parts(every)
            except PeriodError as error:
                stop(WRONG_INPUT, [f"--every '{every}': {error}"])
        self._where, self._out, self._every = where, out, every or None
        self._warned = False

    def follows(self, read: Any) -> Any:
        """Which run it follows."""
        from audit_lib.audit import Earlier

        return self._asked(lambda series: series.follows(read)) or Earlier()

    def failed(self, status: int) -> None:
        """It ended with this status and left nothing."""
        self._asked(lambda series: series.failed(status))

    def record(self, run: Path) -> None:
        """It left this run."""
        self._asked(lambda series: series.record(run))

    def _asked(self, what: Callable[[Any], Any]) -> Any:
        from audit_lib.history.store import HistoryError

        if self._warned:
            return None
        try:
            return of_series(self._where, self._out, what, self._every)
        except HistoryError as error:
            warn(f"{error}; this run is not remembered")
            self._warned = True
            return None
