"""Retention: the last lawful day, the day after, and every branch of what follows expiry."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectInactiveAccountsReviewed, ExpectRecordsWithinRetention
from tests.judging import AS_OF, PARIS, verdicts

KINDS = ["contract", "licence", "subscription", "order", "warranty"]
PROSPECTS: dict[str, Any] = {
    "as_of": AS_OF,
    "time_zone": PARIS,
    "where": {"status": ["prospect"]},
    "among": {"status": ["prospect", "customer", "former_customer", "other"]},
    "outside": "anonymised_at",
    "period": "P3Y",
    "clock": {"latest_of": ["collected_at", "last_inbound_contact_at", "inbound_contact"]},
    "inbound": {
        "by": "contact_id",
        "types": ["form", "email", "call", "click", "reply", "meeting", "demo"],
        "implied": ["form", "click", "reply"],
    },
    "contracts": {
        "by": "company_id",
        "on": "company_id",
        "kinds": KINDS,
        "ends_on_start": ["order"],
        "optional": True,
    },
    "recontact": {"sent": "recontact_sent_at", "replied": "recontact_reply_at", "reply": "recontact_reply"},
    "response_window": "P1M",
    "archive_access": ["legal", "juridique", "accounting", "comptable", "dpo"],
}


def prospect(row: dict[str, Any], as_of: str = AS_OF, **tables: Any) -> str:
    """The verdict of one prospect, with every column of the rule supplied."""
    supplied = dict.fromkeys(["contact_id", "status", "collected_at", "recontact_sent_at", "archive_basis"])
    one = {**supplied, "contact_id": "c1", "status": "prospect", **row}
    interactions = tables.pop("interactions", [{"interaction_id": "i", "contact_id": None, "at": None, "type": None}])
    [found] = verdicts(
        ExpectRecordsWithinRetention(**{**PROSPECTS, "as_of": as_of}),
        {"contacts": [one], "interactions": interactions, **tables},
    )
    return found


@pytest.mark.parametrize(
    ("collected", "as_of", "expected"),
    [
        # 2023-11-01 in Paris starts on 31 October 23:00 UTC.
        ("2023-10-31T23:00:00", AS_OF, "PASS"),
        ("2023-10-31T22:59:59", AS_OF, "FAIL kept_too_long"),
        ("2023-11-01T22:59:59", AS_OF, "PASS"),
        # The last lawful day is lawful until it ends in Paris, whatever UTC says.
        ("2023-11-01T08:00:00", "2026-11-01T23:59:59+01:00", "PASS"),
        ("2023-11-01T08:00:00", "2026-11-02T00:00:00+01:00", "FAIL kept_too_long"),
        # 29 February plus three years is 28 February.
        ("2024-02-29T09:00:00", "2027-02-28T12:00:00+01:00", "PASS"),
        ("2024-02-29T09:00:00", "2027-03-01T12:00:00+01:00", "FAIL kept_too_long"),
        ("2024-02-28T09:00:00", "2027-03-01T12:00:00+01:00", "FAIL kept_too_long"),
        # 1095 days are not three years when one of them has a 29 February.
        ("2023-11-23T12:00:00", "2026-11-23T12:00:00+01:00", "PASS"),
        ("2027-01-01T00:00:00", AS_OF, "INDETERMINATE clock_in_future"),
        # Later the same day is the future too.
        ("2026-11-01T05:00:01", AS_OF, "INDETERMINATE clock_in_future"),
        (None, AS_OF, "INDETERMINATE clock_missing"),
    ],
)
def test_last_lawful_day(collected: str | None, as_of: str, expected: str) -> None:
    assert prospect({"collected_at": collected}, as_of) == expected


@pytest.mark.parametrize(
    ("period", "clock", "as_of", "expected"),
    [
        ("P30D", "2026-10-02T10:00:00", AS_OF, "PASS"),
        ("P30D", "2026-10-01T10:00:00", AS_OF, "FAIL kept_too_long"),
        # Across the end of daylight saving, days are counted on the calendar.
        ("P30D", "2026-10-01T22:00:00", AS_OF, "PASS"),
        ("P30D", "2026-10-01T21:59:59", AS_OF, "FAIL kept_too_long"),
        ("P1M", "2026-01-31T10:00:00", "2026-02-28T20:00:00+01:00", "PASS"),
        ("P1M", "2026-01-31T10:00:00", "2026-03-01T00:00:00+01:00", "FAIL kept_too_long"),
        ("P1M", "2026-01-28T10:00:00", "2026-02-28T20:00:00+01:00", "PASS"),
        ("P1M", "2026-01-27T10:00:00", "2026-02-28T20:00:00+01:00", "FAIL kept_too_long"),
        ("P2W", "2026-10-18T10:00:00", AS_OF, "PASS"),
        ("P2W", "2026-10-17T10:00:00", AS_OF, "FAIL kept_too_long"),
    ],
)
def test_periods(period: str, clock: str, as_of: str, expected: str) -> None:
    rule = ExpectRecordsWithinRetention(as_of=as_of, time_zone=PARIS, period=period, clock={"latest_of": ["event_at"]})
    assert verdicts(rule, {"navigation_events": [{"event_id": "e", "event_at": clock}]}) == [expected]


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("2026-10-01T21:00:00", "INDETERMINATE time_zone_unknown"),
        ("2026-10-02T20:00:00", "INDETERMINATE time_zone_unknown"),
        ("2026-10-02T22:00:00", "PASS"),
        ("2026-09-30T21:00:00", "FAIL kept_too_long"),
    ],
)
def test_naive_instants_near_the_boundary(clock: str, expected: str) -> None:
    rule = ExpectRecordsWithinRetention(as_of=AS_OF, time_zone=PARIS, period="P30D", clock={"latest_of": ["event_at"]})
    rows = [{"event_id": "e", "event_at": clock, "event_at__naive": True}]
    assert verdicts(rule, {"navigation_events": rows}, naive=frozenset({"event_at"})) == [expected]


@pytest.mark.parametrize(
    ("interaction", "expected"),
    [
        ({"type": "click", "direction": "inbound"}, "PASS"),
        ({"type": "click", "direction": None}, "PASS"),
        ({"type": "email", "direction": "inbound"}, "PASS"),
        ({"type": "email", "direction": None}, "FAIL kept_too_long"),
        ({"type": "email", "direction": "outbound"}, "FAIL kept_too_long"),
        ({"type": "open", "direction": "inbound"}, "FAIL kept_too_long"),
        ({"type": "auto_reply", "direction": "inbound"}, "FAIL kept_too_long"),
        ({"type": "bounce", "direction": "inbound"}, "FAIL kept_too_long"),
        ({"type": "crm_edit", "direction": None}, "FAIL kept_too_long"),
    ],
)
def test_what_counts_as_a_contact(interaction: dict[str, Any], expected: str) -> None:
    one = {"interaction_id": "i1", "contact_id": "c1", "at": "2025-01-01T10:00:00", **interaction}
    assert prospect({"collected_at": "2019-01-01"}, interactions=[one]) == expected


OLD = {"collected_at": "2022-01-10T09:00:00"}


@pytest.mark.parametrize(
    ("recontact", "expected"),
    [
        ({}, "FAIL kept_too_long"),
        ({"sent": "2026-10-05", "reply": "positive", "at": "2026-10-06"}, "PASS"),
        ({"sent": "2026-10-05", "reply": "positive", "at": None}, "INDETERMINATE reply_undated"),
        (
            {"sent": "2026-10-05", "reply": "positive", "at": "2026-10-04"},
            "INDETERMINATE reply_before_recontact",
        ),
        ({"sent": "2026-10-05", "reply": "negative", "at": "2026-10-06"}, "FAIL recontact_refused"),
        ({"sent": "2026-10-05", "reply": "automatic", "at": "2026-10-05"}, "REVIEW recontact_pending"),
        ({"sent": "2026-10-05", "reply": None, "at": None}, "REVIEW recontact_pending"),
        ({"sent": "2026-10-01T10:00:00", "reply": None, "at": None}, "REVIEW recontact_pending"),
        ({"sent": "2026-09-30T10:00:00", "reply": None, "at": None}, "FAIL recontact_unanswered"),
        ({"sent": "2026-09-01", "reply": "ambiguous", "at": "2026-09-02"}, "FAIL recontact_unanswered"),
        # A positive reply restarts the clock, it does not stop it for ever.
        ({"sent": "2022-02-01", "reply": "positive", "at": "2022-02-02"}, "FAIL kept_too_long"),
        ({"sent": "2027-02-01", "reply": None, "at": None}, "INDETERMINATE clock_in_future"),
    ],
)
def test_recontact(recontact: dict[str, Any], expected: str) -> None:
    row = {
        **OLD,
        "recontact_sent_at": recontact.get("sent"),
        "recontact_reply": recontact.get("reply"),
        "recontact_reply_at": recontact.get("at"),
    }
    assert prospect(row) == expected


ARCHIVED = {
    **OLD,
    "archive_basis": "L123-22",
    "archive_category": "accounting_voucher",
    "archive_clock": "2021-12-31",
    "archive_store": "intermediate",
    "archive_access_groups": "legal; DPO",
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "EXEMPT in_legal_archive"),
        ({"archive_clock": "2016-11-01"}, "EXEMPT in_legal_archive"),
        ({"archive_clock": "2016-10-31"}, "FAIL archive_invalid"),
        ({"archive_store": "active"}, "FAIL archive_invalid"),
        ({"archive_category": "contract"}, "FAIL archive_invalid"),
        ({"archive_access_groups": "legal;sales"}, "FAIL archive_invalid"),
        ({"archive_access_groups": "Juridique"}, "EXEMPT in_legal_archive"),
        ({"archive_clock": None}, "INDETERMINATE archive_incomplete"),
        ({"archive_basis": None}, "INDETERMINATE archive_incomplete"),
        ({"archive_basis": "because"}, "FAIL archive_invalid"),
        (
            {"archive_basis": "L213-1", "archive_category": "consumer_contract", "company": "A"},
            "REVIEW archive_to_review",
        ),
        ({"archive_basis": "L213-1", "archive_category": "consumer_contract"}, "EXEMPT in_legal_archive"),
    ],
)
def test_archives(change: dict[str, Any], expected: str) -> None:
    assert prospect({**ARCHIVED, **change}) == expected


def contract(**fields: Any) -> dict[str, Any]:
    blank = dict.fromkeys(["contract_id", "company_id", "kind", "start", "end", "tacit_renewal"])
    return {**blank, "contract_id": "k", "company_id": "co1", "kind": "licence", **fields}


@pytest.mark.parametrize(
    ("contracts", "expected"),
    [
        ([contract(end=None)], "PASS"),
        ([contract(end="2026-11-01T22:59:59")], "PASS"),
        ([contract(end="2020-01-01")], "FAIL kept_too_long"),
        ([contract(end="2020-01-01", tacit_renewal=True)], "PASS"),
        ([contract(kind="order", start="2020-01-01")], "FAIL kept_too_long"),
        ([contract(company_id="co2", end=None)], "FAIL kept_too_long"),
    ],
)
def test_an_open_contract_stops_the_clock(contracts: list[dict[str, Any]], expected: str) -> None:
    assert prospect({**OLD, "company_id": "co1"}, contracts=contracts) == expected


def test_blank_and_unknown_status_are_never_silently_outside() -> None:
    assert prospect({"status": None, "collected_at": "2026-01-01"}) == "INDETERMINATE status_missing"
    assert prospect({"status": "vip", "collected_at": "2026-01-01"}) == "INDETERMINATE status_missing"
    assert prospect({"status": "customer", "collected_at": "2019-01-01"}) == "out"
    assert prospect({"collected_at": "2019-01-01", "anonymised_at": "2020-01-01"}) == "out"


FORMER = {
    **{k: v for k, v in PROSPECTS.items() if k != "contracts"},
    "where": {"status": ["customer", "former_customer"]},
    "clock": {"latest_of": ["contract_end", "last_inbound_contact_at", "inbound_contact"]},
    "contracts": {
        "by": "company_id",
        "on": "company_id",
        "kinds": KINDS,
        "ends_on_start": ["order"],
        "unknown": "no_contract_known",
        "otherwise": "relationship_ended_at",
    },
}


@pytest.mark.parametrize(
    ("row", "contracts", "expected"),
    [
        ({}, [contract(end="2023-11-01T22:59:59")], "PASS"),
        ({}, [contract(end="2023-10-31T22:59:59")], "FAIL kept_too_long"),
        ({}, [contract(end="2023-10-31T22:59:59"), contract(end="2024-05-01")], "PASS"),
        ({}, [contract(end=None)], "PASS"),
        ({}, [contract(kind="order", start="2024-05-01")], "PASS"),
        ({}, [contract(kind="order")], "INDETERMINATE clock_missing"),
        ({"last_inbound_contact_at": "2024-05-01"}, [contract(end="2020-01-01")], "PASS"),
        ({"company_id": "co9"}, [contract(end=None)], "INDETERMINATE no_contract_known"),
        ({"company_id": None}, [contract(end=None)], "INDETERMINATE no_contract_known"),
        ({"company_id": None, "relationship_ended_at": "2024-05-01"}, [contract(end=None)], "PASS"),
        (
            {"company_id": None, "relationship_ended_at": "2020-05-01"},
            [contract(end=None)],
            "FAIL kept_too_long",
        ),
        # The contracts win over the column.
        ({"relationship_ended_at": "2024-05-01"}, [contract(end="2020-01-01")], "FAIL kept_too_long"),
        # Written long after the end by the company itself: a collection date does not move the clock.
        ({"collected_at": "2026-01-01"}, [contract(end="2020-01-01")], "FAIL kept_too_long"),
    ],
)
def test_former_customers(row: dict[str, Any], contracts: list[dict[str, Any]], expected: str) -> None:
    blank = dict.fromkeys(["contact_id", "status", "last_inbound_contact_at"])
    one = {**blank, "contact_id": "c1", "status": "former_customer", "company_id": "co1", **row}
    interactions = [{"interaction_id": "i", "contact_id": None, "at": None, "type": None}]
    tables = {"contacts": [one], "interactions": interactions, "contracts": contracts}
    assert verdicts(ExpectRecordsWithinRetention(**FORMER), tables) == [expected]


@pytest.mark.parametrize(
    ("row", "contracts", "expected"),
    [
        ({}, [contract(domain="d", end="2024-11-01T22:59:59")], "PASS"),
        ({}, [contract(domain="d", end="2024-10-31T22:59:59")], "FAIL kept_too_long"),
        ({}, [contract(domain="d", end=None)], "PASS"),
        ({"removed_at": "2024-11-01T10:00:00"}, [contract(domain="d", end=None)], "PASS"),
        ({"removed_at": "2024-10-31T10:00:00"}, [contract(domain="d", end=None)], "FAIL kept_too_long"),
        ({"removed_at": "2020-01-01"}, [contract(domain="d", end="2025-01-01")], "FAIL kept_too_long"),
        ({"removed_at": "2026-01-01"}, [contract(domain="d", end="2020-01-01")], "FAIL kept_too_long"),
        ({}, [contract(domain="d", kind="order", end="2020-01-01")], "INDETERMINATE no_licence_known"),
        ({"removed_at": "2027-01-01"}, [contract(domain="d", end=None)], "INDETERMINATE clock_in_future"),
    ],
)
def test_named_users(row: dict[str, Any], contracts: list[dict[str, Any]], expected: str) -> None:
    rule = ExpectRecordsWithinRetention(
        as_of=AS_OF,
        time_zone=PARIS,
        period="P2Y",
        clock={"earliest_of": ["removed_at", "contract_end"]},
        contracts={
            "by": "customer_domain",
            "on": "domain",
            "kinds": ["licence"],
            "unknown": "no_licence_known",
        },
        even_while_open="removed_at",
    )
    one = {"user_id": "u", "customer_domain": "d", "removed_at": None, **row}
    assert verdicts(rule, {"user_accounts": [one], "contracts": contracts}) == [expected]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"last_login_at": "2024-11-01T10:00:00"}, "PASS"),
        ({"last_login_at": "2024-10-31T10:00:00"}, "REVIEW account_inactive"),
        ({"created_at": "2020-01-01"}, "REVIEW account_inactive"),
        ({"created_at": "2020-01-01", "last_login_at": "2026-01-01"}, "PASS"),
        ({"company_id": "co1", "created_at": "2020-01-01"}, "PASS"),
        ({}, "INDETERMINATE clock_missing"),
        ({"active": None}, "INDETERMINATE active_flag_missing"),
        ({"active": False, "created_at": "2020-01-01"}, "out"),
    ],
)
def test_inactive_accounts(row: dict[str, Any], expected: str) -> None:
    rule = ExpectInactiveAccountsReviewed(
        as_of=AS_OF,
        time_zone=PARIS,
        period="P2Y",
        contracts=[
            {"by": "company_id", "on": "company_id", "kinds": KINDS, "ends_on_start": ["order"]},
            {"by": "customer_domain", "on": "domain", "kinds": ["licence"]},
        ],
    )
    one = {"user_id": "u", "active": True, "last_login_at": None, "created_at": None, **row}
    assert verdicts(rule, {"user_accounts": [one], "contracts": [contract(domain="d", end=None)]}) == [expected]
