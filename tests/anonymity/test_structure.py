"""Structure: ids that hold a time, follow an order or last are told by how they are written."""

import datetime as dt
import uuid

import duckdb
import pytest

from audit_lib.anonymity.structure import structure

SEEN = dt.datetime(2026, 10, 5, 10)
MILLISECONDS = int(SEEN.replace(tzinfo=dt.UTC).timestamp() * 1000)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ids(*said: tuple[str, dt.datetime]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute('CREATE TABLE t (id VARCHAR, "at" TIMESTAMP)')
    con.executemany("INSERT INTO t VALUES (?, ?)", said)
    return con


def first(version: int) -> str:
    """A UUID of version 1 or 6, of the instant SEEN (RFC 9562)."""
    ticks = MILLISECONDS * 10_000 + 0x01B21DD213814000
    if version == 1:
        return str(uuid.UUID(fields=(ticks & 0xFFFFFFFF, (ticks >> 32) & 0xFFFF, (ticks >> 48) | 0x1000, 128, 0, 1)))
    high = ticks >> 28
    return str(uuid.UUID(fields=(high, (ticks >> 12) & 0xFFFF, (ticks & 0xFFF) | 0x6000, 128, 0, 1)))


def seventh() -> str:
    digits = f"{MILLISECONDS:012x}"
    return f"{digits[:8]}-{digits[8:]}-7abc-8def-0123456789ab"


def ulid() -> str:
    time, left = "", MILLISECONDS
    for _ in range(10):
        time, left = CROCKFORD[left % 32] + time, left // 32
    return time + "0123456789ABCDEF"


@pytest.mark.parametrize(
    ("identifier", "bears"),
    [
        (first(1), 1),
        (first(6), 1),
        (seventh(), 1),
        (ulid(), 1),
        (ulid().lower(), 1),
        (f"{MILLISECONDS // 1000:08x}" + "ab" * 8, 1),
        (str(uuid.UUID(int=0x12345678123442348123567812345678)), 0),
        ("5f" * 12, 0),
        ("1042", 0),
        ("0123456789ABCDEFGHJKMNPQRS", 0),
    ],
)
def test_ids_that_hold_the_time_they_were_made(identifier: str, bears: int) -> None:
    assert structure(ids((identifier, SEEN)), "t", "id", "at", time_zone="Europe/Paris").time_bearing == bears


def test_how_ids_are_written() -> None:
    found = structure(
        ids(*((one, SEEN) for one in (seventh(), "ab12cd34ef", "1042", "jean"))), "t", "id", "at", time_zone="UTC"
    )
    assert (found.ids, found.uuid, found.digest, found.number, found.other) == (4, 1, 1, 1, 1)


def test_numbers_given_in_order_tell_when() -> None:
    later = [(str(n), SEEN + dt.timedelta(minutes=n)) for n in range(5, 15)]
    assert structure(ids(*later), "t", "id", "at", time_zone="UTC").rank_correlation == pytest.approx(1)
    assert structure(ids(*later[:2]), "t", "id", "at", time_zone="UTC").rank_correlation is None


def test_a_day_begins_in_the_time_zone() -> None:
    con = ids(("a", dt.datetime(2026, 7, 1, 21)), ("a", dt.datetime(2026, 7, 1, 23)))
    assert structure(con, "t", "id", "at", time_zone="UTC").lasting == 0
    assert structure(con, "t", "id", "at", time_zone="Europe/Paris").lasting == 1
    assert structure(con, "t", "id", None, time_zone="Europe/Paris").lasting == 0
