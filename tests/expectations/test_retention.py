"""Retention: the last lawful day, the day after, and every branch of what follows expiry."""

from typing import Any

import pytest

from audit_lib.expectations import (
    ExpectArchivesMeetConditions,
    ExpectInactiveAccountsReviewed,
    ExpectRecordsWithinRetention,
)
from audit_lib.expectations.rule import NotEvaluated
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
        "among": KINDS,
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
    naive = tables.pop("naive", frozenset())
    interactions = tables.pop("interactions", [{"interaction_id": "i", "contact_id": None, "at": None, "type": None}])
    [found] = verdicts(
        ExpectRecordsWithinRetention(**{**PROSPECTS, "as_of": as_of}),
        {"contacts": [one], "interactions": interactions, **tables},
        naive=naive,
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
        # The end of a month that is shorter three years later; the day after is the limit of two days.
        ("2024-02-28T09:00:00", "2027-02-28T12:00:00+01:00", "PASS"),
        ("2025-02-28T09:00:00", "2028-02-28T12:00:00+01:00", "PASS"),
        ("2025-02-28T09:00:00", "2028-02-29T00:00:00+01:00", "FAIL kept_too_long"),
        ("2023-10-31T09:00:00", "2026-10-31T23:59:59+01:00", "PASS"),
        ("2023-10-30T22:59:59", "2026-10-31T12:00:00+01:00", "FAIL kept_too_long"),
        # Days on which the clocks change: 26 March 2023 starts at 23:00 UTC, 29 October 2023 at 22:00 UTC.
        ("2023-03-25T23:00:00", "2026-03-26T12:00:00+01:00", "PASS"),
        ("2023-03-25T22:59:59", "2026-03-26T12:00:00+01:00", "FAIL kept_too_long"),
        ("2023-10-28T22:00:00", "2026-10-29T12:00:00+01:00", "PASS"),
        ("2023-10-28T21:59:59", "2026-10-29T12:00:00+01:00", "FAIL kept_too_long"),
        ("2023-10-29T23:00:00", "2026-10-30T12:00:00+01:00", "PASS"),
        ("2023-10-29T22:59:59", "2026-10-30T12:00:00+01:00", "FAIL kept_too_long"),
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


def doubtful(row: dict[str, Any], *columns: str) -> dict[str, Any]:
    """The row with these instants written without an offset, while no time zone is told."""
    return {**row, **{f"{column}__naive": True for column in columns}}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"collected_at": "2023-11-01T12:00:00"}, "INDETERMINATE time_zone_unknown"),
        # Another source is in time, or both are surely too old: the doubt changes nothing.
        ({"collected_at": "2023-11-01T12:00:00", "last_inbound_contact_at": "2024-01-01"}, "PASS"),
        ({"collected_at": "2023-10-30T12:00:00"}, "FAIL kept_too_long"),
        # A source that surely expired does not settle one that may not have.
        (
            {"collected_at": "2023-10-31T12:00:00", "last_inbound_contact_at": "2020-01-01"},
            "INDETERMINATE time_zone_unknown",
        ),
    ],
)
def test_only_a_doubt_that_changes_the_verdict_counts(row: dict[str, Any], expected: str) -> None:
    rows = doubtful({"last_inbound_contact_at": None, **row}, "collected_at")
    assert prospect(rows, naive=frozenset({"collected_at"})) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2023-11-01T23:00:00", "PASS"),
        ("2023-11-01T22:59:59", "INDETERMINATE time_zone_unknown"),
        ("2023-10-30T23:00:00", "INDETERMINATE time_zone_unknown"),
        ("2023-10-30T22:59:59", "FAIL kept_too_long"),
    ],
)
def test_naive_interactions_and_contracts_near_the_boundary(at: str, expected: str) -> None:
    click = doubtful({"interaction_id": "i", "contact_id": "c1", "at": at, "type": "click"}, "at")
    assert prospect({"collected_at": "2019-01-01"}, interactions=[click], naive=frozenset({"at"})) == expected
    ended = doubtful(contract(end=at), "end")
    assert former({}, [ended], naive=frozenset({"end"})) == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2026-11-01T23:00:00", "PASS"),
        # Written as today or yesterday, it may be over or not.
        ("2026-11-01T22:59:59", "INDETERMINATE time_zone_unknown"),
        ("2026-10-30T23:00:00", "INDETERMINATE time_zone_unknown"),
        ("2026-10-30T22:59:59", "FAIL kept_too_long"),
    ],
)
def test_naive_end_of_a_contract_near_the_audit(end: str, expected: str) -> None:
    contracts = [doubtful(contract(end=end), "end")]
    row = {**OLD, "company_id": "co1"}
    assert prospect(row, contracts=contracts, naive=frozenset({"end"})) == expected


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
        # A reply dated by its day alone, here 5 October in Paris, is on the day of the recontact.
        ({"sent": "2026-10-05T08:00:00", "reply": "positive", "at": "2026-10-04T22:00:00"}, "PASS"),
        (
            {"sent": "2026-10-05T08:00:00", "reply": "positive", "at": "2026-10-05T07:59:59"},
            "INDETERMINATE reply_before_recontact",
        ),
        ({"sent": None, "reply": "positive", "at": "2026-10-06"}, "INDETERMINATE reply_undated"),
        ({"sent": None, "reply": "negative", "at": "2026-10-06"}, "FAIL kept_too_long"),
        ({"sent": "2026-10-05", "reply": "peut-être", "at": "2026-10-06"}, "REVIEW recontact_pending"),
        ({"sent": "2026-09-01", "reply": "peut-être", "at": "2026-09-06"}, "FAIL recontact_unanswered"),
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


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2026-10-01T22:00:00", "REVIEW recontact_pending"),
        ("2026-10-01T21:59:59", "INDETERMINATE time_zone_unknown"),
        ("2026-09-29T22:00:00", "INDETERMINATE time_zone_unknown"),
        ("2026-09-29T21:59:59", "FAIL recontact_unanswered"),
    ],
)
def test_naive_recontact_near_the_end_of_the_window(sent: str, expected: str) -> None:
    row = doubtful({**OLD, "recontact_sent_at": sent}, "recontact_sent_at")
    assert prospect(row, naive=frozenset({"recontact_sent_at"})) == expected


