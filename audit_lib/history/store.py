"""Store: which runs there were and what they showed, in counts; in SQLite or, by its URL, in PostgreSQL."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

VARIABLE = "DPO_AUDIT_HISTORY"
NONE = "none"

_TABLES = (
    # A series is a folder that receives runs: one follows the other.
    "CREATE TABLE IF NOT EXISTS runs (series TEXT, run_id TEXT, as_of TEXT, instant TEXT, company TEXT, "
    "policy_sha256 TEXT, inputs_sha256 TEXT, engine TEXT, tool_version TEXT, key_id TEXT, previous TEXT, "
    "digest TEXT, chain TEXT, place BIGINT, purged BIGINT, PRIMARY KEY (series, run_id))",
    "CREATE TABLE IF NOT EXISTS outcomes (series TEXT, run_id TEXT, control_id TEXT, clause TEXT, severity TEXT, "
    "outcome TEXT, population BIGINT, pass BIGINT, fail BIGINT, exempt BIGINT, indeterminate BIGINT, "
    "review BIGINT, new BIGINT, open BIGINT, reappeared BIGINT, deleted BIGINT, mended BIGINT, "
    "resolved BIGINT, withdrawn BIGINT, not_shown BIGINT, accepted BIGINT, expired BIGINT, "
    "PRIMARY KEY (series, run_id, control_id))",
    "CREATE TABLE IF NOT EXISTS failures (series TEXT, number BIGINT, status BIGINT, told BIGINT, "
    "PRIMARY KEY (series, number))",
    "CREATE TABLE IF NOT EXISTS bundles (series TEXT, run_id TEXT, name TEXT, sha256 TEXT, previous_name TEXT, "
    "previous_sha256 TEXT, PRIMARY KEY (series, run_id))",
)


class HistoryError(Exception):
    """The history cannot be read or written: says why, and names no secret."""


class Store:
    """Rows as mappings. Every method raises HistoryError."""

    def __init__(self, connection: Any, kinds: tuple[type[Exception], ...], mark: str) -> None:
        """`kinds`: the errors of the connection's library; `mark`: how it writes the first parameter, ? or $1."""
        self._connection = connection
        self._kinds = kinds
        self._mark = mark
        with self._told(), closing(self._connection.cursor()) as cursor:
            for table in _TABLES:
                cursor.execute(table)
            self._connection.commit()

    def close(self) -> None:
        self._connection.close()

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What a query tells; ? stands for a value."""
        with self._told(), closing(self._connection.cursor()) as cursor:
            cursor.execute(self._written(query), values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def put(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Adds rows to a table, all or none; one with the same key gives way."""
        if not rows:
            return
        names = [*rows[0]]
        key = {"runs": 2, "outcomes": 3, "failures": 2, "bundles": 2}[table]
        updates = ", ".join(f"{name} = excluded.{name}" for name in names[key:])
        command = (
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
            f"ON CONFLICT ({', '.join(names[:key])}) DO UPDATE SET {updates}"
        )
        with self._told(), closing(self._connection.cursor()) as cursor:
            cursor.executemany(self._written(command), [tuple(row.values()) for row in rows])
            self._connection.commit()

    def change(self, command: str, *values: object) -> None:
        """Changes rows; ? stands for a value."""
        with self._told(), closing(self._connection.cursor()) as cursor:
            cursor.execute(self._written(command), values)
            self._connection.commit()

    def _written(self, query: str) -> str:
        if self._mark == "?":
            return query
        pieces = query.split("?")
        return "".join(piece + f"${place}" for place, piece in enumerate(pieces[:-1], 1)) + pieces[-1]

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._kinds as error:
            raise HistoryError(f"the history cannot be used: {type(error).__name__}") from None


def place(said: str | None = None) -> str:
    """Where the history is: what was said, else DPO_AUDIT_HISTORY, else a file of the user's own."""
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return said or os.environ.get(VARIABLE) or str(home / "dpo-audit" / "history.sqlite")


def is_url(where: str) -> bool:
    """Whether it is PostgreSQL's, rather than a file's name."""
    return where.startswith(("postgresql://", "postgres://"))


@contextmanager
def opened(where: str) -> Iterator[Store]:
    """The store, made on first use, which only its owner can read. Raises HistoryError."""
    store = _postgres(where) if is_url(where) else _sqlite(Path(where))
    with closing(store):
        yield store


def _sqlite(path: Path) -> Store:
    import sqlite3

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise HistoryError(f"{path}: {error.strerror}, write a file to write in, or --history none") from None
    return _made(
        lambda: sqlite3.connect(path, timeout=30), sqlite3.Error, "?", f"{path}: it is no history, write another file"
    )


def _postgres(url: str) -> Store:
    from adbc_driver_postgresql import dbapi

    # The URL may hold a password.
    line = "the PostgreSQL of the history cannot be reached, see its URL"
    return _made(lambda: dbapi.connect(url), dbapi.Error, "$", line)


def _made(connect: Callable[[], Any], kind: type[Exception], mark: str, line: str) -> Store:
    """Raises HistoryError with the line."""
    try:
        connection = connect()
    except kind:
        raise HistoryError(line) from None
    try:
        return Store(connection, (kind,), mark)
    except HistoryError:
        connection.close()
        raise HistoryError(line) from None
