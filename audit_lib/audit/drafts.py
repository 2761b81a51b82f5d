"""Drafts: the folder of a run until it is complete, and what runs that were killed have left."""

import fcntl
import os
import secrets
import shutil
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


def free_name(out: Path, name: str) -> str:
    """The name, or the name with the first free number: a run is never overwritten."""
    found, number = name, 2
    while (out / found).exists():
        found, number = f"{name}-{number}", number + 1
    return found