@pytest.mark.parametrize(
    ("reply", "naive", "expected"),
    [
        # Both without an offset: one order, whatever the zone is.
        ("2026-10-05T09:00:00", ["recontact_sent_at", "recontact_reply_at"], "PASS"),
        ("2026-10-05T07:00:00", ["recontact_sent_at", "recontact_reply_at"], "INDETERMINATE time_zone_unknown"),
        ("2026-10-05T09:00:00", ["recontact_sent_at"], "INDETERMINATE time_zone_unknown"),
        ("2026-10-06T08:00:00", ["recontact_sent_at"], "PASS"),
        ("2026-10-04T07:00:00", ["recontact_sent_at"], "INDETERMINATE reply_before_recontact"),
    ],
)
def test_order_of_a_recontact_and_its_naive_reply(reply: str, naive: list[str], expected: str) -> None:
    row = {
        **OLD,
        "recontact_sent_at": "2026-10-05T08:00:00",
        "recontact_reply_at": reply,
        "recontact_reply": "positive",
    }
    assert prospect(doubtful(row, *naive), naive=frozenset(naive)) == expected


ARCHIVED = {
    **OLD,
    "archive_basis": "L123-22",
    "archive_category": "accounting_voucher",
    "archive_clock": "2021-12-31",
    "archive_store": "intermediate",
    "archive_access_groups": "legal; DPO",
    "company": None,
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


def based(basis: str, category: str, clock: str) -> dict[str, Any]:
    return {**ARCHIVED, "archive_basis": basis, "archive_category": category, "archive_clock": clock}


HELD = {
    **OLD,
    "archive_basis": "litigation_hold",
    "archive_store": "intermediate",
    "archive_access_groups": "legal",
    "hold_id": "h1",
    "hold_opened_at": "2024-05-05T10:00:00",
    "hold_closed_at": None,
}


def without(row: dict[str, Any], column: str) -> dict[str, Any]:
    """The row of an export that has not this column."""
    return {name: value for name, value in row.items() if name != column}


@pytest.mark.parametrize(
    ("row", "expected", "kept"),
    [
        (ARCHIVED, "PASS", "EXEMPT in_legal_archive"),
        # The last day of each basis, and the day after: ten, five, five, ten and six years.
        ({**ARCHIVED, "archive_clock": "2016-11-01"}, "PASS", "EXEMPT in_legal_archive"),
        ({**ARCHIVED, "archive_clock": "2016-10-31"}, "FAIL archive_expired", "FAIL archive_invalid"),
        (based("L110-4", "contract", "2021-11-01"), "PASS", "EXEMPT in_legal_archive"),
        (based("L110-4", "contract", "2021-10-31"), "FAIL archive_expired", "FAIL archive_invalid"),
        (based("C. civ. 2224", "contract", "2021-11-01"), "PASS", "EXEMPT in_legal_archive"),
        (based("C. civ. 2224", "contract", "2021-10-31"), "FAIL archive_expired", "FAIL archive_invalid"),
        (based("L213-1", "consumer_contract", "2016-11-01"), "PASS", "EXEMPT in_legal_archive"),
        (based("L213-1", "consumer_contract", "2016-10-31"), "FAIL archive_expired", "FAIL archive_invalid"),
        (based("LPF L102 B", "tax_document", "2020-11-01"), "PASS", "EXEMPT in_legal_archive"),
        (based("LPF L102 B", "tax_document", "2020-10-31"), "FAIL archive_expired", "FAIL archive_invalid"),
        # The close of the current year is still to come.
        ({**ARCHIVED, "archive_clock": "2026-12-31"}, "PASS", "EXEMPT in_legal_archive"),
        (
            {**ARCHIVED, "archived_at": "2027-01-01"},
            "INDETERMINATE clock_in_future",
            "INDETERMINATE archive_incomplete",
        ),
        ({**OLD, "archived_at": "2025-01-01"}, "INDETERMINATE archive_incomplete", "INDETERMINATE archive_incomplete"),
        ({**OLD, "hold_id": "h1"}, "INDETERMINATE archive_incomplete", "INDETERMINATE archive_incomplete"),
        (
            {**OLD, "archive_store": "intermediate"},
            "INDETERMINATE archive_incomplete",
            "INDETERMINATE archive_incomplete",
        ),
        ({**OLD, "archive_store": "active"}, "out", "FAIL kept_too_long"),
        (
            {**ARCHIVED, "archive_category": "contract"},
            "FAIL archive_category_mismatch",
            "FAIL archive_invalid",
        ),
        ({**ARCHIVED, "archive_store": "active"}, "FAIL archive_in_active_store", "FAIL archive_invalid"),
        # A wrong value is worse than a blank one.
        (
            {**ARCHIVED, "archive_clock": None, "archive_access_groups": "Legal ; sales"},
            "FAIL archive_access_too_wide",
            "FAIL archive_invalid",
        ),
        (HELD, "PASS", "EXEMPT in_legal_archive"),
        ({**HELD, "hold_id": None}, "INDETERMINATE archive_incomplete", "INDETERMINATE archive_incomplete"),
        ({**HELD, "hold_opened_at": None}, "INDETERMINATE archive_incomplete", "INDETERMINATE archive_incomplete"),
        (
            {**HELD, "hold_opened_at": "2026-12-01"},
            "INDETERMINATE clock_in_future",
            "INDETERMINATE archive_incomplete",
        ),
        # Nobody told whether the hold was closed, or whether the person stands for a company.
        (
            without(HELD, "hold_closed_at"),
            "INDETERMINATE archive_incomplete",
            "INDETERMINATE archive_incomplete",
        ),
        (
            without(based("L213-1", "consumer_contract", "2020-01-01"), "company"),
            "INDETERMINATE archive_incomplete",
            "INDETERMINATE archive_incomplete",
        ),
        # Closed on the audit's day is not closed before it.
        ({**HELD, "hold_closed_at": "2026-10-31T23:00:00"}, "PASS", "EXEMPT in_legal_archive"),
        ({**HELD, "hold_closed_at": "2026-10-31T22:59:59"}, "FAIL hold_closed", "FAIL archive_invalid"),
        (
            {**HELD, "hold_closed_at": "2026-10-31T22:59:59", "hold_closed_at__naive": True},
            "INDETERMINATE time_zone_unknown",
            "INDETERMINATE archive_incomplete",
        ),
        (
            {**HELD, "hold_closed_at": "2026-10-30T22:59:59", "hold_closed_at__naive": True},
            "FAIL hold_closed",
            "FAIL archive_invalid",
        ),
    ],
)
def test_conditions_of_an_archive(row: dict[str, Any], expected: str, kept: str) -> None:
    """Judged as an archive, and as a prospect kept past the three years."""
    rule = ExpectArchivesMeetConditions(
        as_of=AS_OF, time_zone=PARIS, outside="anonymised_at", access_groups=PROSPECTS["archive_access"]
    )
    naive = frozenset({"hold_closed_at"}) if "hold_closed_at__naive" in row else frozenset()
    one = {"contact_id": "c1", "archive_basis": None, **row}
    assert verdicts(rule, {"contacts": [one]}, naive=naive) == [expected]
    assert verdicts(rule, {"contacts": [{**one, "anonymised_at": "2025-01-01"}]}, naive=naive) == ["out"]
    assert prospect(row, naive=naive) == kept


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
        # An order without end is over on its start: today is its last day.
        ([contract(kind="order", start="2026-12-01")], "PASS"),
        ([contract(kind="order", start="2026-10-31T23:00:00")], "PASS"),
        ([contract(kind="order", start="2026-10-31T22:59:59")], "FAIL kept_too_long"),
        ([contract(start="2027-01-01", end="2028-01-01")], "PASS"),
        # What a contract does not tell may keep the record.
        ([contract(kind="order")], "INDETERMINATE clock_missing"),
        ([contract(kind=None, end="2028-01-01")], "INDETERMINATE clock_missing"),
        ([contract(kind="maintenance")], "INDETERMINATE clock_missing"),
        ([contract(kind=None, end="2020-01-01")], "FAIL kept_too_long"),
    ],
)
def test_an_open_contract_stops_the_clock(contracts: list[dict[str, Any]], expected: str) -> None:
    assert prospect({**OLD, "company_id": "co1"}, contracts=contracts) == expected


