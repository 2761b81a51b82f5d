"""Load: a folder of exports as canonical relations, with every row accounted for."""

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from audit_lib.datasets import cells, countries, extraction, quarantine
from audit_lib.datasets.asking import ask
from audit_lib.datasets.build import build
from audit_lib.datasets.folder import Export, listing, sha256
from audit_lib.datasets.loaded import Assumption, Dataset, FileReport, Loaded
from audit_lib.datasets.manifest import NAME, Entry, Manifest, read_manifest
from audit_lib.datasets.mappings import MappingFile, load_mappings
from audit_lib.datasets.opening import Opened, opened
from audit_lib.datasets.partitions import Partition, Partitions
from audit_lib.datasets.plan import Built, Rules
from audit_lib.datasets.remote import Kept
from audit_lib.datasets.schema import schemas
from audit_lib.datasets.union import unite
from audit_lib.sources.postgres import Databases
from audit_lib.sources.raw import UNCLOSED_QUOTE, SourceError, UnrecognisedError
from audit_lib.sources.sniff import sniff


class ConservationError(AssertionError):
    """Rows were lost or made: the load must not be used. Names the file, never a value."""


@dataclass
class _File:
    """What becomes of one file, or of one query, while it is read."""

    name: str
    entry: Entry | None
    index: int
    export: Export | None = None  # none: a query of exports.yaml
    format: str = "unknown"
    dataset: str | None = None
    opened: Opened | None = None
    built: Built | None = None
    kept: Kept | None = None
    bytes_read: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def used(self) -> Built | Kept | None:
        """What can be judged of it."""
        return self.built or self.kept


@dataclass
class _Load:
    """What is needed to read, and what there is to say."""

    con: duckdb.DuckDBPyConnection
    work: Path
    zone: str
    mappings: list[MappingFile]
    manifest: Manifest
    databases: Databases
    partitions: Partitions | None
    problems: list[str]
    notes: list[str] = field(default_factory=list)
    unrecognised: list[str] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)


def load(
    exports: Path,
    mappings: Path,
    con: duckdb.DuckDBPyConnection,
    work: Path,
    *,
    time_zone: str,
    as_of: dt.datetime | None = None,
    progress: Callable[[str], None] = lambda _: None,
    databases: Databases,
    keep: Path | None = None,
) -> Loaded:
    """Reads every export into `con`, one relation a dataset, and a table `quarantine`.

    `work` is for copies of files that are not in UTF-8. `as_of` replaces the instant of extraction of every
    dataset. `keep` is a private folder of what earlier loads read, which this one adds to. What a query of
    exports.yaml gives stays in its database where it can, for as long as `databases` stay open. What cannot be read is
    said in the result, nothing is raised for it; a row lost raises ConservationError, a database that cannot go on
    DatabaseError.
    """
    manifest = read_manifest(exports)
    known, wrong = load_mappings(mappings)
    scratch = work / "sources"
    scratch.mkdir(parents=True)
    partitions = Partitions(keep, mappings=mappings, manifest=manifest, time_zone=time_zone) if keep else None
    at = _Load(con, scratch, time_zone, known, manifest, databases, partitions, [*manifest.problems, *wrong])
    listed, problems, lost = listing(exports, manifest)
    at.problems += problems
    prepare(con)
    with ThreadPoolExecutor(1) as pool:
        told = [pool.submit(partitions.sha256 if partitions else sha256, export.path) for export in listed]
        digests = [each.result for each in told]
        files = [_read(at, export, index, digests[index], progress) for index, export in enumerate(listed)]
        queries = [entry for entry in manifest.entries.values() if entry.sql and entry.connection]
        files += [_ask(at, entry, index, progress) for index, entry in enumerate(queries, len(files))]
        grouped = _grouped(files)
        instants, of_run, guesses = extraction.instants(
            {name: [file.export.path for file in some if file.export] for name, some in grouped.items()},
            manifest,
            time_zone,
            as_of,
            databases.seen_at(),
        )
        at.assumptions += guesses
        for file in files:
            if file.dataset and not file.used:
                lost.setdefault(file.dataset, []).append(file.name)
        datasets = {
            name: _dataset(at, name, some, instants[name], tuple(lost.get(name, ()))) for name, some in grouped.items()
        }
        rows = {name: quarantine.rows_by_file(con, name) for name, one in datasets.items() if not one.remote}
        shown = [digest() for digest in digests] + [_digest(entry) for entry in queries]
        reports = tuple(_report(at, file, digest, rows) for file, digest in zip(files, shown, strict=True))
    shutil.rmtree(scratch)
    if partitions:
        partitions.tidy()
    if not datasets and not at.problems:
        at.problems.append(
            f"exports: no file of the folder is an export that is known: put some there, or write {NAME}"
        )
    return Loaded(
        datasets=datasets,
        files=reports,
        problems=tuple(at.problems),
        notes=tuple(at.notes),
        unrecognised=tuple(at.unrecognised),
        assumptions=tuple(at.assumptions),
        extracted_at=of_run,
        refused={name: tuple(names) for name, names in lost.items() if name not in datasets},
        bytes_hashed=partitions.bytes_hashed if partitions else sum(file.bytes for file in reports),
    )


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """What reading and typing files take: macros, the table of countries, the quarantine."""
    con.execute("SET TimeZone = 'UTC'")
    for macro in cells.MACROS:
        con.execute(macro)
    countries.make_table(con)
    quarantine.make_table(con)


