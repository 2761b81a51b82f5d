"""Expiry: each mailing by the clock as it stood when it was sent, and one recontact at most."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectNoMailingAfterExpiry
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, verdicts

KINDS = ["contract", "licence", "subscription", "order", "warranty"]
RULE: dict[str, Any] = {
    "as_of": AS_OF,
    "time_zone": PARIS,
    "where": {"status": ["prospect", "customer", "former_customer"]},
    "among": {"status": ["prospect", "customer", "former_customer", "other"]},
    "outside": "anonymised_at",
    "period": "P3Y",
    "prospects": {"status": ["prospect"]},
    "prospect_clock": {"latest_of": ["collected_at", "last_inbound_contact_at", "inbound_contact"]},
    "customer_clock": {"latest_of": ["contract_end", "last_inbound_contact_at", "inbound_contact"]},
    "contact": "contact_id",
    "email": "email",
    "purposes": {"prospecting": ["newsletter", "promotion"], "recontact": ["recontact"], "other": ["service"]},
    "contracts": {
        "by": "company_id",
        "on": "company_id",
        "kinds": KINDS,
        "among": KINDS,
        "ends_on_start": ["order"],
        "otherwise": "relationship_ended_at",
    },
    "inbound": {
        "by": "contact_id",
        "types": ["form", "email", "call", "click", "reply", "meeting", "demo"],
        "implied": ["form", "click", "reply"],
    },
    "recontact": {"sent": "recontact_sent_at", "replied": "recontact_reply_at", "reply": "recontact_reply"},
}
CONTACT = {"contact_id": "c1", "email": "A@x.example", "status": "prospect", "company_id": "k1"}
Sent = tuple[str, str | None]


def judged(
    contact: dict[str, Any], *sent: Sent | dict[str, Any], naive: frozenset[str] = frozenset(), **tables: Any
) -> str:
    named: dict[str, Any] = {"contact_id": "c1", "email": "a@x.example"}
    mailings = [
        {"mailing_id": f"m{n}"} | named | (one if isinstance(one, dict) else {"purpose": one[0], "sent_at": one[1]})
        for n, one in enumerate(sent or [{"contact_id": None, "purpose": None, "sent_at": None, "email": None}])
    ]
    others = {
        name: [
            {"interaction_id" if name == "interactions" else "contract_id": str(n)} | row for n, row in enumerate(it)
        ]
        for name, it in tables.items()
    }
    rule = ExpectNoMailingAfterExpiry(**RULE)
    return verdicts(rule, {"contacts": [CONTACT | contact], "mailings": mailings, **others}, naive=naive)[0]


def news(at: str | None) -> Sent:
    return "newsletter", at


OLD = {"collected_at": "2020-03-10 09:00"}  # may be kept until 10 March 2023


@pytest.mark.parametrize(
    ("contact", "sent", "expected"),
    [
        (OLD, [], "PASS"),
        (OLD, [news("2023-03-10 22:59:59")], "PASS"),
        (OLD, [news("2023-03-10 23:00:00")], "FAIL sent_after_expiry"),
        (OLD, [("promotion", "2023-03-11")], "FAIL sent_after_expiry"),
        (OLD, [("service", "2023-03-11")], "PASS"),
        (OLD, [(None, "2023-03-11")], "INDETERMINATE purpose_missing"),
        (OLD, [("survey", "2023-03-11")], "INDETERMINATE purpose_missing"),
        (OLD, [(None, "2023-03-10 12:00")], "PASS"),
        (OLD, [news(None)], "INDETERMINATE mailing_undated"),
        (OLD, [("service", None)], "PASS"),
        (OLD, [news(None), news("2023-03-11")], "FAIL sent_after_expiry"),
        (OLD, [news("2026-11-01 05:00:01")], "INDETERMINATE clock_in_future"),
        # One recontact for each time that a clock has run out.
        (OLD, [("recontact", "2023-03-11")], "PASS"),
        (OLD, [("recontact", "2023-03-11"), ("recontact", "2023-06-01")], "FAIL recontacted_again"),
        (OLD, [("recontact", "2023-03-11"), ("recontact", "2023-03-11")], "FAIL recontacted_again"),
        (OLD, [("recontact", "2023-03-10"), ("recontact", "2023-06-01")], "PASS"),
        (OLD, [("recontact", "2023-03-11"), news("2023-06-01")], "FAIL sent_after_expiry"),
        # Out of scope, or nobody can tell.
        (OLD | {"status": "other"}, [news("2023-03-11")], "out"),
        (OLD | {"anonymised_at": "2024-01-01"}, [news("2023-03-11")], "out"),
        (OLD | {"status": None}, [], "INDETERMINATE status_missing"),
        ({"collected_at": None}, [], "PASS"),
        ({"collected_at": None}, [news("2023-03-11")], "INDETERMINATE clock_missing"),
        ({"collected_at": "2023-06-01"}, [news("2023-03-11")], "PASS"),
        ({"collected_at": "2027-01-01"}, [news("2023-03-11")], "INDETERMINATE clock_in_future"),
        (OLD | {"last_inbound_contact_at": "2027-01-01"}, [news("2023-03-11")], "INDETERMINATE clock_in_future"),
        (OLD | {"last_inbound_contact_at": "2027-01-01"}, [news("2023-03-10")], "PASS"),
    ],
)
def test_prospects(contact: dict[str, Any], sent: list[Sent], expected: str) -> None:
    assert judged(contact, *sent) == expected


@pytest.mark.parametrize(
    ("inbound", "expected"),
    [
        ("2021-01-01", "PASS"),
        ("2020-06-01 09:00:00", "PASS"),  # three years to the day
        ("2020-05-31", "FAIL sent_after_expiry"),
        # The same instant counts, a later one does not cure.
        ("2023-06-01 10:00:00", "PASS"),
        ("2023-06-01 10:00:01", "FAIL sent_after_expiry"),
        ("2026-01-01", "FAIL sent_after_expiry"),
    ],
)
def test_only_contacts_made_before_the_mailing_count(inbound: str, expected: str) -> None:
    sent = news("2023-06-01 10:00:00")
    assert judged(OLD | {"last_inbound_contact_at": inbound}, sent) == expected
    made = {"contact_id": "c1", "at": inbound, "direction": "inbound", "type": "call"}
    assert judged(OLD, sent, interactions=[made]) == expected
    # What is no contact made by the person moves nothing.
    ours = [made | other for other in ({"direction": "outbound"}, {"type": "open"}, {"contact_id": "c2"})]
    assert judged(OLD, sent, interactions=ours) == "FAIL sent_after_expiry"


ANSWERED = {"recontact_sent_at": "2023-04-01 10:00", "recontact_reply_at": "2023-04-05 10:00"}


@pytest.mark.parametrize(
    ("reply", "sent", "expected"),
    [
        ("positive", [("recontact", "2023-04-01 10:00"), news("2023-04-05 10:00:00")], "PASS"),
        ("positive", [("recontact", "2023-04-01 10:00"), news("2023-04-05 09:59:59")], "FAIL sent_after_expiry"),
        ("negative", [("recontact", "2023-04-01 10:00"), news("2023-04-05 10:00:00")], "FAIL sent_after_expiry"),
        ("positive", [news("2026-04-05 12:00")], "PASS"),
        ("positive", [news("2026-04-06 12:00")], "FAIL sent_after_expiry"),
        # Each period that runs out allows one recontact.
        ("positive", [("recontact", "2023-04-01 10:00"), ("recontact", "2026-04-06 12:00")], "PASS"),
        ("negative", [("recontact", "2023-04-01 10:00"), ("recontact", "2026-04-06 12:00")], "FAIL recontacted_again"),
    ],
)
def test_a_positive_reply_starts_the_clock_again(reply: str, sent: list[Sent], expected: str) -> None:
    assert judged(OLD | ANSWERED | {"recontact_reply": reply}, *sent) == expected


CUSTOMER = {"status": "customer", "collected_at": "2015-01-01"}
ENDED = {"company_id": "k1", "kind": "licence", "start": "2018-01-01", "end": "2020-06-30 21:59:59"}


@pytest.mark.parametrize(
    ("contracts", "sent", "expected"),
    [
        ([ENDED], [news("2023-06-30 12:00")], "PASS"),
        ([ENDED], [news("2023-07-01 12:00")], "FAIL sent_after_expiry"),
        ([ENDED | {"tacit_renewal": True}], [news("2026-07-01")], "PASS"),
        ([ENDED | {"end": None}], [news("2026-07-01")], "PASS"),
        # A contract that came later neither ran then nor cures.
        ([ENDED, ENDED | {"start": "2024-01-01", "end": None}], [news("2023-07-01 12:00")], "FAIL sent_after_expiry"),
        ([ENDED, ENDED | {"start": "2024-01-01", "end": None}], [news("2024-01-02")], "PASS"),
        ([ENDED, ENDED | {"start": None, "end": "2022-01-01"}], [news("2024-12-31")], "PASS"),
        ([ENDED, ENDED | {"start": None, "end": "2022-01-01"}], [news("2025-01-02")], "FAIL sent_after_expiry"),
        # A contract that ran on the day of the mailing has ended since.
        ([ENDED], [news("2019-01-01"), news("2020-06-30 12:00")], "PASS"),
        ([ENDED | {"start": "2021-01-01", "end": None}], [news("2020-06-30")], "PASS"),
        # An order ends on its start.
        ([ENDED | {"kind": "order", "start": "2020-06-30", "end": None}], [news("2023-06-30 12:00")], "PASS"),
        (
            [ENDED | {"kind": "order", "start": "2020-06-29", "end": None}],
            [news("2023-06-30 12:00")],
            "FAIL sent_after_expiry",
        ),
        ([ENDED, ENDED | {"kind": None, "end": None}], [news("2023-07-01 12:00")], "INDETERMINATE clock_missing"),
        ([ENDED, ENDED | {"kind": "lease"}], [news("2023-07-01 12:00")], "FAIL sent_after_expiry"),
        ([ENDED | {"company_id": "k2"}], [news("2023-07-01")], "INDETERMINATE no_contract_known"),
        ([ENDED | {"company_id": "k2"}], [], "PASS"),
    ],
)
def test_customers(contracts: list[dict[str, Any]], sent: list[Sent], expected: str) -> None:
    assert judged(CUSTOMER, *sent, contracts=contracts) == expected


@pytest.mark.parametrize(
    ("ended", "contracts", "sent", "expected"),
    [
        ("2020-06-30", [], "2023-06-30 12:00", "PASS"),
        ("2020-06-30", [], "2023-07-01 12:00", "FAIL sent_after_expiry"),
        ("2020-06-30", [], "2019-07-01 12:00", "PASS"),
        (None, [], "2023-07-01 12:00", "INDETERMINATE no_contract_known"),
        ("2027-06-30", [], "2023-07-01 12:00", "INDETERMINATE clock_in_future"),
        ("2027-06-30", [ENDED], "2023-06-30 12:00", "PASS"),
        # A contract prevails over what was typed in.
        ("2022-06-30", [ENDED], "2023-07-01 12:00", "FAIL sent_after_expiry"),
        ("2010-06-30", [ENDED], "2023-06-30 12:00", "PASS"),
    ],
)
def test_the_end_that_is_written_on_the_record(
    ended: str | None, contracts: list[dict[str, Any]], sent: str, expected: str
) -> None:
    row = CUSTOMER | {"relationship_ended_at": ended}
    tables = {"contracts": contracts} if contracts else {}
    assert judged(row, news(sent), naive=frozenset(), **tables) == expected


def test_a_prospect_of_a_customer() -> None:
    """Only a contract that runs on the day of the mailing keeps a prospect; its end starts no clock."""
    sent = news("2024-06-01")
    assert judged(OLD, sent, contracts=[ENDED | {"end": "2024-06-01 21:59:59"}]) == "PASS"
    assert judged(OLD, sent, contracts=[ENDED | {"end": "2024-05-31 21:59:59"}]) == "FAIL sent_after_expiry"
    assert judged(OLD, sent, contracts=[ENDED | {"start": "2024-06-02", "end": None}]) == "FAIL sent_after_expiry"


@pytest.mark.parametrize(
    ("mailing", "expected"),
    [
        ({"contact_id": None}, "FAIL sent_after_expiry"),
        ({"contact_id": None, "email": " A@X.example"}, "FAIL sent_after_expiry"),
        ({"contact_id": None, "email": "b@x.example"}, "PASS"),
        ({"email": None}, "FAIL sent_after_expiry"),
        # Two records may share an address: a mailing that names its contact is that one's.
        ({"contact_id": "c2"}, "PASS"),
    ],
)
def test_whose_mailing_it_is(mailing: dict[str, Any], expected: str) -> None:
    assert judged(OLD, {"purpose": "newsletter", "sent_at": "2024-01-01"} | mailing) == expected


def test_an_hour_without_an_offset_is_in_doubt_only_where_it_decides() -> None:
    naive = frozenset({"sent_at"})

    def sent(at: str) -> str:
        return judged(OLD, {"purpose": "newsletter", "sent_at": at, "sent_at__naive": True}, naive=naive)

    assert sent("2023-03-09 22:59:59") == "PASS"
    assert sent("2023-03-09 23:00:00") == "INDETERMINATE time_zone_unknown"
    assert sent("2023-03-11 22:59:59") == "INDETERMINATE time_zone_unknown"
    assert sent("2023-03-11 23:00:00") == "FAIL sent_after_expiry"
    collected = {"collected_at": "2020-03-10 12:00", "collected_at__naive": True}
    naive = frozenset({"collected_at"})
    assert judged(collected, news("2023-03-09 12:00"), naive=naive) == "PASS"
    assert judged(collected, news("2023-03-10 12:00"), naive=naive) == "INDETERMINATE time_zone_unknown"
    assert judged(collected, news("2023-03-11 12:00"), naive=naive) == "INDETERMINATE time_zone_unknown"
    assert judged(collected, news("2023-03-12 12:00"), naive=naive) == "FAIL sent_after_expiry"


def test_what_the_rule_needs() -> None:
    with pytest.raises(NotEvaluated, match="dataset_not_supplied: mailings"):
        verdicts(ExpectNoMailingAfterExpiry(**RULE), {"contacts": [CONTACT | OLD]})
    rows = [{"mailing_id": "m", "purpose": "newsletter", "sent_at": "2024-01-01"}]
    with pytest.raises(NotEvaluated, match="column_not_supplied: mailings: contact_id, email"):
        verdicts(ExpectNoMailingAfterExpiry(**RULE), {"contacts": [CONTACT | OLD], "mailings": rows})
