"""Keep: the private folder of what is read of exports, for one audit at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = "lock"


class KeepError(ValueError):
    """The folder cannot be used: what to write instead."""


@contextmanager
def reserved(folder: Path, *apart: Path) -> Iterator[None]:
    """Within it the folder is there, only its owner can read it, and no other audit uses it.

    `apart`: folders that must not share files with it. Raises KeepError.
    """
    for other in apart:
        one, two = folder.resolve(), other.resolve()
        if one.is_relative_to(two) or two.is_relative_to(one):
            raise KeepError(f"it shares files with {other}, write a folder of its own")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _LOCK).is_file():
            raise KeepError("it holds other files, write an empty folder")
        folder.chmod(0o700)
        lock = (folder / _LOCK).open("a")
    except OSError as error:
        raise KeepError(f"{error.strerror}, write a folder to write in") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise KeepError("another audit uses it, wait for its end or write another folder") from None
        yield
