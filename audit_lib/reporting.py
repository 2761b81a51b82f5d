"""Reporting: the report is written by a process of its own, which gets ready while the exports are checked."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audit_lib.beside import Beside, Work


@dataclass(frozen=True)
class Wanted:
    """What `report.write` takes."""

    run: Path
    exports: Path
    policy: Path
    notebooks: Path
    lang: str


@dataclass(frozen=True)
class Written:
    """Whether there is a PDF, and what the reader should know."""

    pdf: bool
    messages: tuple[str, ...]


class ReportError(Exception):
    """No report was written. Says why, a line each; no value."""


class Reporter(Beside):
    """The process that writes a report into the folder of a run."""

    def __init__(self, notebooks: Path) -> None:
        super().__init__(__name__, str(len(list(notebooks.glob("*.ipynb")))))

    def result(self, progress: Callable[[str], None]) -> Written:
        """What was written. Raises ReportError and OSError as they happened there, and UnforeseenError."""
        written: Written = super().result(progress)
        return written


def serve() -> None:
    """Starts as many kernels as the first argument says, and writes the report that is wanted."""
    process = Work()

    from audit_lib import report

    def written(wanted: Wanted) -> Written:
        try:
            done = report.write(
                wanted.run,
                exports=wanted.exports,
                policy=wanted.policy,
                notebooks=wanted.notebooks,
                lang=wanted.lang,
                ahead=ahead,
                progress=process.progress,
            )
        except (report.NotebookError, report.RunError) as error:
            raise ReportError(str(error)) from None
        return Written(done.pdf is not None, done.messages)

    with report.kernels_ahead() as ahead:
        ahead.start(int(sys.argv[1]))
        report.get_ready()
        what_came = process.do(written, foreseen=(ReportError,))
    process.tell(what_came)
