"""Repeated: rows whose key an earlier row has, exactly, without holding every key in memory."""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import duckdb

from audit_lib.datasets.plan import Built
from audit_lib.sources.raw import literal, one, quoted

TABLE = "dpo_repeated"
_HASHES = "dpo_hashes"

# So few keys are sorted at once.
_FEW = 200_000
# Hashes of this many keys take some 150 MB.
_ROWS_A_PART = 4_000_000
# Of one file.
_MOST_RUNS = 5_000
# Rows that follow each other but for some that were set aside; what all threads store comes in blocks of more rows.
_NEXT = 1_000
# Of all files, that share keys with others.
_MOST_SHARING = 50


class Run(NamedTuple):
    """Keys of one length in bytes that only grow, from `first` to `last`, in rows `begin` to `end` of a file."""

    length: int
    first: str
    last: str
    file: int
    begin: int
    end: int


def repeated(con: duckdb.DuckDBPyConnection, key: tuple[str, ...], built: Mapping[int, Built]) -> bool:
    """Makes TABLE, of the rows (`_file`, `_row`) to set aside; False, and no table, when there are none."""
    if sum(each.rows_read for each in built.values()) <= _FEW:
        among: list[str] | None = [_keys(key, file, each) for file, each in built.items()]
    else:
        among = _in_runs(con, key[0], built) if len(key) == 1 else None
    if among is None:
        _hashes(con, key, built)
        hashed = f"hash({_listed(key)}) IN (FROM {_HASHES})"
        among = [f"{_keys(key, file, each)} AND {hashed}" for file, each in built.items()]
    if not among:
        return False
    con.execute(
        f"""
CREATE OR REPLACE TABLE {TABLE} AS SELECT _file, _row FROM (
  SELECT _file, _row, row_number() OVER (PARTITION BY {_listed(key)} ORDER BY _file, _row) AS place
  FROM ({" UNION ALL ".join(among)})) WHERE place > 1"""
    )
    if one(con, f"SELECT count(*) FROM {TABLE}")[0]:
        return True
    con.execute(f"DROP TABLE {TABLE}")
    return False


def _listed(key: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, key))


def _keys(key: tuple[str, ...], file: int, each: Built) -> str:
    """SQL of the rows of a file with their keys; more conditions may follow."""
    known = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
    return f"SELECT {file} AS _file, _row, {_listed(key)} FROM {each.relation} WHERE {known}"


def _hashes(con: duckdb.DuckDBPyConnection, key: tuple[str, ...], built: Mapping[int, Built]) -> None:
    """Hashes that two keys or more have, found in parts."""
    keys = " UNION ALL ".join(_keys(key, file, each) for file, each in built.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_HASHES} (h UBIGINT)")
    parts = 1 + one(con, f"SELECT count(*) FROM ({keys})")[0] // _ROWS_A_PART
    for part in range(parts):
        con.execute(
            f"INSERT INTO {_HASHES} SELECT h FROM (SELECT hash({_listed(key)}) AS h FROM ({keys})) "
            f"WHERE h % {parts} = {part} GROUP BY h HAVING count(*) > 1"
        )


def _in_runs(con: duckdb.DuckDBPyConnection, key: str, built: Mapping[int, Built]) -> list[str] | None:
    """SQL of the rows whose key may be there twice: those of runs that share a range of keys.

    Most exports are written in the order of their keys, in few runs that only grow. None: too many to tell.
    """
    # Looking at a row and the next takes one thread a file.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda file: _runs(con.cursor(), key, file, built[file]), built))
    sharing = _sharing(run for some in found for run in some or ())
    if None in found or len(sharing) > _MOST_SHARING:
        return None
    return [
        f"{_keys((key,), run.file, built[run.file])} AND _row BETWEEN {run.begin} AND {run.end} "
        f"AND {quoted(key)} BETWEEN {literal(run.first)} AND {literal(run.last)}"
        for run in sharing
    ]


def _sharing(runs: Iterable[Run]) -> list[Run]:
    """The runs whose range meets that of another one."""
    found: dict[Run, None] = {}
    reaching = Run(-1, "", "", -1, 0, 0)
    for run in sorted(runs):
        if run.length == reaching.length and run.first <= reaching.last:
            found |= {reaching: None, run: None}
        reaching = max(reaching, run, key=lambda one: (one.length, one.last))
    return list(found)


def _runs(con: duckdb.DuckDBPyConnection, key: str, file: int, each: Built) -> list[Run] | None:
    """The runs of one file; None when they are too many. Only as much is read as tells."""
    keys = f"SELECT _row, {quoted(key)} AS k FROM {each.relation} WHERE {quoted(key)} IS NOT NULL"
    ends = con.execute(
        f"SELECT _row, k, next_row, next FROM (SELECT *, lead(_row) OVER () AS next_row, lead(k) OVER () AS next "
        f"FROM ({keys})) WHERE coalesce(NOT next_row BETWEEN _row + 1 AND _row + {_NEXT} OR k >= next "
        f"OR strlen(k) <> strlen(next), true) LIMIT {_MOST_RUNS + 1}"
    ).fetchall()
    if len(ends) > _MOST_RUNS:
        return None
    begin, first = one(con, f"{keys} LIMIT 1") if ends else (0, "")
    runs: list[Run] = []
    for end, last, next_row, following in ends:
        runs.append(Run(len(last.encode()), first, last, file, begin, end))
        begin, first = next_row, following
    return runs
