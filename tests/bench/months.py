"""Months: what an audit of two years of logs costs when an earlier one read all of them but the last month's."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.bench import data, tables
from tests.bench.asked import Asked
from tests.bench.contestant import PROGRAM, Contestant, Counts, progress, race, ran
from tests.bench.logs import controls_of

ROWS_AT_MOST = 10_000_000


def section(asked: Asked) -> Iterator[str]:
    """Checks of the same files: all of them read, and only the one that is new."""
    rows = min(ROWS_AT_MOST, max(asked.rows))
    logs = data.months(asked.data, rows)
    before = data.all_but_one(logs)
    out, keep = asked.scratch / "out", asked.scratch / "keep"

    def check(name: str, *arguments: str | Path) -> Contestant:
        return Contestant(name, [PROGRAM, "check", "--out", out, *arguments], _of_check)

    everyone = [
        check("all read", logs.folder),
        # What was kept goes with its export: in each round there is nothing new first, then one month.
        check("nothing new", before, "--keep", keep),
        check("one month new", logs.folder, "--keep", keep),
    ]
    progress("reading all but one month")
    ran(everyone[1].command)
    race(everyone, asked.runs)
    yield from [f"## {data.MONTHS} months of logs, {rows:,} rows in CSV, packed", ""]
    headers = ["`dpo-audit check`", "seconds", "CPU seconds", "peak memory", "MB read", "findings"]
    yield from tables.table(headers, map(_row, everyone))
    kept = sum(path.stat().st_size for path in keep.iterdir()) / 1e6
    yield from [f"The exports take {logs.megabytes:,.0f} MB, what is kept of them {kept:,.0f} MB.", ""]


def _row(one: Contestant) -> list[str]:
    """A line of the table."""
    if one.failure:
        return [one.name, one.failure, "", "", "", ""]
    took = [f"{one.median:.2f}", f"{one.median_busy:.2f}", f"{one.peak:,.0f} MB"]
    return [one.name, *took, f"{one.found['bytes'] / 1e6:.1f}", str(one.found["findings"])]


def _of_check(printed: str) -> Counts:
    """What was read and found, from the run's folder."""
    path = controls_of(printed)
    controls = json.loads(path.read_text("utf-8"))
    facts = json.loads(path.with_name("run.json").read_text("utf-8"))
    verdicts = ("fail", "exempt", "indeterminate", "review")
    return {"bytes": facts["bytes_read"], "findings": sum(one[verdict] for one in controls for verdict in verdicts)}
