"""Contestants: programs that run in turn, each as a process of its own, and what they took."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("dpo-audit")

# Of every program: the code beside the bench is what it measures, wherever the environment has its own from; and
# several would call home, and wait for an answer where there is no network.
ENVIRON = os.environ | {
    "PYTHONPATH": str(ROOT),
    "GX_ANALYTICS_ENABLED": "false",
    "SODA_CORE_TELEMETRY_ENABLED": "false",
}

Counts = dict[str, int]


def progress(words: str) -> None:
    """Where the bench is, on standard error."""
    print(f"· {words}", file=sys.stderr, flush=True)


def _nothing(_: str) -> Counts:
    """The counts of a program that prints none."""
    return {}


def ran(command: Sequence[str | Path]) -> tuple[str, str]:
    """What a program that is not measured prints: its output and its messages. Raises when it fails."""
    text = [str(part) for part in command]
    done = subprocess.run(text, check=True, capture_output=True, text=True, cwd=ROOT, env=ENVIRON)
    return done.stdout, done.stderr


@dataclass
class Contestant:
    """A program, and what its runs took: seconds, those of the processors, and megabytes.

    `read` finds counts in what it prints. `holds_all`: its memory grows with the rows. `failure`: why it does not
    run, or no more.
    """

    name: str
    command: Sequence[str | Path]
    read: Callable[[str], Counts] = _nothing
    is_floor: bool = False
    holds_all: bool = False
    seconds: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    found: Counts = field(default_factory=dict)
    failure: str = ""

    def run(self) -> None:
        """One run. A failure is kept, for the table to show."""
        with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as messages:
            started = time.perf_counter()
            process = self._start(printed.fileno(), messages.fileno())
            _, status, used = os.wait4(process.pid, 0)
            self.seconds.append(time.perf_counter() - started)
            self.busy.append(used.ru_utime + used.ru_stime)
            self.megabytes.append(used.ru_maxrss / 1024)
            process.returncode = os.waitstatus_to_exitcode(status)
            printed.seek(0)
            messages.seek(0)
            if process.returncode:
                self._fail(process.returncode, messages.read())
            else:
                self.found = self.read(printed.read())

    def _start(self, output: int, messages: int) -> "subprocess.Popen[bytes]":
        """Its process, the first to be stopped should memory run out: before this one, and before others' work."""
        command = [str(part) for part in self.command]
        process = subprocess.Popen(command, stdout=output, stderr=messages, cwd=ROOT, env=ENVIRON)
        with suppress(OSError):
            Path(f"/proc/{process.pid}/oom_score_adj").write_text("1000", "ascii")
        return process

    def _fail(self, status: int, messages: str) -> None:
        """Keeps how it ended, and says on standard error what it said last."""
        self.failure = f"exit status {status}" if status > 0 else f"stopped by {signal.Signals(-status).name}"
        progress(f"{self.name}: {self.failure}: {(messages.strip().splitlines() or [''])[-1]}")

    @property
    def median(self) -> float:
        """Seconds of the run in the middle."""
        return statistics.median(self.seconds)

    @property
    def median_busy(self) -> float:
        """Seconds of the processors in the run in the middle: other work on the machine hardly changes them."""
        return statistics.median(self.busy)

    @property
    def peak(self) -> float:
        """Megabytes of the largest of its processes, in the largest run."""
        return max(self.megabytes)


def race(everyone: Iterable[Contestant], runs: int) -> None:
    """Runs all in turn, several times: what slows the machine for a while slows all. Who failed is out."""
    for number in range(runs):
        for one in everyone:
            if not one.failure:
                progress(f"{number + 1}/{runs} {one.name}")
                one.run()
