"""The scan: a condition that is unknown does not hold, however little the query says about it."""

import duckdb
import pytest
from sqlglot import exp

from audit_lib.engines.scan import mark
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Rule
from audit_lib.expectations.sql import all_of, any_of, filled, holds, negate, sql

A, B = sql("a = 1"), sql("b = 1")
CONDITIONS = [
    holds(A),
    any_of([holds(A), holds(B)]),
    all_of([holds(A), any_of([holds(B), filled(sql("a"))])]),
    # Not known to hold is known not to.
    negate(holds(A)),
    any_of([negate(holds(A)), holds(B)]),
    holds(all_of([holds(any_of([holds(A), holds(B)])), negate(holds(B))])),
    sql("COALESCE(:a, TRUE)", a=A),
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.sql())
def test_a_mark_is_what_its_condition_says(condition: exp.Expression) -> None:
    said = condition.sql("duckdb")
    rule = Rule(branches=(Branch(condition.copy(), Verdict.FAIL, "kept_too_long"),), scope=condition.copy())
    cells = "(VALUES (1), (0), (NULL))"
    asked = f"SELECT {mark(rule).sql('duckdb')}, {said} FROM {cells} AS x(a), {cells} AS y(b)"
    for found, held in duckdb.sql(asked).fetchall():
        assert found == (1 if held else None)