def test_only_optional_contracts_may_not_be_supplied() -> None:
    assert prospect(OLD) == "FAIL kept_too_long"
    needed = {**PROSPECTS, "contracts": {**PROSPECTS["contracts"], "optional": False}}
    tables = {"contacts": [{"contact_id": "c1", "status": "prospect", **OLD}], "interactions": []}
    with pytest.raises(NotEvaluated, match="dataset_not_supplied: contracts"):
        verdicts(ExpectRecordsWithinRetention(**needed), tables)


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
        "among": KINDS,
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
        # One contract without a date: the relationship may have ended later than the others.
        ({}, [contract(end="2020-01-01"), contract(kind="order")], "INDETERMINATE clock_missing"),
        ({}, [contract(end="2025-01-01"), contract(kind="order")], "PASS"),
        ({}, [contract(end="2020-01-01"), contract(kind=None)], "INDETERMINATE clock_missing"),
        ({}, [contract(end="2020-01-01"), contract(kind=None, end="2019-01-01")], "FAIL kept_too_long"),
        ({}, [contract(end="2020-01-01"), contract(kind="order", start="2027-01-01")], "PASS"),
        ({}, [contract(kind=None, end="2020-01-01")], "INDETERMINATE no_contract_known"),
        ({"relationship_ended_at": "2020-05-01"}, [contract(kind=None)], "INDETERMINATE clock_missing"),
        ({"company_id": None, "relationship_ended_at": "2027-05-01"}, [], "INDETERMINATE clock_in_future"),
        # The contracts win over the column.
        ({"relationship_ended_at": "2024-05-01"}, [contract(end="2020-01-01")], "FAIL kept_too_long"),
        # Written long after the end by the company itself: a collection date does not move the clock.
        ({"collected_at": "2026-01-01"}, [contract(end="2020-01-01")], "FAIL kept_too_long"),
    ],
)
def test_former_customers(row: dict[str, Any], contracts: list[dict[str, Any]], expected: str) -> None:
    assert former(row, contracts or [contract(company_id="co7")]) == expected


