"""Sniff: the format of a file, from its first bytes and never from its name."""

import re
import zipfile
from pathlib import Path

from audit_lib.sources import apache
from audit_lib.sources.raw import SourceError
from audit_lib.sources.text import head

_LDIF = re.compile(r"^(?:version|dn|objectclass|changetype|search|result|ref)::? ?|^# (?:extended )?LDIF", re.I)
_ATTRIBUTE = re.compile(r"^[A-Za-z][\w.;-]*::?(?: |$)|^ |^-$")
_LINES = 200


def sniff(path: Path) -> str:
    """parquet, xlsx, jsonl, ldif, apache or csv. Raises SourceError when the file is empty, damaged or in
    none of them.
    """
    start = head(path)
    if not start.strip():
        raise SourceError("content", "the file is empty: export it again, or take it out of the folder")
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError("format", "this is no text: export CSV, XLSX, JSON Lines, Parquet or LDIF")
    codec = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    lines = start.decode(codec, errors="replace").splitlines()[:_LINES]
    return _of_lines([line for line in lines if line.strip()])


def _zipped(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        raise SourceError("format", "the workbook is cut or damaged, export it again") from None
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    raise SourceError("format", "this is a ZIP archive: unpack it into the folder of the exports")


def _of_lines(lines: list[str]) -> str:
    first = lines[0].lstrip()
    if first.startswith("{"):
        return "jsonl"
    if first.startswith("["):
        raise SourceError("format", "this is one JSON array: write one object a line (JSON Lines)")
    told = [line for line in lines if not line.startswith("#")]
    if any(_LDIF.match(line) for line in lines[:50]) and all(_ATTRIBUTE.match(line) for line in told[:20]):
        return "ldif"
    if sum(bool(apache.LINE.match(line)) for line in lines) * 2 > len(lines):
        return "apache"
    return "csv"
