"""Lapses: what the exports say will end, and when the first of it does."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from audit_lib.report.runs import Run
from audit_lib.report.shown import Cell, Head, Shown, nothing, table


def lapses(run: Run) -> Shown:
    """A row a column of `lapses:` in the policy; says so when the run does not tell."""
    words = run.words
    if not run.lapses:
        return nothing(words.text("tables.lapses_none"))
    columns: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in run.lapses:
        columns.setdefault((row["dataset"], row["column"]), []).append(row)
    heads = [
        Head(words.text("tables.lapses_what")),
        Head(words.text("ui.clause")),
        Head(words.text("tables.lapses_first")),
        Head(words.text("tables.lapses_on_it"), numeric=True),
        Head(words.text("tables.lapses_after"), numeric=True),
        Head(words.text("forecast.undated"), numeric=True),
    ]
    rows = [[*_what(run, *place), *_ends(run, found)] for place, found in columns.items()]
    return Shown(table(words.text("tables.lapses"), heads, rows, "lapses"))


def _what(run: Run, dataset: str, column: str) -> list[Cell]:
    said = run.policy.lapses.get((dataset, column))
    return [said.what, said.clause] if said else [f"{run.words.label('datasets', dataset)} · {column}", ""]


def _ends(run: Run, rows: Sequence[Mapping[str, Any]]) -> list[Cell]:
    words = run.words
    if reason := rows[0].get("not_evaluated"):
        why = words.text("forecast.not_counted", why=words.label("not_evaluated", reason), about=rows[0]["about"])
        return [Markup('<span class="means">{}</span>').format(why), "–", "–", "–"]
    dated = sorted((row["ends_on"], row["records"]) for row in rows if row["ends_on"])
    undated = words.number(sum(row["records"] for row in rows if not row["ends_on"]))
    if not dated:
        return [words.text("tables.lapses_no_end"), "–", "–", undated]
    [(day, records), *others] = dated
    return [
        words.day(date.fromisoformat(day)),
        words.number(records),
        words.number(sum(n for _, n in others)),
        undated,
    ]
