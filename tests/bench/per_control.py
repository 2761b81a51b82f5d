"""Per control: what each control of the logs adds to a check that judges nothing."""

import re
import shutil
from collections.abc import Iterator, Set
from pathlib import Path

from tests.bench import data, tables
from tests.bench.asked import Asked
from tests.bench.contestant import PROGRAM, ROOT, Contestant, progress, race, ran
from tests.bench.logs import of_check

POLICY = ROOT / "expectations"
DATASET = "usage_logs"
ROWS_AT_MOST = 1_000_000


def section(asked: Asked) -> Iterator[str]:
    """Checks with one control each, less the check with none; all of a company's exports are loaded each time."""
    rows = min(ROWS_AT_MOST, max(asked.rows))
    exports = data.company(asked.data, rows)
    controls = _controls()
    kept = {"none": set(), **{control: {control} for control in controls}, "all of these": set(controls)}
    everyone = [_check(asked.scratch, exports, name, only) for name, only in kept.items()]
    race(everyone, asked.runs)
    yield from [f"## Controls of {DATASET}, {rows:,} rows in Parquet", ""]
    yield from _table(everyone)


def _table(everyone: list[Contestant]) -> Iterator[str]:
    """What each adds to the first, which has no control."""
    [none, *others] = everyone
    if none.failure:
        yield from [f"The check with no control: {none.failure}.", ""]
        return
    took = f"{none.median:.2f} s, {none.median_busy:.2f} of CPU"
    yield from [
        f"Beyond a check with no control ({took}). Controls share work: together they need not take the sum.",
        "",
    ]
    rows = ([one.name, *_beyond(one, none), str(sum(one.found.values()))] for one in others)
    yield from tables.table(["control", "seconds", "CPU seconds", "breaches"], rows)


def _beyond(one: Contestant, none: Contestant) -> list[str]:
    """Cells on what one took more than another."""
    if one.failure:
        return [one.failure, ""]
    return [f"{one.median - none.median:+.2f}", f"{one.median_busy - none.median_busy:+.2f}"]


def _controls() -> list[str]:
    """The controls whose dataset is the logs."""
    of_logs = re.compile(rf"^dataset: {DATASET}$", re.MULTILINE)
    return sorted(path.stem for path in POLICY.glob("controls/*/*.yaml") if of_logs.search(path.read_text("utf-8")))


def _check(scratch: Path, exports: Path, name: str, only: Set[str]) -> Contestant:
    """A check with some controls only."""
    policy = _policy(scratch / "policies" / name.replace(" ", "-"), only)
    command = [PROGRAM, "check", exports, "--policy", policy, "--out", scratch / "per-control"]
    return Contestant(name, command, of_check)


def _policy(folder: Path, only: Set[str]) -> Path:
    """A copy of the policy folder with some controls only, and the suites that follow."""
    progress(f"policy: {folder.name}")
    shutil.copytree(POLICY, folder)
    for path in folder.glob("controls/*/*.yaml"):
        if path.stem not in only:
            path.unlink()
    ran([PROGRAM, "suites", "--policy", folder])
    return folder
