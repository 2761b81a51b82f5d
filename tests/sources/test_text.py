"""Text: encodings are told apart by their bytes."""

import gzip
from pathlib import Path

import pytest

from audit_lib.sources import text
from audit_lib.sources.raw import UNDECODABLE, SourceError


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"plain", "utf-8"),
        ("é".encode(), "utf-8"),
        ("\ufeffé".encode(), "utf-8-sig"),
        ("é €".encode("cp1252"), "cp1252"),
        ("« CAFÉ » ou « CAFÉ»".encode("cp1252"), "cp1252"),
        ("é".encode("utf-16"), "utf-16"),
        ("é".encode() + b"\n" + "è\n".encode("cp1252"), "utf-8 with other bytes"),
    ],
)
def test_encoding(tmp_path: Path, content: bytes, encoding: str) -> None:
    (tmp_path / "f").write_bytes(content)
    (tmp_path / "work").mkdir()
    first = text.read(tmp_path / "f", tmp_path / "work")
    again = text.read(tmp_path / "f", tmp_path / "work", scan=True)
    assert again.encoding == encoding
    assert first.encoding in (encoding, "utf-8")


def test_bytes_of_another_encoding_are_marked(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes("é".encode() + b"\nx\xe9\n")
    (tmp_path / "work").mkdir()
    copy = text.read(tmp_path / "f", tmp_path / "work", scan=True).path
    assert copy.read_text("utf-8") == f"é\nx{UNDECODABLE}\n"


def test_a_cut_gzip_file(tmp_path: Path) -> None:
    (tmp_path / "f.gz").write_bytes(gzip.compress(b"a" * 10_000_000)[:-100])
    with pytest.raises(SourceError, match="cut or damaged"):
        text.read(tmp_path / "f.gz", tmp_path, scan=True)
