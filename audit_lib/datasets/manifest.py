"""Manifest: what exports.yaml says of the files beside it, and of the databases to ask."""

import codecs
import datetime as dt
import difflib
import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit_lib.datasets.mappings import ORDERS
from audit_lib.datasets.schema import schemas
from audit_lib.sources.csv import DELIMITERS
from audit_lib.sources.postgres import TIMEOUT
from audit_lib.yaml import YamlError, read

NAME = "exports.yaml"
_KEYS = ("extracted_at", "source_tz", "statement_timeout", "datasets")
_TIMEOUT = "30min"
_ENTRY_KEYS = ("file", "dates", "source_tz", "extracted_at", "encoding", "delimiter", "sql", "connection")


@dataclass(frozen=True)
class Entry:
    """One dataset; `files` are names or patterns, relative to the exports. None: not said."""

    dataset: str
    files: tuple[str, ...] = ()
    dates: str | None = None
    source_tz: str | None = None
    extracted_at: dt.datetime | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sql: str | None = None
    connection: str | None = None


@dataclass(frozen=True)
class Manifest:
    """What is said; `problems` are the lines that could not be followed. `statement_timeout`: of each query asked of a
    database, as PostgreSQL writes it.
    """

    extracted_at: dt.datetime | None = None
    source_tz: str | None = None
    statement_timeout: str = _TIMEOUT
    entries: Mapping[str, Entry] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_manifest(exports: Path) -> Manifest:
    """exports.yaml, or nothing at all when there is none. Never raises: what is wrong is in `problems`."""
    path = exports / NAME
    if not path.is_file():
        return Manifest()
    try:
        said = read(path)
    except YamlError as error:
        return Manifest(problems=(str(error),))
    if said is None:
        return Manifest()
    if not isinstance(said, dict):
        return Manifest(problems=(f"{NAME}: datasets: write extracted_at:, source_tz: and datasets:",))
    problems = _unknown("", said, _KEYS)
    top = {key: _checked(key, said, problems, "") for key in _KEYS[:-1]}
    datasets = said.get("datasets") or {}
    if not isinstance(datasets, dict):
        problems.append(f"{NAME}: datasets: write each dataset's name, then {{file: …}}")
        datasets = {}
    entries = {}
    for name, one in datasets.items():
        if entry := _entry(str(name), one, problems):
            entries[entry.dataset] = entry
    timeout = top["statement_timeout"] or _TIMEOUT
    return Manifest(top["extracted_at"], top["source_tz"], timeout, entries, tuple(problems))


def _entry(name: str, said: Any, problems: list[str]) -> Entry | None:
    where = f"datasets: {name}"
    if name not in schemas():
        alike = difflib.get_close_matches(name, schemas(), n=1) or schemas()
        problems.append(f"{NAME}: {where}: no such dataset, write {' or '.join(alike)}")
        return None
    if not isinstance(said, dict):
        problems.append(f"{NAME}: {where}: write {{file: name-of-the-file.csv}}")
        return None
    problems += _unknown(f"{where}: ", said, _ENTRY_KEYS)
    files = said.get("file", [])
    files = [files] if isinstance(files, str) else files
    if not isinstance(files, list) or not all(isinstance(one, str) and one for one in files):
        problems.append(f"{NAME}: {where}: file: write a name, a pattern or a list of them")
        files = []
    checked = {key: _checked(key, said, problems, f"{where}: ") for key in _ENTRY_KEYS if key != "file"}
    if files and checked["sql"]:
        problems.append(f"{NAME}: {where}: write file: or sql:, not both")
    elif bool(checked["sql"]) != bool(checked["connection"]):
        lacking = "connection" if checked["sql"] else "sql"
        problems.append(f"{NAME}: {where}: {lacking}: {_CHECKS[lacking][1]}")
    elif not files and not checked["sql"]:
        problems.append(f"{NAME}: {where}: file: write the name of the export, or sql: and connection:")
    return Entry(name, tuple(files), **checked)


def _unknown(where: str, said: Mapping[str, Any], keys: tuple[str, ...]) -> list[str]:
    return [f"{NAME}: {where}{key}: no such key, write one of {', '.join(keys)}" for key in said if key not in keys]


def _checked(key: str, said: Mapping[str, Any], problems: list[str], where: str) -> Any:
    if key not in said:
        return None
    check, advice = _CHECKS[key]
    value = said[key]
    try:
        if isinstance(value, str) and value:
            return check(value)
    except (ValueError, LookupError, OSError):
        pass
    problems.append(f"{NAME}: {where}{key}: {advice}")
    return None


def _instant(text: str) -> dt.datetime:
    value = dt.datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError
    return value


def _zone(text: str) -> str:
    return zoneinfo.ZoneInfo(text).key


def _encoding(text: str) -> str:
    return codecs.lookup(text).name


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        return text

    return check


def _one_of(*allowed: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError
        return text

    return check


def _delimiter(text: str) -> str:
    return _one_of(*DELIMITERS)({"\\t": "\t", "tab": "\t"}.get(text, text))


_CHECKS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "extracted_at": (_instant, "write an instant with its offset, such as 2026-11-01T06:00:00+01:00"),
    "source_tz": (_zone, "write a time zone such as Europe/Paris"),
    "dates": (_one_of(*ORDERS), "write day_first or month_first"),
    "encoding": (_encoding, "write utf-8, cp1252, utf-16 or another encoding that Python knows"),
    "delimiter": (_delimiter, "write , or ; or tab or |"),
    "statement_timeout": (_matching(TIMEOUT), "write a time such as 30min or 2h"),
    "sql": (str, "write a query, such as SELECT * FROM crm.contacts"),
    "connection": (
        _matching(re.compile("[A-Za-z_][A-Za-z0-9_]*")),
        "write the name of the environment variable that holds the connection's URL, not the URL",
    ),
}
