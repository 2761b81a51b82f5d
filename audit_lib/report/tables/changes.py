"""Changes: what became of findings since the run before, and what somebody answers for."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from audit_lib.report.runs import Run
from audit_lib.report.shown import Cell, Head, Shown, code, joined, nothing, shown, table

_CLOSED = ("deleted", "mended", "resolved", "withdrawn")
_COLUMNS = ("new", "reappeared", "open", "gone", "not_shown")
_OLDEST = 5  # after the control, its clause and what is still open


def changes(run: Run) -> Shown:
    """By control, findings that are new, back, still open, closed or not shown, where something changed."""
    words, said = run.words, run.changes
    if not (said and said["previous"]):
        return nothing(words.text("tables.changes_first"))
    counts = {name: _counts(one) for name, one in said["controls"].items()}
    totals = {name: sum(one[name] for one in counts.values()) for name in (*_COLUMNS, *_CLOSED)}
    moved = {name: one for name, one in counts.items() if any(one[what] for what in _COLUMNS if what != "open")}
    heads = [Head(words.text("ui.control")), Head(words.text("ui.clause"))]
    heads += [Head(words.label("states", name).capitalize(), numeric=True) for name in _COLUMNS]
    heads.insert(_OLDEST, Head(words.text("tables.changes_oldest"), numeric=True))
    rows = [_row(run, name, one, said["controls"][name]) for name, one in sorted(moved.items(), key=_most)]
    since = _since(run, said["previous"], totals)
    if not rows:
        return shown("{since}", since=since)
    return Shown(joined([since, table(words.text("tables.changes"), heads, rows, "changes")]))


def _counts(one: Mapping[str, Any]) -> dict[str, int]:
    return {
        **{name: int(one[name]) for name in ("new", "reappeared", "open", "not_shown", *_CLOSED)},
        "gone": sum(one[name] for name in _CLOSED),
    }


def _most(item: tuple[str, Mapping[str, int]]) -> tuple[int, int, str]:
    """The order in which to read: what is worse, then what is better."""
    name, one = item
    return -(one["new"] + one["reappeared"]), -one["gone"], name


def _since(run: Run, previous: Mapping[str, str], totals: Mapping[str, int]) -> Markup:
    words = run.words
    told = [
        words.count(f"states_{name}", totals[name])
        for name in ("new", "reappeared", "open", *_CLOSED, "not_shown")
        if totals[name]
    ]
    day = words.day(dt.datetime.fromisoformat(previous["as_of"]).date())
    line = words.text("tables.changes_since", day=day, changes=", ".join(told) or words.text("tables.changes_nothing"))
    return Markup('<p class="dpo-reading">{} {}</p>').format(line, code(previous["run_id"]))


def _row(run: Run, name: str, one: Mapping[str, int], said: Mapping[str, Any]) -> list[Cell]:
    words = run.words
    clause = next((control.clause for control in run.controls if control.id == name), "")
    cells: list[Cell] = [run.title(name), clause, *(words.number(one[column]) for column in _COLUMNS)]
    days = (run.as_of - dt.datetime.fromisoformat(said["oldest"])).days if one["open"] else None
    cells.insert(_OLDEST, "" if days is None else words.number(days))
    return cells


def exceptions(run: Run) -> Shown:
    """Each exception: who answers for what, until when, and whether it is in force on the day of the audit."""
    words = run.words
    found = run.changes["exceptions"] if run.changes else []
    if not found:
        return nothing(words.text("tables.exceptions_none"))
    heads = [
        Head(words.text("ui.control")),
        Head(words.text("ui.why")),
        Head(words.text("tables.exceptions_by")),
        Head(words.text("tables.exceptions_until")),
        Head(words.text("tables.exceptions_state")),
        Head(words.text("tables.exceptions_open"), numeric=True),
    ]
    rows: list[list[Cell]] = [
        [
            Markup('{}<span class="id">{}</span>').format(run.title(one["control"]), one["id"]),
            one["reason"],
            one["approved_by"],
            words.day(dt.date.fromisoformat(one["expires_on"])),
            words.text(f"tables.exceptions_states.{one['state']}"),
            words.text("tables.exceptions_of", open=words.number(one["open"]), records=words.number(one["records"])),
        ]
        for one in found
    ]
    return Shown(table(words.text("tables.exceptions"), heads, rows, "exceptions"))
