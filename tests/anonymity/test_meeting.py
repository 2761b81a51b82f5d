"""Meeting: what stands alone beside one event in time is told, and so is how much would by chance."""

import datetime as dt

import duckdb
import pytest

from audit_lib.anonymity.meeting import meeting

START = dt.datetime(2026, 10, 1)


def tables(logs: list[float], events: list[float | None]) -> duckdb.DuckDBPyConnection:
    """Both in seconds from START."""
    con = duckdb.connect()
    for name, instants in (("logs", logs), ("logins", events)):
        con.execute(f'CREATE TABLE {name} ("at" TIMESTAMP)')
        for second in instants:
            con.execute(
                f"INSERT INTO {name} VALUES (?)", [None if second is None else START + dt.timedelta(seconds=second)]
            )
    return con


@pytest.mark.parametrize(
    ("events", "met"),
    [
        ([1000], 1),
        ([1060], 1),
        ([940.0], 1),
        ([1060.5], 0),
        ([1000, 1010], 0),
        ([1000, 1200], 1),
        ([None, 1000], 1),
        ([], 0),
    ],
)
def test_exactly_one_event_near(events: list[float | None], met: int) -> None:
    found = meeting(tables([0, 1000, 5000], events), "logs", "at", "logins", "at", seconds=60)
    assert (found.records, found.met) == (3, met)


def test_events_of_another_time_do_not_count() -> None:
    found = meeting(tables([0, 1000], [-5000, 500, 9000]), "logs", "at", "logins", "at", seconds=60)
    assert (found.events, found.met) == (1, 0)


def test_chance_is_told_beside() -> None:
    """A record a second in each of ten thousand; twenty events a minute wide cover two thousand seconds and more."""
    found = meeting(
        tables([second * 10.0 for second in range(1000)], [250.0 + 500 * n for n in range(20)]),
        "logs",
        "at",
        "logins",
        "at",
        seconds=60,
    )
    assert (found.met, found.events) == (20 * 13, 20)
    assert found.by_chance == pytest.approx(1000 * 0.2376 * 0.7885, rel=0.01)


def test_of_no_record_nothing_is_met() -> None:
    assert meeting(tables([], [1000]), "logs", "at", "logins", "at", seconds=60).records == 0
