"""Objections: the instant of the first one, whoever it was told to, and what is sent after it."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectNothingAfterObjection
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, Rows, verdicts

SENT = {"mailing_id": "m", "contact_id": "c1", "email": "a@x.example", "purpose": "newsletter"}
CONTACT = {"contact_id": "c1", "email": "A@x.example ", "opted_out_at": None}
REQUEST = {"request_id": "r", "type": "objection", "subject_email": None, "received_at": None}
EXPECTATION = ExpectNothingAfterObjection(
    as_of=AS_OF,
    time_zone=PARIS,
    where={"purpose": ["newsletter", "promotion"]},
    among={"purpose": ["newsletter", "promotion", "service", "recontact"]},
    at="sent_at",
    contact="contact_id",
    email="email",
    objections=[
        {"dataset": "contacts", "at": "opted_out_at", "contact": "contact_id", "email": "email"},
        {
            "dataset": "rights_requests",
            "at": "received_at",
            "email": "subject_email",
            "where": {"type": ["objection"]},
        },
    ],
)
NOON = "2026-06-10 12:00:00"


def judged(
    sent: dict[str, Any],
    contacts: list[dict[str, Any]] | None = None,
    requests: list[dict[str, Any]] | None = None,
    naive: frozenset[str] = frozenset(),
) -> str:
    tables: dict[str, Rows] = {
        "mailings": [SENT | {"sent_at": NOON} | sent],
        "contacts": [CONTACT | one for one in contacts or [{}]],
        "rights_requests": [REQUEST | one for one in requests or [{}]],
    }
    return verdicts(EXPECTATION, tables, naive=naive)[0]


@pytest.mark.parametrize(
    ("sent", "opted_out", "expected"),
    [
        ({}, None, "PASS"),
        ({}, "2026-06-10 11:59:59", "FAIL sent_after_objection"),
        ({}, NOON, "PASS"),
        ({}, "2026-06-10 12:00:01", "PASS"),
        ({"purpose": "promotion"}, "2026-06-01", "FAIL sent_after_objection"),
        ({"purpose": "service"}, "2026-06-01", "out"),
        ({"purpose": "recontact"}, "2026-06-01", "out"),
        ({"purpose": None}, "2026-06-01", "INDETERMINATE status_missing"),
        # Either key is enough, and neither must be the same as the other.
        ({"contact_id": None}, "2026-06-01", "FAIL sent_after_objection"),
        ({"email": None}, "2026-06-01", "FAIL sent_after_objection"),
        ({"contact_id": "c2"}, "2026-06-01", "FAIL sent_after_objection"),
        ({"contact_id": "C1", "email": "b@x.example"}, "2026-06-01", "PASS"),
        ({"contact_id": None, "email": None}, "2026-06-01", "INDETERMINATE recipient_missing"),
        ({"sent_at": None}, "2026-06-01", "INDETERMINATE clock_missing"),
        ({"sent_at": "2026-11-01 05:00:01"}, "2026-06-01", "INDETERMINATE clock_in_future"),
        ({}, "2026-11-01 05:00:01", "INDETERMINATE clock_in_future"),
    ],
)
def test_an_opt_out(sent: dict[str, Any], opted_out: str | None, expected: str) -> None:
    assert judged(sent, [{"opted_out_at": opted_out}]) == expected


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ([{"subject_email": " A@X.example", "received_at": "2026-06-10 11:59:59"}], "FAIL sent_after_objection"),
        ([{"subject_email": "a@x.example", "received_at": NOON}], "PASS"),
        ([{"subject_email": "b@x.example", "received_at": "2026-06-01"}], "PASS"),
        ([{"subject_email": "a@x.example", "received_at": "2026-06-01", "type": "erasure"}], "PASS"),
        ([{"subject_email": "a@x.example"}], "INDETERMINATE objection_undated"),
        # The first of several counts; an undated one changes nothing of what is sure.
        (
            [
                {"subject_email": "a@x.example", "received_at": "2026-07-01"},
                {"subject_email": "a@x.example", "received_at": "2026-06-01"},
                {"subject_email": "a@x.example"},
            ],
            "FAIL sent_after_objection",
        ),
    ],
)
def test_a_request(requests: list[dict[str, Any]], expected: str) -> None:
    assert judged({}, None, requests) == expected


def test_an_hour_without_an_offset_is_in_doubt_only_where_it_decides() -> None:
    naive = frozenset({"opted_out_at"})

    def out(at: str) -> str:
        return judged({}, [{"opted_out_at": at, "opted_out_at__naive": True}], naive=naive)

    assert out("2026-06-09 11:59:59") == "FAIL sent_after_objection"
    assert out("2026-06-09 12:00:00") == "INDETERMINATE time_zone_unknown"
    assert out("2026-06-11 11:59:59") == "INDETERMINATE time_zone_unknown"
    assert out("2026-06-11 12:00:00") == "PASS"


def test_who_was_told_must_be_known() -> None:
    with pytest.raises(NotEvaluated, match="column_not_supplied: contacts: opted_out_at"):
        verdicts(
            EXPECTATION,
            {"mailings": [SENT | {"sent_at": NOON}], "contacts": [{"contact_id": "c"}], "rights_requests": [REQUEST]},
        )
