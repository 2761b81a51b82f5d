"""JSON Lines: one object a line, its keys taken from every line."""

from pathlib import Path

import duckdb

from audit_lib.sources import text
from audit_lib.sources.apache import text_lines
from audit_lib.sources.raw import BAD_ENCODING, BROKEN_LINE, UNDECODABLE, Raw, UnrecognisedError, literal, trimmed


def read(con: duckdb.DuckDBPyConnection, path: Path, work: Path, declared: str | None, *, scan: bool) -> Raw:
    """One row a line; a nested object stays JSON text. Raises UnrecognisedError when no line is an object."""
    file = text.read(path, work, declared, scan=scan)
    lines = text_lines(file)
    keys = _keys(con, lines)
    if not keys:
        raise UnrecognisedError("content", "no line holds a JSON object: write one object a line (JSON Lines)")
    pointers = ", ".join(literal("/" + key.replace("~", "~0").replace("/", "~1")) for key in keys)
    parts = f"list_transform(json_extract_string(line, [{pointers}]), lambda one: {trimmed('one')})"
    columns = ", ".join(f"parts[{n + 1}] AS c{n}" for n in range(len(keys)))
    # Numbered last: below the numbering each line is parsed once, however often its parts are named above.
    select = f"""
SELECT {columns}, _row, _bad
FROM (SELECT row_number() OVER () AS _row, _bad, parts
  FROM (SELECT _bad, CASE WHEN _bad IS NULL THEN {parts} END AS parts
    FROM (SELECT line, CASE WHEN contains(line, {literal(UNDECODABLE)}) THEN {literal(BAD_ENCODING)}
        WHEN NOT json_valid(line) OR NOT starts_with(ltrim(line), '{{') THEN {literal(BROKEN_LINE)} END AS _bad
      FROM (SELECT ltrim(line, chr(65279)) AS line FROM {lines}))))"""
    return Raw("jsonl", select, keys, ("VARCHAR",) * len(keys), file.encoding, trimmed=True)


def _keys(con: duckdb.DuckDBPyConnection, lines: str) -> tuple[str, ...]:
    """Every key of every line, in the order in which they first appear."""
    rows = con.execute(
        f"""
SELECT key FROM (SELECT DISTINCT keys FROM (
  SELECT json_keys(line) AS keys FROM (SELECT ltrim(line, chr(65279)) AS line FROM {lines})
  WHERE json_valid(line) AND starts_with(ltrim(line), '{{'))),
  unnest(keys) WITH ORDINALITY AS u(key, place)
GROUP BY key ORDER BY min(place), key"""
    ).fetchall()
    return tuple(row[0] for row in rows)
