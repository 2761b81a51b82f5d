"""Judging: rows in, the verdict and reason of each out, through the engine that the audit uses."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from audit_lib.datasets.schema import TYPES, schemas
from audit_lib.engines.duckdb import DuckDB
from audit_lib.engines.scan import verdict_of
from audit_lib.expectations.base import VERBS, RecordExpectation
from audit_lib.expectations.rule import Relation, Rule
from audit_lib.policy import Control, PolicyFolder, load_policy
from audit_lib.suites import kwargs, verb

ROOT = Path(__file__).resolve().parent.parent
AS_OF = "2026-11-01T06:00:00+01:00"
PARIS = "Europe/Paris"

Rows = Sequence[Mapping[str, Any]]


def engine(tables: Mapping[str, Rows], *, naive: frozenset[str] = frozenset()) -> DuckDB:
    """An engine over these datasets; a canonical column that no row names was not supplied."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    relations = {}
    for name, rows in tables.items():
        columns = {column.name: column.type for column in schemas()[name].columns.values()}
        named = {key for row in rows for key in row if not key.endswith("__naive")}
        extras = sorted(named - columns.keys())
        kinds = {**columns, **dict.fromkeys(extras, "text")}
        types = {column: TYPES[kind] for column, kind in kinds.items()}
        types |= {f"{column}__naive": "BOOLEAN" for column in naive if column in columns}
        texts = {
            column: pa.array([None if (cell := row.get(column)) is None else str(cell) for row in rows], pa.string())
            for column in types
        }
        con.register("given", pa.table({"_row": pa.array(range(1, len(rows) + 1), pa.int64()), **texts}))
        typed = ", ".join(f'CAST("{column}" AS {type_}) AS "{column}"' for column, type_ in types.items())
        con.execute(f"CREATE TABLE {name} AS SELECT 0 AS _file, _row, _row - 1 AS _at, {typed} FROM given")
        relations[name] = Relation(
            name, kinds, frozenset(named & columns.keys()), tuple(extras), naive=naive, key=("_file", "_row")
        )
    return DuckDB(con, relations, law=_law(), files=("given",), key=b"k" * 32)


@cache
def _law() -> Mapping[str, list[dict[str, str]]]:
    return load_policy(ROOT / "expectations").law


def verdicts(
    expectation: RecordExpectation, tables: Mapping[str, Rows], *, naive: frozenset[str] = frozenset()
) -> list[str]:
    """'FAIL kept_too_long', 'PASS' whatever its reason, or 'out', for each row of the first dataset, in order."""
    dataset = next(iter(tables))
    judge = engine(tables, naive=naive)
    setting = judge.setting(dataset, str(expectation.as_of), str(expectation.time_zone))
    rule = expectation.rule(setting)
    return [_said(rule, mark) for mark in judge.marks(setting, rule)]


def arguments_of(folder: PolicyFolder, control: Control, dataset: str) -> dict[str, Any]:
    """What the control asks of its verb for a dataset that it judges, the values of its parameters in place."""
    return {
        name: folder.policy.parameters[value["$PARAMETER"]].value
        if isinstance(value, dict) and "$PARAMETER" in value
        else value
        for name, value in kwargs(folder, control, dataset).items()
    }


def expectation_of(
    folder: PolicyFolder, control: Control, dataset: str, as_of: str, **changes: Any
) -> RecordExpectation:
    """The control as it stands in its folder, with other arguments where given; one that is None is left out."""
    said = {**arguments_of(folder, control, dataset), **changes}
    given = {name: value for name, value in said.items() if value is not None}
    return VERBS[verb(control)](as_of=as_of, time_zone=folder.policy.time_zone, **given)


def _said(rule: Rule, mark: int | None) -> str:
    if mark is None:
        return "out"
    verdict, reason = verdict_of(rule, mark)
    return "PASS" if verdict == "PASS" else f"{verdict} {reason}"


def details(expectation: RecordExpectation, tables: Mapping[str, Rows]) -> list[str | None]:
    """What a finding says beside its reason, for each row of the first dataset, in order; None without a finding."""
    dataset = next(iter(tables))
    judge = engine(tables)
    setting = judge.setting(dataset, str(expectation.as_of), str(expectation.time_zone))
    found = judge.details(setting, expectation.rule(setting))
    return [found.get(row) for row in range(1, len(tables[dataset]) + 1)]
