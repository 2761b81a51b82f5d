"""Repeated: rows whose key an earlier row has, exactly, without holding every key in memory."""

from collections.abc import Mapping

import duckdb

from audit_lib.datasets.plan import Built
from audit_lib.sources.raw import literal, one, quoted

TABLE = "dpo_repeated"

# Hashes of this many keys take some 150 MB.
_ROWS_A_PART = 4_000_000
_MOST_RUNS = 500
_MOST_OVERLAPS = 50

Place = tuple[int, str]  # a key, in an order that DuckDB compares fast: length in bytes, then text


def repeated(con: duckdb.DuckDBPyConnection, key: tuple[str, ...], built: Mapping[int, Built]) -> bool:
    """Makes TABLE, of the rows (`_file`, `_row`) to set aside; False, and no table, when there are none."""
    where = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
    if len(key) == 1:
        overlaps = _overlaps(con, key[0], built)
        if overlaps is not None:
            if not overlaps:
                return False
            where += f" AND ({' OR '.join(_between(quoted(key[0]), *overlap) for overlap in overlaps)})"
    named = ", ".join(map(quoted, key))
    keys = " UNION ALL ".join(
        f"SELECT {file} AS _file, _row, {named} FROM {each.relation} WHERE {where}"
        for file, each in built.items()
    )
    con.execute("CREATE OR REPLACE TEMP TABLE dpo_hashes (h UBIGINT)")
    parts = 1 + one(con, f"SELECT count(*) FROM ({keys})")[0] // _ROWS_A_PART
    for part in range(parts):
        con.execute(
            f"INSERT INTO dpo_hashes SELECT h FROM (SELECT hash({named}) AS h FROM ({keys})) "
            f"WHERE h % {parts} = {part} GROUP BY h HAVING count(*) > 1"
        )
    con.execute(
        f"""
CREATE OR REPLACE TABLE {TABLE} AS SELECT _file, _row FROM (
  SELECT _file, _row, row_number() OVER (PARTITION BY {named} ORDER BY _file, _row) AS place FROM ({keys})
  WHERE hash({named}) IN (SELECT h FROM dpo_hashes)) WHERE place > 1"""
    )
    con.execute("DROP TABLE dpo_hashes")
    if one(con, f"SELECT count(*) FROM {TABLE}")[0]:
        return True
    con.execute(f"DROP TABLE {TABLE}")
    return False


def _overlaps(
    con: duckdb.DuckDBPyConnection, key: str, built: Mapping[int, Built]
) -> list[tuple[Place, Place]] | None:
    """Where keys may repeat: most exports are written in the order of their keys, in few runs that only grow.

    A key can only be in two runs where their ranges overlap. None: too many runs to tell.
    """
    runs: list[tuple[Place, Place]] = []
    for each in built.values():
        found = _runs(con, key, each)
        if found is None or len(runs) + len(found) > _MOST_RUNS:
            return None
        runs += found
    overlaps: list[tuple[Place, Place]] = []
    reached: Place | None = None
    for first, last in sorted(runs):
        if reached is not None and first <= reached:
            overlaps.append((first, min(last, reached)))
        reached = last if reached is None else max(last, reached)
    return overlaps if len(overlaps) <= _MOST_OVERLAPS else None


def _runs(con: duckdb.DuckDBPyConnection, key: str, each: Built) -> list[tuple[Place, Place]] | None:
    """First and last key of each run of one file."""
    steps = f"""
SELECT _row, k, coalesce(strlen(k) > strlen(p) OR (strlen(k) = strlen(p) AND k > p), false) AS grows
FROM (SELECT _row, k, lag(k) OVER () AS p FROM (
  SELECT _row, {quoted(key)} AS k FROM {each.relation} WHERE {quoted(key)} IS NOT NULL))"""
    breaks, first, last = one(
        con, f"SELECT count(*) FILTER (NOT grows), arg_min(k, _row), arg_max(k, _row) FROM ({steps})"
    )
    if breaks > _MOST_RUNS:
        return None
    ends = [(first, last)] if breaks == 1 else []
    if breaks > 1:
        ends = con.execute(
            f"""
SELECT arg_min(k, _row), arg_max(k, _row) FROM (
  SELECT _row, k, count(*) FILTER (NOT grows) OVER (ROWS UNBOUNDED PRECEDING) AS run FROM ({steps}))
GROUP BY run"""
        ).fetchall()
    return [(_place(first), _place(last)) for first, last in ends]


def _place(key: str) -> Place:
    return (len(key.encode()), key)


def _between(column: str, first: Place, last: Place) -> str:
    (least, low), (most, high) = first, last
    return (
        f"((strlen({column}) > {least} OR (strlen({column}) = {least} AND {column} >= {literal(low)})) "
        f"AND (strlen({column}) < {most} OR (strlen({column}) = {most} AND {column} <= {literal(high)})))"
    )
