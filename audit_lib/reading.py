"""Reading: exports are loaded by a process of their own, while this one imports what judges them.

Two threads would wait for each other: DuckDB asks for the interpreter after every piece of work.
"""

import datetime as dt
import gc
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from audit_lib.unforeseen import UnforeseenError, unforeseen

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


class Reader:
    """The process that loads: it starts at once and waits to hear what."""

    def __init__(self) -> None:
        # -P: no file of the current folder takes the place of a module.
        command = [sys.executable, "-P", "-m", __name__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._asked, self._told = cast("tuple[IO[bytes], IO[bytes]]", (self._process.stdin, self._process.stdout))

    def begin(self, wanted: Wanted) -> None:
        """Loads into the database of the `work` folder, which `connect` opens afterwards."""
        with suppress(BrokenPipeError), self._asked:
            pickle.dump(wanted, self._asked)

    def result(self, progress: Callable[[str], None]) -> "Loaded":
        """What was loaded. Raises MemoryLimitError and OSError as they happened there, and UnforeseenError."""
        try:
            while True:
                kind, said = pickle.load(self._told)  # noqa: S301 - written by this program
                if kind == "loaded":
                    loaded: Loaded = said
                    return loaded
                if kind == "raised":
                    raise said
                progress(said)
        except EOFError:
            raise self._ended() from None
        finally:
            self.close()

    def close(self) -> None:
        """Ends the process, if it goes on, and waits for its end."""
        with self._process as process:
            process.kill()

    def _ended(self) -> UnforeseenError:
        """Why it said no more: most often the system stopped it."""
        status = self._process.wait()
        kind = signal.Signals(-status).name if status < 0 else f"status {status}"
        return UnforeseenError(kind, Path(__file__).name)


def _serve() -> None:
    """Loads what standard input wants; progress and what came of it go to standard output."""
    gc.set_threshold(200_000, 50, 50)
    # Whoever interrupts reaches the program that started this one, which ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = os.fdopen(os.dup(1), "wb")
    # What a library prints is no message.
    os.dup2(2, 1)

    def say(kind: str, what: Any) -> None:
        pickle.dump((kind, what), pipe)
        pipe.flush()

    from audit_lib.datasets import MemoryLimitError, connect, load

    try:
        wanted: Wanted = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by this program
    except EOFError:
        return
    try:
        con = connect(wanted.work, wanted.memory_limit)
        loaded = load(
            wanted.exports,
            wanted.mappings,
            con,
            wanted.work,
            time_zone=wanted.time_zone,
            as_of=wanted.as_of,
            progress=lambda name: say("progress", name),
        )
        con.close()
        say("loaded", loaded)
    except BrokenPipeError:
        return
    except (MemoryLimitError, OSError) as error:
        say("raised", error)
    except Exception as error:
        say("raised", unforeseen(error))


if __name__ == "__main__":
    _serve()
