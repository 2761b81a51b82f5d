"""IIS: W3C extended logs, whose #Fields line may change within a file."""

import re
from pathlib import Path

import duckdb

from audit_lib.sources import text
from audit_lib.sources.apache import BLANK, text_lines, without_blank_lines
from audit_lib.sources.raw import (
    BAD_ENCODING,
    UNDECODABLE,
    UNREADABLE_LINE,
    WRONG_COLUMN_COUNT,
    Raw,
    literal,
)

DIRECTIVE = re.compile(r"^#(Software|Version|Date|Fields|Start-Date|End-Date|Remark):")
# The date and the time of a line, in UTC as the format has it, in one cell.
WHEN = "date-time"
_FIELDS = "#Fields:"


def read(con: duckdb.DuckDBPyConnection, path: Path, work: Path, declared: str | None, *, scan: bool) -> Raw:
    """One row a line, `_row` its number in the file; lines that begin with # and blank ones are left out.

    A `-` is null. A line with more or fewer fields than the last #Fields line names cannot be used.
    """
    file = text.read(path, work, declared, scan=scan)
    numbered = f"SELECT row_number() OVER () AS _row, line FROM {text_lines(without_blank_lines(file, work))}"
    layouts = [
        (row, line.removeprefix(_FIELDS).split())
        for row, line in con.execute(f"SELECT * FROM ({numbered}) WHERE starts_with(line, '{_FIELDS}')").fetchall()
    ]
    names = list(dict.fromkeys(name for _, fields in layouts for name in fields))
    columns = [_cell(name, layouts) for name in names]
    headers = tuple(names)
    if {"date", "time"} <= set(names):
        columns.append(f"concat({_part('date', layouts)}, 'T', {_part('time', layouts)}, 'Z')")
        headers = (*headers, WHEN)
    wanted = _by_layout([str(len(fields)) for _, fields in layouts], layouts)
    shown = ", ".join(f"{sql} AS c{place}" for place, sql in enumerate(columns))
    select = f"""
SELECT {shown}, _row,
  CASE WHEN contains(line, {literal(UNDECODABLE)}) THEN {literal(BAD_ENCODING)}
    WHEN {wanted} IS NULL THEN {literal(UNREADABLE_LINE)}
    WHEN len(parts) <> {wanted} THEN {literal(WRONG_COLUMN_COUNT)} END AS _bad
FROM (SELECT _row, line, string_split(rtrim(line), ' ') AS parts FROM ({numbered}))
WHERE NOT starts_with(line, '#') AND NOT starts_with(line, {literal(BLANK)})"""
    return Raw("iis", select, headers, ("VARCHAR",) * len(headers), file.encoding, trimmed=True)


def _by_layout(values: list[str], layouts: list[tuple[int, list[str]]]) -> str:
    """SQL of the value of the last layout before a line; null before the first."""
    whens = "".join(
        f" WHEN _row > {row} THEN {value}" for (row, _), value in zip(layouts[::-1], values[::-1], strict=True)
    )
    return f"CASE{whens} END"


def _part(name: str, layouts: list[tuple[int, list[str]]]) -> str:
    places = [str(fields.index(name) + 1) if name in fields else "NULL" for _, fields in layouts]
    return f"nullif(parts[{_by_layout(places, layouts)}], '-')"


def _cell(name: str, layouts: list[tuple[int, list[str]]]) -> str:
    part = _part(name, layouts)
    # Blanks within what a browser sends are written as plus signs.
    return f"replace({part}, '+', ' ')" if name.startswith("cs(") else part
