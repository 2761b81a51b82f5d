"""Actions: the findings of a run as a list of work, a line a record, most urgent first."""

import os
from pathlib import Path

from audit_lib.report import Run
from audit_lib.sources.raw import literal, quoted

_OPEN = ("FAIL", "REVIEW", "INDETERMINATE")  # what somebody has to do something about
# The columns, whose heads are words, and what each shows.
_COLUMNS = {
    "control": "c.title",
    "clause": "c.clause",
    "severity": "c.severity",
    "verdict": "v.label",
    "reason": "r.label",
    "detail": "f.detail",
    "todo": "c.todo",
    "file": "f.source_file",
    "row": "f.source_row",
    "reference": "f.record_ref",
    "last_lawful_day": "f.due_at",
    "days_overdue": "f.days_overdue",
}


def write_actions(run: Run, target: Path, control: str = "") -> None:
    """Writes a CSV with words in the run's language, of one control or of all. No value of a cell.

    The engine writes it, however many findings there are. KeyError when the run has no such control.
    """
    import duckdb

    words = run.words
    controls = [one for one in run.of_family() if control in ("", one.id)]
    if not controls:
        raise KeyError(control)
    with duckdb.connect() as con:
        con.execute("CREATE TABLE controls (place INT, id TEXT, title TEXT, clause TEXT, severity TEXT, todo TEXT)")
        con.executemany(
            "INSERT INTO controls VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    place,
                    one.id,
                    run.title(one.id),
                    one.clause,
                    words.label("severities", one.severity),
                    run.remedy(one.id),
                )
                for place, one in enumerate(controls, 1)
            ],
        )
        con.execute("CREATE TABLE said (kind TEXT, code TEXT, label TEXT)")
        codes = {("reasons", reason) for one in controls for reason in one.reasons}
        codes |= {("verdicts", verdict) for verdict in _OPEN}
        con.executemany(
            "INSERT INTO said VALUES (?, ?, ?)", [(kind, code, words.label(kind, code)) for kind, code in sorted(codes)]
        )
        shown = ", ".join(f"{of} AS {quoted(words.text(f'actions.{head}'))}" for head, of in _COLUMNS.items())
        query = (
            f"SELECT {shown} FROM read_parquet(?) AS f JOIN controls AS c ON c.id = f.control_id "
            "JOIN said AS v ON v.kind = 'verdicts' AND v.code = f.verdict "
            "LEFT JOIN said AS r ON r.kind = 'reasons' AND r.code = f.reason "
            "ORDER BY c.place, f.days_overdue DESC NULLS LAST, f.source_file, f.source_row"
        )
        con.execute(
            f"COPY ({query}) TO {literal(os.fspath(target))} (FORMAT csv, HEADER)",
            [os.fspath(run.folder / "findings.parquet")],
        )
