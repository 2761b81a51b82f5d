"""CSV: delimited text; every cell as text, every row whose number of fields is wrong known."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from audit_lib.sources import text
from audit_lib.sources.raw import (
    BAD_ENCODING,
    HEADER_REPEATED,
    SPACED,
    SPACES,
    UNCLOSED_QUOTE,
    UNDECODABLE,
    WRONG_COLUMN_COUNT,
    Raw,
    SourceError,
    literal,
    trimmed,
)

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_RECORDS = 100
# What Excel reads and writes above a header: `sep=;`.
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.I)
_MOST_REPEATS = 500  # of a regular expression
csv.field_size_limit(1 << 24)


def read(
    path: Path,
    work: Path,
    encoding: str | None,
    *,
    delimiter: str | None = None,
    scan: bool = False,
) -> Raw:
    """One row a record, header aside; blank lines do not count, rows of blank cells are counted and left out.

    Raises SourceError when there is no header.
    """
    file = text.read(path, work, encoding, scan=scan)
    top = _top(file)
    delimiter = delimiter or top.delimiter or _delimiter(top)
    header, *records = _records(top, delimiter)
    # Some tools end every row, but not the header, with a delimiter.
    if records and all(_trails(record, header) for record in records):
        header = [*header, ""]
    names = unique(header)
    places = range(len(names))
    columns = ", ".join([*(f"'c{n}': 'VARCHAR'" for n in places), "'extra': 'VARCHAR'"])
    # Two fields too many raise an error in strict mode; quoted line ends and short rows together need one
    # thread.
    source = (
        f"read_csv({literal(str(file.path))}, compression={literal(file.compression)}, "
        f"columns={{{columns}}}, auto_detect=false, header=false, skip={top.lines + _height(top, delimiter)}, "
        f"delim={literal(delimiter)}, quote='\"', escape='\"', "
        "nullstr=chr(1), null_padding=true, strict_mode=false, parallel=false, max_line_size=16777216, "
        "buffer_size=33554432)"
    )
    cells = ", ".join(f"c{n}" for n in places)
    trimmed_cells = ", ".join(f"CASE WHEN {SPACED} THEN {trimmed(f'c{n}')} ELSE c{n} END AS c{n}" for n in places)
    filled = " OR ".join(f"{cell} <> ''" for cell in [*(f"c{n}" for n in places), "extra"])
    numbered = f"SELECT *, row_number() OVER () AS _row, true AS {SPACED} FROM {source}"
    select = f"""
SELECT {cells}, _row, {_bad(header, delimiter, odd=_odd(file))} AS _bad
FROM (SELECT extra, _row, {trimmed_cells} FROM ({numbered}))
WHERE {filled}"""
    return Raw("csv", select, names, ("VARCHAR",) * len(names), file.encoding, trimmed=True, source=numbered)


def _bad(header: list[str], delimiter: str, *, odd: bool) -> str:
    """SQL of the reason why a row cannot be used."""
    last = len(header) - 1
    cells = [f"c{n}" for n in range(len(header))]
    # A whole row inside a cell: the quote before it is never closed, or closed by that of a later row.
    between = re.escape(delimiter)
    swallowed = rf"[\r\n]([^\x02\r\n{between}]*{between}){{{min(max(last, 1), _MOST_REPEATS)}}}"
    whens = [
        f"WHEN extra IS NULL AND c{last} IS NOT NULL THEN NULL",
        f"WHEN regexp_matches(concat_ws(chr(2), {', '.join(cells)}, extra), {literal(swallowed)}) "
        f"THEN {literal(UNCLOSED_QUOTE)}",
        f"ELSE {literal(WRONG_COLUMN_COUNT)}",
    ]
    counted = f"CASE {' '.join(whens)} END"
    again = " AND ".join(f"{cell} = {literal(name.strip(SPACES))}" for cell, name in zip(cells, header, strict=True))
    marked = " OR ".join(f"contains({cell}, {literal(UNDECODABLE)})" for cell in cells)
    damaged = f"WHEN {marked} THEN {literal(BAD_ENCODING)} " if odd else ""
    return f"coalesce({counted}, CASE {damaged}WHEN {again} THEN {literal(HEADER_REPEATED)} END)"


def unique(header: list[str]) -> tuple[str, ...]:
    """Names as written, trimmed: a blank one becomes `column_3`, a repeated one `name_2`, whatever its
    case.
    """
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(header, 1):
        base = " ".join(cell.split()) or f"column_{place}"
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def _odd(file: text.Text) -> bool:
    """A copy may hold marks of undecodable bytes."""
    return file.encoding not in ("utf-8", "utf-8-sig")


@dataclass(frozen=True)
class _Top:
    """The start of a file: `lines` stand above the header, one of them may tell the `delimiter`; `below` is what
    comes under them, whole or cut.
    """

    lines: int
    delimiter: str | None
    below: str
    whole: bool


def _top(file: text.Text) -> _Top:
    stream = io.StringIO(file.sample, newline="")
    delimiter = None
    for above, line in enumerate(stream):
        told = _SEPARATOR.fullmatch(line.strip("\r\n "))
        if line.strip() and not told:
            return _Top(above, delimiter, line + stream.read(), file.whole)
        delimiter = told[1] if told else delimiter
    raise SourceError("header", "the first row must hold the names of the columns")


def _height(top: _Top, delimiter: str) -> int:
    """How many lines the header takes."""
    reader = csv.reader(io.StringIO(top.below, newline=""), delimiter=delimiter)
    next(reader)
    return reader.line_num


def _records(top: _Top, delimiter: str) -> list[list[str]]:
    """The header and the first records, blank lines left out."""
    records: list[list[str]] = []
    for record in csv.reader(io.StringIO(top.below, newline=""), delimiter=delimiter):
        if record:
            records.append(record)
        if len(records) > _SAMPLE_RECORDS:
            return records
    return records if top.whole else records[:-1] or records


def _trails(record: list[str], header: list[str]) -> bool:
    return len(record) == len(header) + 1 and not record[-1]


def _delimiter(top: _Top) -> str:
    """The one that cuts most records of the sample into as many fields as the header."""

    def fit(delimiter: str) -> tuple[float, int]:
        header, *records = _records(top, delimiter)
        if len(header) < 2:
            return (0.0, 0)
        right = sum(len(record) == len(header) or _trails(record, header) for record in records)
        return ((1 + right) / (1 + len(records)), len(header))

    # Rows may be broken: a wide header that fits half of the records beats a narrow one that fits them all.
    fits = {delimiter: fit(delimiter) for delimiter in DELIMITERS}
    usable = [d for d, (share, width) in fits.items() if width and share >= 0.5]
    return max(usable or DELIMITERS, key=lambda d: (fits[d][1], fits[d][0]))
