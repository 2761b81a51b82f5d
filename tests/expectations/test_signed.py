"""Signed: the first signature of a domain, the first use that is known, and the day of both in Paris."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectSignedBeforeUse
from tests.judging import AS_OF, PARIS, Rows, verdicts

EXPECTATION = ExpectSignedBeforeUse(
    as_of=AS_OF,
    time_zone=PARIS,
    domain="domain",
    signed="signed_at",
    uses=[
        {"dataset": "usage_logs", "domain": "customer_domain", "at": "at"},
        {"dataset": "user_accounts", "domain": "customer_domain", "at": "created_at"},
    ],
)


def judged(
    signed: list[str | None],
    logs: list[str | None],
    accounts: list[str | None] | None = None,
    domain: str | None = "D.example",
    naive: frozenset[str] = frozenset(),
) -> list[str]:
    flags = {f"{column}__naive": True for column in naive}
    tables: dict[str, Rows] = {
        "contracts": [
            {"contract_id": f"k{n}", "domain": domain, "signed_at": at, **flags} for n, at in enumerate(signed)
        ],
        "usage_logs": [
            {"event_id": f"e{n}", "customer_domain": "d.example ", "at": at} for n, at in enumerate(logs or [None])
        ],
        "user_accounts": [
            {"user_id": f"u{n}", "customer_domain": "d.EXAMPLE", "created_at": at}
            for n, at in enumerate(accounts or [None])
        ],
    }
    return verdicts(EXPECTATION, tables, naive=naive)


@pytest.mark.parametrize(
    ("signed", "used", "expected"),
    [
        ("2026-03-10 09:00", "2026-03-10 08:00", "PASS"),  # later the same day
        ("2026-03-10 23:30", "2026-03-11 08:00", "PASS"),  # both on the 11th in Paris
        ("2026-03-11 09:00", "2026-03-10 22:59", "FAIL signed_after_use"),
        ("2026-03-11 09:00", "2026-03-10 23:00", "PASS"),
        (None, "2026-03-10 08:00", "INDETERMINATE contract_unsigned"),
        ("2026-11-01 05:00:01", "2026-03-10 08:00", "INDETERMINATE clock_in_future"),
        ("2026-03-10 09:00", "2026-11-01 05:00:01", "INDETERMINATE clock_in_future"),
        ("2026-03-10 09:00", None, "out"),
    ],
)
def test_the_day_of_both(signed: str | None, used: str | None, expected: str) -> None:
    assert judged([signed], [used]) == [expected]
    assert judged([signed], [], [used]) == [expected]


def test_logs_tell_the_first_use_and_accounts_only_without_them() -> None:
    assert judged(["2026-03-10"], ["2026-04-01", "2026-05-01"], ["2026-02-01"]) == ["PASS"]
    assert judged(["2026-03-10"], ["2026-05-01", "2026-03-01"], ["2026-04-01"]) == ["FAIL signed_after_use"]
    assert judged(["2026-03-10"], [], ["2026-04-01", "2026-03-01"]) == ["FAIL signed_after_use"]


def test_the_first_signature_of_the_domain_is_that_of_all_its_contracts() -> None:
    assert judged(["2026-03-10", "2025-01-10", None], ["2026-02-01"]) == ["PASS"] * 3
    assert judged(["2026-03-10", None], ["2026-02-01"]) == ["FAIL signed_after_use"] * 2


def test_a_contract_without_a_domain_is_out_of_scope() -> None:
    assert judged(["2026-03-10"], ["2026-02-01"], domain=None) == ["out"]


def test_an_hour_without_an_offset_is_in_doubt_only_where_it_decides() -> None:
    naive: Any = frozenset({"signed_at"})
    assert judged(["2026-03-10 09:00"], ["2026-03-11 12:00"], naive=naive) == ["PASS"]
    assert judged(["2026-03-11 09:00"], ["2026-03-11 12:00"], naive=naive) == ["INDETERMINATE time_zone_unknown"]
    assert judged(["2026-03-12 09:00"], ["2026-03-11 12:00"], naive=naive) == ["INDETERMINATE time_zone_unknown"]
    assert judged(["2026-03-13 09:00"], ["2026-03-11 12:00"], naive=naive) == ["FAIL signed_after_use"]
