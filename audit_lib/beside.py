"""Beside: a process of this program's own that works while this one does something else.

Not a thread: threads wait for each other's turn in the interpreter, for which DuckDB asks after every piece of work.
"""

import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, NoReturn, cast

from audit_lib.unforeseen import UnforeseenError, unforeseen

# Steps of priority: who works beside gives way to the one thread that all wait for.
_BEHIND = 5
_PATIENCE_SECONDS = 10  # for a process to put its things away


class Beside:
    """Runs a module's `serve` at once, which waits to hear what to do. Use with `contextlib.closing`."""

    def __init__(self, module: str, *arguments: str) -> None:
        # -P: no file of the current folder takes the place of a module.
        command = [sys.executable, "-P", "-c", f"from {module} import serve; serve()", *arguments]
        self._name = module.rpartition(".")[2]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._asked, self._told = cast("tuple[IO[bytes], IO[bytes]]", (self._process.stdin, self._process.stdout))

    def begin(self, wanted: Any) -> None:
        """What to do; may be said once."""
        with suppress(BrokenPipeError):
            pickle.dump(wanted, self._asked)
            self._asked.flush()

    def result(self, progress: Callable[[str], None]) -> Any:
        """What came of it. Raises what `work` foresees, as it happened there, OSError and UnforeseenError."""
        try:
            while True:
                kind, said = pickle.load(self._told)  # noqa: S301 - written by this program
                if kind == "done":
                    return said
                if kind == "raised":
                    raise said
                progress(said)
        except EOFError:
            raise self._ended() from None

    def close(self) -> None:
        """Ends the process, if it goes on, and waits for its end."""
        with self._process as process:
            with suppress(BrokenPipeError):
                self._asked.close()
            process.terminate()
            try:
                process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def _ended(self) -> UnforeseenError:
        """Why it said no more: most often the system stopped it."""
        status = self._process.wait()
        kind = signal.Signals(-status).name if status < 0 else f"status {status}"
        return UnforeseenError(kind, f"{self._name}.py")


class Work:
    """The other side, in the process beside: hears what is wanted, tells how it goes on and what came of it."""

    def __init__(self) -> None:
        gc.disable()
        if hasattr(os, "nice"):
            os.nice(_BEHIND)
        # Whoever interrupts reaches the program that started this one, which ends it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _leave)
        self._pipe = os.fdopen(os.dup(1), "wb")
        self._turn = threading.Lock()
        # What a library prints is no message.
        os.dup2(2, 1)

    def do(self, work: Callable[[Any], Any], foreseen: tuple[type[Exception], ...]) -> tuple[str, Any]:
        """Waits for what is wanted and works. What came of it, for `tell`."""
        try:
            wanted = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by this program
        except EOFError:
            return "done", None
        known: tuple[type[Exception], ...] = (OSError, *foreseen)
        try:
            return "done", work(wanted)
        except known as error:
            return "raised", error
        except Exception as error:
            return "raised", unforeseen(error)

    def tell(self, what_came: tuple[str, Any], *, stay: bool = False) -> NoReturn:
        """The last word. Leaves without tearing modules down, everything being put away: at once, or when whoever
        asked is gone or needs no more what this process holds open.
        """
        with suppress(BrokenPipeError):
            self._say(*what_came)
        if stay:
            sys.stdin.buffer.read()
        os._exit(0)

    def progress(self, line: str) -> None:
        """Tells how it goes on, from any thread."""
        self._say("progress", line)

    def _say(self, kind: str, what: Any) -> None:
        with self._turn:
            pickle.dump((kind, what), self._pipe)
            self._pipe.flush()


def _leave(*_: Any) -> NoReturn:
    """Puts away what is open, in silence: an import that is cut short would show a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.exit(1)
