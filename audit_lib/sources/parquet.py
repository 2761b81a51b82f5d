"""Parquet: columns with their types, read in place."""

from pathlib import Path

import duckdb

from audit_lib.sources.raw import Raw, SourceError, literal, quoted


def read(con: duckdb.DuckDBPyConnection, path: Path) -> Raw:
    """One row a row, never copied; `_at` finds a row in the file, `_index` a file among those read
    together. Raises SourceError when the file is damaged."""
    source = f"read_parquet({literal(str(path))}, file_row_number=true)"
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error:
        raise SourceError("format", "the Parquet file is cut or damaged, export it again") from None
    found = [(row[0], row[1]) for row in described if row[0] != "file_row_number"]
    columns = ", ".join(f"{quoted(name)} AS c{n}" for n, (name, _) in enumerate(found))
    rows = "file_row_number + 1 AS _row, file_row_number AS _at, file_index AS _index"
    select = f"SELECT {columns}, {rows}, CAST(NULL AS VARCHAR) AS _bad FROM {source}"
    return Raw(
        "parquet",
        select,
        tuple(name for name, _ in found),
        tuple(type for _, type in found),
        typed=True,
        file=literal(str(path)),
        dictionaries=_dictionaries(con, path, [name for name, _ in found]),
    )


def _dictionaries(con: duckdb.DuckDBPyConnection, path: Path, names: list[str]) -> tuple[bool, ...]:
    """For each column, whether every part of it is stored as a dictionary: its distinct values are found at
    once.
    """
    rows = con.execute(
        f"""
SELECT path_in_schema FROM parquet_metadata({literal(str(path))})
GROUP BY path_in_schema HAVING bool_and(contains(encodings, 'DICTIONARY'))"""
    ).fetchall()
    stored = {row[0] for row in rows}
    return tuple(name in stored for name in names)
