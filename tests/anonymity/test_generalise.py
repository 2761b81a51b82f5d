"""Generalise: of a planted table, the least that has to be taken away is found, and nothing more is advised."""

import datetime as dt
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from audit_lib.anonymity.generalise import Asked, advice
from audit_lib.anonymity.table import Table

START = dt.datetime(2026, 10, 1)
COLUMNS = {"ip": "address", "at": "time", "domain": "text", "country": "country"}
LOGS = Table("t", ("domain", "country"), individual="person")


def logs(rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    usual = {"person": None, "ip": "0.0.0.0", "at": START, "domain": "d", "country": "FR", "action": "a"}
    con.register("given", pa.Table.from_pylist([usual | row for row in rows]))
    con.execute("CREATE TABLE t AS SELECT 0 AS _file, row_number() OVER () AS _row, * FROM given")
    return con


def advised(rows: list[dict[str, Any]], k: int = 5, suppression: float = 0.0, **changes: Any) -> Any:
    asked = Asked(k, 1, 1.0, suppression)
    return advice(logs(rows), LOGS, "action", COLUMNS, asked, time_zone="Europe/Paris", region=["FR", "DE"], **changes)


def least(found: Any) -> list[dict[str, str]]:
    return [{name: level for name, level in way.levels.items() if level != "whole"} for way in found.least]


def test_addresses_of_one_network_become_the_network() -> None:
    found = advised([{"person": f"p{n}", "ip": f"81.2.3.{n}"} for n in range(5)])
    assert least(found) == [{"ip": "network"}]
    assert found.now.passes is False
    assert (found.least[0].k, found.least[0].out) == (5, 0)


@pytest.mark.parametrize(
    ("addresses", "level"),
    [
        ([f"2a01:e0a:17::{n:x}" for n in range(1, 6)], "network"),
        ([f"2a01:0e0a:0017:{n}::1" for n in range(1, 6)], "network"),
        ([f"2a01:e0a:{n}::1" for n in range(1, 6)], "provider"),
        ([f"2a0{n}:e0a::1" for n in range(1, 6)], "removed"),
        ([f"81.2.{n}.1" for n in range(1, 6)], "provider"),
        ([f"8{n}.2.3.1" for n in range(1, 6)], "removed"),
    ],
)
def test_how_much_of_an_address(addresses: list[str], level: str) -> None:
    found = advised([{"person": f"p{n}", "ip": address} for n, address in enumerate(addresses)])
    assert least(found) == [{"ip": level}]


@pytest.mark.parametrize(
    ("step", "level"),
    [
        (dt.timedelta(minutes=7), "hour"),
        (dt.timedelta(hours=2), "day"),
        (dt.timedelta(days=2), "month"),
        (dt.timedelta(days=40), "removed"),
    ],
)
def test_how_much_of_an_instant(step: dt.timedelta, level: str) -> None:
    found = advised([{"person": f"p{n}", "at": START + n * step} for n in range(5)])
    assert least(found) == [{"at": level}]


def test_a_day_is_that_of_the_time_zone() -> None:
    """In Paris 22:30 UTC is the next day: five before and five after midnight."""
    evening = dt.datetime(2026, 7, 1, 20)
    rows = [{"person": f"p{n}", "at": evening + n * dt.timedelta(minutes=30)} for n in range(10)]
    assert [way.k for way in advised(rows, k=4).least if way.levels["at"] == "day"] == [4]


def test_countries_become_regions_and_what_is_cheaper_comes_first() -> None:
    countries = ["FR", "FR", "FR", "DE", "DE", "US", "US", "US", "CA", "CA"]
    found = advised([{"person": f"p{n}", "country": country} for n, country in enumerate(countries)])
    assert least(found) == [{"country": "region"}]
    domains = [{"person": f"p{n}", "domain": f"d{n}", "ip": f"81.2.3.{n}"} for n in range(5)]
    assert least(advised(domains)) == [{"ip": "network", "domain": "removed"}]


def test_a_few_people_may_be_left_out_instead() -> None:
    rows = [{"person": f"p{n}", "domain": "large"} for n in range(49)] + [{"person": "alone", "domain": "small"}]
    assert least(advised(rows)) == [{"domain": "removed"}]
    found = advised(rows, suppression=0.02)
    assert least(found) == [{}]
    assert (found.least[0].out, found.least[0].k) == (1, 49)


def test_a_person_is_exposed_by_one_record() -> None:
    rows = [{"person": f"p{n}", "at": START + dt.timedelta(days=day)} for n in range(5) for day in range(3)]
    rows.append({"person": "p0", "at": START + dt.timedelta(days=9)})
    assert advised(rows).now.out == 1
    assert least(advised(rows)) == [{"at": "month"}]


def test_what_was_masked_hides_nobody_while_its_column_stays() -> None:
    rows = [{"person": f"p{n}", "domain": "*"} for n in range(6)]
    assert least(advised(rows)) == [{"domain": "removed"}]


def test_diversity_counts_too() -> None:
    rows = [{"person": f"p{n}", "domain": f"d{n // 5}", "action": f"a{n // 5}"} for n in range(10)]
    con = logs(rows)
    strict = advice(con, LOGS, "action", COLUMNS, Asked(5, 2, 1.0, 0.0), time_zone="Europe/Paris")
    assert least(strict) == [{"domain": "removed"}]
    assert least(advised(rows)) == [{}]


def test_too_few_people_never_hide() -> None:
    found = advised([{"person": f"p{n}"} for n in range(4)])
    assert (found.people, found.least, len(found.tried)) == (4, (), 1)
