"""Reversal: digests of what can be enumerated, such as addresses, undone by trying a part of what they may be of."""

from dataclasses import dataclass

import duckdb

from audit_lib.sources.raw import one, quoted

_DIGESTS, _TRIED = "dpo_whole_digests", "dpo_enumerated"
# An odd factor: `i` times it, modulo a power of two, meets every number once and looks like none in order.
_SPREAD = 2_654_435_761
# If all digests were of the space, so many would be undone: one that holds half of them is missed once in 20 times.
_WANTED = 6
# Of fewer digests so many texts would have to be tried that it takes minutes.
_MOST = 20_000_000


@dataclass(frozen=True)
class Space:
    """What a digest may be of: how many there are, and the SQL of the texts of the i-th of `size`."""

    size: int
    texts: str


# E.164 numbers of French mobiles begin with 6 or 7 (ARCEP's numbering plan); both are written with a zero or with +33.
SPACES = {
    "ipv4": Space(1 << 32, "[concat_ws('.', (i >> 24) & 255, (i >> 16) & 255, (i >> 8) & 255, i & 255)]"),
    "french_mobile": Space(200_000_000, "[concat('0', 600000000 + i), concat('+33', 600000000 + i)]"),
}
_LENGTHS = {32: "md5", 40: "sha1", 64: "sha256"}


@dataclass(frozen=True)
class Reversal:
    """Of the distinct digests of a column, how many were undone when `tried` of the `size` texts of a space were
    hashed: size / tried times as many would be if all were. None is tried where the digests are too few to tell.
    """

    space: str
    size: int
    digests: int
    tried: int
    undone: int


def reversal(con: duckdb.DuckDBPyConnection, relation: str, column: str, space: str) -> Reversal:
    """Whole digests only: MD5, SHA-1 and SHA-256 without a key. `space`: one of SPACES."""
    told = SPACES[space]
    lengths = "|".join(f"[0-9a-f]{{{length}}}" for length in _LENGTHS)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {_DIGESTS} AS SELECT DISTINCT d FROM ("
        f"SELECT lower(replace(CAST({quoted(column)} AS VARCHAR), '-', '')) AS d FROM {relation}) "
        f"WHERE regexp_full_match(d, '{lengths}')"
    )
    digests, *there = one(
        con, f"SELECT count(*), {', '.join(f'bool_or(length(d) = {each})' for each in _LENGTHS)} FROM {_DIGESTS}"
    )
    tried = -(-_WANTED * told.size // digests) if digests else 0
    if not digests or tried > _MOST:
        return Reversal(space, told.size, digests, 0, 0)
    functions = [name for name, some in zip(_LENGTHS.values(), there, strict=True) if some]
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW {_TRIED} AS SELECT unnest({told.texts}) AS text FROM ("
        f"SELECT CAST((n * {_SPREAD}) % {told.size} AS BIGINT) AS i FROM range({tried}) t(n))"
    )
    hashed = " UNION ALL ".join(f"SELECT {name}(text) AS d FROM {_TRIED}" for name in functions)
    undone = one(con, f"SELECT count(*) FROM {_DIGESTS} WHERE d IN (SELECT d FROM ({hashed}))")[0]
    con.execute(f"DROP VIEW {_TRIED}")
    return Reversal(space, told.size, digests, tried, undone)
