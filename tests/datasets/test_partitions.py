"""Partitions: what an earlier load read is taken as it was, and read again as soon as anything could differ."""

import datetime as dt
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit_lib.datasets import Loaded, partitions
from tests.datasets.conftest import Exports

LOGS = "event_id,at,ip,action,anonymous_id,country,file_row_number\n"
SEPTEMBER = LOGS + "e1,2026-09-01T08:00:00,8.8.8.0,join,a1,FR,7\ne2,2026-09-31T08:00:00,8.8.8.0,join,a2,FR,7\n"
OCTOBER = LOGS + "e3,2026-10-01T08:00:00Z,8.8.4.0,leave,a1,Groland,8\ne1,2026-10-02T08:00:00Z,,leave,a1,BE,8\n"


class Months:
    """A folder of exports, loaded as each month would, in a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.exports, self.keep = folder / "exports", folder / "keep"
        self.exports.mkdir()
        self.keep.mkdir()
        self._folder = folder
        self._loads = 0

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.exports / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, *, keep: bool = True, **options: Any) -> tuple[Loaded, list[Any]]:
        """What was loaded, and every row of it and of the quarantine."""
        self._loads += 1
        work = self._folder / f"work-{self._loads}"
        work.mkdir()
        with duckdb.connect(str(work / "work.duckdb")) as con:
            loading = Exports(self.exports, work, con)
            loaded = loading.load(keep=self.keep if keep else None, **options)
            rows: list[Any] = [loading.quarantine()]
            for name, dataset in loaded.datasets.items():
                columns = ", ".join(f'"{column}"' for column in dataset.columns)
                flags = "".join(f', "{column}__naive"' for column in sorted(dataset.naive))
                rows.append(loading.rows(f"SELECT _file, _row, {columns}{flags} FROM {name} ORDER BY ALL"))
            return loaded, rows

    def kept(self) -> list[Path]:
        """What is kept of rows."""
        return sorted(self.keep.glob("*.parquet"))


@pytest.fixture
def months(tmp_path: Path) -> Months:
    return Months(tmp_path)


def test_a_month_later_only_the_new_file_is_read(months: Months) -> None:
    months.write("2026-09.csv", SEPTEMBER)
    months.load()
    months.write("2026-10.csv", OCTOBER)
    later, rows = months.load()
    assert [file.bytes_read for file in later.files] == [0, len(OCTOBER)]
    whole, all_rows = months.load(keep=False)
    assert [file.bytes_read for file in whole.files] == [len(SEPTEMBER), len(OCTOBER)]
    # The day that no month has is set aside; the key of September comes again in October.
    assert all_rows[0] == [
        ("2026-09.csv", 2, "at", "bad_date"),
        ("2026-10.csv", 2, "event_id", "key_duplicate"),
    ]
    assert rows == all_rows
    assert _told(later) == _told(whole)


def _told(loaded: Loaded) -> Any:
    """All that a load tells but how much it read."""
    files = [{**vars(file), "bytes_read": None} for file in loaded.files]
    return files, loaded.datasets, loaded.notes, loaded.problems, loaded.assumptions


def test_every_format(months: Months) -> None:
    shutil.copytree(Path(__file__).parents[2] / "data_samples", months.exports, dirs_exist_ok=True)
    october = f"read_json('{months.exports}/logs/usage-2026-10.jsonl.gz')"
    duckdb.execute(f"COPY (SELECT *, 1 AS file_index FROM {october}) TO '{months.exports}/logs/u.parquet'")
    months.load()
    later, rows = months.load()
    whole, all_rows = months.load(keep=False)
    assert {file.format for file in later.files} >= {"csv", "xlsx", "jsonl", "ldif", "apache", "parquet"}
    assert [file.file for file in later.files if file.dataset and file.bytes_read] == []
    assert rows == all_rows
    assert _told(later) == _told(whole)


def test_files_with_the_same_bytes(months: Months) -> None:
    for name in ("a.csv", "b.csv"):
        months.write(name, OCTOBER)
    months.load()
    later, rows = months.load()
    assert [file.bytes_read for file in later.files] == [0, 0]
    assert rows == months.load(keep=False)[1]


@pytest.fixture
def read_once(months: Months, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that was read, and that has not changed for as long as file systems are vague."""
    monkeypatch.setattr(partitions, "_GRAIN_NANOSECONDS", 0)
    path = months.write("2026-09.csv", SEPTEMBER)
    _tick(path)
    months.load()
    again, _ = months.load()
    assert (again.files[0].bytes_read, again.bytes_hashed) == (0, 0)
    yield path


