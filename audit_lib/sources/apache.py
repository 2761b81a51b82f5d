"""Apache: access logs of Apache and nginx, common and combined."""

import re
from dataclasses import replace
from pathlib import Path

from audit_lib.sources import text
from audit_lib.sources.raw import BAD_ENCODING, UNDECODABLE, UNREADABLE_LINE, Raw, literal

HEADERS = ("host", "identity", "user", "time", "request", "status", "bytes", "referrer", "user_agent")

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_PATTERN = (
    r"^(\S+) (\S+) (.+?) \[(\d{2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "
    rf"{_QUOTED} (\d{{3}}|-) (\d+|-)(?: {_QUOTED} {_QUOTED})?\s*$"
)
LINE = re.compile(_PATTERN)
# A control character that no log holds: takes the place of a blank line, which DuckDB would not count.
BLANK = "\x03"


def read(path: Path, work: Path, declared: str | None, *, scan: bool) -> Raw:
    """One row a line, `_row` its number in the file; blank lines are counted and left out."""
    file = text.read(path, work, declared, scan=scan)
    lines = text_lines(filled(file, work))
    groups = ", ".join(literal(f"g{n}") for n in range(len(HEADERS)))
    columns = ", ".join(f"nullif(parts['g{n}'], '-') AS c{n}" for n in range(len(HEADERS)))
    # Numbered last: below the numbering each line is parsed once, however often its parts are named above.
    select = f"""
SELECT {columns}, _row,
  CASE WHEN contains(line, {literal(UNDECODABLE)}) THEN {literal(BAD_ENCODING)}
    WHEN parts['g4'] = '' AND parts['g3'] = '' THEN {literal(UNREADABLE_LINE)} END AS _bad
FROM (SELECT row_number() OVER () AS _row, line, parts
  FROM (SELECT line, regexp_extract(line, {literal(_PATTERN)}, [{groups}]) AS parts FROM {lines}))
WHERE line <> {literal(BLANK)}"""
    return Raw("apache", select, HEADERS, ("VARCHAR",) * len(HEADERS), file.encoding, trimmed=True)


def text_lines(file: text.Text) -> str:
    """The lines of a text file as an SQL table function, with one column `line`.

    On one thread: where the parts of several meet, DuckDB now and then loses a line without a word.
    """
    return (
        f"read_csv({literal(str(file.path))}, compression={literal(file.compression)}, "
        "columns={'line': 'VARCHAR'}, auto_detect=false, header=false, "
        "delim=chr(2), quote='', escape='', nullstr=chr(1), parallel=false, max_line_size=16777216, "
        "buffer_size=33554432)"
    )


def filled(file: text.Text, work: Path) -> text.Text:
    """The same lines, BLANK in place of those that are blank."""
    if all(line.strip() for line in text.lines(file.path)):
        return file
    copy = work / f"{len(list(work.iterdir()))}-lines"
    with copy.open("wb") as target:
        target.writelines(line if line.strip() else f"{BLANK}\n".encode() for line in text.lines(file.path))
    return replace(file, path=copy, compression="none")
