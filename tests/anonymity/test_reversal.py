"""Reversal: plain digests of addresses and telephone numbers are undone, keyed ones are not."""

import hashlib
import hmac

import duckdb
import pytest

from audit_lib.anonymity.reversal import SPACES, reversal

NUMBERS = [f"06{n * 7919 % 100_000_000:08}" for n in range(3_000)]


def column(*cells: str | None) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("CREATE TABLE t (x VARCHAR)")
    con.executemany("INSERT INTO t VALUES (?)", [[one] for one in cells])
    return con


@pytest.mark.parametrize("function", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize("written", ["{}", "+33{}"])
def test_plain_digests_of_mobile_numbers(function: str, written: str) -> None:
    texts = [one if written == "{}" else "+33" + one[1:] for one in NUMBERS]
    found = reversal(
        column(*(hashlib.new(function, one.encode()).hexdigest() for one in texts)), "t", "x", "french_mobile"
    )
    assert (found.size, found.digests, found.tried) == (200_000_000, 3_000, 400_000)
    # One in five hundred numbers is tried.
    assert 1 <= found.undone <= 30


def test_a_key_protects_them() -> None:
    keyed = [hmac.new(b"a key", one.encode(), "sha256").hexdigest() for one in NUMBERS]
    assert reversal(column(*keyed), "t", "x", "french_mobile").undone == 0


def test_plain_digests_of_addresses() -> None:
    addresses = {f"{n * 37 % 223 + 1}.{n * 101 % 256}.{n * 13 % 256}.{n % 256}" for n in range(20_000)}
    found = reversal(column(*(hashlib.md5(one.encode()).hexdigest() for one in addresses)), "t", "x", "ipv4")
    assert found.tried == -(-6 * 2**32 // found.digests)
    assert 1 <= found.undone <= 40


def test_every_text_of_a_space_is_met_once() -> None:
    """The factor has no divisor in common with a size: no number comes twice before all have."""
    for name, space in SPACES.items():
        con = duckdb.connect()
        count = con.execute(
            f"SELECT count(DISTINCT (n * 2654435761) % {space.size}) FROM range(1000000) t(n)"
        ).fetchone()
        assert count == (1_000_000,), name
        assert (
            con.execute(f"SELECT {space.texts} FROM (SELECT CAST({space.size} - 1 AS BIGINT) AS i)").fetchone()
            == {
                "ipv4": (["255.255.255.255"],),
                "french_mobile": (["0799999999", "+33799999999"],),
            }[name]
        )


def test_of_few_digests_a_part_tells_nothing() -> None:
    found = reversal(column(hashlib.md5(b"81.2.3.4").hexdigest()), "t", "x", "ipv4")
    assert (found.digests, found.tried, found.undone) == (1, 0, 0)


def test_without_digests_nothing_is_tried() -> None:
    found = reversal(column("81.2.3.4", None, "jean", "ab12"), "t", "x", "ipv4")
    assert (found.digests, found.tried, found.undone) == (0, 0, 0)
