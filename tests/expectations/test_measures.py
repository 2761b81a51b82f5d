"""Measures: in place, missing, or not told; and how old a sighting may be."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectMeasuresInPlace
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, details, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
ENDPOINT: dict[str, Any] = {
    "url": "u",
    "collects_personal_data": True,
    "https": True,
    "http_redirects": True,
    "tls_min": "1.2",
    "certificate_expires_at": "2027-01-01",
    "scanned_at": "2026-10-30",
}
HOST: dict[str, Any] = {
    "host": "h",
    "stores_personal_data": True,
    "firewall": True,
    "antivirus": True,
    "intrusion_detection": True,
    "seen_at": "2026-10-31",
}


def endpoints() -> ExpectMeasuresInPlace:
    return ExpectMeasuresInPlace(
        **WHEN,
        applies="collects_personal_data",
        measures=["https", "http_redirects"],
        accepts="tls_min",
        oldest=1.2,
        older=["ssl"],
        expires="certificate_expires_at",
        past=["scanned_at"],
    )


def hosts(within: str = "P7D") -> ExpectMeasuresInPlace:
    measures = ["firewall", "antivirus", "intrusion_detection"]
    return ExpectMeasuresInPlace(
        **WHEN, applies="stores_personal_data", measures=measures, seen="seen_at", within=within
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "PASS"),
        ({"collects_personal_data": False, "https": False}, "out"),
        ({"collects_personal_data": None}, "INDETERMINATE scope_unknown"),
        ({"https": False}, "FAIL measure_missing"),
        ({"https": False, "http_redirects": None}, "FAIL measure_missing"),
        ({"http_redirects": None}, "INDETERMINATE measure_unknown"),
        ({"tls_min": "1.1"}, "FAIL version_too_low"),
        ({"tls_min": "1.3"}, "PASS"),
        ({"tls_min": "TLS 1.2"}, "PASS"),
        ({"tls_min": "TLSv1"}, "FAIL version_too_low"),
        ({"tls_min": "SSLv3"}, "FAIL version_too_low"),
        ({"tls_min": "TLS 1.0 to 1.3"}, "FAIL version_too_low"),
        ({"tls_min": "1.2.1"}, "INDETERMINATE measure_unknown"),
        ({"tls_min": "none"}, "INDETERMINATE measure_unknown"),
        ({"tls_min": None}, "INDETERMINATE measure_unknown"),
        # 05:00 UTC is the audit's instant: a certificate must expire after it.
        ({"certificate_expires_at": "2026-11-01 05:00"}, "FAIL certificate_expired"),
        ({"certificate_expires_at": "2026-11-01 05:00:01"}, "PASS"),
        ({"certificate_expires_at": None}, "INDETERMINATE measure_unknown"),
        ({"scanned_at": "2026-11-02"}, "INDETERMINATE clock_in_future"),
    ],
)
def test_endpoints(row: dict[str, Any], expected: str) -> None:
    assert verdicts(endpoints(), {"endpoints": [ENDPOINT | row]}) == [expected]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "PASS"),
        # Seven days of Paris before 1 November: 25 October, whose first instant is 22:00 UTC the day before.
        ({"seen_at": "2026-10-24 22:00"}, "PASS"),
        ({"seen_at": "2026-10-24 21:59"}, "FAIL not_seen_lately"),
        ({"seen_at": None}, "INDETERMINATE measure_unknown"),
        ({"seen_at": "2026-11-01 05:00:01"}, "INDETERMINATE clock_in_future"),
        ({"antivirus": False, "seen_at": None}, "FAIL measure_missing"),
        ({"antivirus": None}, "INDETERMINATE measure_unknown"),
        ({"stores_personal_data": False, "seen_at": None}, "out"),
    ],
)
def test_hosts(row: dict[str, Any], expected: str) -> None:
    assert verdicts(hosts(), {"hosts": [HOST | row]}) == [expected]


def test_the_detail_names_what_is_missing() -> None:
    rows = [HOST | {"firewall": False, "antivirus": None}, HOST]
    assert details(hosts(), {"hosts": rows}) == ["firewall, antivirus", None]


def test_an_unknown_offset_leaves_a_doubt_of_a_day() -> None:
    row = HOST | {"seen_at": "2026-10-25 12:00", "seen_at__naive": True}
    assert verdicts(hosts(), {"hosts": [row]}, naive=frozenset({"seen_at"})) == ["INDETERMINATE time_zone_unknown"]


def test_a_period_that_is_none() -> None:
    with pytest.raises(NotEvaluated, match="control_invalid: within"):
        verdicts(hosts("seven days"), {"hosts": [HOST]})
