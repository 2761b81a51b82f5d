"""Sniff: the content names the format, the file name does not."""

import gzip
import zipfile
from pathlib import Path

import pytest

from audit_lib.sources.raw import SourceError, UnrecognisedError
from audit_lib.sources.sniff import sniff


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b"a,b\n1,2\n", "csv"),
        (b"dn;name\nx;y\n", "csv"),
        (b'{"a": 1}\n', "jsonl"),
        (gzip.compress(b'\n{"a": 1}\n', mtime=0), "jsonl"),
        (b"version: 1\n\ndn: uid=a\nuid: a\n", "ldif"),
        (b"# extended LDIF\n#\ndn:: dWlkPWE=\nuid: a\n folded\n", "ldif"),
        (b"objectClass: person\nuid: a\n", "ldif"),
        (b'1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 -\n', "apache"),
        (b"PAR1....", "parquet"),
        ("a;b\n1;2\n".encode("utf-16"), "csv"),
        (b"a;b\n" + b"1;2\n" * 50 + b"\0;2\n", "csv"),
        (b"[day];[hour]\n1;2\n", "csv"),
    ],
)
def test_format(tmp_path: Path, content: bytes, format: str) -> None:
    (tmp_path / "export.txt").write_bytes(content)
    assert sniff(tmp_path / "export.txt") == format


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "content"),
        (b" \n\n", "content"),
        (b"\xef\xbb\xbf\r\n", "content"),
        (b"[{}]", "format"),
        (b"[\n  {}\n]", "format"),
        (b"a\x00b", "format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "format"),
        (b"PK\x03\x04", "format"),
    ],
)
def test_refused(tmp_path: Path, content: bytes, field: str) -> None:
    (tmp_path / "export.csv").write_bytes(content)
    with pytest.raises(SourceError) as error:
        sniff(tmp_path / "export.csv")
    assert error.value.field == field


@pytest.mark.parametrize(
    ("names", "advice"),
    [
        (["contacts.csv"], "this is a ZIP archive: unpack it into the folder of the exports"),
        (["mimetype", "content.xml"], "this is an OpenDocument file: save its sheet as .xlsx"),
        (["[Content_Types].xml", "word/document.xml"], "this is a document: export its table as CSV or XLSX"),
    ],
)
def test_archives_that_are_no_workbook(tmp_path: Path, names: list[str], advice: str) -> None:
    with zipfile.ZipFile(tmp_path / "export.xlsx", "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    with pytest.raises(SourceError) as error:
        sniff(tmp_path / "export.xlsx")
    assert error.value.advice == advice


def test_the_encoding_that_was_told(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes("a;b\n1;2\n".encode("utf-16-le"))
    assert sniff(tmp_path / "export.csv", "utf-16-le") == "csv"
    with pytest.raises(UnrecognisedError):
        sniff(tmp_path / "export.csv")
