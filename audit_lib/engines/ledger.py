"""Ledger: the marks of a dataset as tallies and findings, in the run's DuckDB, whichever engine made the marks."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from audit_lib.engines import Tally
from audit_lib.engines.scan import reported, verdict_of
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Aggregate, Rule, Setting
from audit_lib.expectations.sql import NULL, node, sql


class Ledger:
    """Reads two relations that an engine has made: `marks` (m…, d…, records) and `shown`, the records with a finding
    (_file, _row, ref, m…, c…, t…, e…, d…); a letter stands before the place of a rule.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, files: tuple[str, ...], out: Path | None, name: str = "here"
    ) -> None:
        """`files` by `_file`; `out` receives the findings, in files of this `name`; without it none are written."""
        self._con = con
        self._files = files
        self._out = out
        self._name = name
        self._written = 0

    def look_at(self, told: str) -> None:
        """Makes both relations of what `told` asks, a relation of DuckDB."""
        self._con.execute(f"CREATE OR REPLACE TEMP VIEW marks AS FROM {told}")
        self._con.execute("CREATE OR REPLACE TEMP VIEW shown AS FROM marks WHERE _row IS NOT NULL")

    def tallies(self, rules: Mapping[str, Rule], aggregates: Mapping[str, list[dict[str, Any]]]) -> dict[str, Tally]:
        """The tally of each rule, by its name; `aggregates`: its small tables."""
        counted = self._counted(rules)
        return {
            name: {
                **_due_span(place, counted),
                **_counts(place, rule, counted),
                "aggregates": [*self._due_by_day(place, rule), *aggregates[name]],
            }
            for place, (name, rule) in enumerate(rules.items())
        }

    def _counted(self, rules: Mapping[str, Rule]) -> list[dict[str, Any]]:
        """How many records have the same marks, in one look at all: m… and records, first… and last… due."""
        columns = [f"m{place}" for place in range(len(rules))]
        days = [place for place, rule in enumerate(rules.values()) if rule.due]
        told = [f"min(d{place}) AS first{place}, max(d{place}) AS last{place}" for place in days]
        shown = ", ".join([*columns, "CAST(sum(records) AS BIGINT) AS records", *told])
        found = self._con.execute(f"SELECT {shown} FROM marks GROUP BY ALL")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _due_by_day(self, place: int, rule: Rule) -> list[dict[str, Any]]:
        if rule.due is None:
            return []
        rows = self._con.execute(
            f"SELECT CAST(d{place} AS VARCHAR), m{place}, CAST(sum(records) AS BIGINT) FROM marks "
            f"WHERE m{place} IS NOT NULL AND d{place} IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        merged: dict[tuple[str, str], int] = {}
        for day, mark, records in rows:
            cell = (day, verdict_of(rule, mark)[0].value)
            merged[cell] = merged.get(cell, 0) + records
        columns = ["due_on", "verdict", "records"]
        return [{"name": "due_by_day", "columns": columns, "rows": [[*k, n] for k, n in merged.items()]}]

    def write(self, setting: Setting, rules: Mapping[str, Rule]) -> None:
        """Writes the findings of the rules, a row a record and rule."""
        parts = [
            self._findings(name, setting, place, marks, dated=rule.due is not None, ends=rule.ended is not None)
            for place, (name, rule) in enumerate(rules.items())
            if (marks := [(mark, *verdict_of(rule, mark)) for mark in reported(rule)])
        ]
        if parts:
            self._copy(" UNION ALL ".join(parts))

    def write_one(self, control: str, setting: Setting, reason: str) -> None:
        """Writes every record of `shown` as a breach of this control."""
        self._copy(self._findings(control, setting, 0, [(1, Verdict.FAIL, reason)], dated=False, ends=False))

    def _findings(
        self,
        control: str,
        setting: Setting,
        place: int,
        marks: Sequence[tuple[int, Verdict, str]],
        *,
        dated: bool,
        ends: bool,
    ) -> str:
        found = exp.column(f"m{place}")
        verdicts = exp.Case(this=found, ifs=[exp.If(this=node(m), true=node(v.value)) for m, v, _ in marks])
        reasons = exp.Case(this=found.copy(), ifs=[exp.If(this=node(m), true=node(r)) for m, _, r in marks])
        query = sql(
            "SELECT :control AS control_id, :dataset AS dataset, :file AS source_file, _row AS source_row, "
            "ref AS record_ref, :verdict AS verdict, :reason AS reason, :clock AS clock_at, :due AS due_at, "
            "CAST(CASE WHEN :due < :until THEN :until - :due END AS INT) AS days_overdue, :detail AS detail "
            "FROM shown WHERE :found",
            control=control,
            dataset=setting.relation.name,
            until=sql("COALESCE(:ended, :today)", ended=exp.column(f"e{place}"), today=setting.today)
            if ends
            else setting.today,
            file=listed(self._files, "_file"),
            verdict=verdicts,
            reason=reasons,
            clock=exp.cast(exp.column(f"c{place}"), "TIMESTAMP"),
            due=exp.column(f"d{place}") if dated else exp.cast(NULL, "DATE"),
            detail=exp.column(f"t{place}"),
            found=sql(":m > 0", m=exp.column(f"m{place}")),
        )
        text: str = query.sql("duckdb", copy=False)
        return text

    def _copy(self, query: str) -> None:
        if self._out is not None:
            self._written += 1
            target = node(os.fspath(self._out / f"{self._name}-{self._written:03}.parquet")).sql("duckdb")
            self._con.execute(f"COPY ({query}) TO {target} (FORMAT parquet)")


def listed(files: tuple[str, ...], place: str) -> exp.Expression:
    """The name of the file whose number the column `place` holds, for DuckDB."""
    names = exp.Array(expressions=[node(name) for name in files] or [node("")])
    return exp.Anonymous(this="list_extract", expressions=[names, sql(f"{place} + 1")])


def _due_span(place: int, counted: list[dict[str, Any]]) -> Tally:
    """The earliest and the latest last lawful day."""
    rows = [row for row in counted if row[f"m{place}"] is not None]
    first, last = ([row[end] for row in rows if row.get(end)] for end in (f"first{place}", f"last{place}"))
    return {
        "earliest_due": min(first).isoformat() if first else None,
        "latest_due": max(last).isoformat() if last else None,
    }


def _counts(place: int, rule: Rule, counted: list[dict[str, Any]]) -> Tally:
    """How many records have each verdict, and why, reasons in the order of the rule's branches."""
    found = f"m{place}"
    rows = sorted((row for row in counted if row[found] is not None), key=lambda row: abs(row[found]))
    counts = {verdict.value: 0 for verdict in Verdict}
    reasons: dict[str, dict[str, int]] = {}
    for row in rows:
        verdict, reason = verdict_of(rule, row[found])
        counts[verdict.value] += row["records"]
        if reason:
            said = reasons.setdefault(verdict.value, {})
            said[reason] = said.get(reason, 0) + row["records"]
    return {"counts": counts, "reasons": reasons}


def table(aggregate: Aggregate, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """A small table as JSON has it: dates as ISO text, whole numbers as integers; rows in order, nulls last."""
    shown = [[_plain(value) for value in row] for row in rows]
    shown.sort(key=lambda row: [(value is None, 0 if value is None else value) for value in row])
    return {"name": aggregate.name, "columns": list(aggregate.columns), "rows": shown}


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, int | str | float | bool) or value is None:
        return int(value) if isinstance(value, float) and value.is_integer() else value
    return int(value) if value == int(value) else float(value)
