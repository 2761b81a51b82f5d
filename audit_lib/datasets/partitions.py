"""Partitions: what was read of each export file, kept from one audit to the next, so that a file is read once."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from audit_lib import sources
from audit_lib.datasets.folder import Export, sha256
from audit_lib.datasets.manifest import Manifest
from audit_lib.datasets.mappings import MappingFile, Recognition
from audit_lib.datasets.opening import Opened
from audit_lib.datasets.plan import Built
from audit_lib.sources.raw import Raw, literal, one, quoted

_DIGESTS = "digests.json"
_STARTED = "started"
_ASIDE = "aside.parquet"
# A file that changed so lately may change again without showing it: no clock of a file system is coarser.
_GRAIN_NANOSECONDS = 2_000_000_000
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class Partition:
    """What reading a file gave."""

    opened: Opened
    built: Built


class Partitions:
    """A private folder of what was read. What depends on other files or on the day of the audit is not in it.

    A partition is found by the SHA-256 of its file and by all that decides how it is read: what exports.yaml says of
    it, the mappings, the time zone, this program. What no file of an audit led to is deleted by `tidy`.
    """

    def __init__(self, folder: Path, *, mappings: Path, manifest: Manifest, time_zone: str) -> None:
        self._folder = folder.resolve()
        self._read_as = _digest([_program(), _contents(mappings.glob("*.yaml")), time_zone, manifest.source_tz])
        self._known: dict[str, list[Any]] = _json(self._folder / _DIGESTS) or {}
        self._digests: dict[str, list[Any]] = {}
        self._stamps: dict[str, list[int]] = {}
        self._used: set[str] = set()
        self.bytes_hashed = 0
        started = self._folder / _STARTED
        started.touch()
        self._started = started.stat().st_mtime_ns

    def sha256(self, path: Path) -> str:
        """The digest of a file, known where its size, its times and its place on the disk have not changed."""
        name = os.fspath(path.resolve())
        before = self._stamps[name] = _stamp(path)
        known = self._known.get(name)
        if known and known[:-1] == before:
            self._digests[name] = known
            return str(known[-1])
        digest = sha256(path)
        self.bytes_hashed += before[0]
        settled = max(before[1:3]) + _GRAIN_NANOSECONDS < self._started
        if settled and _stamp(path) == before:
            self._digests[name] = [*before, digest]
        return digest

    def find(
        self,
        con: duckdb.DuckDBPyConnection,
        export: Export,
        digest: str,
        relation: str,
        mappings: Iterable[MappingFile],
    ) -> Partition | None:
        """The partition of a file, `relation` being a view of its rows and its other rows in the quarantine."""
        name = self._name(export, digest)
        said = _json(self._folder / f"{name}.json")
        mapping = said and next((one for one in mappings if one.id == said["mapping"]), None)
        if not mapping or said["seen_at"] not in ("", export.seen_at):
            return None
        if any(_stamp(self._folder / file) != stamp for file, stamp in said["files"].items()):
            return None
        built = self._view(con, name, said["built"], relation)
        if (aside := f"{name}.{_ASIDE}") in said["files"]:
            self._put_aside(con, aside, mapping.schema.name, export.name)
        self._used.add(name)
        raw = Raw(said["format"], "", (), (), said["encoding"], seen_at=said["seen_at"])
        return Partition(Opened(raw, Recognition(mapping, {}), said["left_out"]), built)

    def _view(self, con: duckdb.DuckDBPyConnection, name: str, said: Mapping[str, Any], relation: str) -> Built:
        file = literal(os.fspath(self._folder / f"{name}.parquet"))
        stored = _stored(said["columns"], said["extras"], said["naive"])
        columns = ", ".join(f"c{place} AS {quoted(column)}" for place, column in enumerate(stored))
        select = (
            f"SELECT file_row_number AS _at, file_index AS _index, {columns} "
            f"FROM read_parquet({file}, file_row_number=true)"
        )
        con.execute(f"CREATE OR REPLACE VIEW {relation} AS {select}")
        return Built(
            relation=relation,
            view=True,
            columns=tuple(said["columns"]),
            extras=tuple(said["extras"]),
            naive=frozenset(said["naive"]),
            rows_read=said["rows_read"],
            stopped=said["stopped"],
            orders=said["orders"],
            unknown_countries=said["unknown_countries"],
            select=select,
            file=file,
        )

    def _put_aside(self, con: duckdb.DuckDBPyConnection, aside: str, dataset: str, file: str) -> None:
        con.execute(
            f'INSERT INTO quarantine SELECT {literal(dataset)}, {literal(file)}, source_row, "column", reason '
            f"FROM read_parquet({literal(os.fspath(self._folder / aside))})"
        )

    def keep(self, con: duckdb.DuckDBPyConnection, export: Export, digest: str, read: Partition) -> None:
        """Keeps what was read of a file. Raises duckdb.Error or OSError when the disk is full."""
        name, built = self._name(export, digest), read.built
        if name in self._used:  # another file with the same bytes
            return
        if _stamp(export.path) != self._stamps.get(os.fspath(export.path.resolve())):  # it is being written
            return
        stored = _stored(built.columns, built.extras, built.naive)
        columns = ", ".join(f"{quoted(column)} AS c{place}" for place, column in enumerate(stored))
        files = {f"{name}.parquet": f"SELECT {columns} FROM {built.relation}"}
        quarantined = f"FROM quarantine WHERE source_file = {literal(export.name)}"
        if one(con, f"SELECT count(*) {quarantined}")[0]:
            files[f"{name}.{_ASIDE}"] = f'SELECT source_row, "column", reason {quarantined}'
        # Last: without it the others are not looked at.
        said = {
            "files": {file: self._copy(con, query, file) for file, query in files.items()},
            "format": read.opened.raw.format,
            "encoding": read.opened.raw.encoding,
            "seen_at": read.opened.raw.seen_at,
            "mapping": read.opened.recognition.mapping.id,
            "left_out": read.opened.left_out,
            "built": {
                "columns": built.columns,
                "extras": built.extras,
                "naive": sorted(built.naive),
                "rows_read": built.rows_read,
                "stopped": dict(built.stopped),
                "orders": dict(built.orders),
                "unknown_countries": dict(built.unknown_countries),
            },
        }
        self._write(f"{name}.json", said)
        self._used.add(name)

    def tidy(self) -> None:
        """Forgets what no file of this audit led to."""
        self._write(_DIGESTS, self._digests)
        for path in self._folder.iterdir():
            name = path.name.partition(".")[0]
            if len(name) == 64 and _HEX.issuperset(name) and name not in self._used:
                path.unlink()

    def _name(self, export: Export, digest: str) -> str:
        entry = export.entry
        told = entry and [entry.dataset, entry.dates, entry.source_tz, entry.encoding, entry.delimiter]
        return _digest([self._read_as, digest, told])

    def _copy(self, con: duckdb.DuckDBPyConnection, query: str, name: str) -> list[int]:
        """The stamp of the file that is made: one that something else wrote since is not ours."""
        made = self._folder / f"{name}.part"
        con.execute(f"COPY ({query}) TO {literal(os.fspath(made))} (FORMAT parquet, COMPRESSION zstd)")
        return _stamp(made.replace(self._folder / name))

    def _write(self, name: str, said: Any) -> None:
        made = self._folder / f"{name}.part"
        made.write_text(json.dumps(said), "utf-8")
        made.replace(self._folder / name)


def _stored(columns: Iterable[str], extras: Iterable[str], naive: Iterable[str]) -> list[str]:
    """The columns of a partition, where they have numbers: a file may name one as DuckDB names its own."""
    return ["_row", *columns, *extras, *(f"{name}__naive" for name in sorted(naive))]


def _stamp(path: Path) -> list[int]:
    """What changes when a file does, and nothing when it is gone. Nobody can set the time of its last change of any
    kind."""
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev]


def _program() -> str:
    """A digest of what reads and types files."""
    homes = [Path(__file__).parent, *map(Path, sources.__path__)]
    files = (path for home in homes for path in home.iterdir() if path.suffix in (".py", ".yaml"))
    return _digest([_contents(files), duckdb.__version__])


def _contents(files: Iterable[Path]) -> str:
    return _digest([[path.name, path.read_text("utf-8")] for path in sorted(files)])


def _digest(said: Any) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _json(path: Path) -> Any:
    """What a file of ours says; nothing when it is gone or damaged."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_text("utf-8"))
    return None
