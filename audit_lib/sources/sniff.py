"""Sniff: the format of a file, from its first bytes and never from its name."""

import re
import zipfile
from pathlib import Path

from audit_lib.sources import apache, iis
from audit_lib.sources.raw import SourceError, UnrecognisedError
from audit_lib.sources.text import head

_LDIF = re.compile(r"^(?:version|dn|objectclass|changetype|search|result|ref)::? ?|^# (?:extended )?LDIF", re.I)
_ATTRIBUTE = re.compile(r"^[A-Za-z][\w.;-]*::?(?: |$)|^ |^-$")
_ARRAY = re.compile(r"\[\s*(?:[{[]|$)")
_LINES = 200
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Old Office documents, and new ones that a password protects.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A text may hold a stray NUL; other files hold many.
_MOST_NULS = 0.01


def sniff(path: Path, encoding: str | None = None) -> str:
    """parquet, xlsx, jsonl, ldif, apache, iis or csv; `encoding` is the one that was told, if any.

    Raises SourceError when the file is empty, damaged or an export in another form, UnrecognisedError when
    it is no text.
    """
    start = head(path)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if start.startswith(_OLE):
        raise SourceError("format", "this is an old workbook or one with a password: save it as .xlsx without one")
    codec = encoding or ("utf-16" if start.startswith(_UTF16) else "utf-8-sig")
    if encoding is None and codec != "utf-16" and start.count(0) > len(start) * _MOST_NULS:
        raise UnrecognisedError("format", "this is no text: export CSV, XLSX, JSON Lines, Parquet or LDIF")
    lines = [line for line in start.decode(codec, errors="replace").splitlines()[:_LINES] if line.strip()]
    if not lines:
        raise SourceError("content", "the file is empty: export it again, or take it out of the folder")
    return _of_lines(lines)


def _zipped(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        raise SourceError("format", "the workbook or archive is cut or damaged, export it again") from None
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if {"mimetype", "content.xml"} <= set(names):
        raise SourceError("format", "this is an OpenDocument file: save its sheet as .xlsx")
    if "[Content_Types].xml" in names:
        raise UnrecognisedError("format", "this is a document: export its table as CSV or XLSX")
    raise SourceError("format", "this is a ZIP archive: unpack it into the folder of the exports")


def _of_lines(lines: list[str]) -> str:
    first = lines[0].lstrip("\ufeff").lstrip()
    if first.startswith("{"):
        return "jsonl"
    if _ARRAY.match(first):
        raise SourceError("format", "this is one JSON array: write one object a line (JSON Lines)")
    if iis.DIRECTIVE.match(first):
        return "iis"
    told = [line for line in lines if not line.startswith("#")]
    if any(_LDIF.match(line) for line in lines[:50]) and all(_ATTRIBUTE.match(line) for line in told[:20]):
        return "ldif"
    if sum(bool(apache.LINE.match(line)) for line in lines) * 2 > len(lines):
        return "apache"
    return "csv"
