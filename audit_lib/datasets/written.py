"""Written: a record as its export writes it, for the person who has to find it."""

from pathlib import Path

import duckdb

from audit_lib.datasets.database import connect
from audit_lib.datasets.folder import Export, listing
from audit_lib.datasets.load import prepare
from audit_lib.datasets.manifest import read_manifest
from audit_lib.datasets.mappings import MappingFile, load_mappings
from audit_lib.datasets.opening import opened
from audit_lib.sources.raw import SourceError
from audit_lib.sources.sniff import sniff


def written(exports: Path, file: str, row: int, mappings: Path, work: Path) -> list[tuple[str, str]]:
    """Header and cell of each cell that says something, in the order of the file.

    `file` is a name that a run wrote, `row` what it calls source_row, from 1. `work` is an empty folder for copies.
    SourceError when the file is not there, cannot be read, or has no such row.
    """
    manifest = read_manifest(exports)
    known, _ = load_mappings(mappings)
    listed, _, _ = listing(exports, manifest)
    export = next((one for one in listed if one.name == file), None)
    if export is None:
        raise SourceError("file", f"not in {exports}: give the folder that was checked")
    con = connect(work)
    try:
        prepare(con)
        try:
            headers, found = _row(con, export, row, known, work, scan=False)
        except duckdb.Error:  # as loading does, when a sample promises more than the file holds
            headers, found = _row(con, export, row, known, work, scan=True)
    except duckdb.Error as error:
        raise SourceError("content", f"it cannot be read ({type(error).__name__})") from None
    finally:
        con.close()
    if not found:
        raise SourceError("row", f"there is no row {row}: give the folder that was checked")
    return [(header, cell) for header, cell in zip(headers, found[0], strict=True) if cell not in (None, "")]


def _row(
    con: duckdb.DuckDBPyConnection, export: Export, row: int, mappings: list[MappingFile], work: Path, *, scan: bool
) -> tuple[tuple[str, ...], list[tuple[str | None, ...]]]:
    """Headers and the rows with that number."""
    format = sniff(export.path, export.entry.encoding if export.entry else None)
    raw = opened(con, export, format, mappings, work, f"dpo_raw_{scan}", scan=scan).raw
    cells = ", ".join(f"CAST(c{place} AS VARCHAR)" for place in range(len(raw.headers)))
    return raw.headers, con.execute(f"SELECT {cells} FROM ({raw.select}) WHERE _row = ?", [row]).fetchall()
