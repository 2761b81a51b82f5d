"""Loaded: what there is to audit, and everything that must be said about how it was read."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from audit_lib.datasets.remote import Remote


@dataclass(frozen=True)
class Dataset:
    """A relation of the connection, named `name`.

    `columns`: canonical columns with their type, then extras as text, in order. `supplied`: canonical
    columns that a
    file has. `stopped`: columns that could not be read, by reason. `naive`: instants without an offset
    while no time
    zone is told; `<column>__naive` marks those rows. `key`: `_file` and `_row` when no column names a record.
    `refused`: files of this dataset that could not be read. `remote`: where its rows are when they are not here.
    """

    name: str
    columns: dict[str, str]
    supplied: frozenset[str]
    extras: tuple[str, ...]
    stopped: dict[str, str]
    naive: frozenset[str]
    key: tuple[str, ...]
    extracted_at: dt.datetime
    refused: tuple[str, ...] = ()
    remote: Remote | None = None


@dataclass(frozen=True)
class FileReport:
    """One file: rows_read = rows_loaded + rows_quarantined. `file` is relative to the exports, `index` its
    `_file`. Of a query (`sql:contacts`), `sha256` is that of its text, `bytes` 0. `bytes_read`: 0 too where an earlier
    audit read the file.
    """

    file: str
    sha256: str
    bytes: int
    dataset: str | None
    mapping: str | None
    format: str
    encoding: str | None
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    notes: tuple[str, ...]
    index: int
    bytes_read: int


@dataclass(frozen=True)
class Assumption:
    """Something that nobody told and that was taken so: a code with words in the report, and what it is
    about.
    """

    code: str
    params: Mapping[str, str]


@dataclass(frozen=True)
class Loaded:
    """`problems`: files and settings that could not be used. `notes`: what was read in part. A line each,
    no value.

    `refused`: datasets of which no file could be read. `bytes_hashed`: of the files whose SHA-256 was taken.
    """

    datasets: dict[str, Dataset]
    files: tuple[FileReport, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    unrecognised: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    extracted_at: dt.datetime
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bytes_hashed: int = 0
