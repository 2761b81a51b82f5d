"""Locate: from a pseudonymised finding back to the record, for the data owner, on request only."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audit_lib.datasets import sha256, written
from audit_lib.report import Run
from audit_lib.sources.raw import SourceError

_REFERENCE = re.compile(r"[0-9a-f]{16}")
_FOUND = (
    "SELECT source_file, source_row, control_id, verdict, reason, due_at, detail FROM found "
    "WHERE record_ref = ? ORDER BY source_file, source_row, control_id"
)


class LocateError(Exception):
    """The record cannot be shown. Says what to write."""


def located(run: Run, reference: str, *, mappings: Path, exports: Path | None = None) -> Iterator[str]:
    """Lines in the run's language: where the record is, what was found of it and, with its exports, what it holds.

    Only with `exports` do lines hold personal data. LocateError when the reference is none of the run's, or when a
    file is not the one that was checked (SHA-256).
    """
    if not _REFERENCE.fullmatch(reference):
        raise LocateError(f"REF '{reference}': write the 16 hexadecimal digits of a record_ref of findings.parquet")
    found = run.query("findings", _FOUND, reference)
    if not found:
        raise LocateError(f"REF {reference}: no finding of {run.facts['run_id']} has it: look in its findings.parquet")
    words = run.words
    places: dict[tuple[str, int], list[tuple[Any, ...]]] = {}
    for file, row, *said in found:
        places.setdefault((file, row), []).append(tuple(said))
    for (file, row), findings in places.items():
        yield words.text("locate.place", file=file, row=words.number(row))
        for control, verdict, reason, due, detail in findings:
            line = f"  {words.label('verdicts', verdict)} · {run.title(control)} · {words.label('reasons', reason)}"
            if due:
                line += f" · {words.text('locate.due', day=words.day(due))}"
            yield f"{line} · {detail}" if detail else line
        if exports:
            yield from (f"    {_plain(line)}" for line in _record(run, exports, file, row, mappings))


def _record(run: Run, exports: Path, file: str, row: int, mappings: Path) -> list[str]:
    if file.startswith("sql:"):
        raise LocateError(
            f"{file}: its rows are in a database: ask the query of exports.yaml for row {row}, by its key"
        )
    checked = {one["file"]: one["sha256"] for one in run.facts["inputs"]}
    try:
        digest = sha256(exports / file)
    except OSError as error:
        raise LocateError(f"{file}: {error.strerror}: write the folder that was checked after --exports") from None
    if digest != checked.get(file):
        raise LocateError(f"{file}: it is not the file that was checked (SHA-256): take that one, or run again")
    try:
        with tempfile.TemporaryDirectory() as private:
            record = written(exports, file, row, mappings, Path(private))
    except SourceError as error:
        raise LocateError(f"{file}: {error}") from None
    return [f"{header}: {cell}" for header, cell in record]


def _plain(line: str) -> str:
    """One line, without what a terminal would obey."""
    return "".join(one if one.isprintable() else " " for one in line)
