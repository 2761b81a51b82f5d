"""Outlook: a forecast as lines of text, in the run's language."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from audit_lib.history.forecast import Due, Ending, Forecast, Ground
from audit_lib.policy import clause_order
from audit_lib.report.countries import country_name
from audit_lib.report.plain import aligned, letter
from audit_lib.report.runs import Control, Run
from audit_lib.report.words import Words

# A head and, below it, a number for each row of a table.
_Column = tuple[str, Mapping[str, int]]
_APART = ("EXEMPT", "INDETERMINATE", "REVIEW")


def outlook(run: Run, found: Forecast) -> Iterator[str]:
    """What falls due, clause by clause, then what lapses."""
    words = run.words
    yield words.text("forecast.title", day=words.instant(run.as_of))
    yield words.text("forecast.period", first=words.day(found.first), last=words.day(found.last))
    yield ""
    yield words.text("forecast.due")
    yield words.text("forecast.how_to_read")
    yield words.text("forecast.quiet_months")
    by_clause = _by_clause(run, found)
    if not by_clause:
        yield ""
        yield words.text("forecast.nothing_due")
    for clause, dues in by_clause.items():
        yield ""
        yield from _clause(run, clause, dues, found)
    yield from _blind(run)
    yield ""
    yield words.text("forecast.lapses")
    yield ""
    yield from _law(run, found)
    yield ""
    yield from _exports(run, found)


def month(words: Words, name: str, first: dt.date) -> str:
    """A month (YYYY-MM) in words; the one of the run is what is left of it."""
    year, number = name.split("-")
    key = "rest_of_month" if name == f"{first:%Y-%m}" and first.day > 1 else "month"
    return words.text(f"forecast.{key}", month=words.text(f"months.{int(number)}"), year=year)


def due_rows(
    words: Words, columns: Sequence[Due], months: Sequence[str], first: dt.date, last: dt.date
) -> list[list[str]]:
    """Rows of what falls due: overdue, the months that have some, their sum, what comes later."""
    shown = [name for name in months if any(one.coming.get(name) for one in columns)]
    return [
        _row(words, words.text("forecast.overdue"), [one.overdue for one in columns]),
        *(_row(words, month(words, name, first), [one.coming.get(name, 0) for one in columns]) for name in shown),
        _row(words, words.text("forecast.coming"), [sum(one.coming.values()) for one in columns]),
        _row(words, words.text("forecast.later", day=words.day(last)), [one.later for one in columns]),
    ]


def as_data(run: Run, found: Forecast) -> dict[str, Any]:
    """The same for a program: counts, codes and dates as ISO text."""
    controls = {control.id: control for control in run.controls}
    due = [
        {
            **asdict(one),
            "clause": controls[one.control_id].clause,
            "outcome": controls[one.control_id].outcome,
            "records": controls[one.control_id].counts(),
        }
        for one in found.due
        if one.control_id in controls
    ]
    exports = (
        None
        if found.exports is None
        else [
            {
                **asdict(one),
                "clause": ends.clause if (ends := run.policy.lapses.get((one.dataset, one.column))) else None,
            }
            for one in found.exports
        ]
    )
    law = None if found.law is None else [asdict(one) for one in found.law]
    return {
        "run_id": run.facts["run_id"],
        "as_of": run.facts["as_of"],
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "months": list(found.months),
        "due": due,
        "not_evaluated": [{"control_id": one.id, "reason": one.reason, "about": one.about} for one in _not_judged(run)],
        "lapses": {"law": law, "transfers_judged": found.transfers_judged, "exports": exports},
    }


def _by_clause(run: Run, found: Forecast) -> dict[str, list[tuple[Control, Due]]]:
    dues = {one.control_id: one for one in found.due if one.overdue or one.coming or one.later}
    clauses: dict[str, list[tuple[Control, Due]]] = {}
    for control in sorted(run.controls, key=lambda one: (clause_order(one.clause), one.id)):
        if control.id in dues:
            clauses.setdefault(control.clause, []).append((control, dues[control.id]))
    return clauses


def _clause(run: Run, clause: str, dues: Sequence[tuple[Control, Due]], found: Forecast) -> Iterator[str]:
    words = run.words
    yield f"{clause} · {run.policy.clause(clause)}"
    heads = [letter(place) for place in range(len(dues))]
    yield from (f"  {head}  {run.title(control.id)}" for head, (control, _) in zip(heads, dues, strict=True))
    rows = [["", *heads], *due_rows(words, [one for _, one in dues], found.months, found.first, found.last)]
    others = [control.fail - one.overdue for control, one in dues]
    if any(others):
        rows.append(_row(words, words.text("forecast.other_breaches"), others))
    for verdict in _APART:
        numbers = [control.counts()[verdict] for control, _ in dues]
        if any(numbers):
            label = words.text("forecast.apart", verdict=words.label("verdicts", verdict))
            rows.append(_row(words, label, numbers))
    yield from aligned(rows)


def _row(words: Words, head: str, numbers: Sequence[int]) -> list[str]:
    return [head, *(words.number(n) if n else "·" for n in numbers)]


def _not_judged(run: Run) -> list[Control]:
    """Controls of which at least one dataset could not be judged."""
    return [one for one in run.of_family() if one.outcome == "not_evaluated" or one.about]


def _blind(run: Run) -> Iterator[str]:
    words, controls = run.words, _not_judged(run)
    if controls:
        yield ""
        yield words.text("forecast.not_judged")
    for one in controls:
        why = words.label("not_evaluated", str(one.reason)) if one.outcome == "not_evaluated" else ""
        told = ", ".join(part for part in (why, one.about) if part)
        yield f"  {one.clause} · {run.title(one.id)}{words.text('ui.colon')}{told}"


def _law(run: Run, found: Forecast) -> Iterator[str]:
    words = run.words
    yield words.text("forecast.law")
    if found.law is None:
        yield f"  {words.text('forecast.law_missing')}"
    elif not found.transfers_judged:
        yield f"  {words.text('forecast.law_unjudged')}"
    elif not found.law:
        yield f"  {words.text('forecast.law_none')}"
    for one in found.law or ():
        yield f"  {_ground(run, one)}"


def _ground(run: Run, one: Ground) -> str:
    words = run.words
    what = " · ".join(
        [
            words.day(dt.date.fromisoformat(one.until)),
            country_name(words, one.country),
            words.label("bases", one.basis),
            *one.decisions,
        ]
    )
    if one.flows is None:
        return f"{what}{words.text('ui.colon')}{words.text('forecast.flows_unknown')}"
    told = [words.text("forecast.relying", flows=words.count("flows", one.flows.get("PASS", 0)))]
    if one.uncovered:
        told.append(words.text("forecast.uncovered", n=words.number(one.uncovered)))
    for verdict in ("INDETERMINATE", "REVIEW"):
        if n := one.flows.get(verdict):
            told.append(words.text("forecast.apart_flows", verdict=words.label("verdicts", verdict), n=words.number(n)))
    return f"{what}{words.text('ui.colon')}{', '.join(told)}"


def _exports(run: Run, found: Forecast) -> Iterator[str]:
    words = run.words
    yield words.text("forecast.exports")
    if found.exports is None:
        yield f"  {words.text('forecast.exports_untold')}"
        return
    if not found.exports:
        yield f"  {words.text('forecast.exports_none')}"
    counted = [one for one in found.exports if one.not_evaluated is None]
    heads = [letter(place) for place in range(len(counted))]
    yield from (f"  {head}  {ends_of(run, one)}" for head, one in zip(heads, counted, strict=True))
    if counted:
        shown = [name for name in found.months if any(one.months.get(name) for one in counted)]
        rows = [["", *heads]]
        rows += [
            _row(words, month(words, name, found.first), [one.months.get(name, 0) for one in counted]) for name in shown
        ]
        rows.append(
            _row(words, words.text("forecast.later", day=words.day(found.last)), [one.later for one in counted])
        )
        rows.append(_row(words, words.text("forecast.undated"), [one.undated for one in counted]))
        yield from aligned(rows)
    for one in found.exports:
        if one.not_evaluated:
            yield f"  {ends_of(run, one)}{words.text('ui.colon')}{not_counted(run, one)}"


def not_counted(run: Run, one: Ending) -> str:
    """Why nothing is known of it."""
    why = run.words.label("not_evaluated", str(one.not_evaluated))
    return run.words.text("forecast.not_counted", why=why, about=one.about)


def ends_of(run: Run, one: Ending) -> str:
    """What ends, and the clause that it touches."""
    said = run.policy.lapses.get((one.dataset, one.column))
    if said is None:
        return f"{run.words.label('datasets', one.dataset)} · {one.column}"
    return run.words.text("forecast.of_clause", what=said.what, clause=said.clause)
