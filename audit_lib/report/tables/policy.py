"""Policy: what the policy's own text contradicts or leaves open."""

import json

from markupsafe import Markup

from audit_lib.report.figures.outcomes import clause_order
from audit_lib.report.runs import SEVERITIES, Run
from audit_lib.report.shown import Cell, Head, Shown, shown, table
from audit_lib.report.tables.marks import severity_mark

_ORDER = (*SEVERITIES, "info")


def policy_findings(run: Run) -> Shown:
    """The findings on the text of the policy; says so when the run has none."""
    words = run.words
    path = run.folder / "policy_findings.json"
    stated = json.loads(path.read_text("utf-8")) if path.is_file() else []
    if not stated:
        return shown('<p class="dpo-nothing">{text}</p>', text=words.text("tables.policy_none"))
    heads = [
        Head(f"{words.text('ui.finding')} · {words.text('ui.what_to_do')}"),
        Head(words.text("ui.clause")),
        Head(words.text("ui.severity")),
    ]
    stated.sort(key=lambda one: (_ORDER.index(one["severity"]), clause_order(one["clause"]), one["id"]))
    rows: list[list[Cell]] = [
        [
            Markup('{}<span class="why">{}</span><span class="todo">{}</span>').format(
                *(words.chosen(one.get(part, {})) for part in ("title", "why", "remedy"))
            ),
            one["clause"],
            severity_mark(run, one["severity"]),
        ]
        for one in stated
    ]
    return Shown(table(words.text("tables.policy"), heads, rows, "policy"))
