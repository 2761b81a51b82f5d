"""Opening: the reader of each format, and the mapping that fits what it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from audit_lib.datasets.folder import Export
from audit_lib.datasets.manifest import NAME
from audit_lib.datasets.mappings import MappingFile, Recognition, recognise
from audit_lib.sources import apache, csv, iis, jsonl, ldif, parquet, xlsx
from audit_lib.sources.raw import Raw, SourceError, UnrecognisedError, literal, one

# Logs of lines that nothing but their number names.
_NUMBERED = ("apache", "iis")
# Beside the classes whose names end in person.
_PEOPLE = ("user", "posixaccount", "account")


@dataclass(frozen=True)
class Opened:
    """`left_out`: how many entries are not about people, when only people are records."""

    raw: Raw
    recognition: Recognition
    left_out: int = 0


def opened(
    con: duckdb.DuckDBPyConnection,
    export: Export,
    format: str,
    mappings: Sequence[MappingFile],
    work: Path,
    table: str,
    *,
    scan: bool = False,
) -> Opened:
    """The file as a raw relation with its mapping. Raises SourceError, or UnrecognisedError when no mapping
    fits.
    """
    dataset = export.entry.dataset if export.entry else None
    raw = _raw(con, export, format, mappings, work, table, scan=scan)
    found = recognise(mappings, raw.headers, raw.format, dataset)
    if found is None:
        if dataset:
            place, settings = "it", "file:"
            if raw.format == "csv":
                place, settings = "its first row", "file:, delimiter: and encoding:"
            raise SourceError("header", f"no column of {dataset} is known in {place}: check {settings} in {NAME}")
        raise UnrecognisedError("header", f"no known dataset has these columns: name its dataset in {NAME}")
    if found.rivals and dataset is None:
        names = ", ".join([found.mapping.schema.name, *found.rivals])
        raise SourceError("header", f"it could be {names}: name its dataset in {NAME}")
    _require_key(found, raw)
    if not found.mapping.people:
        return Opened(raw, found)
    people, left_out = _people(con, raw)
    return Opened(people, found, left_out)


def _raw(
    con: duckdb.DuckDBPyConnection,
    export: Export,
    format: str,
    mappings: Sequence[MappingFile],
    work: Path,
    table: str,
    *,
    scan: bool,
) -> Raw:
    encoding = export.entry.encoding if export.entry else None
    dataset = export.entry.dataset if export.entry else None
    match format:
        case "parquet":
            return parquet.read(con, export.path)
        case "jsonl":
            return jsonl.read(con, export.path, work, encoding, scan=scan)
        case "apache":
            return apache.read(export.path, work, encoding, scan=scan)
        case "iis":
            return iis.read(con, export.path, work, encoding, scan=scan)
        case "ldif":
            return ldif.read(con, export.path, work, encoding, table)
        case "xlsx":

            def score(header: list[str]) -> float:
                found = recognise(mappings, tuple(header), "xlsx", dataset)
                return len(found.columns) if found else 0

            return xlsx.read(con, export.path, table, score)
        case _:
            delimiter = export.entry.delimiter if export.entry else None
            return csv.read(export.path, work, encoding, delimiter=delimiter, scan=scan)


def _require_key(found: Recognition, raw: Raw) -> None:
    schema = found.mapping.schema
    if schema.row_number or raw.format in _NUMBERED or (raw.format == "ldif" and "dn" in raw.headers):
        return
    for column in schema.key:
        if column not in found.columns:
            raise SourceError(column, f"no column holds it: name one {column}, or add its header to the mappings")


def _people(con: duckdb.DuckDBPyConnection, raw: Raw) -> tuple[Raw, int]:
    classes = next((n for n, header in enumerate(raw.headers) if header.lower() == "objectclass"), None)
    if classes is None:
        return raw, 0
    listed = f"string_split(lower(c{classes}), ';')"
    wanted = ", ".join(map(literal, _PEOPLE))
    kept = (
        f"_bad IS NOT NULL OR c{classes} IS NULL OR "
        f"((list_has_any({listed}, [{wanted}]) OR c{classes} ILIKE '%person%') "
        f"AND NOT list_contains({listed}, 'computer'))"
    )
    left_out = one(con, f"SELECT count(*) FILTER (NOT ({kept})) FROM ({raw.select})")[0]
    people = Raw(
        raw.format,
        f"SELECT * FROM ({raw.select}) WHERE {kept}",
        raw.headers,
        raw.types,
        raw.encoding,
        raw.typed,
    )
    return people, left_out
