"""LDIF: entries of a directory (RFC 2849), read as a stream.

The `ldif` package is not used: it stops at the first entry without a dn, and its warnings quote values.
"""

import base64
import binascii
import codecs
from collections.abc import Iterator
from pathlib import Path

import duckdb

from audit_lib.sources import text
from audit_lib.sources.raw import BAD_ENCODING, BROKEN_LINE, MISSING_DN, UNDECODABLE, Raw, SourceError
from audit_lib.sources.table import Table

SEPARATOR = ";"
# What ldapsearch writes after the entries, in blocks of its own.
_TRAILERS = ({"search", "result"}, {"ref"}, {"version"})

Block = list[bytes]


def read(con: duckdb.DuckDBPyConnection, path: Path, work: Path, declared: str | None, name: str) -> Raw:
    """One row an entry, `_row` its number; several values of an attribute are joined with `;`.

    Attribute names lose their case and options. Values that are no text become base64. Raises SourceError
    when there
    is no entry.
    """
    table = Table(con, name)
    spelling: dict[str, str] = {}
    encoding = "utf-8"
    # LDIF is UTF-8 by its standard: another encoding is never guessed, and Windows marks its UTF-16.
    if declared or text.head(path, 2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        file = text.read(path, work, declared)
        path, encoding = file.path, file.encoding
    for number, block in enumerate(_entries(path), 1):
        bad, values = _entry(block)
        named = {spelling.setdefault(attribute.lower(), attribute): value for attribute, value in values.items()}
        table.add(number, bad, named)
    table.flush()
    if not table.count:
        raise SourceError("content", "the LDIF file holds no entry: export it again")
    headers = table.headers
    return Raw("ldif", table.select, headers, ("VARCHAR",) * len(headers), encoding)


def _entries(path: Path) -> Iterator[Block]:
    """Blocks of unfolded lines, without comments, version lines and search results."""
    block: Block = []
    for line in _unfolded(path):
        if line:
            block.append(line)
        elif block:
            if _is_entry(block):
                yield block
            block = []
    if block and _is_entry(block):
        yield block


def _is_entry(block: Block) -> bool:
    if block[0].lower().startswith(b"version:"):
        del block[0]
    names = {line.partition(b":")[0].decode("latin-1").lower() for line in block}
    return bool(names) and not any(names <= known for known in _TRAILERS)


def _unfolded(path: Path) -> Iterator[bytes]:
    held: bytes | None = None
    for raw in text.lines(path):
        line = raw.rstrip(b"\r\n")
        if line.startswith(b" ") and held is not None:
            held += line[1:]
            continue
        if held is not None and not held.startswith(b"#"):
            yield held
        held = line.removeprefix(b"\xef\xbb\xbf") if held is None else line
    if held is not None and not held.startswith(b"#"):
        yield held


def _entry(block: Block) -> tuple[str | None, dict[str, str | None]]:
    values: dict[str, list[str]] = {}
    bad = None
    for line in block:
        attribute, colon, rest = line.partition(b":")
        if not colon:
            return BROKEN_LINE, {}
        name = attribute.decode("latin-1").partition(";")[0]
        try:
            value = _value(rest)
        except binascii.Error:
            return BROKEN_LINE, {}
        if value is None:
            bad = bad or BAD_ENCODING
            continue
        known = next((one for one in values if one.lower() == name.lower()), name)
        values.setdefault(known, []).append(value)
    lowered = {name.lower(): said for name, said in values.items()}
    if "dn" not in lowered:
        return bad or MISSING_DN, {}
    # A record of a change is no entry, except the addition of one.
    if lowered.pop("changetype", ["add"]) != ["add"]:
        return BROKEN_LINE, {}
    return bad, {name: SEPARATOR.join(said) for name, said in values.items() if name.lower() != "changetype"}


def _value(rest: bytes) -> str | None:
    """Text, or base64 for bytes that are no text; None when plain bytes are not UTF-8."""
    if rest.startswith(b":"):
        encoded = rest[1:].strip()
        plain = base64.b64decode(encoded, validate=True)
        try:
            return plain.decode("utf-8")
        except UnicodeDecodeError:
            return encoded.decode("ascii")
    try:
        value = rest.removeprefix(b"<").strip().decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if UNDECODABLE in value else value
