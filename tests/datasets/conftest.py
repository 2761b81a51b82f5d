"""Exports written by the tests, and what is loaded from them."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit_lib.datasets import Databases, Loaded, load

MAPPINGS = Path(__file__).parents[2] / "expectations" / "mappings"


class Exports:
    """A folder of exports: write files, then load, then ask for rows."""

    def __init__(self, folder: Path, work: Path, con: duckdb.DuckDBPyConnection) -> None:
        self.folder, self.work, self.con = folder, work, con

    def write(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def load(self, manifest: str = "", **options: Any) -> Loaded:
        if manifest:
            self.write("exports.yaml", manifest)
        options.setdefault("as_of", dt.datetime(2026, 11, 1, 5, tzinfo=dt.UTC))
        with closing(Databases()) as databases:
            return load(
                self.folder, MAPPINGS, self.con, self.work, time_zone="Europe/Paris", databases=databases, **options
            )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.con.execute(query).fetchall()

    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.rows('SELECT source_file, source_row, "column", reason FROM quarantine ORDER BY ALL')


@pytest.fixture
def exports(tmp_path: Path) -> Iterator[Exports]:
    (tmp_path / "exports").mkdir()
    (tmp_path / "work").mkdir()
    with duckdb.connect(str(tmp_path / "work" / "work.duckdb")) as con:
        yield Exports(tmp_path / "exports", tmp_path / "work", con)


@pytest.fixture
def utc() -> Callable[..., dt.datetime]:
    """Instants are stored without a zone, in UTC."""
    return dt.datetime
