"""Cookies: whose they are by name and domain, what tracks, and what waited for the visitor's choice."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from audit_lib.expectations import (
    ExpectCookieProvidersDeclared,
    ExpectTrackersAfterChoice,
    ExpectTrackingToolsDeclared,
)
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, details, engine, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
OWNERS: Mapping[str, Any] = {
    "name": "name",
    "domain": "domain",
    "own": ["ama.bzh", "amaxperteye.com"],
    "providers": ["Google", "HubSpot"],
    "reviewed": {"Cloudflare": ["HubSpot"]},
    "past": ["observed_at"],
}
TRACKING = ["audience", "advertising", "tracking"]
PURPOSES = ["necessary", "functional", *TRACKING]
ADS: dict[str, Any] = {
    "name": "_gcl_au",
    "domain": ".ama.bzh",
    "observed_at": "2026-10-30",
    "purpose": "advertising",
    "strictly_necessary": False,
    "consent_state": "accepted",
    "choice_at": "2026-10-30 08:05:00",
    "set_at": "2026-10-30 08:05:01",
}
# A later audit than the samples': 05:00 UTC is its instant.
FUTURE = "2026-11-01 05:00:01"


def providers(**kwargs: Any) -> ExpectCookieProvidersDeclared:
    return ExpectCookieProvidersDeclared(**WHEN, **{**OWNERS, **kwargs})


def tools(**kwargs: Any) -> ExpectTrackingToolsDeclared:
    scope = {"where": {"purpose": TRACKING}, "among": {"purpose": PURPOSES}}
    return ExpectTrackingToolsDeclared(**WHEN, **scope, **{**OWNERS, "tools": ["Google Ads"], **kwargs})


def choice() -> ExpectTrackersAfterChoice:
    return ExpectTrackersAfterChoice(
        **WHEN,
        name="name",
        domain="domain",
        set="set_at",
        choice="choice_at",
        state="consent_state",
        necessary="strictly_necessary",
        purpose="purpose",
        needed=["necessary"],
        consented=TRACKING,
        never=["advertising", "tracking"],
        past=["observed_at"],
    )


# Cookie, domain, verdict of the provider, verdict of the tool.
COOKIES = [
    ("_gcl_au", ".ama.bzh", "PASS", "PASS"),
    ("_gcl_aw", "www.amaxperteye.com", "PASS", "PASS"),
    ("IDE", ".doubleclick.net", "PASS", "PASS"),
    ("anything", "ad.doubleclick.net", "PASS", "PASS"),
    ("anything", "HTTPS://AD.DoubleClick.net:443/x", "PASS", "PASS"),
    ("anything", "doubleclick.net/", "PASS", "PASS"),
    ("anything", "notdoubleclick.net", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("anything", "doubleclick.net.evil.example", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("IDE", ".ama.bzh", "PASS", "PASS"),
    ("ide", ".ama.bzh", "PASS", "FAIL tool_undeclared"),
    ("_ga", ".ama.bzh", "PASS", "REVIEW tool_to_review"),
    ("_ga_1A2B3C", ".ama.bzh", "PASS", "REVIEW tool_to_review"),
    ("_gab", ".ama.bzh", "PASS", "FAIL tool_undeclared"),
    ("xga_1", ".ama.bzh", "PASS", "FAIL tool_undeclared"),
    ("_ga", ".widget.example", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("_gcl_au", ".widget.example", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("_ga", ".facebook.com", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("VISITOR_INFO1_LIVE", ".youtube.com", "PASS", "REVIEW tool_to_review"),
    ("__hstc", ".ama.bzh", "PASS", "REVIEW tool_to_review"),
    ("hubspotutk", ".hubspot.com", "PASS", "REVIEW tool_to_review"),
    ("other", "forms.hsforms.com", "PASS", "REVIEW tool_to_review"),
    ("__cf_bm", ".hubspot.com", "REVIEW provider_to_review", "REVIEW tool_to_review"),
    ("__cf_bm", "forms.hsforms.com", "REVIEW provider_to_review", "REVIEW tool_to_review"),
    ("__cf_bm", ".ama.bzh", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("__cf_bm", ".doubleclick.net", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("__cf_bm", ".nothubspot.com", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("_fbp", ".hubspot.com", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("_fbp", ".ama.bzh", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("li_sugr", ".linkedin.com", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("bcookie", ".ama.bzh", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("_clck", ".ama.bzh", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("_hjSession_1", ".ama.bzh", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("_uetsid", ".ama.bzh", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("fr", ".facebook.com", "FAIL provider_undeclared", "FAIL tool_undeclared"),
    ("fr", ".ama.bzh", "PASS", "FAIL tool_undeclared"),
    ("session", "ama.bzh", "PASS", "FAIL tool_undeclared"),
    ("session", "notama.bzh", "FAIL provider_undeclared", "FAIL tool_undeclared"),
]


def test_whose_a_cookie_is() -> None:
    rows = [ADS | {"name": name, "domain": domain} for name, domain, _, _ in COOKIES]
    tables = {"cookie_scan": rows}
    found = list(zip(verdicts(providers(), tables), verdicts(tools(), tables), strict=True))
    assert [(*row[:2], *verdict) for row, verdict in zip(COOKIES, found, strict=True)] == COOKIES


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"purpose": "audience"}, "PASS"),
        ({"purpose": "tracking"}, "PASS"),
        ({"purpose": "necessary"}, "out"),
        ({"purpose": "functional"}, "out"),
        ({"purpose": None}, "INDETERMINATE purpose_missing"),
        ({"purpose": "Non classés"}, "INDETERMINATE purpose_missing"),
        ({"observed_at": FUTURE}, "INDETERMINATE clock_in_future"),
        ({"observed_at": "2026-11-01 05:00"}, "PASS"),
    ],
)
def test_what_tracks(row: dict[str, Any], expected: str) -> None:
    assert verdicts(tools(), {"cookie_scan": [ADS | row]}) == [expected]


def test_a_scan_to_come_shows_nobody() -> None:
    row = ADS | {"name": "_fbp", "observed_at": FUTURE}
    assert verdicts(providers(), {"cookie_scan": [row]}) == ["INDETERMINATE clock_in_future"]


def test_another_company_declares_by_data_alone() -> None:
    rows = [
        ADS | {"name": name, "domain": domain}
        for name, domain in [("_fbp", ".autre.example"), ("_gcl_au", ".autre.example"), ("a", ".ama.bzh")]
    ]
    other = {"own": ["autre.example"], "providers": ["Meta"], "reviewed": {"Google": ["Meta"]}}
    assert verdicts(providers(**other), {"cookie_scan": rows}) == [
        "PASS",
        "FAIL provider_undeclared",
        "FAIL provider_undeclared",
    ]
    assert verdicts(tools(**other, tools=["Meta Pixel"]), {"cookie_scan": rows})[0] == "PASS"


def row_of_law(name: str, domain: str, provider: str) -> dict[str, str]:
    return {"name": name, "domain": domain, "provider": provider, "tool": "", "purpose": ""}


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        ([row_of_law("ab*", "", "Google"), row_of_law("abc*", "", "Other")], "Other"),
        ([row_of_law("abcd*", "", "Google"), row_of_law("abcd", "", "Other")], "Other"),
        ([row_of_law("abcd", "", "Google"), row_of_law("a*", "ama.bzh", "Other")], "Other"),
        ([row_of_law("abcd", "bzh.example", "Google"), row_of_law("a*", "", "Other")], "Other"),
        ([row_of_law("", "bzh", "Google"), row_of_law("", "ama.bzh", "Other")], "Other"),
        ([row_of_law("", "other.example", "Other")], None),
    ],
)
def test_the_row_that_says_most_decides(law: list[dict[str, str]], expected: str | None) -> None:
    judge = engine({"cookie_scan": [ADS | {"name": "abcd", "domain": "www.ama.bzh"}]})
    for rows in (law, law[::-1]):
        setting = replace(judge.setting("cookie_scan", AS_OF, PARIS), law={"cookies": rows})
        rule = providers(own=[] if expected else ["ama.bzh"]).rule(setting)
        assert judge.details(setting, rule).get(1) == expected


def test_the_detail_names_the_third_party_and_no_cell() -> None:
    rows = [
        ADS | {"name": "_fbp"},
        ADS | {"name": "_ga", "domain": "x.linkedin.com"},
        ADS | {"name": "secret", "domain": "secret.example"},
        ADS | {"name": "__cf_bm", "domain": "hubspot.com"},
        ADS,
    ]
    tables = {"cookie_scan": rows}
    assert details(providers(), tables) == ["Meta", "LinkedIn", None, "Cloudflare", None]
    assert details(tools(), tables) == ["Meta Pixel", "Google Analytics", None, "Cloudflare security", None]


UNTOLD = {"strictly_necessary": None, "purpose": None}
UNSEEN = {"consent_state": "before_choice", "choice_at": None, "set_at": None}
UNKNOWN = "INDETERMINATE necessity_unknown"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "PASS"),
        ({"set_at": "2026-10-30 08:05:00"}, "PASS"),
        ({"set_at": "2026-10-30 08:04:59"}, "FAIL set_before_choice"),
        (UNSEEN, "FAIL set_before_choice"),
        (UNSEEN | {"set_at": "2026-10-30"}, "FAIL set_before_choice"),
        (UNSEEN | {"choice_at": "2026-10-30"}, "FAIL set_before_choice"),
        ({"consent_state": "before_choice", "set_at": "2026-10-30 08:00"}, "FAIL set_before_choice"),
        ({"consent_state": "before_choice"}, "INDETERMINATE consent_contradictory"),
        ({"consent_state": "before_choice", "set_at": "2026-10-30 08:05"}, "INDETERMINATE consent_contradictory"),
        ({"consent_state": "refused"}, "FAIL set_after_refusal"),
        ({"consent_state": "refused", "set_at": "2026-10-30 08:04:59"}, "FAIL set_before_choice"),
        ({"consent_state": "refused", "set_at": None, "choice_at": None}, "FAIL set_after_refusal"),
        ({"set_at": None}, "INDETERMINATE consent_undated"),
        ({"choice_at": None}, "INDETERMINATE consent_undated"),
        ({"consent_state": None}, "INDETERMINATE consent_state_missing"),
        ({"consent_state": "peut-être"}, "INDETERMINATE consent_state_missing"),
        ({"consent_state": None, "set_at": None}, "INDETERMINATE consent_state_missing"),
        ({"consent_state": None, "set_at": "2026-10-30 08:04:59"}, "FAIL set_before_choice"),
        ({"set_at": FUTURE}, "INDETERMINATE clock_in_future"),
        ({"choice_at": FUTURE}, "INDETERMINATE clock_in_future"),
        ({"observed_at": FUTURE}, "INDETERMINATE clock_in_future"),
        (UNSEEN | {"observed_at": FUTURE}, "INDETERMINATE clock_in_future"),
        ({"set_at": "2026-11-01 05:00", "observed_at": "2026-11-01 05:00"}, "PASS"),
    ],
)
def test_the_choice_comes_first(row: dict[str, Any], expected: str) -> None:
    assert verdicts(choice(), {"cookie_scan": [ADS | row]}) == [expected]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # The column decides, whatever the purpose and the name say.
        ({"strictly_necessary": True, "purpose": "necessary", "name": "x"}, "out"),
        ({"strictly_necessary": True, "purpose": None, "name": "x"}, "out"),
        ({"strictly_necessary": True, "purpose": "audience", "name": "x"}, "out"),
        ({"strictly_necessary": False, "purpose": "necessary", "name": "x"}, "FAIL set_before_choice"),
        # But no advertising is strictly necessary.
        ({"strictly_necessary": True, "name": "x"}, UNKNOWN),
        ({"strictly_necessary": True, "purpose": "tracking", "name": "x"}, UNKNOWN),
        ({"strictly_necessary": True, "purpose": None}, UNKNOWN),
        ({"strictly_necessary": True, "purpose": "necessary"}, UNKNOWN),
        ({"strictly_necessary": True, "purpose": "necessary", "domain": ".doubleclick.net", "name": "x"}, UNKNOWN),
        # Then the purpose.
        ({"strictly_necessary": None}, "FAIL set_before_choice"),
        ({"strictly_necessary": None, "purpose": "audience", "name": "x"}, "FAIL set_before_choice"),
        ({"strictly_necessary": None, "purpose": "tracking", "name": "x"}, "FAIL set_before_choice"),
        ({"strictly_necessary": None, "purpose": "necessary", "name": "x"}, "out"),
        ({"strictly_necessary": None, "purpose": "functional", "name": "x"}, UNKNOWN),
        # Then the table of known cookies.
        ({"strictly_necessary": None, "purpose": "functional"}, "FAIL set_before_choice"),
        ({"strictly_necessary": None, "purpose": "Non classés"}, "FAIL set_before_choice"),
        (UNTOLD, "FAIL set_before_choice"),
        (UNTOLD | {"name": "__cf_bm"}, "out"),
        (UNTOLD | {"name": "x", "domain": ".doubleclick.net"}, "FAIL set_before_choice"),
        (UNTOLD | {"name": "x"}, UNKNOWN),
        (UNTOLD | {"name": "x", "domain": ".hubspot.com"}, UNKNOWN),
        (UNTOLD | {"name": "messagesUtk"}, UNKNOWN),
    ],
)
def test_what_needs_consent(row: dict[str, Any], expected: str) -> None:
    assert verdicts(choice(), {"cookie_scan": [ADS | UNSEEN | row]}) == [expected]


@pytest.mark.parametrize(
    ("placed", "expected"),
    [
        ("2026-10-28 08:05", "FAIL set_before_choice"),
        ("2026-10-29 08:06", "INDETERMINATE time_zone_unknown"),
        ("2026-10-31 08:05", "PASS"),
        ("2026-10-31 08:04", "INDETERMINATE time_zone_unknown"),
    ],
)
def test_an_unknown_offset_leaves_a_doubt_of_a_day(placed: str, expected: str) -> None:
    row = ADS | {"set_at": placed, "set_at__naive": True}
    assert verdicts(choice(), {"cookie_scan": [row]}, naive=frozenset({"set_at"})) == [expected]


def test_columns_that_nobody_supplied() -> None:
    bare = {name: ADS[name] for name in ("name", "domain", "observed_at")}
    with pytest.raises(NotEvaluated, match="column_not_supplied: cookie_scan: consent_state, choice_at"):
        verdicts(choice(), {"cookie_scan": [bare | {"set_at": ADS["set_at"]}]})
    with pytest.raises(NotEvaluated, match="column_not_supplied: cookie_scan: purpose"):
        verdicts(tools(), {"cookie_scan": [bare]})
    seen = bare | {"consent_state": "before_choice"}
    assert verdicts(choice(), {"cookie_scan": [seen]}) == ["FAIL set_before_choice"]
    assert verdicts(providers(), {"cookie_scan": [bare]}) == ["PASS"]
