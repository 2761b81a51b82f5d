"""Table: rows that Python reads, handed to DuckDB in chunks."""

from collections.abc import Mapping

import duckdb

from audit_lib.sources.raw import quoted

CHUNK_ROWS = 20_000


class Table:
    """A table of text columns that grow as new names appear; `_row` and `_bad` come with every row."""

    def __init__(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        self._con = con
        self._name = name
        self._columns: dict[str, str] = {}
        self._rows: list[tuple[int, str | None, Mapping[str, str | None]]] = []
        self.count = 0
        con.execute(f"CREATE TABLE {quoted(name)} (_row BIGINT, _bad VARCHAR)")

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(self._columns)

    @property
    def select(self) -> str:
        return f"SELECT * FROM {quoted(self._name)}"

    def add(self, row: int, bad: str | None, values: Mapping[str, str | None]) -> None:
        self._rows.append((row, bad, values))
        self.count += 1
        if len(self._rows) >= CHUNK_ROWS:
            self.flush()

    def flush(self) -> None:
        import pyarrow as pa

        if not self._rows:
            return
        for _, _, values in self._rows:
            for name in values:
                if name not in self._columns:
                    self._columns[name] = f"c{len(self._columns)}"
                    self._con.execute(f"ALTER TABLE {quoted(self._name)} ADD COLUMN {self._columns[name]} VARCHAR")
        chunk = pa.table(
            {
                "_row": pa.array([row for row, _, _ in self._rows], pa.int64()),
                "_bad": pa.array([bad for _, bad, _ in self._rows], pa.string()),
                **{
                    column: pa.array([values.get(name) for _, _, values in self._rows], pa.string())
                    for name, column in self._columns.items()
                },
            }
        )
        self._con.register("dpo_chunk", chunk)
        self._con.execute(f"INSERT INTO {quoted(self._name)} BY NAME SELECT * FROM dpo_chunk")
        self._con.unregister("dpo_chunk")
        self._rows.clear()