def former(row: dict[str, Any], contracts: list[dict[str, Any]], *, naive: frozenset[str] = frozenset()) -> str:
    """The verdict of one former customer of company co1."""
    blank = dict.fromkeys(["contact_id", "status", "last_inbound_contact_at"])
    one = {**blank, "contact_id": "c1", "status": "former_customer", "company_id": "co1", **row}
    interactions = [{"interaction_id": "i", "contact_id": None, "at": None, "type": None}]
    tables = {"contacts": [one], "interactions": interactions, "contracts": contracts}
    [found] = verdicts(ExpectRecordsWithinRetention(**FORMER), tables, naive=naive)
    return found


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
        # The longest of several licences; 29 February; a licence that begins later.
        ({}, [contract(domain="d", end="2020-01-01"), contract(domain="d", end="2025-01-01")], "PASS"),
        ({}, [contract(domain="d", end="2020-01-01"), contract(domain="d", start="2027-01-01")], "PASS"),
        ({}, [contract(domain="d", end="2020-01-01", tacit_renewal=True)], "PASS"),
        ({"customer_domain": None}, [contract(domain="d", end=None)], "INDETERMINATE no_licence_known"),
        # A contract whose kind is not told may be a later licence, unless the removal settles it.
        (
            {},
            [contract(domain="d", end="2020-01-01"), contract(domain="d", kind=None)],
            "INDETERMINATE clock_missing",
        ),
        (
            {"removed_at": "2021-01-01"},
            [contract(domain="d", end="2025-01-01"), contract(domain="d", kind=None)],
            "FAIL kept_too_long",
        ),
    ],
)
def test_named_users(row: dict[str, Any], contracts: list[dict[str, Any]], expected: str) -> None:
    assert named_user({"removed_at": None, **row}, contracts) == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (None, "INDETERMINATE clock_missing"),
        ("2025-01-01", "INDETERMINATE clock_missing"),
        ("2020-01-01", "FAIL kept_too_long"),
    ],
)
def test_a_removal_that_no_export_tells_may_have_come_earlier(end: str | None, expected: str) -> None:
    assert named_user({}, [contract(domain="d", end=end)]) == expected


