"""Look: what every figure has in common."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from audit_lib.report.runs import Run
from audit_lib.report.shown import Cell, Chart, Head, Shown, shown, table

INK, MUTED, LINE, ACCENT = "#1c2430", "#566072", "#d9dee7", "#1f4e8c"
# told apart without hue: each colour has its own lightness, and its own hatching where bars are stacked
COLOURS = {
    "violated": "#b3341f",
    "not_evaluated": "#4b5565",
    "indeterminate": "#e0a100",
    "review": "#3d74c4",
    "empty": "#c3cad5",
    "compliant": "#12806a",
    "FAIL": "#b3341f",
    "INDETERMINATE": "#e0a100",
    "REVIEW": "#3d74c4",
    "EXEMPT": "#8f86c6",
    "PASS": "#12806a",
}
HATCH = {
    "indeterminate": "/",
    "INDETERMINATE": "/",
    "review": ".",
    "REVIEW": ".",
    "EXEMPT": "x",
    "not_evaluated": "\\",
}
SERIES = ("#1f4e8c", "#d98200", "#12806a", "#8f4fa8", "#b3341f", "#5b8fd6", "#7a6a3a", "#4b5565")
STEPS = ("#f3c6a5", "#e69a6b", "#d16a3d", "#a8401f", "#6d2410")  # light to dark: a little to very overdue
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
MOST_ROWS_SHOWN = 200  # in the table beside a figure
_BAR, _FRAME = 34, 120  # pixels for one bar, and for axes and legend


def chart(
    run: Run,
    figure: go.Figure,
    *,
    title: str,
    alt: str,
    heads: Sequence[Head],
    rows: Sequence[Sequence[Cell]],
    height: int = 360,
    legend: bool = True,
) -> Chart:
    """A figure in the common look, with its numbers folded away beside it."""
    figure.update_layout(
        template=None,
        meta={"alt": alt, "title": title},
        height=height,
        margin={"l": 8, "r": 28, "t": 24, "b": 8},
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="#ffffff",
        plot_bgcolor="#ffffff",
        separators=",\u202f" if run.words.lang == "fr" else ".,",
        showlegend=legend,
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "traceorder": "normal",
        },
        hoverlabel={"bgcolor": "#ffffff", "bordercolor": LINE, "font": {"color": INK}},
        bargap=0.32,
    )
    axis = {"automargin": True, "linecolor": LINE, "gridcolor": "#eceff4", "zeroline": False, "ticks": ""}
    figure.update_xaxes(**axis, title_font={"size": 12, "color": MUTED})
    figure.update_yaxes(**axis, title_font={"size": 12, "color": MUTED})
    return Chart(figure, title, alt, _folded(run, title, heads, rows))


def bar_height(bars: int) -> int:
    """The height in pixels of a figure with so many horizontal bars."""
    return _FRAME + _BAR * max(bars, 2)


def shares(run: Run, figure: go.Figure, title: str) -> None:
    """An axis of percentages with both its ends: left alone, plotly leaves out the last."""
    quarters = [0, 25, 50, 75, 100]
    labels = [run.words.percent(quarter / 100) for quarter in quarters]
    figure.update_xaxes(title_text=title, range=[0, 100], tickvals=quarters, ticktext=labels)


def nothing(run: Run, key: str) -> Shown:
    """Said in place of a figure that has nothing to show."""
    return shown(
        '<p class="dpo-nothing"><strong>{head}</strong> {why}</p>',
        head=run.words.text("ui.nothing_to_show"),
        why=run.words.text(f"figures.{key}.nothing"),
    )


def broken(text: str, width: int = 34) -> str:
    """Text with line breaks for a label of a figure; angle brackets and ampersands made harmless."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "<br>".join(wrap(safe, width, break_long_words=False)) or safe


def hatch(code: str) -> dict[str, Any]:
    """The colour of an outcome or verdict, with a hatching of its own for print and for colour blindness."""
    return {
        "color": COLOURS[code],
        "pattern": hatched(HATCH.get(code, "")),
        "line": {"width": 1, "color": "#ffffff"},
    }


def hatched(shape: str | list[str]) -> dict[str, Any]:
    """A white hatching over a bar's colour; none for the empty shape."""
    return {
        "shape": shape,
        "fillmode": "overlay",
        "fgcolor": "#ffffff",
        "fgopacity": 0.55,
        "size": 6,
        "solidity": 0.25,
    }


def _folded(run: Run, title: str, heads: Sequence[Head], rows: Sequence[Sequence[Cell]]) -> Shown:
    shown_rows = rows[:MOST_ROWS_SHOWN]
    left = len(rows) - len(shown_rows)
    return shown(
        '<details class="dpo-data"><summary>{summary}</summary>{table}{left}</details>',
        summary=run.words.text("ui.figure_data"),
        table=table(title, heads, shown_rows),
        left=run.words.text("ui.rows_left_out", n=run.words.number(left)) if left else "",
    )
