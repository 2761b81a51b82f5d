"""CSV: delimiters and headers."""

from pathlib import Path

import pytest

from audit_lib.sources import csv
from audit_lib.sources.raw import SourceError


def _headers(folder: Path, content: str) -> tuple[str, ...]:
    (folder / "f.csv").write_text(content, encoding="utf-8", newline="")
    (folder / "work").mkdir()
    return csv.read(folder / "f.csv", folder / "work", None).headers


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        ("a;b\n1,5;2\n", ("a", "b")),
        ("a\tb,c\td\n1\t2,3\t4\n", ("a", "b,c", "d")),
        ("a|b\n", ("a", "b")),
        ("alone\n1\n", ("alone",)),
        ("\n\nsep=;\na;b\n", ("a", "b")),
        ('"sep=^"\r\na^b,c\r\n', ("a", "b,c")),
        ("sep=\t\na\tb\n", ("a", "b")),
        ("a;b\n1;2;\n3;4;\n", ("a", "b", "column_3")),
        ("a;b\n1;2;\n3;4\n", ("a", "b")),
        ('"a\nb";c\n1;2\n', ("a b", "c")),
        ("a, A ,,\n1,2,3,4\n", ("a", "A_2", "column_3", "column_4")),
    ],
)
def test_header(tmp_path: Path, content: str, headers: tuple[str, ...]) -> None:
    assert _headers(tmp_path, content) == headers


def test_no_header(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="names of the columns"):
        _headers(tmp_path, "\n\n")
