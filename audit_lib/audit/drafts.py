"""Drafts: the folder of a run until it is complete, and what runs that were killed have left."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def draft(out: Path) -> Path:
    """A new folder that only its owner can read, out of the way until the run is complete.

    It is locked for as long as this process lives: `clear` leaves it alone.
    """
    name = secrets.token_hex(4)
    path = out / f".new-{name}"
    path.mkdir(mode=0o700)
    _lock(path)
    return path.rename(out / f".draft-{name}")


def clear(out: Path) -> int:
    """Removes what runs have left that were killed, with what they had read; how many there were."""
    abandoned = [path for path in out.glob(".draft-*") if _lock(path)]
    for path in abandoned:
        shutil.rmtree(path, ignore_errors=True)
    return len(abandoned)


def _lock(path: Path) -> bool:
    """Whether no other process has the folder; the system lets go of it when this one ends, however it does."""
    try:
        fcntl.flock(os.open(path, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def publish(folder: Path, name: Path) -> Path:
    os.rename(folder, name)  # noqa: PTH104 - atomic on one file system
    return name


@contextmanager
def naming(out: Path) -> Iterator[None]:
    """Within it no other process gives a run of the folder its name."""
    place = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Where a folder cannot be locked, two runs at the same moment may take one name, and the second fails.
        with suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def free_name(out: Path, name: str) -> str:
    """The name, or the name with the first free number: a run is never overwritten, nor one that is being written."""
    taken = {path.name for path in out.iterdir()} | {_named(path) for path in out.glob(".draft-*/run.json")}
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    return found


def _named(facts: Path) -> str:
    try:
        return str(json.loads(facts.read_text("utf-8"))["run_id"])
    except (OSError, ValueError):  # it is gone by now
        return ""
