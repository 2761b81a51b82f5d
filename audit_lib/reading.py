"""Reading: exports are loaded by a process of their own, while this one imports what judges them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from audit_lib.beside import Beside, Work

if TYPE_CHECKING:
    from audit_lib.datasets import Loaded


@dataclass(frozen=True)
class Wanted:
    """What `connect` and `load` take."""

    exports: Path
    mappings: Path
    work: Path
    time_zone: str
    as_of: dt.datetime | None = None
    memory_limit: str | None = None
    keep: Path | None = None


class Reader(Beside):
    """The process that loads into the database of the `work` folder, which `connect` opens afterwards."""

    def __init__(self) -> None:
        super().__init__(__name__)

    def result(self, progress: Callable[[str], None]) -> "Loaded":
        """What was loaded. Raises MemoryLimitError, DatabaseError and OSError as they happened there, and
        UnforeseenError.
        """
        loaded: Loaded = super().result(progress)
        return loaded


def serve() -> None:
    """Loads what is wanted."""
    process = Work()

    from audit_lib.datasets import DatabaseError, Databases, MemoryLimitError, connect, load

    databases = Databases()

    def loaded(wanted: Wanted) -> "Loaded":
        con = connect(wanted.work, wanted.memory_limit)
        found = load(
            wanted.exports,
            wanted.mappings,
            con,
            wanted.work,
            time_zone=wanted.time_zone,
            as_of=wanted.as_of,
            progress=process.progress,
            databases=databases,
            keep=wanted.keep,
        )
        con.close()
        return found

    came = process.do(loaded, foreseen=(MemoryLimitError, DatabaseError))
    # A snapshot is there for others while who took it stays.
    process.tell(came, stay=bool(databases))
