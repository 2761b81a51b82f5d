"""Data: generated exports, of which the logs also come alone, as Parquet and as one CSV file."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.contestant import PROGRAM, progress, ran

_EXPORTS = "extracted_at: 2026-11-01T06:00:00+01:00\nsource_tz: Europe/Paris\n"

_INSTANT = "strftime(\"at\", '%Y-%m-%dT%H:%M:%SZ')"
MONTHS = 24

# In a process of its own: a child starts its peak of memory at that of this one.
_COPY = "import duckdb, sys; duckdb.execute(\"SET TimeZone = 'UTC'\"); duckdb.execute(sys.argv[1])"


@dataclass(frozen=True)
class Logs:
    """A folder of exports that holds logs alone, and its log files as a pattern."""

    folder: Path
    pattern: str

    @property
    def megabytes(self) -> float:
        """What the log files hold, as they are."""
        return sum(path.stat().st_size for path in Path(self.pattern).parent.iterdir()) / 1e6


def company(data: Path, rows: int) -> Path:
    """The exports of a company: logs as Parquet and all the rest."""
    return _made(data / f"company-{rows}", lambda folder: _sample(folder, rows))


def parquet(data: Path, rows: int) -> Logs:
    """Usage logs alone, as Parquet: what grows without end in a real company."""
    source = company(data, rows)
    folder = _made(data / f"parquet-{rows}", lambda folder: _link(source, folder))
    return Logs(folder, str(folder / "logs" / "*.parquet"))


def csv_gz(data: Path, rows: int) -> Logs:
    """The same rows as one CSV file, packed."""
    source = parquet(data, rows).pattern
    folder = _made(data / f"csv-{rows}", lambda folder: _convert(source, folder))
    return Logs(folder, str(folder / "logs" / "usage.csv.gz"))


def months(data: Path, rows: int) -> Logs:
    """The same rows as one packed CSV file a month."""
    source = parquet(data, rows).pattern
    folder = _made(data / f"months-{rows}", lambda folder: _split(source, folder, rows))
    return Logs(folder, str(folder / "logs" / "*.csv.gz"))


def all_but_one(logs: Logs) -> Path:
    """The exports as they were before the last file came."""
    return _made(logs.folder.with_name(f"{logs.folder.name}-before"), lambda folder: _link_all_but_one(logs, folder))


def _made(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, made if it is not there; one that was cut short is not taken for whole."""
    if not folder.exists():
        progress(f"writing {folder.name}")
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        make(unfinished)
        unfinished.rename(folder)
    return folder


def _sample(folder: Path, rows: int) -> None:
    """Generated exports."""
    ran([PROGRAM, "sample", folder, "--rows", str(rows), "--logs", "parquet"])


def _link(source: Path, folder: Path) -> None:
    """The Parquet files of a company, which take no more room here."""
    _logs_alone(folder)
    for path in (source / "logs").glob("*.parquet"):
        os.link(path, folder / "logs" / path.name)


def _convert(pattern: str, folder: Path) -> None:
    """The rows of Parquet files as one CSV file."""
    _logs_alone(folder)
    rows = f"SELECT * REPLACE ({_INSTANT} AS \"at\") FROM read_parquet('{pattern}', union_by_name = true)"
    query = f"COPY ({rows}) TO '{folder}/logs/usage.csv.gz' (FORMAT csv, HEADER, COMPRESSION gzip)"
    ran([sys.executable, "-c", _COPY, query])


def _split(pattern: str, folder: Path, rows: int) -> None:
    """The rows of Parquet files as a CSV file a month."""
    _logs_alone(folder)
    of = f"(row_number() OVER () - 1) * {MONTHS} // {rows + MONTHS} AS month_"
    each = f"SELECT *, {of} FROM read_parquet('{pattern}', union_by_name = true)"
    for month in range(MONTHS):
        columns = f'* EXCLUDE (month_) REPLACE ({_INSTANT} AS "at")'
        target = f"'{folder}/logs/usage-{month:02}.csv.gz' (FORMAT csv, HEADER, COMPRESSION gzip)"
        ran([sys.executable, "-c", _COPY, f"COPY (SELECT {columns} FROM ({each}) WHERE month_ = {month}) TO {target}"])


def _link_all_but_one(logs: Logs, folder: Path) -> None:
    """The files of logs but the last."""
    _logs_alone(folder)
    for path in sorted((logs.folder / "logs").iterdir())[:-1]:
        os.link(path, folder / "logs" / path.name)


def _logs_alone(folder: Path) -> None:
    """An empty folder of exports that will hold logs alone."""
    (folder / "logs").mkdir()
    (folder / "exports.yaml").write_text(_EXPORTS, "utf-8")
