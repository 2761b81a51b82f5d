"""Report: what a run found, for people: notebooks, one HTML page, one PDF."""

from audit_lib.report import figures, tables
from audit_lib.report.kernels import kernels_ahead
from audit_lib.report.narrative import reading, say, section
from audit_lib.report.opening import open_run
from audit_lib.report.runner import NotebookError, ParameterError
from audit_lib.report.runs import Run, RunError, load
from audit_lib.report.writing import Report, get_ready, write

__all__ = [
    "NotebookError",
    "ParameterError",
    "Report",
    "Run",
    "RunError",
    "figures",
    "get_ready",
    "kernels_ahead",
    "load",
    "open_run",
    "reading",
    "say",
    "section",
    "tables",
    "write",
]
