"""Access: the ground of each right, the departments that may, and what happens when people leave."""

from typing import Any

import pytest

from audit_lib.expectations import (
    ExpectAccessEndedAtDeparture,
    ExpectAccessGrounded,
    ExpectAccessWithinDepartments,
    RecordExpectation,
)
from audit_lib.expectations.rule import NotEvaluated
from audit_lib.policy import load_policy
from tests.judging import AS_OF, PARIS, ROOT, Rows, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
POLICY = load_policy(ROOT / "expectations").policy
DEPARTMENTS, SYSTEMS = POLICY.lists["declared_departments"], POLICY.lists["customer_systems"]
OFFICERS, FINANCE = POLICY.lists["data_protection_officers"], POLICY.parameters["finance_departments"].value

Row = dict[str, Any]

GRANT: Row = {
    "grant_id": "g",
    "user_id": "ana",
    "system": "CRM",
    "role": "reader",
    "holds_personal_data": True,
    "granted_at": "2026-03-10 08:00",
    "revoked_at": None,
    "last_used_at": None,
}
PERSON: Row = {"user_id": "Ana ", "department": "R&D", "job": "engineer", "start": "2020-01-01", "end": None}
# Nothing here opens anything to ana; each test changes what it is about.
ALLOWED: Row = {"department": "sales", "system": "crm", "role": "Reader"}
APPROVAL: Row = {
    "authorisation_id": "a",
    "user_id": "ANA",
    "system": "crm",
    "approved_by": "bob",
    "approved_at": "2026-03-09 09:00",
    "expires_at": None,
}
NOBODY: Row = {**APPROVAL, "user_id": "zoe"}


def grounded() -> ExpectAccessGrounded:
    return ExpectAccessGrounded(**WHEN, applies="holds_personal_data", departments=DEPARTMENTS)


def departments() -> ExpectAccessWithinDepartments:
    return ExpectAccessWithinDepartments(
        **WHEN, systems=SYSTEMS, departments=DEPARTMENTS, also=FINANCE, to_judge=OFFICERS
    )


def departure(within: str = "P1D") -> ExpectAccessEndedAtDeparture:
    return ExpectAccessEndedAtDeparture(**WHEN, applies="holds_personal_data", within=within)


def judged(
    verb: RecordExpectation,
    grant: Row | None = None,
    person: Row | None = None,
    approvals: Rows = (),
    allowed: Row | None = None,
    naive: frozenset[str] = frozenset(),
) -> str:
    tables: dict[str, Rows] = {
        "access_grants": [GRANT | (grant or {})],
        "staff": [PERSON | (person or {})],
        "authorisations": [NOBODY, *(APPROVAL | one for one in approvals)],
        "entitlements": [ALLOWED | (allowed or {})],
    }
    return verdicts(verb, tables, naive=naive)[0]


@pytest.mark.parametrize(
    ("person", "allowed", "expected"),
    [
        ({"department": "sales"}, {}, "PASS"),
        ({"department": "Service commercial"}, {"department": "Ventes"}, "PASS"),
        ({"department": "Qualité"}, {"department": "QUALITE"}, "PASS"),
        ({"job": "Key-account manager"}, {"department": "key account manager"}, "PASS"),
        ({"department": None, "job": "sales"}, {}, "PASS"),
        ({"job": "Commercial"}, {"department": "Service commercial"}, "FAIL access_without_ground"),
        ({"department": "sales"}, {"system": "website"}, "FAIL access_without_ground"),
        ({"department": "sales"}, {"role": "admin"}, "FAIL access_without_ground"),
        ({"department": "marketing"}, {}, "FAIL access_without_ground"),
        ({"department": None}, {}, "INDETERMINATE department_missing"),
        ({"user_id": "ben", "department": "sales"}, {}, "FAIL account_without_owner"),
        # Whether she has left is what another control asks.
        ({"department": "sales", "end": "2026-01-31"}, {}, "PASS"),
    ],
)
def test_a_department_or_a_job_opens_a_right(person: Row, allowed: Row, expected: str) -> None:
    assert judged(grounded(), {}, person, allowed=allowed) == expected


