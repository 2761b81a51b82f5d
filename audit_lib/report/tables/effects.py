"""Effects: what another value of a parameter changed in this run."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from audit_lib.report.runs import VERDICTS, Run
from audit_lib.report.shown import Cell, Head, Shown, breakable, nothing, table
from audit_lib.report.tables.marks import outcome_mark


def effects(run: Run) -> Shown:
    """The controls that use a parameter changed with --set: their counts with the policy's value, and with this one."""
    words = run.words
    found = run.facts.get("effects", [])
    if not found:
        return nothing(words.text("tables.effects_none"))
    heads = [
        Head(words.text("ui.control")),
        Head(words.text("ui.clause")),
        Head(words.text("ui.before")),
        Head(words.text("ui.after")),
        Head(words.text("ui.changes")),
    ]
    rows: list[list[Cell]] = [
        [
            Markup('{}<span class="id">{}</span>').format(
                run.title(one["control_id"]), breakable(", ".join(one["parameters"]))
            ),
            one["clause"],
            outcome_mark(run, one["before"]["outcome"]),
            outcome_mark(run, one["after"]["outcome"]),
            Markup("<br>").join(_changes(run, one["before"]["counts"], one["after"]["counts"]))
            or words.text("tables.effects_same"),
        ]
        for one in found
    ]
    return Shown(table(words.text("tables.effects"), heads, rows, "effects"))


def _changes(run: Run, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The verdicts whose number of records is another."""
    words = run.words
    pairs = [(verdict, before.get(verdict.lower(), 0), after.get(verdict.lower(), 0)) for verdict in VERDICTS]
    return [
        f"{words.label('verdicts', verdict)}{words.text('ui.colon')}{words.number(old)} → {words.number(new)}"
        for verdict, old, new in pairs
        if old != new
    ]