def _tick(path: Path) -> None:
    """Until the clock of the file system has moved on."""
    other = path.with_name(".tick")
    while True:
        other.touch()
        if other.stat().st_mtime_ns > path.stat().st_ctime_ns:
            break
        time.sleep(0.001)
    other.unlink()


def test_a_file_that_changes_under_the_same_size_and_time_is_read_again(months: Months, read_once: Path) -> None:
    before = read_once.stat()
    read_once.write_text(SEPTEMBER.replace("a1", "a9"), "utf-8")
    os.utime(read_once, ns=(before.st_atime_ns, before.st_mtime_ns))
    again, rows = months.load()
    assert (again.files[0].bytes_read, again.bytes_hashed) == (len(SEPTEMBER), len(SEPTEMBER))
    assert rows == months.load(keep=False)[1]


def test_a_file_that_was_copied_is_known_by_its_bytes(months: Months, read_once: Path) -> None:
    read_once.rename(months.exports / "september.csv")
    again, rows = months.load()
    assert (again.files[0].bytes_read, again.bytes_hashed) == (0, len(SEPTEMBER))
    assert again.files[0].file == "september.csv"
    assert rows == months.load(keep=False)[1]


@pytest.mark.usefixtures("read_once")
def test_what_exports_yaml_says_of_a_file_has_it_read_again(months: Months) -> None:
    _, before = months.load()
    months.write("exports.yaml", "source_tz: America/Montreal\n")
    again, rows = months.load()
    assert again.files[0].bytes_read == len(SEPTEMBER)
    assert rows == months.load(keep=False)[1]
    assert rows != before


@pytest.mark.usefixtures("read_once")
def test_another_day_of_audit_reads_nothing_again(months: Months) -> None:
    at = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    again, _ = months.load(as_of=at)
    assert again.files[0].bytes_read == 0
    assert again.extracted_at == at


@pytest.mark.parametrize("harm", ["written", "cut", "gone", "no account", "no digests"])
@pytest.mark.usefixtures("read_once")
def test_what_is_kept_is_not_trusted_once_it_was_touched(months: Months, harm: str) -> None:
    kept = next(path for path in months.kept() if "aside" not in path.name)
    match harm:
        case "written":
            with kept.open("r+b") as file:
                file.seek(40)
                file.write(b"x")
        case "cut":
            os.truncate(kept, kept.stat().st_size // 2)
        case "gone":
            kept.unlink()
        case "no account":
            kept.with_suffix(".json").write_text("{", "utf-8")
        case "no digests":
            (months.keep / "digests.json").write_text("{", "utf-8")
    again, rows = months.load()
    assert again.files[0].bytes_read == (0 if harm == "no digests" else len(SEPTEMBER))
    assert rows == months.load(keep=False)[1]
    mended, _ = months.load()
    assert mended.files[0].bytes_read == 0


def test_a_file_that_is_being_written_is_not_kept(months: Months, monkeypatch: pytest.MonkeyPatch) -> None:
    path = months.write("2026-09.csv", SEPTEMBER)
    taken = partitions.sha256

    def written_meanwhile(file: Path) -> str:
        digest = taken(file)
        path.write_text(SEPTEMBER.replace("a1", "a9"), "utf-8")
        return digest

    with monkeypatch.context() as patch:
        patch.setattr(partitions, "sha256", written_meanwhile)
        months.load()
    assert months.kept() == []
    path.write_text(SEPTEMBER, "utf-8")
    assert months.load()[1] == months.load(keep=False)[1]


def test_what_no_export_led_to_is_deleted(months: Months) -> None:
    old = months.write("2026-09.csv", SEPTEMBER)
    months.write("2026-10.csv", OCTOBER)
    months.load()
    assert len(months.kept()) == 3  # the rows of each file, and those that September set aside
    old.unlink()
    months.load()
    assert len(months.kept()) == 1
    (months.exports / "2026-10.csv").unlink()
    months.load()
    assert sorted(path.name for path in months.keep.iterdir()) == ["digests.json", "started"]


def test_a_disk_that_is_full_is_told_and_costs_no_audit(months: Months, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise duckdb.IOException("could not write")

    monkeypatch.setattr(partitions.Partitions, "_copy", full)
    months.write("2026-10.csv", OCTOBER)
    loaded, rows = months.load()
    assert "2026-10.csv: not kept for the next audit (IOException): make room in --keep" in loaded.notes
    assert rows == months.load(keep=False)[1]
