"""Over time: the lines that tell which runs there were and what changed between two."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from audit_lib.history.difference import STATES, Changed, Difference
from audit_lib.report.runs import OUTCOMES, Run
from audit_lib.report.words import Words


def difference_lines(found: Difference, run: Run) -> Iterator[str]:
    """What became of the findings: in all, then control by control; `run`: the later one, for its words."""
    words = run.words
    days = [words.day(dt.datetime.fromisoformat(one["as_of"]).date()) for one in found.runs]
    yield " → ".join(days)
    yield " → ".join(one["run_id"] for one in found.runs)
    yield ""
    totals = {state: sum(one.states[state] for one in found.controls) for state in STATES}
    width = max(len(words.number(number)) for number in totals.values())
    label = max(len(words.label("states", state)) for state in STATES)
    for state, number in totals.items():
        said = words.sentence("states", state)
        yield f"{words.number(number):>{width}}  {words.label('states', state):{label}}  {said}"
    if any(one.accepted or one.expired for one in found.controls):
        accepted, expired = (sum(getattr(one, name) for one in found.controls) for name in ("accepted", "expired"))
        yield ""
        yield words.text("states.exceptions", accepted=words.number(accepted), expired=words.number(expired))
    if totals["deleted"]:
        yield ""
        yield words.text("states.rows", rows=" · ".join(_rows(found, words)))
    clauses = {one.id: one.clause for one in run.controls}
    for one in sorted(found.controls, key=lambda one: (_order(clauses.get(one.control_id, "")), one.control_id)):
        yield ""
        clause = clauses.get(one.control_id)
        yield (
            f"{words.text('ui.clause')} {clause} · {run.title(one.control_id)}" if clause else run.title(one.control_id)
        )
        yield f"  {_outcome(one, words)}{_told(one, words)}"


def _rows(found: Difference, words: Words) -> Iterator[str]:
    """How many rows of each dataset were loaded, where the number is another."""
    before, after = (_loaded(run) for run in found.runs)
    for name in sorted(before.keys() | after.keys()):
        if before[name] != after[name]:
            yield f"{words.label('datasets', name)} {words.number(before[name])} → {words.number(after[name])}"


def _loaded(run: Mapping[str, Any]) -> Counter[str]:
    rows: Counter[str] = Counter()
    for one in run["inputs"]:
        if one["dataset"]:
            rows[one["dataset"]] += one["rows_loaded"]
    return rows


def _order(clause: str) -> list[int]:
    return [int(part) for part in clause.split(".") if part]


def _outcome(one: Changed, words: Words) -> str:
    before, after = (words.label("outcomes", name) if name else words.text("states.no_control") for name in one.outcome)
    return before if before == after else f"{before} → {after}"


def _told(one: Changed, words: Words) -> str:
    said = []
    for state, number in one.states.items():
        if number:
            text = words.count(f"states_{state}", number)
            if state == "open" and one.oldest_days is not None:
                text += f" ({words.text('states.oldest', days=words.count('days', one.oldest_days))})"
            said.append(text)
    said += [
        words.count(f"states_{name}", number)
        for name, number in (("accepted", one.accepted), ("expired", one.expired))
        if number
    ]
    return f" · {', '.join(said)}" if said else ""


def history_lines(
    runs: Iterable[Mapping[str, Any]], outcomes: Mapping[str, Sequence[Mapping[str, Any]]], words: Words
) -> Iterator[str]:
    """A line a run: its day, its outcomes worst first, what changed since the one before, and whether it is kept."""
    heads = [words.text("history.day"), words.text("history.run")]
    heads += [words.label("outcomes", name) for name in OUTCOMES]
    heads += [words.label("states", name) for name in ("new", "open", "gone")]
    rows = [[*_row(run, outcomes[run["run_id"]], words)] for run in runs]
    if not rows:
        yield words.text("history.none")
        return
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    for row in (heads, *rows):
        cells = [
            f"{cell:<{width}}" if place < 2 else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        yield "  ".join([*cells, *row[len(heads) :]]).rstrip()


def _row(run: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]], words: Words) -> Iterator[str]:
    yield run["as_of"][:10]
    yield run["run_id"]
    for name in OUTCOMES:
        yield words.number(sum(one["outcome"] == name for one in outcomes))
    sums = {
        name: sum(int(one[name]) for one in outcomes)
        for name in ("new", "reappeared", "open", "deleted", "mended", "resolved", "withdrawn")
    }
    yield words.number(sums["new"] + sums["reappeared"])
    yield words.number(sums["open"])
    yield words.number(sums["deleted"] + sums["mended"] + sums["resolved"] + sums["withdrawn"])
    if int(run["purged"]):
        yield words.text("history.purged")
    elif not Path(run["series"], run["run_id"]).is_dir():
        yield words.text("history.missing")