def _read(at: _Load, export: Export, index: int, digest: Callable[[], str], progress: Callable[[str], None]) -> _File:
    """The file as far as it can be read; what is wrong with it goes to the problems."""
    entry = export.entry
    file = _File(export.name, entry, index, export, dataset=entry.dataset if entry else None)
    if at.partitions and _known(at, at.partitions, file, export, digest()):
        return file
    progress(export.name)
    file.bytes_read = export.path.stat().st_size
    try:
        file.format = sniff(export.path, entry.encoding if entry else None)
        _build(at, file, export)
        if at.partitions:
            _keep(at, at.partitions, file, export, digest())
    except SourceError as error:
        if entry is None and isinstance(error, UnrecognisedError):
            at.unrecognised.append(file.name)
            at.notes.append(f"{file.name}: not recognised: {error.advice}")
        else:
            at.problems.append(f"{file.name}: {error}")
    return file


def _known(at: _Load, partitions: Partitions, file: _File, export: Export, digest: str) -> bool:
    """Whether an earlier audit read the file: then it is as it was read."""
    found = partitions.find(at.con, export, digest, f"dpo_file_{file.index}", at.mappings)
    if found is None:
        return False
    file.opened, file.built = found.opened, found.built
    file.format, file.dataset = found.opened.raw.format, found.opened.recognition.mapping.schema.name
    return True


def _keep(at: _Load, partitions: Partitions, file: _File, export: Export, digest: str) -> None:
    if file.opened is None or file.built is None:
        return
    try:
        partitions.keep(at.con, export, digest, Partition(file.opened, file.built))
    except (duckdb.Error, OSError) as error:
        at.notes.append(f"{file.name}: not kept for the next audit ({type(error).__name__}): make room in --keep")


def _ask(at: _Load, entry: Entry, index: int, progress: Callable[[str], None]) -> _File:
    """The query as far as it can be answered; what is wrong with it goes to the problems."""
    file = _File(f"sql:{entry.dataset}", entry, index, format="postgresql", dataset=entry.dataset)
    progress(file.name)
    try:
        asked = ask(at.con, at.databases, entry, at.mappings, _rules(at, entry), index, at.manifest.statement_timeout)
        file.opened, file.kept = asked.opened, asked.kept
        file.notes += asked.notes
        if asked.kept:
            quarantine.put(at.con, entry.dataset, file.name, asked.kept.aside)
        else:
            _take(at, file, build(at.con, asked.opened, f"dpo_file_{index}", _rules(at, entry)))
            at.con.execute(f"DROP TABLE IF EXISTS dpo_raw_{index}")
    except SourceError as error:
        at.problems.append(f"{NAME}: datasets: {entry.dataset}: {error}")
    return file


def _digest(entry: Entry) -> str:
    """Of a query only its text can be told again."""
    return hashlib.sha256(str(entry.sql).encode()).hexdigest()


