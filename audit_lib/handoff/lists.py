"""Lists: what a run says in Parquet and JSON, as CSV that any spreadsheet opens."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from audit_lib.audit.publish import digest as inputs_digest
from audit_lib.handoff.drawn import COLUMNS, Drawn
from audit_lib.policy import PolicyFolder
from audit_lib.report import Run

__all__ = ["inputs", "inputs_digest", "tables"]

# More do not open in a spreadsheet: they are in findings.parquet.
MOST_ROWS = 200_000
_FINDINGS = (
    *("control_id", "dataset", "source_file", "source_row", "record_ref", "verdict", "reason"),
    *("clock_at", "due_at", "days_overdue", "detail"),
)
_CONTROLS = (
    *("id", "clause", "layer", "family", "severity", "outcome", "population", "pass", "fail", "exempt"),
    *("indeterminate", "review", "reason", "about"),
)


def tables(run: Run, policy: PolicyFolder, sample: Drawn) -> dict[str, str]:
    """By name, the tables of a bundle. Values that a spreadsheet would take for a formula are quoted."""
    facts = run.facts
    return {
        "tables/controls.csv": _csv((*_CONTROLS, "title", "legal"), _controls(run)),
        **_found(run, "findings", "true"),
        **_found(run, "exemptions", "verdict = 'EXEMPT'"),
        "tables/sample.csv": _csv(COLUMNS, sample.rows),
        "tables/inputs.csv": _csv(_INPUTS, ([one[name] for name in _INPUTS] for one in facts["inputs"])),
        "tables/assumptions.csv": _csv(("code", "value", "default", "why", "approved_by"), _assumptions(run)),
        "tables/knowledge.csv": _csv(
            ("table", "rows", "verified_on_first", "verified_on_last", "sha256"), _knowledge(policy)
        ),
    }


_INPUTS = (
    *("file", "sha256", "bytes", "dataset", "mapping", "format", "rows_read", "rows_loaded", "rows_quarantined"),
)


def inputs(facts: Mapping[str, Any]) -> str:
    """What `sha256sum -c` compares with the exports, in their folder; not what a database was asked."""
    files = [*facts["inputs"], *([facts["manifest"]] if facts["manifest"] else [])]
    return "".join(f"{one['sha256']}  {one['file']}\n" for one in files if not str(one["file"]).startswith("sql:"))


def _controls(run: Run) -> Iterator[Sequence[Any]]:
    for one in sorted(run.controls, key=lambda one: one.id):
        values = {**vars(one), "pass": one.passed}
        yield [*(values[name] for name in _CONTROLS), run.title(one.id), "; ".join(run.policy.legal(one.id))]


def _found(run: Run, name: str, condition: str) -> dict[str, str]:
    [(number,)] = run.query("findings", f"SELECT count(*) FROM found WHERE {condition}") or [(0,)]
    if number > MOST_ROWS:
        return {}
    order = "ORDER BY control_id, source_file, source_row"
    rows = run.query("findings", f"SELECT {', '.join(_FINDINGS)} FROM found WHERE {condition} {order}")
    return {f"tables/{name}.csv": _csv(_FINDINGS, rows)}


def _assumptions(run: Run) -> Iterator[Sequence[Any]]:
    for one in run.facts["assumptions"]:
        rest = {
            name: value for name, value in one.items() if name not in ("code", "value", "default", "why", "approved_by")
        }
        value = one.get("value", rest or None)
        yield one["code"], value, one.get("default"), run.words.chosen(one.get("why") or {}), one.get("approved_by")


def _knowledge(policy: PolicyFolder) -> Iterator[Sequence[Any]]:
    for name, rows in policy.law.items():
        days = sorted(row["verified_on"] for row in rows if row.get("verified_on"))
        yield f"law/{name}.csv", len(rows), *(days[:1] or [""]), *(days[-1:] or [""]), policy.files[f"law/{name}.csv"]


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _plain(cell: Any) -> Any:
    """A file name that begins like a formula is none."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
