"""Held: how many records each dataset brought, and what could not be read."""

from collections import Counter

import plotly.graph_objects as go

from audit_lib.report.figures.look import COLOURS, SERIES, bar_height, broken, chart, hatched, nothing
from audit_lib.report.runs import Run
from audit_lib.report.shown import Chart, Head, Shown


def records_by_dataset(run: Run) -> Chart | Shown:
    """Rows loaded and rows set aside, by dataset."""
    words = run.words
    loaded, aside = Counter[str](), Counter[str]()
    for file in (file for file in run.facts.get("inputs", []) if file["dataset"]):
        loaded[file["dataset"]] += file["rows_loaded"]
        aside[file["dataset"]] += file["rows_quarantined"]
    if not (loaded + aside).total():
        return nothing(run, "held")
    names = [name for name, _ in loaded.most_common()]
    labels = [broken(words.label("datasets", name)) for name in names]
    figure = go.Figure(
        [
            go.Bar(
                name=words.text(f"ui.{key}"),
                y=labels,
                x=[counts[name] for name in names],
                orientation="h",
                marker={"color": colour, "pattern": hatched(shape)},
                hovertemplate="%{y}<br>%{x:,}<extra>%{fullData.name}</extra>",
            )
            for key, counts, colour, shape in (
                ("rows_loaded", loaded, SERIES[0], ""),
                ("rows_quarantined", aside, COLOURS["INDETERMINATE"], "/"),
            )
        ]
    )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title_text=words.text("figures.held.x"), rangemode="tozero", tickformat=",d")
    figure.update_yaxes(autorange="reversed")
    title = words.text(
        f"figures.held.{'title' if aside.total() else 'title_none'}",
        loaded=words.count("rows", loaded.total()),
        datasets=words.count("datasets", len(names)),
        aside=words.count("rows_aside", aside.total()),
    )
    heads = [
        Head(words.text("ui.dataset")),
        Head(words.text("ui.rows_loaded"), numeric=True),
        Head(words.text("ui.rows_quarantined"), numeric=True),
    ]
    rows = [[words.label("datasets", n), words.number(loaded[n]), words.number(aside[n])] for n in names]
    alt = words.text("figures.held.alt", title=title)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=bar_height(len(names)))
