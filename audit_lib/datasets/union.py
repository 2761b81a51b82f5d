"""Union: the files of a dataset as one relation."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from audit_lib.datasets import quarantine
from audit_lib.datasets.plan import Built
from audit_lib.datasets.repeated import TABLE, repeated
from audit_lib.datasets.schema import ROW_KEY, TYPES, Schema
from audit_lib.sources.raw import literal, one, quoted


@dataclass(frozen=True)
class Union:
    """The relation named after the dataset; see Dataset for the fields."""

    columns: dict[str, str]
    supplied: frozenset[str]
    extras: tuple[str, ...]
    stopped: dict[str, str]
    naive: frozenset[str]
    key: tuple[str, ...]


def unite(
    con: duckdb.DuckDBPyConnection, schema: Schema, built: Mapping[int, Built], files: Mapping[int, str]
) -> Union:
    """Makes the relation of a dataset from its files, each row once: repeated keys go to quarantine."""
    supplied = frozenset(name for each in built.values() for name in each.columns)
    kept = _without_repeated(con, schema, built, files, supplied)
    extras = _extras(built)
    naive = frozenset(name for each in built.values() for name in each.naive)
    selects = []
    for together in _alike(built, kept):
        each = built[together[0]]
        columns = [_canonical(name, column.type, each) for name, column in schema.columns.items()]
        own = {name.casefold(): name for name in each.extras}
        columns += [
            f"{quoted(own[name.casefold()])} AS {quoted(name)}"
            if name.casefold() in own
            else f"CAST(NULL AS VARCHAR) AS {quoted(name)}"
            for name in extras
        ]
        columns += [f"{_file(together)} AS _file", "_row", "_at" if each.view else "_row AS _at"]
        columns += [
            f"{quoted(f'{name}__naive') if name in each.naive else 'false'} AS {quoted(f'{name}__naive')}"
            for name in schema.columns
            if name in naive
        ]
        selects.append(f"SELECT {', '.join(columns)} FROM {_rows(built, kept, together)}")
    con.execute(f"CREATE OR REPLACE VIEW {quoted(schema.name)} AS {' UNION ALL '.join(selects)}")
    types = {name: column.type for name, column in schema.columns.items()}
    return Union(
        columns={**types, **dict.fromkeys(extras, "text")},
        supplied=supplied,
        extras=extras,
        stopped={name: why for each in built.values() for name, why in each.stopped.items()},
        naive=naive,
        key=_key(con, schema, built),
    )


def _alike(built: Mapping[int, Built], kept: Mapping[int, str]) -> list[list[int]]:
    """The files, those that one look can read side by side."""
    found: dict[tuple[object, ...], list[int]] = {}
    for file, each in built.items():
        whole = each.select and kept[file] == each.relation
        alike = (each.select.replace(each.file, "?"), each.columns, each.extras) if whole else (file,)
        found.setdefault(alike, []).append(file)
    return list(found.values())


def _rows(built: Mapping[int, Built], kept: Mapping[int, str], together: list[int]) -> str:
    """Where the rows of files are. One look at many files takes less time and memory than a look at each."""
    first = built[together[0]]
    if len(together) == 1:
        return kept[together[0]]
    names = ", ".join(built[file].file for file in together)
    return f"({first.select.replace(first.file, f'[{names}]')})"


def _file(together: list[int]) -> str:
    if len(together) == 1:
        return f"CAST({together[0]} AS INTEGER)"
    return f"CAST(list_extract({together}, CAST(_index AS BIGINT) + 1) AS INTEGER)"


def _canonical(name: str, type: str, each: Built) -> str:
    return quoted(name) if name in each.columns else f"CAST(NULL AS {TYPES[type]}) AS {quoted(name)}"


def _extras(built: Mapping[int, Built]) -> tuple[str, ...]:
    """Names of all files, in order, once whatever their case."""
    found: dict[str, str] = {}
    for each in built.values():
        for name in each.extras:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


def _without_repeated(
    con: duckdb.DuckDBPyConnection,
    schema: Schema,
    built: Mapping[int, Built],
    files: Mapping[int, str],
    supplied: frozenset[str],
) -> dict[int, str]:
    """The relation of each file, without the rows whose key was seen before."""
    kept = {file: each.relation for file, each in built.items()}
    keyed = {file: each for file, each in built.items() if set(schema.key) <= set(each.columns)}
    if not set(schema.key) <= supplied or not keyed:
        return kept
    if not repeated(con, schema.key, keyed):
        return kept
    column = schema.key[0] if len(schema.key) == 1 else None
    for (file,) in con.execute(f"SELECT DISTINCT _file FROM {TABLE} ORDER BY _file").fetchall():
        each = keyed[file]
        con.execute(
            f"INSERT INTO quarantine SELECT {literal(schema.name)}, {literal(files[file])}, _row, "
            f"{literal(column) if column else 'NULL'}, {literal(quarantine.KEY_DUPLICATE)} "
            f"FROM {TABLE} WHERE _file = {file} ORDER BY _row"
        )
        if each.view:
            excluded = f"{each.relation}_repeated"
            con.execute(f"CREATE OR REPLACE TABLE {excluded} AS SELECT _row FROM {TABLE} WHERE _file = {file}")
            kept[file] = f"(SELECT * FROM {each.relation} ANTI JOIN {excluded} USING (_row))"
        else:
            con.execute(f"DELETE FROM {each.relation} WHERE _row IN (SELECT _row FROM {TABLE} WHERE _file = {file})")
    con.execute(f"DROP TABLE {TABLE}")
    return kept


def _key(con: duckdb.DuckDBPyConnection, schema: Schema, built: Mapping[int, Built]) -> tuple[str, ...]:
    if not all(set(schema.key) <= set(each.columns) for each in built.values()):
        return ROW_KEY
    if not schema.row_number:
        return schema.key
    # The statistics of a file often answer whether a value is null.
    blank = " OR ".join(f"{quoted(name)} IS NULL" for name in schema.key)
    unnamed = one(con, f"SELECT count(*) FROM {quoted(schema.name)} WHERE {blank}")[0]
    return ROW_KEY if unnamed else schema.key
