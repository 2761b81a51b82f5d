"""Bench: `make bench` prints what `check` costs on generated logs, beside the floor and stock expectations.

    python -m tests.bench [--rows 10000000] [--runs 3] [--data FOLDER]

Programs run in turn, each as a process of its own; times are medians, memory is the largest peak. FOLDER keeps the
generated logs for the next time.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("dpo-audit")


@dataclass
class Contestant:
    """A program, and what its runs took: seconds and megabytes. `counts` reads what it found from its output."""

    name: str
    command: list[str | Path]
    counts: Callable[[str], dict[str, int]]
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        started = time.perf_counter()
        with tempfile.TemporaryFile("w+") as printed:
            process = subprocess.Popen(
                [str(part) for part in self.command], stdout=printed, stderr=subprocess.DEVNULL, cwd=ROOT
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.seconds.append(time.perf_counter() - started)
            self.megabytes.append(used.ru_maxrss / 1024)
            printed.seek(0)
            output = printed.read()
        if process.returncode:
            raise SystemExit(f"{self.name}: exit status {process.returncode}")
        self.found = self.counts(output)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def main() -> None:
    said = argparse.ArgumentParser(prog="python -m tests.bench")
    said.add_argument("--rows", type=int, default=10_000_000, help="rows of usage logs")
    said.add_argument("--runs", type=int, default=3, help="runs of each program")
    said.add_argument("--data", type=Path, help="folder that keeps the generated logs")
    asked = said.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench") as scratch:
        logs = _logs(asked.data or Path(scratch), asked.rows)
        pattern = str(logs / "logs" / "*.parquet")
        out = Path(scratch) / "out"
        check = Contestant("dpo-audit check", [PROGRAM, "check", logs, "--out", out], _of_run)
        floor = Contestant("DuckDB, the same counts", [sys.executable, "-m", "tests.bench.floor", pattern], json.loads)
        stock = Contestant("stock GX on pandas", [sys.executable, "-m", "tests.bench.stock", pattern], lambda _: {})
        everyone = [check, floor, stock]
        for number in range(asked.runs):
            for one in everyone:
                print(f"· {number + 1}/{asked.runs} {one.name}", file=sys.stderr, flush=True)
                one.run()
    _print(asked.rows, everyone, check, floor)


def _logs(folder: Path, rows: int) -> Path:
    """Usage logs alone, as Parquet: what grows without end in a real company."""
    made = folder / f"logs-{rows}"
    if not made.exists():
        print(f"· writing {rows} rows", file=sys.stderr, flush=True)
        company = folder / f"company-{rows}"
        written = [PROGRAM, "sample", company, "--rows", str(rows), "--logs", "parquet"]
        subprocess.run(written, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        (made / "logs").mkdir(parents=True)
        for path in (company / "logs").glob("*.parquet"):
            path.rename(made / "logs" / path.name)
        (made / "exports.yaml").write_text(
            "extracted_at: 2026-11-01T06:00:00+01:00\nsource_tz: Europe/Paris\n", "utf-8"
        )
    return made


def _of_run(printed: str) -> dict[str, int]:
    [path] = [line.removeprefix("controls: ") for line in printed.splitlines() if line.startswith("controls: ")]
    controls = json.loads((ROOT / path).read_text("utf-8"))
    return {one["id"]: one["fail"] for one in controls if one["outcome"] != "not_evaluated"}


def _print(rows: int, everyone: list[Contestant], check: Contestant, floor: Contestant) -> None:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("duckdb", "great-expectations", "pandas"))
    print(f"{rows:,} log rows in Parquet; {os.cpu_count()} cores, {platform.machine()}; ", end="")
    print(f"Python {platform.python_version()}, {versions}; medians of {len(check.seconds)} interleaved runs\n")
    print("| program | seconds | times the floor | peak memory |")
    print("|---|--:|--:|--:|")
    for one in everyone:
        print(f"| {one.name} | {one.median:.1f} | {one.median / floor.median:.1f} | {max(one.megabytes):.0f} MB |")
    different = [name for name, count in floor.found.items() if check.found.get(name) != count]
    print(f"\nBreaches of {len(floor.found)} controls: ", end="")
    print(f"not the floor's counts for {', '.join(different)}." if different else "the same counts as the floor.")


if __name__ == "__main__":
    main()
