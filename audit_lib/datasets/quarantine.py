"""Quarantine: rows that cannot be used, out of their relation and into one table with the reason."""

from collections import Counter

import duckdb

from audit_lib.datasets.plan import Built
from audit_lib.sources.raw import literal, one, quoted

KEY_DUPLICATE = "key_duplicate"


def make_table(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "CREATE OR REPLACE TABLE quarantine "
        '(dataset VARCHAR, source_file VARCHAR, source_row BIGINT, "column" VARCHAR, reason VARCHAR)'
    )


def take(con: duckdb.DuckDBPyConnection, built: Built, dataset: str, file: str) -> None:
    """Moves the rows with a `_why`."""
    if built.view:
        return
    con.execute(
        f"""
INSERT INTO quarantine
SELECT {literal(dataset)}, {literal(file)}, _row, nullif(split_part(_why, '|', 2), ''), split_part(_why, '|', 1)
FROM {built.relation} WHERE _why IS NOT NULL"""
    )
    con.execute(f"DELETE FROM {built.relation} WHERE _why IS NOT NULL")


def reasons(con: duckdb.DuckDBPyConnection, file: str) -> Counter[tuple[str, str | None]]:
    """How many rows of a file were set aside, by reason and column."""
    rows = con.execute(
        'SELECT reason, "column", count(*) FROM quarantine WHERE source_file = ? GROUP BY ALL ORDER BY ALL',
        [file],
    ).fetchall()
    return Counter({(reason, column): count for reason, column, count in rows})


def rows_of(con: duckdb.DuckDBPyConnection, dataset: str, file: int) -> int:
    """How many rows of a file are in the dataset."""
    count: int = one(con, f"SELECT count(*) FROM {quoted(dataset)} WHERE _file = {file}")[0]
    return count


def repeated(con: duckdb.DuckDBPyConnection, key: tuple[str, ...], built: dict[int, Built]) -> str | None:
    """Makes a table of the rows (`_file`, `_row`) whose key an earlier row has; None when there is none."""
    if len(key) == 1 and _increasing(con, key[0], list(built.values())):
        return None
    named = ", ".join(map(quoted, key))
    blank = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
    keys = " UNION ALL ".join(
        f"SELECT {file} AS _file, _row, {named} FROM {each.relation} WHERE {blank}"
        for file, each in built.items()
    )
    con.execute("CREATE OR REPLACE TEMP TABLE dpo_hashes (h UBIGINT)")
    parts = 1 + one(con, f"SELECT count(*) FROM ({keys})")[0] // ROWS_A_PART
    for part in range(parts):
        con.execute(
            f"INSERT INTO dpo_hashes SELECT h FROM (SELECT hash({named}) AS h FROM ({keys})) "
            f"WHERE h % {parts} = {part} GROUP BY h HAVING count(*) > 1"
        )
    con.execute(
        f"""
CREATE OR REPLACE TABLE dpo_repeated AS SELECT _file, _row FROM (
  SELECT _file, _row, row_number() OVER (PARTITION BY {named} ORDER BY _file, _row) AS place FROM ({keys})
  WHERE hash({named}) IN (SELECT h FROM dpo_hashes)) WHERE place > 1"""
    )
    return "dpo_repeated" if one(con, "SELECT count(*) FROM dpo_repeated")[0] else None


# Hashes of this many keys take some 100 MB.
ROWS_A_PART = 4_000_000


def _increasing(con: duckdb.DuckDBPyConnection, key: str, built: list[Built]) -> bool:
    """Keys that only grow, within each file and from file to file, cannot repeat: a cheap proof, most exports pass it."""
    ranges: list[tuple[int, str, int, str]] = []
    for each in built:
        row = one(
            con,
            f"""
SELECT coalesce(bool_and(k IS NOT NULL AND coalesce(length(k) > length(p) OR (length(k) = length(p) AND k > p), p IS NULL)), true),
  count(*), arg_min(k, _row), arg_max(k, _row), count(*) FILTER (p IS NULL)
FROM (SELECT _row, k, lag(k) OVER () AS p FROM (SELECT _row, {quoted(key)} AS k FROM {each.relation}))""",
        )
        if not row[0] or row[4] > 1:
            return False
        if row[1]:
            ranges.append((len(row[2]), row[2], len(row[3]), row[3]))
    ranges.sort()
    return all(before[2:] < after[:2] for before, after in zip(ranges, ranges[1:], strict=False))
