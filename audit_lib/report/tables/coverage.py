"""Coverage: how much of the policy the audit tested, and the data that no rule of retention covers."""

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from audit_lib.report.runs import Run
from audit_lib.report.shown import Cell, Head, Shown, code, nothing, table
from audit_lib.report.tables.marks import icon, outcome_mark


def coverage(run: Run) -> Shown:
    """Every clause of the policy: what tests it, on which data, with what outcome; or why nothing does."""
    words = run.words
    clauses = _covered(run).get("clauses", [])
    if not clauses:
        return nothing(run.words.text("tables.coverage_none"))
    heads = [
        Head(words.text("ui.clause")),
        Head(words.text("ui.tested_by")),
        Head(words.text("ui.dataset")),
        Head(words.text("ui.outcome")),
    ]
    rows: list[list[Cell]] = [
        [
            Markup('{}<span class="about">{}</span>').format(one["clause"], run.policy.clause(one["clause"])),
            _tested_by(run, one),
            _data(run, one),
            outcome_mark(run, one["outcome"]) if one["outcome"] else "–",
        ]
        for one in clauses
    ]
    tested = sum(one["status"] == "tested" for one in clauses)
    caption = words.text("tables.coverage", tested=words.number(tested), all=words.number(len(clauses)))
    return Shown(table(caption, heads, rows, "coverage"))


def without_retention_rule(run: Run) -> Shown:
    """Data of people for which the policy gives no period of their own, and files that nothing recognised."""
    words, said = run.words, _covered(run)
    found = said.get("without_retention_rule", [])
    unread = said.get("unrecognised_files", [])
    note = (
        Markup('<p class="dpo-note">{} {}</p>').format(
            words.text("tables.unrecognised"), Markup(", ").join(code(name) for name in unread)
        )
        if unread
        else Markup("")
    )
    if not found:
        return Shown(nothing(run.words.text("tables.unruled_none")).html + note)
    heads = [Head(words.text("ui.dataset")), Head(words.text("ui.file")), Head(words.text("ui.columns"))]
    rows: list[list[Cell]] = [
        [
            words.label("datasets", one["dataset"]),
            Markup(", ").join(code(name) for name in one["files"]),
            Markup(", ").join(code(name) for name in (*one["columns"], *one["other_columns"])),
        ]
        for one in found
    ]
    return Shown(table(words.text("tables.unruled"), heads, rows, "unruled") + note)


def _covered(run: Run) -> Mapping[str, Any]:
    path = run.folder / "coverage.json"
    said: Mapping[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return said


def _tested_by(run: Run, clause: Mapping[str, Any]) -> Markup:
    words = run.words
    if clause["controls"]:
        return Markup("").join(
            Markup('<span class="by"><span class="{0}">{1}</span> {2}</span>').format(
                one["outcome"], icon(one["outcome"]), run.title(one["id"])
            )
            for one in clause["controls"]
        )
    why = words.chosen(clause["why"]) if clause["why"] else words.sentence("coverage", clause["status"])
    return Markup('<span class="means">{}</span>').format(why)


def _data(run: Run, clause: Mapping[str, Any]) -> Markup:
    words = run.words
    named = dict.fromkeys(name for control in clause["controls"] for name in control["datasets"])
    supplied = [words.label("datasets", name) for name in named if name not in clause["missing"]]
    said = Markup(", ").join(supplied)
    if not clause["missing"]:
        return said or Markup("–")
    missing = words.text(
        "tables.coverage_missing", datasets=", ".join(words.label("datasets", one) for one in clause["missing"])
    )
    return Markup('{}<span class="lacking">{}</span>').format(said, missing)
