"""No leak: the canaries of the samples appear in no file of a run, nor in what it prints."""

import base64
import json
import zipfile
from pathlib import Path

import duckdb
import pypdf

from audit_lib.sample.canaries import canaries
from tests.judging import ROOT


def _texts(path: Path) -> list[str]:
    """Everything a reader of the file could get out of it."""
    if path.suffix == ".pdf":
        return ["".join(page.extract_text() for page in pypdf.PdfReader(path).pages)]
    if path.suffix == ".parquet":
        rows = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        return [json.dumps(rows, default=str), path.read_bytes().decode("latin-1")]
    return [path.read_bytes().decode("utf-8", errors="replace")]


def test_the_samples_hold_the_canaries() -> None:
    exports = b""
    for path in sorted((ROOT / "data_samples").rglob("*")):
        if path.suffix == ".gz":
            import gzip

            exports += gzip.decompress(path.read_bytes())
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                exports += b"".join(book.read(name) for name in book.namelist())
        elif path.is_file():
            exports += path.read_bytes()
            if path.suffix == ".ldif":
                unfolded = path.read_bytes().replace(b"\n ", b"")
                exports += unfolded
                exports += b"".join(
                    base64.b64decode(line.split(b":: ", 1)[1]) for line in unfolded.splitlines() if b":: " in line
                )
    text = exports.decode("utf-8", errors="replace").casefold()
    missing = [one for one in canaries() if one.casefold() not in text]
    assert len(canaries()) >= 40
    assert not missing


def test_no_canary_leaves_the_exports(whole_run: tuple[Path, str]) -> None:
    folder, printed = whole_run
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 18
    for path in files:
        for text in _texts(path):
            low = text.casefold()
            assert not [one for one in canaries() if one.casefold() in low], path.name
    assert not [one for one in canaries() if one.casefold() in printed.casefold()]


def test_no_address_of_a_person_leaves_the_exports(whole_run: tuple[Path, str]) -> None:
    rows = duckdb.execute(
        f"SELECT * FROM read_csv('{ROOT}/data_samples/directory/utilisateurs.csv', delim=';', all_varchar=true)"
    ).fetchall()
    mails = {value.casefold() for row in rows for value in row if value and "@" in value}
    assert len(mails) >= 50
    for path in whole_run[0].rglob("*"):
        if path.is_file():
            low = "".join(_texts(path)).casefold()
            assert not [mail for mail in mails if mail in low], path.name
