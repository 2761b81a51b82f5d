"""Answered: the last lawful day around ends of months, weekends, holidays and changes of the hour."""

from datetime import date
from typing import Any

import pytest

from audit_lib.expectations import ExpectAnsweredInTime, ExpectExtensionsToldInTime
from audit_lib.expectations.rule import NotEvaluated
from audit_lib.expectations.working_days import _holidays, _moved
from audit_lib.policy import load_policy
from tests.judging import AS_OF, PARIS, ROOT, verdicts

BLANK = dict.fromkeys(
    ["request_id", "received_at", "answered_at", "extension_notified_at", "extension_reason", "kind"], None
)
EXTENSION = {
    "notified": "extension_notified_at",
    "reason": "extension_reason",
    "reasons": ["complexity", "number"],
    "period": "P3M",
}
RULES = tuple(row["day"] for row in load_policy(ROOT / "expectations").law["public_holidays"])


def answered(**more: Any) -> ExpectAnsweredInTime:
    arguments = {"received": "received_at", "answered": "answered_at", "period": "P1M", "roll": True, **more}
    return ExpectAnsweredInTime(as_of=AS_OF, time_zone=PARIS, **arguments)


def judged(expectation: Any, received: str | None, done: str | None, *extension: str | None) -> str:
    told, reason = (*extension, None, None)[:2]
    row = {
        **BLANK,
        "received_at": received,
        "answered_at": done,
        "extension_notified_at": told,
        "extension_reason": reason,
    }
    [found] = verdicts(expectation, {"rights_requests": [{k: v for k, v in row.items() if k != "kind"}]})
    return found


# Naive instants are UTC here, as they are stored.
@pytest.mark.parametrize(
    ("received", "done", "expected"),
    [
        # The same day number of the next month, whatever the hour (Paris).
        ("2026-03-05 09:00", "2026-04-05 10:00", "PASS"),
        ("2026-03-03 09:00", "2026-04-03 21:59", "PASS"),
        ("2026-03-03 09:00", "2026-04-03 22:00", "FAIL answered_late"),
        # 23:30 UTC on 31 January is 1 February in Paris.
        ("2026-01-31 23:30", "2026-03-02 12:00", "PASS"),
        ("2026-01-31 23:30", "2026-03-02 23:00", "FAIL answered_late"),
        # No such day: the last one of the month. 28 February 2026 is a Saturday.
        ("2026-01-31 12:00", "2026-03-02 12:00", "PASS"),
        ("2026-01-31 12:00", "2026-03-03 12:00", "FAIL answered_late"),
        ("2024-01-31 12:00", "2024-02-29 12:00", "PASS"),
        ("2024-01-31 12:00", "2024-03-01 12:00", "FAIL answered_late"),
        ("2025-08-31 12:00", "2025-09-30 12:00", "PASS"),
        ("2025-08-31 12:00", "2025-10-01 12:00", "FAIL answered_late"),
        # Saturday and Sunday move to Monday.
        ("2026-04-11 12:00", "2026-05-11 12:00", "PASS"),
        ("2026-05-20 12:00", "2026-06-23 12:00", "FAIL answered_late"),
        ("2026-05-20 12:00", "2026-06-20 12:00", "PASS"),
        # 20 June is a Saturday.
        ("2026-05-20 12:00", "2026-06-22 11:00", "PASS"),
        # Labour Day 2026 is a Friday, so it moves to Monday; the day after it is late.
        ("2026-04-01 12:00", "2026-05-04 12:00", "PASS"),
        ("2026-04-01 12:00", "2026-05-05 12:00", "FAIL answered_late"),
        # Easter Monday, 6 April 2026, behind a weekend.
        ("2026-03-04 12:00", "2026-04-07 12:00", "PASS"),
        ("2026-03-05 12:00", "2026-04-07 12:00", "PASS"),
        ("2026-03-06 12:00", "2026-04-07 12:00", "PASS"),
        ("2026-03-06 12:00", "2026-04-08 12:00", "FAIL answered_late"),
        # Ascension 2026 is Thursday 14 May; Friday is a working day.
        ("2026-04-14 12:00", "2026-05-15 12:00", "PASS"),
        ("2026-04-14 12:00", "2026-05-18 12:00", "FAIL answered_late"),
        # Whit Monday, 25 May 2026; 14 July, a Tuesday; Christmas 2026, a Friday.
        ("2026-04-25 12:00", "2026-05-26 12:00", "PASS"),
        ("2026-06-14 12:00", "2026-07-15 12:00", "PASS"),
        ("2025-11-25 12:00", "2025-12-26 12:00", "PASS"),
        # Open: until the last day. The audit is on Sunday 1 November 2026, All Saints' Day.
        ("2026-10-01 12:00", None, "PASS"),
        ("2026-09-30 12:00", None, "FAIL not_answered"),
        ("2026-10-02 12:00", None, "PASS"),
        (None, None, "INDETERMINATE clock_missing"),
        (None, "2026-01-01 12:00", "INDETERMINATE clock_missing"),
        ("2026-11-01 05:00:01", None, "INDETERMINATE clock_in_future"),
        ("2026-10-01 12:00", "2026-11-02 12:00", "INDETERMINATE clock_in_future"),
        ("2026-05-02 12:00", "2026-05-01 12:00", "INDETERMINATE dated_before_request"),
    ],
)
def test_last_day(received: str | None, done: str | None, expected: str) -> None:
    assert judged(answered(), received, done) == expected


