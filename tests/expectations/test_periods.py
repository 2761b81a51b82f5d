"""Periods: days between two instants are those of the time zone's calendar, however they are worked out."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import duckdb
import pytest
from sqlglot import exp

from audit_lib.expectations.periods import days_between

ZONES = ("Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia", "UTC")
# The clocks of Paris go forward and back; Apia left a day out.
TURNS = ("2026-03-29T01:00:00", "2026-10-25T01:00:00", "2011-12-30T10:00:00", "1911-03-11T00:00:00")


@pytest.mark.parametrize("zone", ZONES)
def test_days_between_are_those_of_the_calendar(zone: str) -> None:
    draw = random.Random(zone)
    starts = [dt.datetime(1970, 1, 1) + dt.timedelta(seconds=draw.randrange(2_000_000_000)) for _ in range(3000)]
    starts += [
        dt.datetime.fromisoformat(turn) + dt.timedelta(minutes=draw.randrange(-1500, 1500))
        for turn in TURNS
        for _ in range(300)
    ]
    pairs = [(start, start + dt.timedelta(minutes=draw.randrange(0, 4000))) for start in starts]
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute("CREATE TABLE pairs (i INT, first TIMESTAMP, last TIMESTAMP)")
    con.executemany("INSERT INTO pairs VALUES (?, ?, ?)", [[i, *pair] for i, pair in enumerate(pairs)])
    days = days_between(exp.column("first"), exp.column("last"), zone).sql("duckdb")
    found = [days for (days,) in con.execute(f"SELECT {days} FROM pairs ORDER BY i").fetchall()]
    assert found == [(_day(last, zone) - _day(first, zone)).days for first, last in pairs]


def _day(instant: dt.datetime, zone: str) -> dt.date:
    return instant.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).date()