def test_former_customers_need_no_column_of_contacts() -> None:
    """Contracts and interactions tell the clock without `last_inbound_contact_at`."""
    one = {"contact_id": "c1", "status": "former_customer", "company_id": "co1"}
    click = {"interaction_id": "i", "contact_id": "c1", "at": "2025-01-01", "type": "click"}
    for at, expected in (("2025-01-01", "PASS"), ("2020-01-01", "FAIL kept_too_long")):
        tables = {"contacts": [one], "interactions": [{**click, "at": at}], "contracts": [contract(end="2020-01-01")]}
        assert verdicts(ExpectRecordsWithinRetention(**FORMER), tables) == [expected]


def named_user(row: dict[str, Any], contracts: list[dict[str, Any]]) -> str:
    """The verdict of one account of domain d."""
    rule = ExpectRecordsWithinRetention(
        as_of=AS_OF,
        time_zone=PARIS,
        period="P2Y",
        clock={"earliest_of": ["removed_at", "contract_end"]},
        contracts={
            "by": "customer_domain",
            "on": "domain",
            "kinds": ["licence"],
            "among": KINDS,
            "unknown": "no_licence_known",
        },
        even_while_open="removed_at",
    )
    one = {"user_id": "u", "customer_domain": "d", **row}
    [found] = verdicts(rule, {"user_accounts": [one], "contracts": contracts})
    return found


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
        ({"created_at": "2020-01-01", "last_login_at": "2027-01-01"}, "INDETERMINATE clock_in_future"),
        ({"customer_domain": "d", "created_at": "2020-01-01"}, "PASS"),
        ({"customer_domain": "e", "created_at": "2020-01-01"}, "REVIEW account_inactive"),
        (
            {"last_login_at": "2024-10-31T10:00:00", "last_login_at__naive": True},
            "INDETERMINATE time_zone_unknown",
        ),
        ({"last_login_at": "2024-10-30T10:00:00", "last_login_at__naive": True}, "REVIEW account_inactive"),
        ({"last_login_at": "2024-11-02T10:00:00", "last_login_at__naive": True}, "PASS"),
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
    naive = frozenset({"last_login_at"}) if "last_login_at__naive" in row else frozenset()
    tables = {"user_accounts": [one], "contracts": [contract(domain="d", end=None)]}
    assert verdicts(rule, tables, naive=naive) == [expected]


