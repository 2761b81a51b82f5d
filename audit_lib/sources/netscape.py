"""Netscape: cookies.txt, the jar of a browser, curl or wget; one cookie a line, seven fields between tabs."""

import re
from pathlib import Path

from audit_lib.sources import text
from audit_lib.sources.apache import BLANK, text_lines, without_blank_lines
from audit_lib.sources.raw import BAD_ENCODING, UNDECODABLE, UNREADABLE_LINE, Raw, literal

HEADERS = ("name", "domain", "expires_at", "observed_at")

TITLE = re.compile(r"#( Netscape)? HTTP Cookie File", re.I)
# No comment, though it begins like one.
HTTP_ONLY = "#HttpOnly_"
LINE = re.compile(rf"({HTTP_ONLY})?[^#\s]\S*\t(TRUE|FALSE)\t[^\t]*\t(TRUE|FALSE)\t-?\d+(\.\d+)?\t", re.I)


def read(path: Path, work: Path, declared: str | None, seen_at: str, *, scan: bool) -> Raw:
    """One row a cookie, `_row` its line; values are not read. `observed_at` is `seen_at`: the file tells no time.

    `expires_at` is in seconds since 1970, null for a cookie of the session.
    """
    lines = text_lines(without_blank_lines(text.read(path, work, declared, scan=scan), work))
    # The seventh field, the value, goes no further than this cut.
    fields = "string_split(ltrim(line, chr(65279)), chr(9))[:6]"
    comment = f"(parts[1][1] IN ('#', '$', {literal(BLANK)}) AND NOT starts_with(parts[1], {literal(HTTP_ONLY)}))"
    flags = "upper(parts[2]) IN ('TRUE', 'FALSE') AND upper(parts[4]) IN ('TRUE', 'FALSE')"
    select = f"""
SELECT parts[6] AS c0, regexp_replace(parts[1], {literal(f"^{HTTP_ONLY}")}, '') AS c1,
  regexp_replace(nullif(nullif(parts[5], '0'), '-1'), '[.][0-9]*$', '') AS c2, {literal(seen_at)} AS c3, _row,
  CASE WHEN len(parts) < 6 OR NOT ({flags}) THEN {literal(UNREADABLE_LINE)}
    WHEN contains(parts[1] || parts[6], {literal(UNDECODABLE)}) THEN {literal(BAD_ENCODING)} END AS _bad
FROM (SELECT row_number() OVER () AS _row, {fields} AS parts FROM {lines})
WHERE NOT {comment}"""
    return Raw("netscape", select, HEADERS, ("VARCHAR",) * len(HEADERS), seen_at=seen_at)
