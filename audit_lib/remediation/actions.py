"""Actions: the findings of a run as a list of work, a line a record, most urgent first."""

import os
from pathlib import Path

from audit_lib.report import Run

# What somebody has to do something about.
_OPEN = "('FAIL', 'REVIEW', 'INDETERMINATE')"
_HEADS = (
    "control",
    "clause",
    "severity",
    "verdict",
    "reason",
    "todo",
    "file",
    "row",
    "reference",
    "last_lawful_day",
    "days_overdue",
)


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
        codes |= {("verdicts", verdict) for verdict in ("FAIL", "REVIEW", "INDETERMINATE")}
        con.executemany(
            "INSERT INTO said VALUES (?, ?, ?)", [(kind, code, words.label(kind, code)) for kind, code in sorted(codes)]
        )
        names = ", ".join(f'{one} AS "{words.text(f"actions.{one}")}"' for one in _HEADS)
        query = (
            "SELECT c.place, c.title AS control, c.clause, c.severity, v.label AS verdict, r.label AS reason, c.todo, "
            "f.source_file AS file, f.source_row AS row, f.record_ref AS reference, f.due_at AS last_lawful_day, "
            f"f.days_overdue FROM read_parquet(?) AS f JOIN controls AS c ON c.id = f.control_id "
            "LEFT JOIN said AS v ON v.kind = 'verdicts' AND v.code = f.verdict "
            "LEFT JOIN said AS r ON r.kind = 'reasons' AND r.code = f.reason "
            f"WHERE f.verdict IN {_OPEN} ORDER BY c.place, f.days_overdue DESC NULLS LAST, f.source_file, f.source_row"
        )
        place = os.fspath(target).replace("'", "''")
        con.execute(
            f"COPY (SELECT {names} FROM ({query})) TO '{place}' (FORMAT csv, HEADER)",
            [os.fspath(run.folder / "findings.parquet")],
        )