def _build(at: _Load, file: _File, export: Export) -> None:
    """Reads the file; a second time, looking at every byte, when its sample promised more than the file
    holds.
    """
    try:
        _attempt(at, file, export, scan=False)
    except duckdb.Error as first:
        if _ours(first):
            raise
        try:
            _attempt(at, file, export, scan=True)
        except duckdb.Error as error:
            if _ours(error):
                raise
            raise SourceError("content", _cure(error)) from None


def _ours(error: duckdb.Error) -> bool:
    """Whether the machine is short of memory or disk: no file is to blame."""
    return isinstance(error, duckdb.OutOfMemoryException) or "could not write" in str(error).lower()


def _cure(error: duckdb.Error) -> str:
    """What to do about a file that DuckDB refuses; its own text quotes the data."""
    if "maximum line size" in str(error).lower():
        return "a row is longer than 16 MB: close its quotes, or export it again without that field"
    return f"it cannot be read ({type(error).__name__}), export it again"


def _attempt(at: _Load, file: _File, export: Export, *, scan: bool) -> None:
    at.con.execute(f"DROP TABLE IF EXISTS dpo_raw_{file.index}")
    file.opened = opened(at.con, export, file.format, at.mappings, at.work, f"dpo_raw_{file.index}", scan=scan)
    file.dataset = file.opened.recognition.mapping.schema.name
    built = build(at.con, file.opened, f"dpo_file_{file.index}", _rules(at, file.entry))
    at.con.execute(f"DROP TABLE IF EXISTS dpo_raw_{file.index}")
    _take(at, file, built)


def _rules(at: _Load, entry: Entry | None) -> Rules:
    return Rules(
        zone=at.zone,
        source_tz=(entry.source_tz if entry else None) or at.manifest.source_tz,
        dates=entry.dates if entry else None,
    )


def _take(at: _Load, file: _File, built: Built) -> None:
    """The rows that can be used, the others in quarantine. Raises SourceError when none can."""
    for column, why in built.stopped.items():
        if column in schemas()[str(file.dataset)].key:
            raise SourceError(column, _unread(why, file))
    advice = f"check what {NAME} says of {file.dataset}" if file.entry else f"name its dataset in {NAME}"
    _require_rows(at.con, built, advice)
    file.built = built
    quarantine.take(at.con, built, str(file.dataset), file.name, schemas()[str(file.dataset)].key)


def _require_rows(con: duckdb.DuckDBPyConnection, built: Built, advice: str) -> None:
    """Raises SourceError when rows are lost inside a cell, or when no row of the file can be used."""
    aside = quarantine.pending(con, built)
    for reason, _, _, row in aside:
        if reason == UNCLOSED_QUOTE:
            raise SourceError(
                f"row {row}",
                "a quote is not closed and swallows the rows below: close it or double it, or export again",
            )
    if built.rows_read and built.rows_read == sum(count for _, _, count, _ in aside):
        reason, column, *_ = aside[0]
        raise SourceError(
            "rows",
            f"none of the {built.rows_read} can be used ({quarantine.said(reason, column)}): export it again, "
            f"or {advice}",
        )


def _grouped(files: list[_File]) -> dict[str, list[_File]]:
    """The files that were read, by dataset in the order of the schema."""
    found: dict[str, list[_File]] = {name: [] for name in schemas()}
    for file in files:
        if file.dataset and file.used:
            found[file.dataset].append(file)
    return {name: some for name, some in found.items() if some}


def _dataset(at: _Load, name: str, files: list[_File], extracted_at: dt.datetime, refused: tuple[str, ...]) -> Dataset:
    if kept := files[0].kept:
        return _remote(at, name, kept, extracted_at)
    built = {file.index: file.built for file in files if file.built}
    union = unite(at.con, schemas()[name], built, {file.index: file.name for file in files})
    _assume_zone(at, name, union.naive)
    return Dataset(
        name=name,
        columns=union.columns,
        supplied=union.supplied,
        extras=union.extras,
        stopped=union.stopped,
        naive=union.naive,
        key=union.key,
        extracted_at=extracted_at,
        refused=refused,
    )


