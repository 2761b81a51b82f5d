"""Repeated: rows whose key an earlier row has, exactly, without holding every key in memory."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations

import duckdb

from audit_lib.datasets.plan import Built
from audit_lib.sources.raw import literal, one, quoted

TABLE = "dpo_repeated"
_KEYS = "dpo_keys"

# Hashes of this many keys take some 150 MB.
_ROWS_A_PART = 4_000_000
_MOST_RUNS = 500
_GLANCE = 100_000
_MOST_OVERLAPS = 50

Place = tuple[int, str]  # a key, in the order of ids that count up: length in bytes, then text


@dataclass(frozen=True)
class Run:
    """Keys that only grow: from `first` to `last` in that order, from `low` to `high` as text.

    A longer key with another first letter starts a run of its own, which keeps the ranges small.
    """

    first: Place
    last: Place
    low: str
    high: str


def repeated(con: duckdb.DuckDBPyConnection, key: tuple[str, ...], built: Mapping[int, Built]) -> bool:
    """Makes TABLE, of the rows (`_file`, `_row`) to set aside; False, and no table, when there are none."""
    named = ", ".join(map(quoted, key))
    overlaps = _overlaps(con, key[0], built) if len(key) == 1 else None
    if overlaps == []:
        return False
    where = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
    if overlaps is None:
        con.execute(f"CREATE OR REPLACE TEMP VIEW {_KEYS} AS {_keys(named, where, built)}")
        _hashes(con, named)
        where = f"hash({named}) IN (SELECT h FROM dpo_hashes)"
    else:
        where = _among(quoted(key[0]), overlaps)
    con.execute(
        f"""
CREATE OR REPLACE TABLE {TABLE} AS SELECT _file, _row FROM (
  SELECT _file, _row, row_number() OVER (PARTITION BY {named} ORDER BY _file, _row) AS place
  FROM ({_keys(named, where, built)})) WHERE place > 1"""
    )
    if one(con, f"SELECT count(*) FROM {TABLE}")[0]:
        return True
    con.execute(f"DROP TABLE {TABLE}")
    return False


def _keys(named: str, where: str, built: Mapping[int, Built]) -> str:
    return " UNION ALL ".join(
        f"SELECT {file} AS _file, _row, {named} FROM {each.relation} WHERE {where}" for file, each in built.items()
    )


def _hashes(con: duckdb.DuckDBPyConnection, named: str) -> None:
    """Hashes that two keys or more have, found in parts."""
    con.execute("CREATE OR REPLACE TEMP TABLE dpo_hashes (h UBIGINT)")
    parts = 1 + one(con, f"SELECT count(*) FROM {_KEYS}")[0] // _ROWS_A_PART
    for part in range(parts):
        con.execute(
            f"INSERT INTO dpo_hashes SELECT h FROM (SELECT hash({named}) AS h FROM {_KEYS}) "
            f"WHERE h % {parts} = {part} GROUP BY h HAVING count(*) > 1"
        )


def _overlaps(con: duckdb.DuckDBPyConnection, key: str, built: Mapping[int, Built]) -> list[Run] | None:
    """Where keys may repeat: most exports are written in the order of their keys, in few runs that only grow.

    A key can only be in two runs where both their ranges overlap. None: too many runs to tell.
    """
    # Looking at a row and the one before takes one thread a file.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda each: _runs(con.cursor(), key, each), built.values()))
    runs = [run for some in found for run in some or ()]
    if None in found or len(runs) > _MOST_RUNS:
        return None
    overlaps = [
        Run(max(a.first, b.first), min(a.last, b.last), max(a.low, b.low), min(a.high, b.high))
        for a, b in combinations(runs, 2)
        if a.first <= b.last and b.first <= a.last and a.low <= b.high and b.low <= a.high
    ]
    return overlaps if len(overlaps) <= _MOST_OVERLAPS else None


def _runs(con: duckdb.DuckDBPyConnection, key: str, each: Built) -> list[Run] | None:
    """The runs of one file; None when there are too many, which the first rows tell if the keys have no order."""
    found: list[Run] = []
    for limit in [f"LIMIT {_GLANCE}", ""] if each.rows_read > _GLANCE else [""]:
        rows = con.execute(
            f"""
SELECT arg_min(k, _row), arg_max(k, _row), min(k), max(k) FROM (
  SELECT _row, k, count(*) FILTER (NOT grows) OVER (ROWS UNBOUNDED PRECEDING) AS run FROM (
    SELECT _row, k, coalesce(CASE WHEN strlen(k) = strlen(p) THEN k > p
      ELSE strlen(k) > strlen(p) AND ascii(k) = ascii(p) END, false) AS grows
    FROM (SELECT _row, k, lag(k) OVER () AS p FROM (
      SELECT _row, {quoted(key)} AS k FROM {each.relation} WHERE {quoted(key)} IS NOT NULL {limit}))))
GROUP BY run LIMIT {_MOST_RUNS + 1}"""
        ).fetchall()
        if len(rows) > _MOST_RUNS:
            return None
        found = [Run(_place(first), _place(last), low, high) for first, last, low, high in rows]
    return found


def _place(key: str) -> Place:
    return (len(key.encode()), key)


def _among(column: str, overlaps: list[Run]) -> str:
    """SQL of the keys in one of the ranges; the lengths of all of them leave out most at once."""
    lengths = f"BETWEEN {min(one.first[0] for one in overlaps)} AND {max(one.last[0] for one in overlaps)}"
    between = " OR ".join(_between(column, one) for one in overlaps)
    return f"CASE WHEN strlen({column}) {lengths} THEN {between} ELSE false END"


def _between(column: str, where: Run) -> str:
    (least, first), (most, last) = where.first, where.last
    return (
        f"({column} BETWEEN {literal(where.low)} AND {literal(where.high)} "
        f"AND (strlen({column}) > {least} OR (strlen({column}) = {least} AND {column} >= {literal(first)})) "
        f"AND (strlen({column}) < {most} OR (strlen({column}) = {most} AND {column} <= {literal(last)})))"
    )
