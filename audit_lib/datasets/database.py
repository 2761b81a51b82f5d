"""Database: where a run's exports are loaded, a DuckDB file in its private folder."""

from pathlib import Path

import duckdb


class MemoryLimitError(ValueError):
    """The limit is not an amount of memory."""


def connect(work: Path, memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """Instants are UTC, large steps spill into `work`. Raises MemoryLimitError."""
    con = duckdb.connect(str(work / "work.duckdb"))
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    con.execute("SET preserve_insertion_order = true")
    con.execute("SET temp_directory = ?", [str(work / "spill")])
    if memory_limit:
        try:
            con.execute("SET memory_limit = ?", [memory_limit])
            con.execute("SET VARIABLE dpo_memory_limit = ?", [memory_limit])
        except duckdb.Error:
            con.close()
            raise MemoryLimitError("write an amount such as 2GB") from None
    return con
