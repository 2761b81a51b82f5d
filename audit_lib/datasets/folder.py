"""Folder: which files of the exports are read, and as what they were declared."""

import datetime as dt
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from audit_lib.datasets.manifest import NAME, Entry, Manifest

_NOT_EXPORTS = (".yaml", ".yml", ".md")
_MISNAMED = ("exports.yml", "export.yaml", "export.yml")
# A folder that holds one of these is an earlier run.
_RUN_FILES = ("run.json", "controls.json")
_DAY = re.compile(r"(?<!\d)(20\d{2})-?(\d{2})-?(\d{2})(?!\d)")


@dataclass(frozen=True)
class Export:
    """A file to read; `entry` is what exports.yaml says of it, `name` its path from the exports.

    `extracted_at` is the instant that exports.yaml says, of the dataset or of all.
    """

    path: Path
    name: str
    entry: Entry | None
    extracted_at: dt.datetime | None = None

    @property
    def seen_at(self) -> str:
        """When the file was exported, as text: the instant told, the day in its name, or the time of the file."""
        written = dt.datetime.fromtimestamp(int(self.path.stat().st_mtime), dt.UTC)
        return (self.extracted_at or day_in(self.path.name) or written).isoformat()


def listing(folder: Path, manifest: Manifest) -> tuple[list[Export], list[str], dict[str, list[str]]]:
    """Files by name, a line for each that is refused or missing, and by dataset the patterns that found
    nothing.
    """
    problems: list[str] = []
    present: dict[str, Path] = {}
    for path in sorted(_walk(folder)):
        name = path.relative_to(folder).as_posix()
        if wrong := _unusable(path, name, folder):
            problems.append(f"{_shown(name)}: {wrong}")
        elif path.is_file():
            present[name] = path
    declared: dict[str, Entry] = {}
    lost: dict[str, list[str]] = {}
    for entry in manifest.entries.values():
        for pattern in entry.files:
            found = [name for name in present if _meant(name, pattern)]
            if not found:
                wanted = f"{NAME}: datasets: {entry.dataset}: file: {pattern}"
                problems.append(f"{wanted}: no such file in the folder, put it there or write its name")
                lost.setdefault(entry.dataset, []).append(pattern)
            for name in found:
                if name in declared and declared[name].dataset != entry.dataset:
                    problems.append(
                        f"{NAME}: datasets: {entry.dataset}: file: {name} is {declared[name].dataset} "
                        "already, name it once"
                    )
                else:
                    declared[name] = entry
    read = [
        Export(path, name, said, (said and said.extracted_at) or manifest.extracted_at)
        for name, path in present.items()
        if (said := declared.get(name)) or not name.endswith(_NOT_EXPORTS)
    ]
    return read, problems, lost


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def day_in(name: str) -> dt.date | None:
    """The day that a file is named after."""
    found = _DAY.search(name)
    try:
        return dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _walk(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        inside = Path(at)
        if inside != folder and any(name in files for name in _RUN_FILES):
            folders.clear()
            continue
        linked = [name for name in folders if (inside / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in linked)
        yield from (inside / name for name in [*files, *linked] if not name.startswith("."))


def _unusable(path: Path, name: str, folder: Path) -> str | None:
    """Why a name in the folder cannot be read, and what to do."""
    if not _shown(name).isprintable() or _shown(name) != name:
        return "name: it is not plain UTF-8 text, rename the file"
    if path.is_symlink():
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # a loop, until Python 3.13
            return "link: it leads nowhere, put the file itself there"
        if not target.is_relative_to(folder.resolve()):
            return "link: it leads out of the folder, put the file itself there"
    if name.casefold() in _MISNAMED:
        return f"name: rename it {NAME} to have it followed"
    return None


def _shown(name: str) -> str:
    """The name as text; bytes that are no UTF-8, as ZIP archives of old Windows give them, become marks."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def _meant(name: str, pattern: str) -> bool:
    """Accents are composed or not as the system that wrote the name pleased; a name may hold brackets itself."""
    name, pattern = unicodedata.normalize("NFC", name), unicodedata.normalize("NFC", pattern)
    # `match` looks at the end of a path only: `a.csv` must not take `old/a.csv`.
    deep = len(PurePosixPath(name).parts) == len(PurePosixPath(pattern).parts)
    return name == pattern or (deep and PurePosixPath(name).match(pattern))
