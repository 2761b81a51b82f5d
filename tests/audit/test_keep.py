"""Keep: each month's audit reads that month's files, and finds what an audit of all of them finds."""

import fcntl
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit_lib.audit.keep import reserved
from audit_lib.report import load
from audit_lib.report.tables import provenance
from tests.audit.conftest import audit
from tests.judging import ROOT

LAST = "logs/usage-2026-10.jsonl.gz"


def checked(exports: Path, out: Path, key: Path, *options: str | Path) -> Path:
    """The run folder."""
    done = audit("check", exports, "--out", out, *options, key=key)
    assert done.returncode == 0, done.stderr
    [folder] = out.iterdir()
    return folder


def facts(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "run.json").read_text("utf-8"))
    return found


def test_a_month_later_only_the_new_file_is_read(tmp_path: Path, key_file: Path) -> None:
    exports, keep = tmp_path / "exports", tmp_path / "keep"
    shutil.copytree(ROOT / "data_samples", exports)
    new = (exports / LAST).read_bytes()
    (exports / LAST).unlink()
    checked(exports, tmp_path / "before", key_file, "--keep", keep)
    (exports / LAST).write_bytes(new)
    whole = checked(exports, tmp_path / "whole", key_file)
    run = checked(exports, tmp_path / "now", key_file, "--keep", keep)
    assert facts(run)["bytes_read"] == len(new)
    assert facts(whole)["bytes_read"] == sum(one["bytes"] for one in facts(whole)["inputs"])
    assert facts(whole)["read_before"] == []
    assert facts(run)["read_before"] == sorted(
        one["file"] for one in facts(run)["inputs"] if one["dataset"] and one["file"] != LAST
    )
    # Named after what was asked of which bytes, and not of how.
    assert run.name == whole.name
    for name in ("controls.json", "aggregates.json", "policy_findings.json", "findings.parquet", "quarantine.parquet"):
        assert (run / name).read_bytes() == (whole / name).read_bytes()
    assert {path.name for path in run.iterdir()} == {path.name for path in whole.iterdir()}
    assert keep.stat().st_mode & 0o777 == 0o700


@pytest.fixture(scope="module")
def read_twice(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Path:
    """A run that had nothing to read, with another parameter than the one that read everything."""
    folder = tmp_path_factory.mktemp("twice")
    checked(ROOT / "data_samples", folder / "before", key_file, "--keep", folder / "keep")
    return checked(ROOT / "data_samples", folder / "now", key_file, "--keep", folder / "keep", "--set", "k=50")


def test_a_control_that_changed_is_asked_of_every_month(read_twice: Path, tmp_path: Path, key_file: Path) -> None:
    run = read_twice
    whole = checked(ROOT / "data_samples", tmp_path / "whole", key_file, "--set", "k=50")
    assert facts(run)["bytes_read"] == 0
    query = f"SELECT count(*) FROM '{whole}/findings.parquet' WHERE reason = 'class_too_small'"
    [[small]] = duckdb.execute(query).fetchall()
    assert small > 1000
    assert (run / "findings.parquet").read_bytes() == (whole / "findings.parquet").read_bytes()


def test_a_folder_that_cannot_be_used(tmp_path: Path, key_file: Path) -> None:
    exports, out = ROOT / "data_samples", tmp_path / "out"
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    (tmp_path / "used").mkdir()
    wrong = {
        exports / "keep": f"it shares files with {exports}, write a folder of its own",
        out / "keep": f"it shares files with {out}, write a folder of its own",
        tmp_path: f"it shares files with {out}, write a folder of its own",
        tmp_path / "file": "File exists, write a folder to write in",
        tmp_path / "full": "it holds other files, write an empty folder",
        tmp_path / "used": "another audit uses it, wait for its end or write another folder",
    }
    with (tmp_path / "used" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for keep, advice in wrong.items():
            done = audit("check", exports, "--out", out, "--keep", keep, key=key_file)
            assert (done.returncode, done.stderr) == (2, f"--keep {keep}: {advice}\n")
    assert not out.exists()
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_what_fails_during_the_audit_is_not_said_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"), reserved(tmp_path / "keep"):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "0 of 46 (0 MB of 0.3); the others have not changed since an earlier audit read them"),
        ("fr", "0 sur 46 (0 Mo sur 0,3)\u202f; les autres n’ont pas changé depuis qu’un contrôle précédent les a lus"),
    ],
)
def test_the_report_says_how_much_was_read(read_twice: Path, language: str, said: str) -> None:
    assert said in provenance(load(read_twice, policy=ROOT / "expectations", lang=language)).html
