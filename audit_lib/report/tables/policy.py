"""Policy: what the policy's own text contradicts or leaves open."""

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from audit_lib.policy import clause_order
from audit_lib.report.runs import SEVERITIES, Run
from audit_lib.report.shown import Cell, Head, Shown, nothing, table
from audit_lib.report.tables.marks import severity_mark

_ORDER = (*SEVERITIES, "info")


def policy_findings(run: Run) -> Shown:
    """The findings on the text of the policy; says so when the run has none."""
    words = run.words
    path = run.folder / "policy_findings.json"
    stated = json.loads(path.read_text("utf-8")) if path.is_file() else []
    if not stated:
        return nothing(words.text("tables.policy_none"))
    heads = [
        Head(f"{words.text('ui.finding')} · {words.text('ui.what_to_do')}"),
        Head(words.text("ui.clause")),
        Head(words.text("ui.severity")),
    ]
    stated.sort(key=lambda one: (_ORDER.index(one["severity"]), clause_order(one["clause"]), one["id"]))
    rows: list[list[Cell]] = [
        [
            Markup('{}<span class="why">{}</span>{}<span class="todo">{}</span>').format(
                words.chosen(one["title"]), words.chosen(one["why"]), _evidence(run, one), words.chosen(one["remedy"])
            ),
            one["clause"],
            severity_mark(run, one["severity"]),
        ]
        for one in stated
    ]
    return Shown(table(words.text("tables.policy"), heads, rows, "policy"))


def _evidence(run: Run, finding: Mapping[str, Any]) -> Markup:
    """What the exports show of a finding, a line a fact."""
    return Markup("").join(
        Markup('<span class="evidence">{}</span>').format(_fact(run, fact)) for fact in finding.get("evidence", [])
    )


def _fact(run: Run, fact: Mapping[str, Any]) -> str:
    words = run.words
    said = words.chosen(fact["says"])
    if "rows" in fact:
        told = (
            f"{words.label('start_events', str(row[0]))}{words.text('ui.colon')}{words.number(row[-1])}"
            for row in fact["rows"]
        )
        return f"{said} {' · '.join(told)}"
    return said.format(
        records=words.number(fact["records"]),
        population=words.number(fact["population"]),
        share=words.percent(fact["share"]),
    )