APPROVALS = [
    ([{}], "PASS", "REVIEW authorised_elsewhere"),
    ([{"approved_at": "2026-03-10 08:00"}], "PASS", "REVIEW authorised_elsewhere"),
    ([{"approved_at": "2026-03-10 08:01"}], "FAIL authorisation_late", "FAIL department_undeclared"),
    ([{"approved_by": "Ana"}], "FAIL authorised_by_oneself", "FAIL department_undeclared"),
    ([{"approved_by": None}], "INDETERMINATE authorisation_unclear", "INDETERMINATE authorisation_unclear"),
    ([{"approved_at": None}], "INDETERMINATE authorisation_unclear", "INDETERMINATE authorisation_unclear"),
    ([{"approved_at": "2026-11-02"}], "INDETERMINATE clock_in_future", "INDETERMINATE clock_in_future"),
    ([{"system": "erp"}], "FAIL access_without_ground", "FAIL department_undeclared"),
    ([{"user_id": "ben"}], "FAIL access_without_ground", "FAIL department_undeclared"),
    # 05:00 UTC is the audit's instant.
    ([{"expires_at": "2026-11-01 05:00:01"}], "PASS", "REVIEW authorised_elsewhere"),
    ([{"expires_at": "2026-11-01 05:00"}], "FAIL authorisation_expired", "FAIL department_undeclared"),
    ([{"expires_at": "2026-05-01", "approved_by": None}], "FAIL authorisation_expired", "FAIL department_undeclared"),
    # The best one decides.
    ([{"expires_at": "2026-05-01"}, {}], "PASS", "REVIEW authorised_elsewhere"),
    (
        [{"expires_at": "2026-05-01"}, {"approved_by": None}],
        "INDETERMINATE authorisation_unclear",
        "INDETERMINATE authorisation_unclear",
    ),
]


@pytest.mark.parametrize(("approvals", "ground", "department"), APPROVALS)
def test_an_authorisation_comes_first_from_somebody_else_and_is_in_force(
    approvals: list[Row], ground: str, department: str
) -> None:
    assert judged(grounded(), approvals=approvals) == ground
    assert judged(departments(), approvals=approvals) == department


def test_a_grant_dated_by_its_day_alone_may_follow_an_authorisation_of_that_day() -> None:
    """Midnight of Paris is 23:00 UTC of the day before."""
    day = {"granted_at": "2026-03-09 23:00"}
    assert judged(grounded(), day, approvals=[{"approved_at": "2026-03-10 15:00"}]) == "PASS"
    assert judged(grounded(), day, approvals=[{"approved_at": "2026-03-10 23:00"}]) == "FAIL authorisation_late"


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        ({"user_id": None}, "FAIL account_without_owner"),
        ({"user_id": "external"}, "FAIL account_without_owner"),
        ({"user_id": "zoe"}, "PASS"),
        ({"holds_personal_data": False}, "out"),
        ({"holds_personal_data": None}, "INDETERMINATE scope_unknown"),
        ({"system": None}, "INDETERMINATE system_missing"),
        ({"role": None}, "INDETERMINATE right_missing"),
        ({"revoked_at": "2026-11-01 05:00"}, "out"),
        ({"revoked_at": "2026-11-01 05:00:01"}, "INDETERMINATE clock_in_future"),
        ({"granted_at": "2026-11-02"}, "INDETERMINATE clock_in_future"),
        ({"granted_at": None}, "FAIL access_without_ground"),
    ],
)
def test_which_grants_are_asked_for_a_ground(grant: Row, expected: str) -> None:
    assert judged(grounded(), grant) == expected


def test_an_authorisation_of_a_grant_without_a_date_proves_nothing() -> None:
    undated = {"granted_at": None}
    assert judged(grounded(), undated, approvals=[{}]) == "INDETERMINATE authorisation_unclear"
    assert judged(grounded(), undated, {"department": "sales"}) == "PASS"


