"""Training: who has learnt, what counts as a course on data protection, and how long it lasts."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectStaffTrained
from audit_lib.expectations.rule import NotEvaluated
from audit_lib.policy import load_policy
from tests.judging import AS_OF, PARIS, ROOT, Rows, verdicts

TITLES = load_policy(ROOT / "expectations").policy.lists["data_protection_courses"]
PERSON: dict[str, Any] = {"user_id": "ana", "department": "it", "start": "2020-01-06", "end": None}
COURSE: dict[str, Any] = {"user_id": "Ana ", "course": "RGPD : les bases", "completed_at": "2026-06-01"}


def judged(
    person: dict[str, Any],
    *courses: dict[str, Any],
    within: str = "P1M",
    lasts: str = "P1Y",
    naive: frozenset[str] = frozenset(),
) -> str:
    verb = ExpectStaffTrained(as_of=AS_OF, time_zone=PARIS, titles=TITLES, within=within, lasts=lasts)
    somebody_else = COURSE | {"user_id": "zoe"}
    tables: dict[str, Rows] = {
        "staff": [PERSON | person],
        "training": [somebody_else, *(COURSE | one for one in courses)],
    }
    return verdicts(verb, tables, naive=naive)[0]


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ({}, "PASS"),
        ({"course": "e-learning RGPD2026"}, "PASS"),
        ({"course": "Protection des donnees personnelles"}, "PASS"),
        ({"course": "GDPR awareness"}, "PASS"),
        ({"course": "Data-protection basics"}, "PASS"),
        ({"course": "Sécurité incendie"}, "FAIL not_trained"),
        ({"completed_at": None}, "FAIL not_trained"),
        ({"user_id": "ben"}, "FAIL not_trained"),
        ({"completed_at": "2026-11-02"}, "INDETERMINATE clock_in_future"),
        # A year before 1 November 2026: the first instant of 1 November 2025 in Paris is 23:00 UTC the day before.
        ({"completed_at": "2025-10-31 23:00"}, "PASS"),
        ({"completed_at": "2025-10-31 22:59"}, "REVIEW training_old"),
    ],
)
def test_courses(course: dict[str, Any], expected: str) -> None:
    assert judged({}, course) == expected


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        # A month before 1 November: the first instant of 1 October in Paris is 22:00 UTC the day before.
        ({"start": "2026-09-30 22:00"}, "PASS"),
        ({"start": "2026-09-30 21:59"}, "FAIL not_trained"),
        ({"start": None}, "INDETERMINATE clock_missing"),
        ({"start": "2026-11-01 05:00"}, "PASS"),
        ({"start": "2026-11-01 05:01"}, "out"),
        ({"end": "2026-11-01 05:00"}, "FAIL not_trained"),
        ({"end": "2026-11-01 04:59"}, "out"),
    ],
)
def test_who_must_be_trained(person: dict[str, Any], expected: str) -> None:
    assert judged(person) == expected


def test_the_last_course_counts() -> None:
    old = {"completed_at": "2024-05-01"}
    assert judged({}, old, {"course": "GDPR refresher"}) == "PASS"
    assert judged({}, old, {"course": "GDPR refresher", "completed_at": None}) == "REVIEW training_old"
    assert judged({}, old, {"course": "GDPR", "completed_at": "2027-01-01"}) == "INDETERMINATE clock_in_future"
    assert judged({}, {}, {"course": "GDPR", "completed_at": "2027-01-01"}) == "PASS"
    assert judged({"start": None}, {}) == "PASS"
    assert judged({"start": None}, old) == "REVIEW training_old"
    assert judged({"start": "2026-10-20"}, old) == "PASS"


def test_an_unknown_offset_leaves_a_doubt_of_a_day() -> None:
    def asked(naive: str, person: dict[str, Any], *courses: dict[str, Any]) -> str:
        return judged(person, *courses, naive=frozenset({naive}))

    doubt = "INDETERMINATE time_zone_unknown"
    assert asked("start", {"start": "2026-09-30 12:00", "start__naive": True}) == doubt
    assert asked("start", {"start": "2026-10-01 12:00", "start__naive": True}) == doubt
    assert asked("end", {"end": "2026-10-31 12:00", "end__naive": True}) == doubt
    day = {"completed_at__naive": True}
    assert asked("completed_at", {}, {"completed_at": "2025-10-31 12:00"} | day) == doubt
    assert asked("completed_at", {}, {"completed_at": "2025-11-01 12:00"} | day) == doubt


def test_an_export_without_completion_cannot_tell() -> None:
    verb = ExpectStaffTrained(as_of=AS_OF, time_zone=PARIS, titles=TITLES, within="P1M", lasts="P1Y")
    with pytest.raises(NotEvaluated, match="column_not_supplied: training: completed_at"):
        verdicts(verb, {"staff": [PERSON], "training": [{"user_id": "ana", "course": "RGPD"}]})


@pytest.mark.parametrize("wrong", ["within", "lasts"])
def test_a_period_that_is_none(wrong: str) -> None:
    with pytest.raises(NotEvaluated, match=f"control_invalid: {wrong}"):
        judged({}, **{wrong: "a while"})
