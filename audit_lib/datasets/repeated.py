"""Repeated: rows whose key an earlier row has, exactly, without holding every key in memory."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import duckdb

from audit_lib.datasets.plan import Built
from audit_lib.sources.raw import literal, one, quoted

TABLE = "dpo_repeated"
_KEYS = "dpo_keys"

# Hashes of this many keys take some 150 MB.
_ROWS_A_PART = 4_000_000
# Of one file.
_MOST_RUNS = 500
_MOST_OVERLAPS = 50


class Run(NamedTuple):
    """Keys of one length in bytes that only grow, from `first` to `last`."""

    length: int
    first: str
    last: str

    def meets(self, other: "Run") -> bool:
        return self.length == other.length and self.first <= other.last and other.first <= self.last


def repeated(con: duckdb.DuckDBPyConnection, key: tuple[str, ...], built: Mapping[int, Built]) -> bool:
    """Makes TABLE, of the rows (`_file`, `_row`) to set aside; False, and no table, when there are none."""
    named = ", ".join(map(quoted, key))
    runs = _all_runs(con, key[0], built) if len(key) == 1 else None
    overlaps = None if runs is None else _overlaps(runs)
    if overlaps == []:
        return False
    where = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
    if runs is None or overlaps is None:
        con.execute(f"CREATE OR REPLACE TEMP VIEW {_KEYS} AS {_keys(named, where, built)}")
        _hashes(con, named)
        where = f"hash({named}) IN (SELECT h FROM dpo_hashes)"
    else:
        where = _among(quoted(key[0]), overlaps)
        built = {file: built[file] for file, some in runs.items() if any(a.meets(b) for a in some for b in overlaps)}
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


def _all_runs(con: duckdb.DuckDBPyConnection, key: str, built: Mapping[int, Built]) -> dict[int, list[Run]] | None:
    """The runs of each file: most exports are written in the order of their keys, in few runs that only grow.

    None: too many to tell.
    """
    # Looking at a row and the next takes one thread a file.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda each: _runs(con.cursor(), key, each), built.values()))
    runs = {file: some for file, some in zip(built, found, strict=True) if some is not None}
    return runs if len(runs) == len(built) else None


def _overlaps(runs: Mapping[int, list[Run]]) -> list[Run] | None:
    """Where keys may repeat: a key can only be in two runs where both their ranges overlap. None: too many ranges."""
    overlaps: list[Run] = []
    before = Run(-1, "", "")
    for run in sorted(run for some in runs.values() for run in some):
        if run.meets(before):
            overlaps.append(run._replace(last=min(run.last, before.last)))
        before = max(before, run, key=lambda one: (one.length, one.last))
    return overlaps if len(overlaps) <= _MOST_OVERLAPS else None


def _runs(con: duckdb.DuckDBPyConnection, key: str, each: Built) -> list[Run] | None:
    """The runs of one file; None when there are too many. Only as much is read as tells that."""
    keys = f"SELECT {quoted(key)} AS k FROM {each.relation} WHERE {quoted(key)} IS NOT NULL"
    ends = con.execute(
        f"SELECT k, n FROM (SELECT k, lead(k) OVER () AS n FROM ({keys})) "
        f"WHERE coalesce(k >= n OR strlen(k) <> strlen(n), true) LIMIT {_MOST_RUNS + 1}"
    ).fetchall()
    if len(ends) > _MOST_RUNS:
        return None
    firsts = [*(first for (first,) in con.execute(f"{keys} LIMIT 1").fetchall()), *(after for _, after in ends)]
    return [Run(len(last.encode()), first, last) for first, (last, _) in zip(firsts, ends, strict=False)]


def _among(column: str, overlaps: list[Run]) -> str:
    """SQL of the keys in one of the ranges; the lengths of all of them leave out most at once."""
    lengths = ", ".join(str(length) for length in sorted({one.length for one in overlaps}))
    between = " OR ".join(
        f"(strlen({column}) = {one.length} AND {column} BETWEEN {literal(one.first)} AND {literal(one.last)})"
        for one in overlaps
    )
    return f"CASE WHEN strlen({column}) IN ({lengths}) THEN {between} ELSE false END"
