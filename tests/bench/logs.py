"""Logs: what checking them costs from end to end, beside the floor, stock expectations and rivals."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.bench import data, tables
from tests.bench.asked import Asked
from tests.bench.contestant import PROGRAM, ROOT, Contestant, Counts, race
from tests.bench.environments import environment, pin
from tests.bench.rivals import RIVALS, Rival

CSV_AT_MOST = 10_000_000
# Megabytes of a process that has its libraries and no rows yet.
_LIBRARIES = 300
# What is left of the machine's memory for others.
_SPARED = 0.3


def parquet(asked: Asked) -> Iterator[str]:
    """Checks of Parquet files, at each size."""
    yield from ["## Logs in Parquet", ""]
    yield from _sizes(asked, data.parquet, asked.rows)


def csv(asked: Asked) -> Iterator[str]:
    """Checks of one packed CSV file, at each size that somebody would still pack."""
    yield from ["## Logs in one CSV file, packed", ""]
    yield from _sizes(asked, data.csv_gz, [rows for rows in asked.rows if rows <= CSV_AT_MOST])


def controls_of(printed: str) -> Path:
    """The controls.json that `dpo-audit check` names."""
    [path] = [line.removeprefix("controls: ") for line in printed.splitlines() if line.startswith("controls: ")]
    return ROOT / path


def of_check(printed: str) -> Counts:
    """What `dpo-audit check` found, from the file that it names."""
    controls = json.loads(controls_of(printed).read_text("utf-8"))
    return {one["id"]: one["fail"] for one in controls if one["outcome"] != "not_evaluated"}


def _sizes(asked: Asked, make: Callable[[Path, int], data.Logs], sizes: Iterable[int]) -> Iterator[str]:
    """A table for each size, then how the rivals were asked."""
    of_a_row: dict[str, float] = {}
    for rows in sorted(sizes):
        logs = make(asked.data, rows)
        everyone = list(_everyone(logs, asked.scratch))
        for one in everyone:
            one.failure = too_large(one, rows * of_a_row.get(one.name, 0.0))
        race(everyone, asked.runs)
        of_a_row |= {one.name: (one.peak - _LIBRARIES) / rows for one in everyone if one.megabytes}
        yield from [f"### {rows:,} rows, {logs.megabytes:,.0f} MB", ""]
        yield from tables.times_and_counts(everyone)
    yield "`dpo-audit check` also writes every record in breach, and why; the others count. How the rivals were asked:"
    yield from ["", *map(_asked, RIVALS), ""]


def _everyone(logs: data.Logs, scratch: Path) -> Iterator[Contestant]:
    """Those who check the same files."""
    floor = [sys.executable, "-m", "tests.bench.floor", logs.pattern]
    stock = [sys.executable, "-m", "tests.bench.stock", logs.pattern]
    yield Contestant("dpo-audit check", [PROGRAM, "check", logs.folder, "--out", scratch / "out"], of_check)
    yield Contestant("DuckDB, the same counts", floor, json.loads, is_floor=True)
    if logs.pattern.endswith(".csv.gz"):
        yield Contestant("DuckDB, the file read once", [*floor, "once"], json.loads, is_floor=True)
    yield Contestant("stock GX on pandas", stock, json.loads, holds_all=True)
    for rival in RIVALS:
        ready = environment(rival.module)
        if not ready.problem:
            command = [ready.python, "-m", f"tests.bench.rivals.{rival.module}", logs.pattern]
            yield Contestant(rival.name, command, json.loads, holds_all=rival.holds_all)


def too_large(one: Contestant, megabytes: float) -> str:
    """Why it does not run, when by its peak at a smaller size it would take what others need."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    if one.holds_all and megabytes > memory * (1 - _SPARED):
        return f"not run: some {megabytes / 1024:.0f} GB"
    return ""


def _asked(rival: Rival) -> str:
    """How a rival was asked, or why it is not there."""
    problem = environment(rival.module).problem
    said = f"left out, not installed: {problem}" if problem else rival.how
    return f"- {rival.name} {pin(rival.module, rival.package)}: {said}."
