"""Agreements: which contracts run on the audit's day, and whether one with users' data has an agreement."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectAgreementsSigned
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, verdicts

RULE = ExpectAgreementsSigned(
    as_of=AS_OF,
    time_zone=PARIS,
    signed="dpa_signed_at",
    applies="has_user_data",
    start="start",
    end="end",
    renewed="tacit_renewal",
    kind="kind",
    ends_on_start=["order"],
)
RUNS = {
    "contract_id": "k",
    "kind": "licence",
    "start": "2024-01-01",
    "end": None,
    "tacit_renewal": False,
    "has_user_data": True,
    "dpa_signed_at": None,
}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "FAIL agreement_missing"),
        ({"dpa_signed_at": "2024-01-01"}, "PASS"),
        ({"dpa_signed_at": "2026-11-01 05:00:00"}, "PASS"),
        ({"dpa_signed_at": "2026-11-01 05:00:01"}, "INDETERMINATE clock_in_future"),
        ({"has_user_data": False}, "out"),
        ({"has_user_data": None}, "INDETERMINATE scope_unknown"),
        # A contract covers the whole of its last day, in Paris.
        ({"end": "2026-11-01 22:59:59"}, "FAIL agreement_missing"),
        ({"end": "2026-10-31 22:59:59"}, "out"),
        ({"end": "2026-10-31 22:59:59", "tacit_renewal": True}, "FAIL agreement_missing"),
        ({"end": "2026-10-31 22:59:59", "tacit_renewal": None}, "out"),
        # It has begun, or nothing says when.
        ({"start": "2026-11-01 05:00:00"}, "FAIL agreement_missing"),
        ({"start": "2026-11-01 05:00:01"}, "out"),
        ({"start": None}, "FAIL agreement_missing"),
        # An order without end is over with the day of its start.
        ({"kind": "order", "start": "2026-10-31 12:00"}, "out"),
        ({"kind": "order", "start": "2026-11-01 01:00"}, "FAIL agreement_missing"),
        ({"kind": "order", "start": "2026-10-31 12:00", "end": "2026-12-31"}, "FAIL agreement_missing"),
    ],
)
def test_contracts_that_run(more: dict[str, Any], expected: str) -> None:
    assert verdicts(RULE, {"contracts": [{**RUNS, **more}]}) == [expected]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2026-10-30 12:00", "out"),
        ("2026-10-31 12:00", "INDETERMINATE time_zone_unknown"),
        ("2026-11-02 12:00", "FAIL agreement_missing"),
    ],
)
def test_an_end_of_an_unknown_time_zone(end: str, expected: str) -> None:
    row = {**RUNS, "end": end, "end__naive": True}
    assert verdicts(RULE, {"contracts": [row]}, naive=frozenset({"end"})) == [expected]


def test_agreements_that_nobody_supplied_are_not_judged() -> None:
    row = {name: value for name, value in RUNS.items() if name != "dpa_signed_at"}
    with pytest.raises(NotEvaluated, match="column_not_supplied: contracts: dpa_signed_at"):
        verdicts(RULE, {"contracts": [row]})
