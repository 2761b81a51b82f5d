"""YAML: what the strict reader takes and refuses, one line each."""

from pathlib import Path
from typing import Any

import pytest

from audit_lib.yaml import YamlError, read


@pytest.fixture
def said(tmp_path: Path) -> Any:
    def write(text: str | bytes) -> Any:
        path = tmp_path / "one.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read(path)

    return write


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("True", "True"),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2026-01-20", "2026-01-20"),
        ("2026-11-01T06:00:00+01:00", "2026-11-01T06:00:00+01:00"),
        ("12:30:45", "12:30:45"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("11", 11),
        ("-3", -3),
        ("0.2", 0.2),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("P3Y", "P3Y"),
        ("5.2.1", "5.2.1"),
    ],
)
def test_scalars(said: Any, text: str, value: object) -> None:
    found = said(f"a: {text}\n")["a"]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: a: written twice, keep one"),
        ("a:\n  b: 1\n  b: 1\n", "line 3: b: written twice, keep one"),
        (
            "a: Délai : un mois: deux\n",
            "line 1: put the text in quotes: it holds a colon followed by a space",
        ),
        ("a: b\n\tc: d\n", "line 2: write spaces instead of a tab"),
        ("a:\n\tb: c\n", "line 2: write spaces instead of a tab, or put the text in quotes"),
        ("a: 'b\n", "line 2: close the quote or the bracket"),
        ("a: [b\n", "line 2: close the bracket, or write a comma"),
        ("a: {b: [", "line 2: close the bracket, or write a value"),
        ("a: *b\n", "line 1: put the text in quotes: it begins with an asterisk"),
        ("a: !b c\n", "line 1: put the text in quotes: it begins with an exclamation mark"),
        (
            "a: !!python/object/apply:os.getcwd []\n",
            "line 1: put the text in quotes: it begins with an exclamation mark",
        ),
        ("a: 1\n---\nb: 2\n", "line 2: write one document: remove the second ---"),
        ("[a]: b\n", "line 1: write a word before the colon, in quotes if it holds [ or {"),
        ("{a: b}: c\n", "line 1: write a word before the colon, in quotes if it holds [ or {"),
        ("a: &x\n  b: *x\n", "line 1: write valid YAML"),
        (b"a: \xe9t\xe9\n", "write it in UTF-8"),
        ("a: b\x07\n", "remove the control character"),
        (f"a: {'9' * 5000}\n", "write shorter numbers, or put them in quotes"),
    ],
)
def test_errors_are_one_line_that_says_what_to_write(said: Any, text: str | bytes, error: str) -> None:
    with pytest.raises(YamlError) as raised:
        said(text)
    assert str(raised.value) == f"one.yaml: {error}"


def test_a_byte_order_mark_is_no_part_of_the_first_key(said: Any) -> None:
    assert said(b"\xef\xbb\xbfa: 1\n") == {"a": 1}


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(YamlError, match=r"^none\.yaml: No such file or directory$"):
        read(tmp_path / "none.yaml")
