"""Domains: disabled when their last licence ends, and what may be left of them, around every boundary."""

from typing import Any

import pytest

from audit_lib.expectations import (
    ExpectDomainsDisabled,
    ExpectIdsNotLinkable,
    ExpectResiduesLimited,
    ExpectResiduesWithinRetention,
)
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, Rows, details, verdicts

KINDS = ["contract", "licence", "subscription", "order", "warranty"]
CONTRACTS = {"on": "domain", "kinds": ["licence"], "among": KINDS}
ON = {"on": "domain"}
ASKED = {"on": "domain", "among": ["keep_domain", "erase_now", "usage_report", "dpa"]}
REST = {"contracts": CONTRACTS, "directory_domains": ON, "customer_requests": ASKED, "grace": "P1D"}

Row = dict[str, Any]


def a_licence(end: str | None, **more: Any) -> Row:
    one = {"contract_id": "k1", "company_id": "c1", "kind": "licence", "domain": "d.example", "tacit_renewal": False}
    return {**one, "start": "2020-01-01", "end": end, **more}


def a_request(**more: Any) -> Row:
    """Made in time by somebody authorised: to keep the domain until the end of 2026."""
    asked = {
        "request_id": "r1",
        "company_id": "c1",
        "domain": "d.example",
        "kind": "keep_domain",
        "requester_authorised": True,
        "received_at": "2023-01-01 09:00",
        "until": "2026-12-31 22:59:59",
    }
    return {**asked, **more}


NOT_ASKED = a_request(domain="other.example", company_id="c9")


def a_domain(status: str | None = "active", at: str | None = None, **more: Any) -> Row:
    return {"domain": "d.example", "status": status, "disabled_at": at, **more}


# ----------------------------------------------------------------------------------------------------- disabled in time


def disabled(
    contracts: Rows, domains: Rows, requests: Rows = (NOT_ASKED,), naive: frozenset[str] = frozenset(), **more: Any
) -> list[str]:
    expectation = ExpectDomainsDisabled(as_of=AS_OF, time_zone=PARIS, **{**REST, **more})
    tables = {"contracts": contracts, "directory_domains": domains, "customer_requests": requests}
    return verdicts(expectation, tables, naive=naive)


def one(end: str | None, domain: Row, *requests: Row) -> str:
    [found] = disabled([a_licence(end)], [domain], requests or (NOT_ASKED,))
    return found


# Ends are the last instant of a day in Paris, in UTC: 22:59:59 in winter, 21:59:59 in summer.
@pytest.mark.parametrize(
    ("end", "domain", "expected"),
    [
        ("2024-10-31 22:59:59", a_domain("disabled", "2024-11-01 22:59:59"), "PASS"),
        ("2024-10-31 22:59:59", a_domain("disabled", "2024-11-01 23:00:00"), "FAIL disabled_late"),
        ("2024-10-31 22:59:59", a_domain("disabled", "2024-06-01 12:00"), "PASS"),
        ("2024-10-31 22:59:59", a_domain(), "FAIL not_disabled"),
        ("2024-10-31 22:59:59", a_domain("active", "2024-10-31 22:00"), "FAIL not_disabled"),
        ("2024-10-31 22:59:59", a_domain("disabled", None), "INDETERMINATE clock_missing"),
        ("2024-10-31 22:59:59", a_domain("disabled", "2026-11-01 05:00:01"), "INDETERMINATE clock_in_future"),
        ("2024-10-31 22:59:59", a_domain(None), "INDETERMINATE domain_unknown"),
        ("2024-10-31 22:59:59", a_domain("suspended"), "INDETERMINATE domain_unknown"),
        ("2024-10-31 22:59:59", a_domain(domain="x.example"), "INDETERMINATE domain_unknown"),
        ("2024-10-31 22:59:59", a_domain(domain=" D.Example "), "FAIL not_disabled"),
        # The day of the audit is 1 November: within the grace until then, also where the directory says nothing.
        ("2026-10-31 22:59:59", a_domain(), "PASS"),
        ("2026-10-31 22:59:59", a_domain(domain="x.example"), "PASS"),
        ("2026-10-30 22:59:59", a_domain(), "FAIL not_disabled"),
        # It runs on the audit's day: out of scope.
        ("2026-11-01 22:59:59", a_domain(), "out"),
        (None, a_domain(), "out"),
    ],
)
def test_last_day(end: str | None, domain: Row, expected: str) -> None:
    assert one(end, domain) == expected


