"""Breaches: 72 hours on instants, whatever the clocks do; who must be told, and when nobody need be."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectActionTaken, ExpectBreachesNotified
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
BREACH: dict[str, Any] = {
    "breach_id": "b",
    "role": "controller",
    "aware_at": "2026-03-02 09:00",
    "risk": "risk",
    "risk_rationale": None,
    "authority_notified_at": None,
    "subjects_notified_at": None,
    "customer_notified_at": None,
    "first_action_at": None,
}


def notified(**more: Any) -> ExpectBreachesNotified:
    arguments: dict[str, Any] = {
        "role": "role",
        "aware": "aware_at",
        "within": "PT72H",
        "risk": "risk",
        "rationale": "risk_rationale",
        "authority": "authority_notified_at",
        "people": "subjects_notified_at",
        "customer": "customer_notified_at",
    }
    return ExpectBreachesNotified(**WHEN, **(arguments | more))


# Naive instants are UTC here, as they are stored.
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"authority_notified_at": "2026-03-05 09:00"}, "PASS"),
        ({"authority_notified_at": "2026-03-05 09:00:01"}, "FAIL authority_told_late"),
        ({"authority_notified_at": "2026-03-05 09:00:01", "delay_reasons": "x"}, "FAIL authority_told_late"),
        # Clocks go back on 25 October 2026 and forward on 29 March: 72 hours stay 72 hours.
        ({"aware_at": "2026-10-23 15:10", "authority_notified_at": "2026-10-26 15:10"}, "PASS"),
        ({"aware_at": "2026-10-23 15:10", "authority_notified_at": "2026-10-26 16:10"}, "FAIL authority_told_late"),
        ({"aware_at": "2026-03-27 09:00", "authority_notified_at": "2026-03-30 09:00"}, "PASS"),
        ({"aware_at": "2026-03-27 09:00", "authority_notified_at": "2026-03-30 09:01"}, "FAIL authority_told_late"),
        # A weekend moves nothing: aware on Friday at noon, told on Tuesday.
        ({"aware_at": "2026-06-05 12:00", "authority_notified_at": "2026-06-09 08:00"}, "FAIL authority_told_late"),
        # Still running at the instant of the audit, 05:00 UTC on 1 November.
        ({"aware_at": "2026-10-29 05:00"}, "PASS"),
        ({"aware_at": "2026-10-29 04:59:59"}, "FAIL authority_not_told"),
        ({"aware_at": "2026-10-29 05:00", "risk": "high"}, "PASS"),
        ({"risk": "high", "authority_notified_at": "2026-03-03"}, "FAIL people_not_told"),
        ({"risk": "high", "authority_notified_at": "2026-03-03", "subjects_notified_at": "2026-03-04"}, "PASS"),
        ({"risk": "high", "authority_notified_at": "2026-03-09"}, "FAIL authority_told_late"),
        ({"risk": "unlikely", "risk_rationale": "written"}, "PASS"),
        ({"risk": "unlikely"}, "FAIL risk_rationale_missing"),
        ({"risk": None, "authority_notified_at": "2026-03-03"}, "INDETERMINATE risk_missing"),
        ({"risk": "moderate", "authority_notified_at": "2026-03-03"}, "INDETERMINATE risk_missing"),
        ({"aware_at": None, "authority_notified_at": "2026-03-03"}, "INDETERMINATE clock_missing"),
        ({"aware_at": "2026-11-01 05:00:01"}, "INDETERMINATE clock_in_future"),
        ({"authority_notified_at": "2026-11-02"}, "INDETERMINATE clock_in_future"),
        ({"authority_notified_at": "2026-03-02 08:59"}, "INDETERMINATE dated_before_awareness"),
        ({"role": None, "authority_notified_at": "2026-03-03"}, "INDETERMINATE company_role_missing"),
        # A processor tells its customer; no hours are counted.
        ({"role": "processor", "customer_notified_at": "2026-05-01"}, "PASS"),
        ({"role": "processor", "aware_at": None, "risk": None, "customer_notified_at": "2026-05-01"}, "PASS"),
        ({"role": "processor", "authority_notified_at": "2026-03-03"}, "FAIL customer_not_told"),
        ({"role": "processor", "customer_notified_at": "2026-11-02"}, "INDETERMINATE clock_in_future"),
    ],
)
def test_who_is_told_in_time(row: dict[str, Any], expected: str) -> None:
    assert verdicts(notified(), {"breaches": [BREACH | row]}) == [expected]


@pytest.mark.parametrize(
    ("column", "row", "reason"),
    [
        ("risk_rationale", {"risk": "unlikely"}, "risk_rationale_missing"),
        ("subjects_notified_at", {"risk": "high", "authority_notified_at": "2026-03-03"}, "people_not_told"),
        ("customer_notified_at", {"role": "processor"}, "customer_not_told"),
    ],
)
def test_a_column_that_nobody_supplied_proves_no_breach(column: str, row: dict[str, Any], reason: str) -> None:
    bare = {name: value for name, value in (BREACH | row).items() if name != column}
    assert verdicts(notified(), {"breaches": [bare]}) == [f"INDETERMINATE {reason}"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-03-04 08:00", "PASS"),
        ("2026-03-05 08:00", "INDETERMINATE time_zone_unknown"),
        ("2026-03-06 08:00", "INDETERMINATE time_zone_unknown"),
        ("2026-03-06 10:00", "FAIL authority_told_late"),
    ],
)
def test_an_unknown_offset_leaves_a_doubt(told: str, expected: str) -> None:
    row = BREACH | {"authority_notified_at": told, "authority_notified_at__naive": True}
    assert verdicts(notified(), {"breaches": [row]}, naive=frozenset({"authority_notified_at"})) == [expected]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"first_action_at": "2026-03-02 09:00"}, "PASS"),
        ({"first_action_at": None}, "FAIL action_missing"),
        ({"first_action_at": "2026-03-02 08:59"}, "INDETERMINATE dated_before_awareness"),
        ({"first_action_at": "2026-03-03", "aware_at": None}, "INDETERMINATE clock_missing"),
        ({"first_action_at": None, "aware_at": None}, "FAIL action_missing"),
        ({"first_action_at": "2026-11-02"}, "INDETERMINATE clock_in_future"),
    ],
)
def test_action(row: dict[str, Any], expected: str) -> None:
    expectation = ExpectActionTaken(**WHEN, action="first_action_at", since="aware_at")
    assert verdicts(expectation, {"breaches": [BREACH | row]}) == [expected]


def test_hours_are_written_as_hours() -> None:
    with pytest.raises(NotEvaluated, match="control_invalid: within"):
        verdicts(notified(within="P3D"), {"breaches": [BREACH]})