@pytest.mark.parametrize(
    ("told", "reason", "done", "expected"),
    [
        # Received on Wednesday 1 April 2026: first period until Monday 4 May, extended until Wednesday 1 July.
        ("2026-05-04 12:00", "complexity", "2026-07-01 12:00", "PASS"),
        ("2026-05-04 12:00", "number", "2026-07-02 12:00", "FAIL answered_late"),
        ("2026-05-05 12:00", "complexity", "2026-07-01 12:00", "FAIL answered_late"),
        ("2026-05-04 12:00", "other", "2026-07-01 12:00", "FAIL answered_late"),
        ("2026-05-04 12:00", None, "2026-07-01 12:00", "INDETERMINATE extension_reason_missing"),
        ("2026-05-04 12:00", None, "2026-07-02 12:00", "FAIL answered_late"),
        (None, "complexity", "2026-07-01 12:00", "INDETERMINATE extension_undated"),
        (None, "complexity", "2026-07-02 12:00", "FAIL answered_late"),
        (None, "other", "2026-07-01 12:00", "FAIL answered_late"),
        # An extension that was not needed changes nothing.
        ("2026-05-20 12:00", "other", "2026-05-04 12:00", "PASS"),
        ("2026-05-04 12:00", None, "2026-05-04 12:00", "PASS"),
        ("2026-05-04 12:00", "complexity", None, "FAIL not_answered"),
        ("2026-03-31 12:00", "complexity", "2026-07-01 12:00", "INDETERMINATE dated_before_request"),
    ],
)
def test_extension(told: str | None, reason: str | None, done: str | None, expected: str) -> None:
    assert judged(answered(extension=EXTENSION), "2026-04-01 12:00", done, told, reason) == expected


@pytest.mark.parametrize(
    ("told", "reason", "expected"),
    [
        (None, None, "out"),
        ("2026-05-04 12:00", "complexity", "PASS"),
        ("2026-05-05 12:00", "complexity", "FAIL extension_late"),
        ("2026-05-05 12:00", None, "FAIL extension_late"),
        ("2026-05-04 12:00", "other", "FAIL extension_reason_invalid"),
        ("2026-05-04 12:00", None, "INDETERMINATE extension_reason_missing"),
        (None, "number", "INDETERMINATE extension_undated"),
        ("2026-03-31 12:00", "number", "INDETERMINATE dated_before_request"),
        ("2026-11-01 05:00:01", "number", "INDETERMINATE clock_in_future"),
    ],
)
def test_extension_told(told: str | None, reason: str | None, expected: str) -> None:
    expectation = ExpectExtensionsToldInTime(
        as_of=AS_OF,
        time_zone=PARIS,
        received="received_at",
        notified="extension_notified_at",
        reason="extension_reason",
        reasons=["complexity", "number"],
        period="P1M",
        roll=True,
    )
    assert judged(expectation, "2026-04-01 12:00", None, told, reason) == expected


def test_without_a_roll_a_sunday_is_the_last_day() -> None:
    expectation = answered(roll=False)
    # 20 June 2026 is a Saturday.
    assert judged(expectation, "2026-05-20 12:00", "2026-06-20 12:00") == "PASS"
    assert judged(expectation, "2026-05-20 12:00", "2026-06-21 12:00") == "FAIL answered_late"


@pytest.mark.parametrize(
    ("received", "done", "expected"),
    [
        ("2026-03-03 12:00", "2026-04-02 12:00", "PASS"),
        ("2026-03-03 12:00", "2026-04-03 12:00", "INDETERMINATE time_zone_unknown"),
        ("2026-03-03 12:00", "2026-04-04 12:00", "INDETERMINATE time_zone_unknown"),
        ("2026-03-03 12:00", "2026-04-08 12:00", "FAIL answered_late"),
    ],
)
def test_an_unknown_offset_leaves_a_doubt_near_the_last_day(received: str, done: str, expected: str) -> None:
    rows = [{"request_id": "r", "received_at": received, "answered_at": done, "answered_at__naive": True}]
    assert verdicts(answered(), {"rights_requests": rows}, naive=frozenset({"answered_at"})) == [expected]


def test_a_column_that_nobody_supplied_is_no_pass() -> None:
    with pytest.raises(NotEvaluated, match="column_not_supplied: rights_requests: answered_at"):
        verdicts(answered(), {"rights_requests": [{"request_id": "r", "received_at": "2026-01-01"}]})


def test_the_holidays_of_a_year() -> None:
    assert sorted(_holidays(RULES, 2026)) == [
        date(2026, *day)
        for day in [(1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    ]
    assert date(2027, 3, 29) in set(_holidays(RULES, 2027))
    moved = dict(_moved(RULES, 2030))
    assert moved[date(2026, 4, 4)] == moved[date(2026, 4, 5)] == moved[date(2026, 4, 6)] == date(2026, 4, 7)
    assert moved[date(2026, 5, 1)] == date(2026, 5, 4)
    # A Saturday moves to Monday without any table.
    assert date(2026, 8, 15) not in moved