def test_the_grace_is_a_parameter() -> None:
    domain = a_domain("disabled", "2024-11-30 12:00")
    assert disabled([a_licence("2024-10-31 22:59:59")], [domain], grace="P30D") == ["PASS"]
    assert disabled([a_licence("2024-10-31 22:59:59")], [domain], grace="P29D") == ["FAIL disabled_late"]
    with pytest.raises(NotEvaluated, match="control_invalid: grace"):
        disabled([a_licence("2024-10-31 22:59:59")], [domain], grace="30 days")


@pytest.mark.parametrize(
    ("contracts", "expected"),
    [
        # The last one counts, whatever the order of the rows; of two that end together, the first by its number.
        ([a_licence("2022-01-01"), a_licence("2021-01-01", contract_id="k2")], ["FAIL not_disabled", "out"]),
        ([a_licence("2021-01-01"), a_licence("2022-01-01", contract_id="k2")], ["out", "FAIL not_disabled"]),
        ([a_licence("2022-01-01", contract_id="k2"), a_licence("2022-01-01")], ["out", "FAIL not_disabled"]),
        ([a_licence("2022-01-01"), a_licence("2022-02-01", domain="D.EXAMPLE ")], ["out", "FAIL not_disabled"]),
        # Renewed, by another licence or tacitly.
        ([a_licence("2022-01-01"), a_licence(None, contract_id="k2")], ["out", "out"]),
        ([a_licence("2022-01-01", tacit_renewal=True)], ["out"]),
        # Another kind of contract is no licence; a blank or unknown one may be.
        ([a_licence("2022-01-01"), a_licence(None, kind="contract")], ["FAIL not_disabled", "out"]),
        ([a_licence("2022-01-01", kind=None)], ["INDETERMINATE licence_end_unknown"]),
        (
            [a_licence("2022-01-01"), a_licence(None, kind="loan", contract_id="k2")],
            ["INDETERMINATE licence_end_unknown"] * 2,
        ),
        (
            [a_licence("2022-01-01"), a_licence("2021-01-01", kind=None)],
            ["FAIL not_disabled", "INDETERMINATE licence_end_unknown"],
        ),
        ([a_licence("2022-01-01", domain=None)], ["INDETERMINATE domain_unknown"]),
        ([a_licence("2022-01-01", domain=None, kind="order")], ["out"]),
    ],
)
def test_the_last_licence_of_each_domain(contracts: list[Row], expected: list[str]) -> None:
    assert disabled(contracts, [a_domain()]) == expected


# The licence ended on 31 December 2022; the day of grace is 1 January 2023.
@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (a_request(), "EXEMPT kept_on_request"),
        (a_request(domain="D.EXAMPLE"), "EXEMPT kept_on_request"),
        (a_request(received_at="2023-01-01 22:59:59"), "EXEMPT kept_on_request"),
        (a_request(received_at="2023-01-01 23:00:00"), "FAIL not_disabled"),
        (a_request(until="2026-11-01 22:59:59"), "EXEMPT kept_on_request"),
        (a_request(until="2026-10-31 22:59:59"), "FAIL not_disabled"),
        (a_request(requester_authorised=False), "FAIL not_disabled"),
        (a_request(kind="usage_report"), "FAIL not_disabled"),
        (a_request(kind="erase_now"), "FAIL not_disabled"),
        (a_request(until=None), "INDETERMINATE request_incomplete"),
        (a_request(received_at=None), "INDETERMINATE request_incomplete"),
        (a_request(requester_authorised=None), "INDETERMINATE request_incomplete"),
        (a_request(kind=None), "INDETERMINATE request_incomplete"),
        (a_request(kind="pause"), "INDETERMINATE request_incomplete"),
        (a_request(domain=None), "INDETERMINATE request_incomplete"),
        (a_request(domain=None, company_id="c2"), "FAIL not_disabled"),
        # An incomplete request that could not have covered the day, or that came too late in any case.
        (a_request(requester_authorised=None, until="2026-10-31 22:59:59"), "FAIL not_disabled"),
        (a_request(until=None, received_at="2023-01-02 09:00"), "FAIL not_disabled"),
    ],
)
def test_a_request_to_keep_the_domain(request_: Row, expected: str) -> None:
    assert one("2022-12-31 22:59:59", a_domain(), request_) == expected