# -------------------------------------------------------------------------------------------------------- anything else

OTHERS = ExpectRecordsWithinRetention(
    as_of=AS_OF,
    time_zone=PARIS,
    period="P5Y",
    clock={"latest_of": ["last_used_at"]},
    no_use=["restored_at"],
    archive_category="category",
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # 1 November 2021 in Paris starts on 31 October 23:00 UTC.
        ({"last_used_at": "2021-10-31 23:00"}, "PASS"),
        ({"last_used_at": "2021-10-31 22:59"}, "FAIL kept_too_long"),
        ({"last_used_at": None}, "INDETERMINATE clock_missing"),
        ({"last_used_at": "2026-11-01 05:00:01"}, "INDETERMINATE clock_in_future"),
        # A restore is no use, neither beside the last one nor as it.
        ({"last_used_at": "2020-01-01", "restored_at": "2026-01-01"}, "FAIL kept_too_long"),
        ({"last_used_at": "2026-01-01", "restored_at": "2026-01-01"}, "INDETERMINATE use_unproven"),
        ({"last_used_at": "2026-01-02", "restored_at": "2026-01-01"}, "PASS"),
        ({"last_used_at": "2020-01-01", "restored_at": "2020-01-01"}, "FAIL kept_too_long"),
    ],
)
def test_anything_else_is_kept_five_years_after_its_last_use(row: dict[str, Any], expected: str) -> None:
    supplied = dict.fromkeys(["record_id", "last_used_at", "restored_at", "archive_basis", "category"])
    assert verdicts(OTHERS, {"other_records": [{**supplied, **row}]}) == [expected]


@pytest.mark.parametrize(
    ("basis", "category", "clock", "expected"),
    [
        ("L123-22", "accounting_voucher", "2016-11-01", "EXEMPT in_legal_archive"),
        ("L123-22", "accounting_voucher", "2016-10-31", "FAIL archive_invalid"),
        ("L123-22", "accounting_voucher", None, "INDETERMINATE archive_incomplete"),
        ("L123-22", "contract", "2018-12-31", "FAIL archive_invalid"),
        ("L123-22", None, "2018-12-31", "INDETERMINATE archive_incomplete"),
        ("L213-9", "accounting_voucher", "2018-12-31", "FAIL archive_invalid"),
        (None, "accounting_voucher", "2018-12-31", "FAIL kept_too_long"),
        # The dataset tells neither of a hold nor whether the other party is a consumer.
        ("litigation_hold", "contract", "2018-12-31", "INDETERMINATE archive_incomplete"),
        ("L213-1", "consumer_contract", "2018-12-31", "INDETERMINATE archive_incomplete"),
    ],
)
def test_vouchers_are_exempt_for_ten_years(basis: str | None, category: str | None, clock: str, expected: str) -> None:
    row = {
        "record_id": "o1",
        "last_used_at": "2018-01-01",
        "archive_basis": basis,
        "category": category,
        "archive_clock": clock,
    }
    assert verdicts(OTHERS, {"other_records": [row]}) == [expected]


def test_a_column_that_only_looks_like_an_archive_s_is_left_alone() -> None:
    row = {
        "record_id": "o1",
        "last_used_at": "2018-01-01",
        "archive_basis": "L123-22",
        "category": "accounting_voucher",
        "archive_clock": "2018-12-31",
        "archive_store": "active",
        "hold_closed_at": "hier",
    }
    assert verdicts(OTHERS, {"other_records": [row]}) == ["EXEMPT in_legal_archive"]