@pytest.mark.parametrize(
    ("grant", "approval", "naive", "expected"),
    [
        ({"revoked_at": "2026-10-31 20:00", "revoked_at__naive": True}, None, "revoked_at", "time_zone_unknown"),
        ({}, {"approved_at": "2026-03-10 12:00", "approved_at__naive": True}, "approved_at", "time_zone_unknown"),
        ({}, {"approved_at": "2026-03-10 06:00", "approved_at__naive": True}, "approved_at", "time_zone_unknown"),
        ({}, {"expires_at": "2026-10-31 12:00", "expires_at__naive": True}, "expires_at", "time_zone_unknown"),
    ],
)
def test_an_unknown_offset_leaves_a_doubt_of_a_day(grant: Row, approval: Row | None, naive: str, expected: str) -> None:
    approvals = [approval] if approval else []
    found = judged(grounded(), grant, approvals=approvals, naive=frozenset({naive}))
    assert found == f"INDETERMINATE {expected}"


def test_a_right_of_the_department_is_one_whenever_it_was_revoked() -> None:
    grant = {"revoked_at": "2026-10-31 20:00", "revoked_at__naive": True}
    assert judged(grounded(), grant, {"department": "sales"}, naive=frozenset({"revoked_at"})) == "PASS"


@pytest.mark.parametrize(
    ("department", "expected"),
    [
        ("marketing", "PASS"),
        ("Service Commercial", "PASS"),
        ("Juridique", "PASS"),
        ("Comptabilité", "PASS"),
        ("Direction financière", "PASS"),
        ("Logistique", "PASS"),
        ("DSI", "PASS"),
        ("Support technique", "FAIL department_undeclared"),
        ("Direction générale", "FAIL department_undeclared"),
        ("Ressources humaines", "FAIL department_undeclared"),
        ("DPO", "REVIEW department_to_judge"),
        (None, "INDETERMINATE department_missing"),
    ],
)
def test_departments(department: str | None, expected: str) -> None:
    assert judged(departments(), person={"department": department}) == expected


@pytest.mark.parametrize(
    ("grant", "person", "expected"),
    [
        ({"system": "ERP"}, {}, "out"),
        ({"system": "HubSpot"}, {}, "FAIL department_undeclared"),
        ({"system": "Site web"}, {}, "FAIL department_undeclared"),
        ({"system": None}, {}, "INDETERMINATE system_missing"),
        ({"revoked_at": "2026-11-01 05:00"}, {}, "out"),
        ({"revoked_at": "2027-01-01"}, {}, "INDETERMINATE clock_in_future"),
        ({"holds_personal_data": None}, {}, "FAIL department_undeclared"),
        ({}, {"department": "Legal", "job": "Data Protection Officer"}, "REVIEW department_to_judge"),
        ({"user_id": None}, {}, "FAIL account_without_owner"),
        ({"user_id": "external"}, {"department": "sales"}, "FAIL account_without_owner"),
        ({"user_id": "zoe"}, {}, "REVIEW authorised_elsewhere"),
    ],
)
def test_which_grants_departments_are_asked_of(grant: Row, person: Row, expected: str) -> None:
    assert judged(departments(), grant, person) == expected


