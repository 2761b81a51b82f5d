"""Quarantine: rows that cannot be used, out of their relation and into one table with the reason."""

from collections import Counter
from collections.abc import Sequence

import duckdb

from audit_lib.datasets.plan import Built
from audit_lib.sources.raw import literal, quoted

KEY_DUPLICATE = "key_duplicate"
# The keys of rows that were set aside, where they could be read: such a record is not gone. It stays in the run's
# database.
KEYS = "set_aside"
_AT_ONCE = 10_000


def make_table(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "CREATE OR REPLACE TABLE quarantine "
        '(dataset VARCHAR, source_file VARCHAR, source_row BIGINT, "column" VARCHAR, reason VARCHAR)'
    )
    con.execute(f"CREATE OR REPLACE TABLE {KEYS} (dataset VARCHAR, key VARCHAR[])")


def take(con: duckdb.DuckDBPyConnection, built: Built, dataset: str, file: str, key: tuple[str, ...]) -> None:
    """Moves the rows with a `_why`."""
    if built.view:
        return
    if set(key) <= set(built.columns):
        texts = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in key)
        known = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
        con.execute(
            f"INSERT INTO {KEYS} SELECT {literal(dataset)}, [{texts}] FROM {built.relation} "
            f"WHERE _why IS NOT NULL AND {known}"
        )
    con.execute(
        f"""
INSERT INTO quarantine
SELECT {literal(dataset)}, {literal(file)}, _row, nullif(split_part(_why, '|', 2), ''),
  split_part(_why, '|', 1)
FROM {built.relation} WHERE _why IS NOT NULL"""
    )
    con.execute(f"DELETE FROM {built.relation} WHERE _why IS NOT NULL")


def put(con: duckdb.DuckDBPyConnection, dataset: str, file: str, rows: Sequence[tuple[int, str | None, str]]) -> None:
    """Rows that stay where they are and cannot be used: (source_row, column, reason)."""
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        con.execute(
            "INSERT INTO quarantine SELECT ?, ?, unnest(?::BIGINT[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
            [dataset, file, *(list(column) for column in zip(*some, strict=True))],
        )


def pending(con: duckdb.DuckDBPyConnection, built: Built) -> list[tuple[str, str, int, int]]:
    """What `take` would move: reason, column or blank, how many rows and the first one; the most rows first."""
    if built.view:
        return []
    rows: list[tuple[str, str, int, int]] = con.execute(
        f"""
SELECT split_part(_why, '|', 1), split_part(_why, '|', 2), count(*) AS n, min(_row)
FROM {built.relation} WHERE _why IS NOT NULL GROUP BY _why ORDER BY n DESC, _why"""
    ).fetchall()
    return rows


def unread(con: duckdb.DuckDBPyConnection, dataset: str) -> int:
    """How many rows of a dataset were set aside of which not even the key is known."""
    [(rows,)] = con.execute(
        "SELECT count(*) FROM quarantine WHERE dataset = ? AND reason <> ?", [dataset, KEY_DUPLICATE]
    ).fetchall()
    [(known,)] = con.execute(f"SELECT count(*) FROM {KEYS} WHERE dataset = ?", [dataset]).fetchall()
    return int(rows) - int(known)


def said(reason: str, column: str | None) -> str:
    return f"{reason} in {column}" if column else reason


def reasons(con: duckdb.DuckDBPyConnection, file: str) -> Counter[tuple[str, str | None]]:
    """How many rows of a file were set aside, by reason and column."""
    rows = con.execute(
        'SELECT reason, "column", count(*) FROM quarantine WHERE source_file = ? GROUP BY ALL ORDER BY ALL',
        [file],
    ).fetchall()
    return Counter({(reason, column): count for reason, column, count in rows})


def rows_by_file(con: duckdb.DuckDBPyConnection, dataset: str) -> dict[int, int]:
    """How many rows of each file are in the dataset, by the file's place."""
    return dict(con.execute(f"SELECT _file, count(*) FROM {quoted(dataset)} GROUP BY _file").fetchall())