def test_a_request_covers_until_the_day_of_disabling() -> None:
    request_ = a_request(until="2024-06-30 21:59:59")
    assert one("2022-12-31 22:59:59", a_domain("disabled", "2024-06-30 21:00"), request_) == "EXEMPT kept_on_request"
    assert one("2022-12-31 22:59:59", a_domain("disabled", "2024-06-30 22:00"), request_) == "FAIL disabled_late"


def test_to_keep_and_to_erase_is_a_contradiction() -> None:
    both = (a_request(), a_request(request_id="r2", kind="erase_now"))
    assert one("2022-12-31 22:59:59", a_domain(), *both) == "INDETERMINATE requests_contradictory"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2024-10-31 12:00", "PASS"),
        ("2024-11-01 12:00", "INDETERMINATE time_zone_unknown"),
        ("2024-11-02 12:00", "INDETERMINATE time_zone_unknown"),
        ("2024-11-03 12:00", "FAIL disabled_late"),
    ],
)
def test_days_of_an_unknown_time_zone(at: str, expected: str) -> None:
    row = {**a_domain("disabled", at), "disabled_at__naive": True}
    found = disabled([a_licence("2024-10-31 22:59:59")], [row], naive=frozenset({"disabled_at"}))
    assert found == [expected]


@pytest.mark.parametrize("missing", ["directory_domains", "customer_requests"])
def test_without_a_dataset_nothing_is_said(missing: str) -> None:
    tables = {
        "contracts": [a_licence("2022-01-01")],
        "directory_domains": [a_domain()],
        "customer_requests": [NOT_ASKED],
    }
    del tables[missing]
    expectation = ExpectDomainsDisabled(as_of=AS_OF, time_zone=PARIS, **REST)
    with pytest.raises(NotEvaluated, match=f"dataset_not_supplied: {missing}"):
        verdicts(expectation, tables)


# -------------------------------------------------------------------------------------------------------- kept how long


def an_entry(**more: Any) -> Row:
    return {"entry_id": "e1", "domain": "d.example", "roles": "operator", **more}


def kept(end: str | None, *requests: Row, domains: Rows | None = None, entry: Row | None = None, **more: Any) -> str:
    expectation = ExpectResiduesWithinRetention(
        as_of=AS_OF,
        time_zone=PARIS,
        **{**REST, "domain": "domain", "period": "P2Y", **more},
    )
    tables: dict[str, Rows] = {
        "directory_entries": [entry or an_entry()],
        "contracts": [a_licence(end)],
        "customer_requests": requests or (NOT_ASKED,),
    }
    if domains is not None:
        tables["directory_domains"] = domains
    [found] = verdicts(expectation, tables)
    return found


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2024-11-01 22:59:59", "PASS"),
        ("2024-10-31 22:59:59", "FAIL kept_too_long"),
        ("2026-10-31 22:59:59", "PASS"),
        ("2026-11-01 22:59:59", "out"),
        (None, "out"),
    ],
)
def test_residues_two_years(end: str | None, expected: str) -> None:
    assert kept(end) == expected


# The licence ended on 31 December 2022.
@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (a_request(), "EXEMPT kept_on_request"),
        (a_request(until="2026-11-01 22:59:59"), "EXEMPT kept_on_request"),
        (a_request(until="2026-10-31 22:59:59"), "FAIL kept_too_long"),
        (a_request(until=None), "INDETERMINATE request_incomplete"),
        (a_request(received_at="2023-01-02 09:00"), "FAIL kept_too_long"),
        (a_request(kind="erase_now", until=None), "FAIL kept_despite_erasure"),
        (a_request(kind="erase_now", requester_authorised=False), "FAIL kept_too_long"),
        (a_request(kind="erase_now", requester_authorised=None), "INDETERMINATE request_incomplete"),
    ],
)
def test_residues_on_request(request_: Row, expected: str) -> None:
    assert kept("2022-12-31 22:59:59", request_) == expected