def _remote(at: _Load, name: str, kept: Kept, extracted_at: dt.datetime) -> Dataset:
    types = {column.name: column.type for column in schemas()[name].columns.values()}
    _assume_zone(at, name, kept.naive)
    return Dataset(
        name=name,
        columns={**types, **dict.fromkeys(kept.extras, "text")},
        supplied=frozenset(kept.columns),
        extras=kept.extras,
        stopped={},
        naive=kept.naive,
        key=kept.key,
        extracted_at=extracted_at,
        remote=kept.remote,
    )


def _assume_zone(at: _Load, name: str, naive: frozenset[str]) -> None:
    if naive:
        params = {"dataset": name, "columns": ", ".join(sorted(naive)), "time_zone": at.zone}
        at.assumptions.append(Assumption("time_zone_assumed", params))


def _report(at: _Load, file: _File, digest: str, rows: Mapping[str, Mapping[int, int]]) -> FileReport:
    """The account of a file; `rows`: of each dataset, by file. Raises ConservationError when rows read are not rows
    loaded and set aside.
    """
    read = loaded = aside = 0
    if file.dataset and file.used:
        reasons = quarantine.reasons(at.con, file.name)
        read, aside = file.used.rows_read, sum(reasons.values())
        loaded = file.kept.rows_loaded if file.kept else rows[file.dataset].get(file.index, 0)
        if read != loaded + aside:
            raise ConservationError(f"{file.name}: {read} rows read, {loaded} loaded, {aside} set aside")
        file.notes += [
            f"{count} {'row' if count == 1 else 'rows'} set aside: {quarantine.said(reason, column)}"
            for (reason, column), count in reasons.items()
        ]
        _describe(at, file)
    at.notes += [line for note in file.notes if (line := f"{file.name}: {note}") not in at.problems]
    found = file.opened
    return FileReport(
        file=file.name,
        sha256=digest,
        bytes=file.export.path.stat().st_size if file.export else 0,
        dataset=file.dataset,
        mapping=found.recognition.mapping.id if found and file.used else None,
        format=file.format,
        encoding=found.raw.encoding if found else None,
        rows_read=read,
        rows_loaded=loaded,
        rows_quarantined=aside,
        notes=tuple(file.notes),
        index=file.index,
        bytes_read=file.bytes_read,
    )


_STOPPED = {
    "two_date_orders": "dates with the day first and dates with the month first",
    "ambiguous_date_order": "no date shows whether the day or the month comes first",
}


def _unread(why: str, file: _File) -> str:
    """Why a column of dates was not read, and what to write."""
    advice = f"export ISO dates, or write dates: day_first or dates: month_first under {file.dataset} in {NAME}"
    return f"{_STOPPED[why]}; {advice}"


def _describe(at: _Load, file: _File) -> None:
    """Notes and assumptions on how the file was read."""
    built, found = file.used, file.opened
    if built is None or found is None:
        return
    for column, why in built.stopped.items():
        file.notes.append(f"{column} was not read: {_unread(why, file)}")
        at.problems.append(f"{file.name}: {file.notes[-1]}")
    file.notes += [
        f"{count} unknown {'country' if count == 1 else 'countries'} in {column}"
        for column, count in built.unknown_countries.items()
    ]
    if left := found.left_out:
        file.notes.append(f"{left} {'entry' if left == 1 else 'entries'} left out: not about people")
    entry = file.entry
    if entry is None:
        mapping = found.recognition.mapping
        params = {"file": file.name, "dataset": mapping.schema.name, "mapping": mapping.id}
        at.assumptions.append(Assumption("dataset_detected", params))
    if found.raw.encoding not in (None, "utf-8", "utf-8-sig") and not (entry and entry.encoding):
        params = {"file": file.name, "encoding": str(found.raw.encoding)}
        at.assumptions.append(Assumption("encoding_detected", params))
    if found.raw.seen_at:
        at.assumptions.append(Assumption("observed_at_assumed", {"file": file.name, "at": found.raw.seen_at}))
    if built.orders and not (entry and entry.dates):
        for order in sorted(set(built.orders.values())):
            columns = ", ".join(name for name, one in built.orders.items() if one == order)
            params = {"file": file.name, "columns": columns, "order": order}
            at.assumptions.append(Assumption("date_order_detected", params))
