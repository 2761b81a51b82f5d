"""Sniff: the content names the format, the file name does not."""

import gzip
from pathlib import Path

import pytest

from audit_lib.sources.raw import SourceError
from audit_lib.sources.sniff import sniff


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b"a,b\n1,2\n", "csv"),
        (b"dn;name\nx;y\n", "csv"),
        (b'{"a": 1}\n', "jsonl"),
        (gzip.compress(b'\n{"a": 1}\n'), "jsonl"),
        (b"version: 1\n\ndn: uid=a\nuid: a\n", "ldif"),
        (b"# extended LDIF\n#\ndn:: dWlkPWE=\nuid: a\n folded\n", "ldif"),
        (b"objectClass: person\nuid: a\n", "ldif"),
        (b'1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 -\n', "apache"),
        (b"PAR1....", "parquet"),
    ],
)
def test_format(tmp_path: Path, content: bytes, format: str) -> None:
    (tmp_path / "export.txt").write_bytes(content)
    assert sniff(tmp_path / "export.txt") == format


@pytest.mark.parametrize(
    ("content", "field"),
    [(b"", "content"), (b" \n\n", "content"), (b"[{}]", "format"), (b"a\x00b", "format")],
)
def test_refused(tmp_path: Path, content: bytes, field: str) -> None:
    (tmp_path / "export.csv").write_bytes(content)
    with pytest.raises(SourceError) as error:
        sniff(tmp_path / "export.csv")
    assert error.value.field == field