# The last day is 14 October; the grace ends with 15 October, whose last instant is 21:59:59 UTC.
LEFT: Row = {"end": "2026-10-14 21:59:59.999999"}


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        ({"revoked_at": "2026-10-14 12:00"}, "PASS"),
        ({"revoked_at": "2026-10-15 21:59:59"}, "PASS"),
        ({"revoked_at": "2026-10-15 22:00"}, "FAIL access_revoked_late"),
        ({"revoked_at": None}, "FAIL access_not_revoked"),
        ({"revoked_at": "2026-12-01"}, "INDETERMINATE clock_in_future"),
        ({"revoked_at": "2026-10-15 20:00", "last_used_at": "2026-10-15 20:00"}, "PASS"),
        ({"revoked_at": "2026-10-15 20:00", "last_used_at": "2026-10-15 20:01"}, "FAIL used_after_revocation"),
        ({"revoked_at": "2026-10-01 12:00", "last_used_at": "2026-10-02 12:00"}, "FAIL used_after_revocation"),
        ({"revoked_at": "2026-10-15 20:00", "last_used_at": "2026-10-16 08:00"}, "FAIL used_after_leaving"),
        ({"revoked_at": "2026-10-20", "last_used_at": "2026-10-15 21:59:59"}, "FAIL access_revoked_late"),
        ({"revoked_at": "2026-10-20", "last_used_at": "2026-10-15 22:00"}, "FAIL used_after_leaving"),
        ({"revoked_at": None, "last_used_at": "2026-10-16"}, "FAIL used_after_leaving"),
        ({"revoked_at": "2026-12-01", "last_used_at": "2026-10-16"}, "FAIL used_after_leaving"),
        ({"revoked_at": "2026-10-15 20:00", "last_used_at": "2026-11-02"}, "INDETERMINATE clock_in_future"),
        # Revoked on a day without an hour: midnight of Paris is 22:00 UTC of the day before.
        ({"revoked_at": "2026-10-14 22:00", "last_used_at": "2026-10-15 21:00"}, "PASS"),
        ({"revoked_at": "2026-10-13 22:00", "last_used_at": "2026-10-15 08:00"}, "FAIL used_after_revocation"),
        ({"user_id": None}, "INDETERMINATE account_without_owner"),
        ({"user_id": "external"}, "out"),
        ({"holds_personal_data": False}, "out"),
        ({"holds_personal_data": None}, "INDETERMINATE scope_unknown"),
    ],
)
def test_access_ends_at_departure(grant: Row, expected: str) -> None:
    assert judged(departure(), grant, LEFT) == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (None, "out"),
        ("2026-11-01 22:59:59", "out"),
        ("2026-11-01 05:00", "out"),
        # 31 October is yesterday: the grace ends today.
        ("2026-10-31 22:59:59", "PASS"),
        ("2026-10-30 22:59:59", "FAIL access_not_revoked"),
    ],
)
def test_who_has_left(end: str | None, expected: str) -> None:
    assert judged(departure(), {}, {"end": end}) == expected


def test_departures_without_offsets() -> None:
    def asked(naive: str, **grant: Any) -> str:
        return judged(departure(), grant | {f"{naive}__naive": True}, LEFT, naive=frozenset({naive}))

    assert asked("revoked_at", revoked_at="2026-10-15 12:00") == "INDETERMINATE time_zone_unknown"
    assert asked("revoked_at", revoked_at="2026-10-16 12:00") == "INDETERMINATE time_zone_unknown"
    assert asked("revoked_at", revoked_at="2026-10-17 12:00") == "FAIL access_revoked_late"
    used = {"revoked_at": "2026-10-13 12:00"}
    assert asked("last_used_at", last_used_at="2026-10-13 15:00", **used) == "INDETERMINATE time_zone_unknown"
    assert asked("last_used_at", last_used_at="2026-10-11 15:00", **used) == "PASS"


def test_a_list_without_revocations_tells_of_none() -> None:
    grant = {"grant_id": "g", "user_id": "ana", "holds_personal_data": True}
    tables: dict[str, Rows] = {"access_grants": [grant], "staff": [PERSON | LEFT]}
    assert verdicts(departure(), tables) == ["INDETERMINATE access_not_revoked"]


def test_staff_without_ends_or_departments_cannot_tell() -> None:
    def asked(verb: RecordExpectation, column: str) -> None:
        person = {name: value for name, value in PERSON.items() if name != column}
        tables: dict[str, Rows] = {
            "access_grants": [GRANT],
            "staff": [person],
            "authorisations": [APPROVAL],
            "entitlements": [ALLOWED],
        }
        with pytest.raises(NotEvaluated, match=f"column_not_supplied: staff: {column}"):
            verdicts(verb, tables)

    asked(departure(), "end")
    asked(grounded(), "department")
    asked(departments(), "department")


def test_a_period_that_is_none() -> None:
    with pytest.raises(NotEvaluated, match="control_invalid: within"):
        judged(departure("one day"))
