"""CSV: delimited text; every cell as text, every row whose number of fields is wrong known."""

import csv
import io
from pathlib import Path

from audit_lib.sources import text
from audit_lib.sources.raw import BAD_ENCODING, UNDECODABLE, WRONG_COLUMN_COUNT, Raw, SourceError, literal, trimmed

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_RECORDS = 100
csv.field_size_limit(1 << 24)


def read(
    path: Path,
    work: Path,
    encoding: str | None,
    *,
    delimiter: str | None = None,
    scan: bool = False,
) -> Raw:
    """One row a record, header aside; blank lines do not count. Raises SourceError when there is no
    header.
    """
    file = text.read(path, work, encoding, scan=scan)
    delimiter = delimiter or _delimiter(file)
    header, lines = _header(file, delimiter)
    names = unique(header)
    last = len(names) - 1
    columns = ", ".join([*(f"'c{n}': 'VARCHAR'" for n in range(len(names))), "'extra': 'VARCHAR'"])
    # Two fields too many raise an error in strict mode; quoted line ends and short rows together need one
    # thread.
    source = (
        f"read_csv({literal(str(file.path))}, compression={literal(file.compression)}, "
        f"columns={{{columns}}}, auto_detect=false, header=false, skip={lines}, delim={literal(delimiter)}, "
        "quote='\"', escape='\"', "
        f"nullstr=chr(1), null_padding=true, strict_mode=false, parallel=false, "
        "max_line_size=16777216)"
    )
    cells = ", ".join(f"c{n}" for n in range(len(names)))
    marked = " OR ".join(f"contains(c{n}, {literal(UNDECODABLE)})" for n in range(len(names)))
    damaged = f"WHEN {marked} THEN {literal(BAD_ENCODING)}" if _odd(file) else ""
    trimmed_cells = ", ".join(f"{trimmed(f'c{n}')} AS c{n}" for n in range(len(names)))
    # Numbered above the trimming: below the numbering each cell is trimmed once, however often it is named above.
    select = f"""
SELECT {cells}, row_number() OVER () AS _row,
  CASE WHEN extra IS NOT NULL OR c{last} IS NULL THEN {literal(WRONG_COLUMN_COUNT)} {damaged} END AS _bad
FROM (SELECT extra, {trimmed_cells} FROM {source})"""
    return Raw("csv", select, names, ("VARCHAR",) * len(names), file.encoding, trimmed=True)


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


def _header(file: text.Text, delimiter: str) -> tuple[list[str], int]:
    """The first record and how many lines it takes, blank lines and Excel's `sep=` line above it included."""
    above = 0
    sample = io.StringIO(file.sample, newline="")
    while (place := sample.tell()) is not None:
        line = sample.readline()
        if not line:
            raise SourceError("header", "the first row must hold the names of the columns")
        if line.strip() and not line.lower().startswith("sep="):
            sample.seek(place)
            break
        above += 1
    reader = csv.reader(sample, delimiter=delimiter)
    return next(reader), above + reader.line_num


def _delimiter(file: text.Text) -> str:
    """The one that cuts most records of the sample into as many fields as the header."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths = [len(record) for record in _records(file, delimiter) if record]
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (sum(width == widths[0] for width in widths) / len(widths), widths[0])

    # Rows may be broken: a wide header that fits half of the records beats a narrow one that fits them all.
    fits = {delimiter: fit(delimiter) for delimiter in DELIMITERS}
    usable = [d for d, (share, width) in fits.items() if width and share >= 0.5]
    return max(usable or DELIMITERS, key=lambda d: (fits[d][1], fits[d][0]))


def _records(file: text.Text, delimiter: str) -> list[list[str]]:
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(file.sample, newline=""), delimiter=delimiter)
    for record in reader:
        records.append(record)
        if len(records) > _SAMPLE_RECORDS:
            return records
    return records if file.whole else records[:-1] or records
