"""Outcomes: what the controls showed, by clause and by record."""

from collections import Counter

import plotly.graph_objects as go

from audit_lib.policy import clause_order
from audit_lib.report.figures.look import bar_height, broken, chart, hatch, nothing, shares
from audit_lib.report.runs import OUTCOMES, UNPROVEN, VERDICTS, Run
from audit_lib.report.shown import Chart, Head, Shown

_MOST_DRAWN = 18  # bars that fit a printed page; the table beside the figure has them all


def outcomes_by_clause(run: Run) -> Chart | Shown:
    """How many controls of each clause ended how, worst outcome first."""
    if not run.controls:
        return nothing(run, "clauses")
    words = run.words
    counts = {clause: Counter[str]() for clause in sorted({c.clause for c in run.controls}, key=clause_order)}
    for control in run.controls:
        counts[control.clause][control.outcome] += 1
    labels = [f"{words.text('ui.clause')} {clause}" for clause in counts]
    present = [outcome for outcome in OUTCOMES if any(found[outcome] for found in counts.values())]
    figure = go.Figure(
        [
            go.Bar(
                name=words.label("outcomes", outcome),
                y=labels,
                x=[found[outcome] for found in counts.values()],
                orientation="h",
                marker=hatch(outcome),
                text=[found[outcome] or "" for found in counts.values()],
                textposition="inside",
                insidetextanchor="middle",
                textfont={"color": "#1c2430" if outcome in ("indeterminate", "empty") else "#ffffff"},
                hovertemplate="%{y}<br>%{x}<extra>%{fullData.name}</extra>",
            )
            for outcome in present
        ]
    )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title_text=words.text("figures.clauses.x"), dtick=1, rangemode="tozero")
    figure.update_yaxes(autorange="reversed", title_text="")
    touched = [clause for clause, found in counts.items() if found["violated"]]
    worst = max(counts, key=lambda clause: counts[clause]["violated"])
    concluded = len(run.controls) - len(run.with_outcome(*UNPROVEN))
    key = "title" if touched else "title_none" if concluded else "title_unknown"
    title = words.text(
        f"figures.clauses.{key}",
        touched=words.count("clauses", len(touched)),
        clauses=words.number(len(counts)),
        concluded=words.number(concluded),
        all=words.number(len(run.controls)),
        worst=worst,
        violated=words.number(counts[worst]["violated"]),
        controls=words.count("controls", counts[worst].total()),
    )
    heads = [Head(words.text("ui.clause"))] + [Head(words.label("outcomes", o), numeric=True) for o in present]
    rows = [[clause, *(words.number(found[o]) for o in present)] for clause, found in counts.items()]
    alt = words.text("figures.clauses.alt", title=title)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=bar_height(len(counts)))


def records_by_verdict(run: Run, *families: str) -> Chart | Shown:
    """The share of each control's records by verdict: controls differ in size, so shares compare."""
    words = run.words
    controls = [control for control in run.of_family(*families) if control.population]
    if not controls:
        return nothing(run, "verdicts")
    drawn = controls[:_MOST_DRAWN]
    present = [verdict for verdict in VERDICTS if any(control.counts()[verdict] for control in controls)]
    labels = [broken(run.title(control.id), 44) for control in drawn]
    figure = go.Figure(
        [
            go.Bar(
                name=words.label("verdicts", verdict),
                y=labels,
                x=[100 * control.counts()[verdict] / control.population for control in drawn],
                customdata=[words.number(control.counts()[verdict]) for control in drawn],
                orientation="h",
                marker=hatch(verdict),
                hovertemplate="%{y}<br>%{customdata} (%{x:.1f}\u202f%)<extra>%{fullData.name}</extra>",
            )
            for verdict in present
        ]
    )
    figure.update_layout(barmode="stack")
    shares(run, figure, words.text("figures.verdicts.x"))
    figure.update_yaxes(autorange="reversed")
    failing = sum(control.fail for control in controls)
    title = words.text(
        f"figures.verdicts.{'title' if failing else 'title_none'}",
        failures=words.count("breaches", failing),
        controls=words.count("controls", sum(bool(control.fail) for control in controls)),
    )
    heads = [
        Head(words.text("ui.control")),
        Head(words.text("ui.population"), numeric=True),
        *(Head(words.label("verdicts", verdict), numeric=True) for verdict in present),
    ]
    rows = [
        [
            run.title(control.id),
            words.number(control.population),
            *(words.number(control.counts()[verdict]) for verdict in present),
        ]
        for control in controls
    ]
    alt = words.text("figures.verdicts.alt", title=title)
    height = bar_height(len(drawn)) + 8 * len(drawn)  # two lines a label
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=height)
