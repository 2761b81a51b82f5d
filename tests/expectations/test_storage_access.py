"""Storage access: by a secure admin of that day, under an open request of the same customer."""

import json
from typing import Any

import pytest

from audit_lib.expectations import ExpectAccessOnCustomerRequest
from audit_lib.expectations.base import from_json
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, verdicts

ACCESS: dict[str, Any] = {
    "at": "2026-09-10 09:00",
    "principal": "ines@company.example",
    "identity_type": "user",
    "actor_org": "company",
    "customer": "Alborada",
    "object_id": "calls/1.mp4",
    "is_gap": None,
}
ADMIN: dict[str, Any] = {"principal": "ines@company.example", "from": "2026-08-31 22:00", "to": "2026-09-30 21:59:59"}
REQUEST: dict[str, Any] = {
    "customer": "Alborada",
    "requester_authorised": True,
    "opened_at": "2026-09-10 08:00",
    "closed_at": "2026-09-10 10:00",
    "scope": None,
}


def expectation() -> ExpectAccessOnCustomerRequest:
    return ExpectAccessOnCustomerRequest(
        as_of=AS_OF,
        time_zone=PARIS,
        at="at",
        principal="principal",
        organisation="actor_org",
        customers=["customer"],
        identity="identity_type",
        keys=["shared_key"],
        tokens=["sas"],
        customer="customer",
        object="object_id",
        gap="is_gap",
        admins={"dataset": "secure_admins", "principal": "principal", "since": "from", "until": "to"},
        requests={
            "dataset": "support_requests",
            "customer": "customer",
            "authorised": "requester_authorised",
            "opened": "opened_at",
            "closed": "closed_at",
            "scope": "scope",
            "everything": ["all"],
        },
    )


def judged(
    access: dict[str, Any] | None = None,
    admins: list[dict[str, Any]] | None = None,
    requests: list[dict[str, Any]] | None = None,
    naive: frozenset[str] = frozenset(),
) -> str:
    tables = {
        "storage_access": [ACCESS | (access or {})],
        "secure_admins": [ADMIN] if admins is None else admins,
        "support_requests": [REQUEST] if requests is None else requests,
    }
    [found] = verdicts(expectation(), tables, naive=naive)
    return found


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "PASS"),
        ({"actor_org": "customer", "principal": "anyone"}, "out"),
        ({"actor_org": "customer", "identity_type": "shared_key", "principal": None}, "out"),
        ({"actor_org": "third_party"}, "PASS"),
        ({"actor_org": "customer", "is_gap": True}, "INDETERMINATE log_gap"),
        ({"is_gap": True, "identity_type": "shared_key"}, "INDETERMINATE log_gap"),
        ({"is_gap": False}, "PASS"),
        ({"identity_type": "shared_key"}, "FAIL shared_key_used"),
        ({"identity_type": "shared_key", "actor_org": None}, "FAIL shared_key_used"),
        ({"identity_type": "sas", "principal": None}, "FAIL shared_key_used"),
        ({"identity_type": "sas"}, "PASS"),
        ({"identity_type": None, "principal": None}, "FAIL principal_unknown"),
        ({"identity_type": "service", "principal": "backup-job"}, "FAIL not_secure_admin"),
        ({"identity_type": None}, "PASS"),
        ({"actor_org": None}, "INDETERMINATE organisation_missing"),
        ({"at": None}, "INDETERMINATE clock_missing"),
        ({"at": "2026-11-01 05:00:01", "identity_type": "shared_key"}, "INDETERMINATE clock_in_future"),
        ({"principal": " INES@company.example"}, "PASS"),
        ({"customer": None}, "INDETERMINATE customer_missing"),
        ({"customer": None, "principal": "bob@company.example"}, "FAIL not_secure_admin"),
        ({"customer": "ALBORADA "}, "PASS"),
        ({"customer": "Armor"}, "FAIL request_missing"),
        # Opening and closing instants are inside.
        ({"at": "2026-09-10 08:00"}, "PASS"),
        ({"at": "2026-09-10 07:59:59"}, "FAIL request_opened_after"),
        ({"at": "2026-09-10 10:00"}, "PASS"),
        ({"at": "2026-09-10 10:00:01"}, "FAIL request_closed"),
    ],
)
def test_access(row: dict[str, Any], expected: str) -> None:
    assert judged(row) == expected