def test_an_erasure_asked_in_time_leaves_nothing_within_two_years_either() -> None:
    asked = a_request(kind="erase_now", received_at="2026-06-01 09:00")
    assert kept("2026-05-31 21:59:59", asked) == "FAIL kept_despite_erasure"
    assert kept("2026-05-30 21:59:59", asked) == "PASS"
    both = (asked, a_request())
    assert kept("2026-05-31 21:59:59", *both) == "INDETERMINATE requests_contradictory"


def test_a_request_to_come_erases_nothing_yet() -> None:
    asked = a_request(kind="erase_now", received_at="2026-11-01 05:00:01")
    assert kept("2026-10-31 22:59:59", asked) == "INDETERMINATE request_incomplete"


def test_what_a_residue_is() -> None:
    """A licence that ended, or a domain that is disabled; where neither is told, nobody knows."""
    assert kept(None, domains=[a_domain("disabled")]) == "PASS"
    assert kept(None, domains=[a_domain("active")]) == "out"
    assert kept("2022-12-31 22:59:59", domains=[a_domain("active")]) == "FAIL kept_too_long"
    elsewhere = an_entry(domain="x.example")
    assert kept("2022-12-31 22:59:59", entry=elsewhere) == "INDETERMINATE licence_end_unknown"
    assert kept("2022-12-31 22:59:59", entry=an_entry(domain=None)) == "INDETERMINATE licence_end_unknown"
    disabled_elsewhere = [a_domain("disabled", domain="x.example")]
    assert (
        kept("2022-12-31 22:59:59", entry=elsewhere, domains=disabled_elsewhere) == "INDETERMINATE licence_end_unknown"
    )
    assert kept("2022-12-31 22:59:59", entry=an_entry(domain=" D.EXAMPLE")) == "FAIL kept_too_long"


def test_the_period_of_residues_is_a_parameter() -> None:
    assert kept("2024-10-31 22:59:59", period="P3Y") == "PASS"
    with pytest.raises(NotEvaluated, match="control_invalid: period"):
        kept("2024-10-31 22:59:59", period="two years")


# ------------------------------------------------------------------------------------------------ little and encrypted

COLUMNS = {
    "encrypted": "encrypted_at_rest",
    "algorithm": "encryption_algorithm",
    "named": ["AES-256", "AES 256 GCM"],
}
ENCRYPTED = {"encrypted_at_rest": True, "encryption_algorithm": "aes-256"}


def limited(entry: Row, domain: Row, end: str | None = "2022-12-31 22:59:59", *requests: Row) -> tuple[str, str | None]:
    expectation = ExpectResiduesLimited(
        as_of=AS_OF,
        time_zone=PARIS,
        domain="domain",
        **{**REST, "directory_domains": {**ON, **COLUMNS}},
        allowed=["entry_id", "domain", "roles"],
        usage="usage_",
        identifiers=["cn", "givenName", "mail"],
    )
    tables = {
        "directory_entries": [entry],
        "directory_domains": [domain],
        "contracts": [a_licence(end)],
        "customer_requests": requests or (NOT_ASKED,),
    }
    [found] = verdicts(expectation, tables)
    [detail] = details(expectation, tables)
    return found, detail


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"usage_calls": "12", "Usage_Minutes": "3"}, ("PASS", None)),
        ({"cn": None, "office": None}, ("PASS", None)),
        ({"cn": "Jeanne"}, ("FAIL identifier_left", "cn")),
        ({"GivenName": "Jeanne", "office": "12"}, ("FAIL identifier_left", "GivenName, office")),
        ({"office": "12"}, ("FAIL undeclared_column", "office")),
        ({"calls_usage": "12"}, ("FAIL undeclared_column", "calls_usage")),
    ],
)
def test_what_a_residue_may_hold(more: Row, expected: tuple[str, str | None]) -> None:
    assert limited(an_entry(**more), a_domain(**ENCRYPTED)) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"encryption_algorithm": "AES 256 (GCM)"}, "PASS"),
        ({"encryption_algorithm": "DES"}, "FAIL algorithm_not_named"),
        ({"encryption_algorithm": None}, "FAIL algorithm_missing"),
        ({"encrypted_at_rest": False}, "FAIL not_encrypted"),
        ({"encrypted_at_rest": None}, "INDETERMINATE encryption_unknown"),
        ({"domain": "x.example"}, "INDETERMINATE encryption_unknown"),
    ],
)
def test_residues_are_encrypted(said: Row, expected: str) -> None:
    assert limited(an_entry(), a_domain(**{**ENCRYPTED, **said}))[0] == expected


