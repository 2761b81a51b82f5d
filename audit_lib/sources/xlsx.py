"""XLSX: a sheet of a workbook; the header may stand below title rows."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from audit_lib.sources.csv import unique
from audit_lib.sources.raw import Raw, SourceError, UnrecognisedError
from audit_lib.sources.table import Table

_HEADER_WITHIN_ROWS = 30

Score = Callable[[list[str]], float]


def read(con: duckdb.DuckDBPyConnection, path: Path, name: str, score: Score) -> Raw:
    """The sheet and header row that `score` likes best. Raises SourceError when the workbook cannot be
    opened, UnrecognisedError when `score` likes none.

    `_row` counts from the row under the header; blank rows count and are left out. Dates become ISO text.
    """
    from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

    best: tuple[float, int, list[str], Sequence[Sequence[object]]] | None = None
    try:
        book = CalamineWorkbook.from_path(path)
        for sheet in book.sheet_names:
            rows: Sequence[Sequence[object]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            for place, row in enumerate(rows[:_HEADER_WITHIN_ROWS]):
                header = [_cell(cell) or "" for cell in row]
                if (value := score(header)) > (best[0] if best else 0):
                    best = (value, place, header, rows)
    except (CalamineError, WorksheetNotFound):
        raise SourceError("format", "the workbook is damaged or protected by a password") from None
    if best is None:
        raise UnrecognisedError("header", "no row of any sheet holds names of columns that are known")
    _, place, header, found = best
    while header and not header[-1]:
        header.pop()
    names = unique(header)
    table = Table(con, name)
    for number, row in enumerate(found[place + 1 :], 1):
        cells = [_cell(cell) for cell in row[: len(names)]]
        if any(cell for cell in cells):
            table.add(number, None, dict(zip(names, cells, strict=False)))
    if not table.count:
        table.add(0, None, dict.fromkeys(names))
    table.flush()
    columns = ", ".join(f"c{n}" for n in range(len(names)))
    select = f"SELECT {columns}, _row, _bad FROM ({table.select}) WHERE _row > 0"
    return Raw("xlsx", select, names, ("VARCHAR",) * len(names))


def _cell(cell: object) -> str | None:
    match cell:
        case None | "":
            return None
        case bool():
            return "true" if cell else "false"
        case dt.datetime():
            return cell.isoformat(sep=" ")
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell)
