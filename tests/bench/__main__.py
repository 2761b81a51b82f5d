"""Bench: `make bench` prints, as one Markdown document, what the audit costs beside the floor and other tools.

    python -m tests.bench [--rows 1000000 10000000] [--runs 3] [--data FOLDER] [--only SECTION …]

Programs run in turn, each as a process of its own; times are medians, memory is the largest peak. FOLDER keeps the
generated logs for the next time. A hundred million rows are checked when asked for.
"""

import argparse
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from tests.bench import anonymity, engines, logs, months, per_control, startup
from tests.bench.asked import Asked

# Each prints a part of the document; another one is a line here.
SECTIONS: dict[str, Callable[[Asked], Iterator[str]]] = {
    "parquet": logs.parquet,
    "csv": logs.csv,
    "months": months.section,
    "startup": startup.section,
    "controls": per_control.section,
    "engines": engines.section,
    "anonymity": anonymity.section,
}


def main() -> None:
    """Prints each section as soon as it is measured."""
    given = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        scratch = Path(folder)
        asked = Asked(tuple(given.rows), given.runs, (given.data or scratch / "data").resolve(), scratch, given.samples)
        print(f"# Bench\n\n{_machine(asked.runs)}\n", flush=True)
        for name in given.only:
            for line in SECTIONS[name](asked):
                print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="rows of usage logs")
    parser.add_argument("--runs", type=int, default=3, help="runs of each program")
    parser.add_argument("--data", type=Path, help="folder that keeps the generated logs")
    parser.add_argument("--samples", type=Path, help="folder of public tables, for the measures of anonymity")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="sections")
    return parser


def _machine(runs: int) -> str:
    """A line on the machine and the versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("duckdb", "great-expectations", "pandas"))
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.machine()}; Python {platform.python_version()}"
    return f"{machine}, {versions}; medians of {runs} interleaved runs."


if __name__ == "__main__":
    main()