def test_an_algorithm_that_nobody_supplied_is_no_breach() -> None:
    assert limited(an_entry(), a_domain(encrypted_at_rest=True))[0] == "INDETERMINATE algorithm_missing"


def test_a_domain_that_its_customer_keeps_is_no_residue_yet() -> None:
    end = "2022-12-31 22:59:59"
    assert limited(an_entry(cn="J"), a_domain(**ENCRYPTED), end, a_request())[0] == "EXEMPT kept_on_request"
    unsaid = a_request(until=None)
    assert limited(an_entry(cn="J"), a_domain(**ENCRYPTED), end, unsaid)[0] == "INDETERMINATE request_incomplete"
    assert limited(an_entry(), a_domain(**ENCRYPTED), end, unsaid)[0] == "PASS"
    assert limited(an_entry(cn="J"), a_domain(**ENCRYPTED), None)[0] == "out"


def test_the_directory_alone_tells_what_is_disabled() -> None:
    expectation = ExpectResiduesLimited(
        as_of=AS_OF,
        time_zone=PARIS,
        domain="domain",
        **{**REST, "directory_domains": {**ON, **COLUMNS}},
        allowed=["entry_id", "domain", "roles"],
        usage="usage_",
        identifiers=["cn"],
    )
    domains = [a_domain("disabled", **ENCRYPTED), a_domain("active", domain="y.example"), a_domain(None, domain="z")]
    entries = [an_entry(domain=name, cn="J") for name in ("d.example", "y.example", "z", "absent.example")]
    assert verdicts(expectation, {"directory_entries": entries, "directory_domains": domains}) == [
        "FAIL identifier_left",
        "out",
        "INDETERMINATE licence_end_unknown",
        "INDETERMINATE licence_end_unknown",
    ]


# ------------------------------------------------------------------------------------------------------ no known person


def linked(**tables: Rows) -> list[str]:
    expectation = ExpectIdsNotLinkable(
        as_of=AS_OF,
        time_zone=PARIS,
        column="entry_id",
        known={"user_accounts": {"email": "email", "user_id": "id"}},
        users="user_accounts",
        shortest=12,
        chance=1e-5,
        residues_of="domain",
        contracts=CONTRACTS,
        directory_domains=ON,
    )
    entries = [
        an_entry(entry_id="u-10000001"),
        an_entry(entry_id="u-10000001", domain="live.example"),
        an_entry(entry_id="u-10000001", domain="x.example"),
        an_entry(entry_id="f0e1d2c3b4a5"),
    ]
    users = [{"user_id": "u-10000001", "email": "j@live.example"}]
    return verdicts(expectation, {"directory_entries": entries, "user_accounts": users, **tables})


def test_only_residues_must_not_lead_back_to_users() -> None:
    contracts = [a_licence("2022-01-01"), a_licence(None, contract_id="k2", domain="live.example")]
    assert linked(contracts=contracts) == [
        "FAIL id_is_known_identifier",
        "out",
        "INDETERMINATE licence_end_unknown",
        "PASS",
    ]
    with pytest.raises(NotEvaluated, match="dataset_not_supplied: contracts, directory_domains"):
        linked()
