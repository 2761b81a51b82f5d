"""Start-up: what the program costs before there is any data to speak of, and what of that are imports."""

import re
import sys
from collections import Counter
from collections.abc import Iterator

from tests.bench import tables
from tests.bench.asked import Asked
from tests.bench.contestant import PROGRAM, Contestant, Counts, progress, race, ran

SAMPLES = "data_samples"
_LARGEST = 5
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


def section(asked: Asked) -> Iterator[str]:
    """What commands take on the samples, then where imports go."""
    everyone = _everyone(asked)
    race(everyone, asked.runs)
    yield from ["## Start-up", ""]
    yield from tables.times(everyone)
    yield from ["Memory is that of the largest process: a run has several.", ""]
    if everyone[-1].found == {"pdf": 0}:
        yield from ["No Chromium here: the report has no PDF.", ""]
    if not any(one.failure for one in everyone):
        yield from _imports(["check", SAMPLES, "--out", str(asked.scratch / "imports")])


def _everyone(asked: Asked) -> list[Contestant]:
    """Commands, from the cheapest to the dearest."""
    out = asked.scratch / "startup"
    libraries = "import duckdb, great_expectations"
    return [
        Contestant("python -c pass", [sys.executable, "-c", "pass"], is_floor=True),
        Contestant(f"python -c '{libraries}'", [sys.executable, "-c", libraries]),
        Contestant("dpo-audit --help", [PROGRAM, "--help"]),
        Contestant(f"dpo-audit check {SAMPLES}", [PROGRAM, "check", SAMPLES, "--out", out]),
        Contestant(f"dpo-audit run {SAMPLES}, report and PDF", [PROGRAM, "run", SAMPLES, "--out", out], _of_run),
    ]


def _of_run(printed: str) -> Counts:
    """Whether a run names a PDF."""
    return {"pdf": sum(line.startswith("pdf: ") for line in printed.splitlines())}


def _imports(arguments: list[str]) -> Iterator[str]:
    """The packages whose modules take longest to import, each without what it imports itself."""
    progress(f"imports of dpo-audit {arguments[0]}")
    _, messages = ran([sys.executable, "-X", "importtime", PROGRAM, *arguments])
    seconds, modules = by_package(messages)
    total = sum(seconds.values())
    yield from [f"Imports of `dpo-audit {arguments[0]} {SAMPLES}`: {total:.2f} s, each timed, which costs too.", ""]
    rows = ([name, f"{took:.2f}", str(modules[name])] for name, took in seconds.most_common(_LARGEST))
    yield from tables.table(["package", "seconds", "modules"], rows)


def by_package(messages: str) -> tuple[Counter[str], Counter[str]]:
    """Seconds and modules of each top-level package, from what `-X importtime` says."""
    seconds: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    for took, module in _IMPORT.findall(messages):
        name = module.partition(".")[0]
        package = "standard library" if name in sys.stdlib_module_names else name
        seconds[package] += int(took) / 1e6
        modules[package] += 1
    return seconds, modules