@pytest.mark.parametrize(
    ("admins", "expected"),
    [
        # Days of Paris: 9 September ends at 22:00 UTC, 10 September at 22:00 UTC the next day.
        ([{"from": "2026-09-10 20:00"}], "PASS"),
        ([{"from": "2026-09-10 22:00"}], "FAIL not_secure_admin"),
        ([{"to": "2026-09-09 22:00"}], "PASS"),
        ([{"to": "2026-09-09 21:59:59"}], "FAIL not_secure_admin"),
        ([{"to": None}], "PASS"),
        ([{"to": "2026-09-01"}, {"from": "2026-09-05", "to": None}], "PASS"),
        ([{"principal": "bob@company.example"}], "FAIL not_secure_admin"),
    ],
)
def test_secure_admins(admins: list[dict[str, Any]], expected: str) -> None:
    assert judged(admins=[ADMIN | one for one in admins]) == expected


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ([{"customer": "Armor"}], "FAIL request_missing"),
        ([{"customer": None}], "FAIL request_missing"),
        ([{"customer": "alborada"}], "PASS"),
        ([{"closed_at": None}], "PASS"),
        ([{"opened_at": None}], "INDETERMINATE request_undated"),
        ([{"opened_at": None, "closed_at": "2026-09-10 08:59"}], "FAIL request_closed"),
        # Closed on a day without an hour, midnight in Paris: open until its end.
        ([{"closed_at": "2026-09-09 22:00"}], "PASS"),
        ([{"opened_at": "2026-09-08", "closed_at": "2026-09-08 22:00"}], "FAIL request_closed"),
        ([{"requester_authorised": False}], "FAIL requester_not_authorised"),
        ([{"requester_authorised": None}], "INDETERMINATE requester_unknown"),
        ([{"scope": "ALL"}], "PASS"),
        ([{"scope": "calls/1.mp4"}], "PASS"),
        ([{"scope": "Calls/2.mp4 ; Calls/1.mp4"}], "PASS"),
        ([{"scope": "calls/2.mp4"}], "FAIL request_out_of_scope"),
        ([{"scope": "calls/1.mp4.bak;old/calls/1.mp4"}], "FAIL request_out_of_scope"),
        ([{"scope": "calls/2.mp4", "requester_authorised": False}], "FAIL request_out_of_scope"),
        # The best request decides.
        ([{"requester_authorised": False}, {"scope": "calls/1.mp4"}], "PASS"),
        ([{"requester_authorised": False}, {"requester_authorised": None}], "INDETERMINATE requester_unknown"),
        ([{"scope": "calls/2.mp4"}, {"requester_authorised": False}], "FAIL requester_not_authorised"),
        ([{"opened_at": "2026-09-11", "closed_at": None}, {"closed_at": "2026-09-10 08:30"}], "FAIL request_closed"),
    ],
)
def test_requests(requests: list[dict[str, Any]], expected: str) -> None:
    assert judged(requests=[REQUEST | one for one in requests]) == expected


def test_an_object_that_the_log_does_not_name() -> None:
    unnamed = {"object_id": None}
    assert judged(unnamed) == "PASS"
    assert judged(unnamed, requests=[REQUEST | {"scope": "calls/1.mp4"}]) == "INDETERMINATE object_missing"


@pytest.mark.parametrize(
    ("access", "admin", "request_", "expected"),
    [
        ({"at__naive": True}, {}, {"opened_at": "2026-09-01", "closed_at": None}, "PASS"),
        ({"at__naive": True}, {}, {}, "INDETERMINATE time_zone_unknown"),
        ({"at__naive": True}, {"from": "2026-09-11 08:00"}, {"closed_at": None}, "INDETERMINATE time_zone_unknown"),
        ({"at__naive": True}, {"from": "2026-09-11 22:00"}, {"closed_at": None}, "FAIL not_secure_admin"),
        ({"at__naive": True}, {"to": "2026-09-10 08:00"}, {"closed_at": None}, "INDETERMINATE time_zone_unknown"),
        ({"at__naive": True}, {"to": "2026-09-08 08:00"}, {"closed_at": None}, "FAIL not_secure_admin"),
        ({"at__naive": True}, {"to": "2026-09-10 08:00"}, {"customer": "Armor"}, "FAIL request_missing"),
        ({"at__naive": True}, {}, {"opened_at": "2026-09-11 09:01", "closed_at": None}, "FAIL request_opened_after"),
        ({"at__naive": True}, {}, {"opened_at": "2026-09-01", "closed_at": "2026-09-09 08:59"}, "FAIL request_closed"),
    ],
)
def test_an_unknown_offset_leaves_a_doubt_of_a_day(
    access: dict[str, Any], admin: dict[str, Any], request_: dict[str, Any], expected: str
) -> None:
    assert judged(access, [ADMIN | admin], [REQUEST | request_], naive=frozenset({"at"})) == expected


def test_what_the_others_must_supply() -> None:
    tables = {"storage_access": [ACCESS], "secure_admins": [ADMIN]}
    with pytest.raises(NotEvaluated, match="dataset_not_supplied: support_requests"):
        verdicts(expectation(), tables)
    request = {name: value for name, value in REQUEST.items() if name != "closed_at"}
    with pytest.raises(NotEvaluated, match="column_not_supplied: support_requests: closed_at"):
        verdicts(expectation(), {**tables, "support_requests": [request]})


def test_a_control_that_does_not_name_a_column() -> None:
    asked = json.loads(expectation().asked())
    del asked["kwargs"]["requests"]["closed"]
    with pytest.raises(NotEvaluated, match=r"control_invalid: requests\.closed"):
        from_json(json.dumps(asked))
