"""PostgreSQL: a read-only look at a database, in one snapshot for a whole run."""

import datetime as dt
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from audit_lib.sources.raw import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

TIMEOUT = re.compile(r"[1-9][0-9]*(ms|s|min|h)")

# Instants are told in UTC, and dates as ISO writes them. Rules are long: compiling them takes more than it saves, and
# a sort within the default memory goes to disk.
_SETTINGS = ("TimeZone = 'UTC'", "DateStyle = 'ISO'", "jit = off", "work_mem = '64MB'")

# SQLSTATEs for which no query is to blame: lost connections, limits, a role, short resources, someone who cancels.
_OUTSIDE = ("08", "25P03", "25P04", "28", "53", "57", "58")
_ADVICE = {
    "57014": "a query took longer than statement_timeout: write a longer one in exports.yaml, such as 2h",
    "53100": "the database's disk is full: free some",
    "53400": "the database's temp_file_limit is too low for this audit: raise it for this role",
    "57P": "the server ended the connection: run again when it answers",
    "28": "the database refuses this role: check the connection's URL",
    "42501": "the role may not read it: GRANT SELECT",
    "25P03": "the database ends idle transactions: raise idle_in_transaction_session_timeout for this role",
}


class DatabaseError(Exception):
    """The database cannot go on; what the server says of it is not kept, it may quote a value."""


class QueryError(Exception):
    """The database refuses a query; `code` is its SQLSTATE, all that is kept of the error."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Database:
    """A connection in one read-only transaction, which sees what the others of the same `snapshot` see.

    Each row goes from the server to Arrow, never through a Python object.
    """

    def __init__(self, url: str, *, timeout: str, snapshot: str | None = None) -> None:
        """`timeout` as PostgreSQL writes it: 30min. Raises DatabaseError."""
        import adbc_driver_postgresql.dbapi as driver

        # A transaction of the driver's own could not go on after a query that fails.
        with _told():
            self._connection = driver.connect(url, autocommit=True)
        self._cursor: Any = self._connection.cursor()
        self._do("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if snapshot:
            self._do(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        self._do(f"SET LOCAL statement_timeout = '{timeout}'")
        for setting in _SETTINGS:
            self._do(f"SET LOCAL {setting}")
        self.snapshot = snapshot or self._exported()

    def tell(self, name: str, value: str) -> None:
        """A setting of this transaction that queries read: what no log of statements should hold."""
        self._do(f"SELECT set_config('{name}', $1, true)", [value])

    def one(self, query: str) -> tuple[Any, ...]:
        """The only row of a query. Raises QueryError and DatabaseError."""
        [row] = self.rows(query)
        return row

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query that gives few."""
        with self.stream(query) as stream:
            columns = [column.to_pylist() for column in stream.read_all().columns]
        return list(zip(*columns, strict=True))

    @contextmanager
    def stream(self, query: str) -> Iterator["pa.RecordBatchReader"]:
        """The rows as they come. A query that fails leaves the transaction as it was.

        Raises QueryError and DatabaseError, whatever whoever reads the rows makes of them.
        """
        import pyarrow as pa

        failed: list[Exception] = []

        def batches(reader: Any) -> Iterator[pa.RecordBatch]:
            try:
                with _told():
                    yield from reader
            except (QueryError, DatabaseError) as error:
                failed.append(error)
                raise

        self._do("SAVEPOINT dpo")
        try:
            with _told():
                self._cursor.execute(query)
            # Not `fetch_record_batch`, whose errors have lost their code.
            reader = self._cursor._results.reader
            yield pa.RecordBatchReader.from_batches(reader.schema, batches(reader))
        except BaseException as error:
            reason = failed[0] if failed else error
            if not isinstance(reason, DatabaseError):
                self._do("ROLLBACK TO SAVEPOINT dpo")
            raise reason from None
        self._do("RELEASE SAVEPOINT dpo")

    def close(self) -> None:
        import adbc_driver_manager

        try:
            self._cursor.close()
            self._connection.close()
        except adbc_driver_manager.Error:
            return  # lost already

    def _exported(self) -> str:
        self._do("SELECT pg_export_snapshot()")
        return str(self._cursor.fetchall()[0][0])

    def _do(self, statement: str, parameters: list[str] | None = None) -> None:
        with _told():
            self._cursor.execute(statement, parameters)


class Databases:
    """The databases that exports.yaml names, each opened once. Use with `contextlib.closing`."""

    def __init__(self) -> None:
        self._open: dict[str, Database] = {}

    def open(self, name: str, timeout: str) -> Database:
        """By the environment variable that holds its URL. Raises SourceError when it has none, and DatabaseError."""
        if name not in self._open:
            url = os.environ.get(name)
            if not url:
                raise SourceError("connection", f"the environment variable {name} is not set: write the URL in it")
            self._open[name] = Database(url, timeout=timeout)
        return self._open[name]

    def __bool__(self) -> bool:
        return bool(self._open)

    def seen_at(self) -> dt.datetime | None:
        """The instant of the latest snapshot: what the databases show is what they hold then."""
        instants = [database.one("SELECT transaction_timestamp()")[0] for database in self._open.values()]
        return max(instants, default=None)

    def close(self) -> None:
        for database in self._open.values():
            database.close()


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the driver as ours, without their text."""
    import adbc_driver_manager

    try:
        yield
    except adbc_driver_manager.Error as error:
        code = error.sqlstate or ""
        if isinstance(error, adbc_driver_manager.OperationalError) and not code:
            raise DatabaseError("the connection was refused or lost: check that the database answers") from None
        advice = _ADVICE.get(code) or _ADVICE.get(code[:3]) or _ADVICE.get(code[:2])
        if code.startswith(_OUTSIDE):
            raise DatabaseError(advice or f"the database cannot go on (SQLSTATE {code})") from None
        raise QueryError(code) from None


def advice(error: QueryError) -> str:
    """What to write instead of a query that is refused."""
    return _ADVICE.get(error.code, f"the database refuses this query (SQLSTATE {error.code}): try it with psql")
