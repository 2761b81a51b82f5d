"""Asking: a query of exports.yaml as a dataset, in its database if its types fit, else as rows of this run."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from audit_lib.datasets.manifest import Entry
from audit_lib.datasets.mappings import MappingFile, recognise
from audit_lib.datasets.opening import Opened
from audit_lib.datasets.plan import Rules, plan
from audit_lib.datasets.remote import Kept, keep, numbered
from audit_lib.sources.postgres import Database, Databases, QueryError, advice
from audit_lib.sources.raw import Raw, SourceError

# How a query is recognised: a table, whose headers are names.
_AS = "csv"


@dataclass(frozen=True)
class Asked:
    """`kept` in its database; if None, `opened` is a table of this run, for `build`."""

    opened: Opened
    kept: Kept | None
    notes: tuple[str, ...] = ()


def ask(
    con: duckdb.DuckDBPyConnection,
    databases: Databases,
    entry: Entry,
    mappings: Sequence[MappingFile],
    rules: Rules,
    index: int,
    timeout: str,
) -> Asked:
    """Raises SourceError when the query or its columns are wrong, DatabaseError when the database cannot go on."""
    name, query = str(entry.connection), str(entry.sql).strip().rstrip(";")
    database = databases.open(name, timeout)
    try:
        names, types = _described(database, query)
        # What a mapping makes, a query can say itself.
        found = recognise([one for one in mappings if not one.made], names, _AS, entry.dataset)
        if found is None:
            raise SourceError("sql", f"no column of {entry.dataset} is known in it: name its columns with AS")
        schema = found.mapping.schema
        if missing := [one for one in schema.key if one not in found.columns and not schema.row_number]:
            raise SourceError("sql", f"no column holds {missing[0]}: name one with AS {missing[0]}")
        key = [found.columns[one] for one in schema.key if one in found.columns]
        rows = numbered(query, names, key)
        opened = Opened(Raw("postgresql", rows, names, types, typed=True), found)
        kept = keep(database, name, timeout, plan(opened), rows, rules, index)
        if isinstance(kept, Kept):
            return Asked(opened, kept)
        return _read(con, database, opened, index, kept)
    except QueryError as error:
        raise SourceError("sql", advice(error)) from None


def _described(database: Database, query: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and Arrow types of the columns."""
    with database.stream(f"SELECT * FROM ({query}\n) AS q LIMIT 0") as stream:
        schema = stream.schema
        stream.read_all()
    repeated = {name for name in schema.names if schema.names.count(name) > 1}
    if repeated:
        raise SourceError("sql", f"two columns are named {min(repeated)}: name them with AS")
    return tuple(schema.names), tuple(str(one.type) for one in schema)


def _read(con: duckdb.DuckDBPyConnection, database: Database, opened: Opened, index: int, column: str) -> Asked:
    """The rows in a table of this run: a column of text that tells times, say, is read as a file's."""
    table, raw = f"dpo_raw_{index}", opened.raw
    cells = ", ".join(
        f"c{place}" if _plain(type) else f"CAST(c{place} AS TEXT) AS c{place}" for place, type in enumerate(raw.types)
    )
    with database.stream(f"SELECT {cells}, _row FROM ({raw.select}) AS q") as stream:
        con.register("dpo_stream", stream)
        con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT *, CAST(NULL AS VARCHAR) AS _bad FROM dpo_stream")
        con.unregister("dpo_stream")
    types = dict(
        con.execute(f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}'").fetchall()
    )
    places = range(len(raw.headers))
    read = Raw(raw.format, f"SELECT * FROM {table}", raw.headers, tuple(types[f"c{place}"] for place in places))
    note = f"the rows were read into the run's folder, {column} being of another type: cast it in sql: to leave them"
    return Asked(Opened(read, opened.recognition), None, (note,))


def _plain(type: str) -> bool:
    """A type that DuckDB has too."""
    return type.startswith(("string", "timestamp", "date32", "bool", "int", "float", "double", "list"))
