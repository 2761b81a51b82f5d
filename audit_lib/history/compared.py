"""Compared: the findings of two checks, by control; a finding is one record under one control."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

# A record that several rows are about is one finding, with all of their verdicts.
_FOUND = (
    "SELECT control_id, record_ref, any_value(dataset) AS dataset, min(source_file) AS file, min(source_row) AS row, "
    "string_agg(DISTINCT verdict, ' ' ORDER BY verdict) AS verdict FROM read_parquet(?) GROUP BY ALL"
)
_BOTH = f"({_FOUND}) AS b FULL JOIN ({_FOUND}) AS a USING (control_id, record_ref)"
_MOVES = (
    ("appeared", "b.verdict IS NULL"),
    ("gone", "a.verdict IS NULL"),
    ("stayed", "b.verdict IS NOT NULL AND a.verdict IS NOT NULL"),
    ("changed", "b.verdict <> a.verdict"),
)


@dataclass(frozen=True)
class Compared:
    """Findings of one control: `changed` counts those of `stayed` whose verdict is another."""

    control_id: str
    appeared: int
    gone: int
    stayed: int
    changed: int


def compared(before: Path, after: Path) -> list[Compared]:
    """What became of the findings of two findings.parquet, in order of control; none of a control without findings.

    Both must have been made with one key: `key` of run.json tells.
    """
    counts = ", ".join(f"count(*) FILTER ({when})" for _, when in _MOVES)
    query = f"SELECT control_id, {counts} FROM {_BOTH} GROUP BY control_id ORDER BY control_id"
    return [Compared(*row) for row in _rows(query, before, after)]


def moved(before: Path, after: Path) -> Iterator[dict[str, Any]]:
    """The findings that appeared, went or have another verdict: where each record is, and both verdicts."""
    names = ("control_id", "record_ref", "dataset", "source_file", "source_row", "before", "after")
    query = (
        "SELECT control_id, record_ref, coalesce(a.dataset, b.dataset), coalesce(a.file, b.file), "
        f"coalesce(a.row, b.row), b.verdict, a.verdict FROM {_BOTH} "
        "WHERE b.verdict IS DISTINCT FROM a.verdict ORDER BY ALL"
    )
    return (dict(zip(names, row, strict=True)) for row in _rows(query, before, after))


def _rows(query: str, before: Path, after: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        found: list[tuple[Any, ...]] = con.execute(query, [str(before), str(after)]).fetchall()
    return found
