"""Transfers: to which country data flow, on what safeguard, from when to when."""

from collections import defaultdict
from datetime import date
from typing import Any

import plotly.graph_objects as go

from audit_lib.report.countries import country_name
from audit_lib.report.figures.look import INK, bar_height, chart, hatched, nothing
from audit_lib.report.runs import Run
from audit_lib.report.shown import Chart, Head, Shown

# worst first; uncovered bars are hatched, so that they stand out without colour
BASES = ("none", "unknown", "special", "clauses", "bcr", "dpf", "partial_adequacy", "adequacy", "eea")
_COLOURS = {
    "none": "#b3341f",
    "unknown": "#e0a100",
    "special": "#c58bd6",
    "clauses": "#3d74c4",
    "bcr": "#23457c",
    "dpf": "#6fb1e0",
    "partial_adequacy": "#7cc9b0",
    "adequacy": "#12806a",
    "eea": "#c3cad5",
}
_HATCH = {"none": "/", "unknown": "x", "special": "."}
_MOST_BARS = 40
_MILLISECONDS_A_DAY = 86_400_000


def flows_over_time(run: Run) -> Chart | Shown:
    """One bar for each country and safeguard: from when to when flows relied on it."""
    words = run.words
    found = [(control, rows) for control, rows in run.aggregate("flows") if rows]
    if not found:
        return nothing(run, "flows")
    flows = _merged(run, found[0][1])
    drawn = flows[:_MOST_BARS]
    figure = go.Figure([_bars(run, basis, [f for f in drawn if f["basis"] == basis]) for basis in BASES])
    figure.data = [trace for trace in figure.data if len(trace.y)]
    lanes = sorted({(f["name"], BASES.index(f["basis"])) for f in drawn}, key=lambda lane: _lane_order(drawn, lane))
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(type="date", tickformat="%Y", title_text=words.text("figures.flows.x"), dtick="M24")
    figure.update_yaxes(
        title_text="",
        autorange="reversed",
        categoryorder="array",
        categoryarray=[_lane(run, name, BASES[basis]) for name, basis in lanes],
    )
    figure.add_vline(x=run.today.isoformat(), line={"color": INK, "width": 1.5, "dash": "dash"})
    uncovered = [f for f in flows if f["basis"] == "none"]
    countries = {f["country"] for f in flows}
    title = words.text(
        f"figures.flows.{'title' if uncovered else 'title_none'}",
        flows=words.count("flows", sum(f["flows"] for f in uncovered)),
        uncovered=words.count("countries", len({f["country"] for f in uncovered})),
        countries=words.count("countries", len(countries)),
        day=words.day(run.today),
    )
    heads = [
        Head(words.text("ui.country")),
        Head(words.text("ui.basis")),
        Head(words.text("ui.from")),
        Head(words.text("ui.to")),
        Head(words.text("ui.verdict")),
        Head(words.text("ui.flows"), numeric=True),
    ]
    rows = [
        [
            f["name"],
            words.label("bases", f["basis"]),
            words.day(f["start"]),
            words.day(f["end"]) if f["end"] < run.today else words.text("ui.still_running"),
            words.label("verdicts", f["verdict"]),
            words.number(f["flows"]),
        ]
        for f in flows
    ]
    alt = words.text("figures.flows.alt", title=title)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=bar_height(len(lanes)) + 40)


def _bars(run: Run, basis: str, flows: list[dict[str, Any]]) -> Any:
    words = run.words
    return go.Bar(
        name=words.label("bases", basis),
        orientation="h",
        y=[_lane(run, f["name"], basis) for f in flows],
        base=[f["start"].isoformat() for f in flows],
        x=[max((f["end"] - f["start"]).days, 1) * _MILLISECONDS_A_DAY for f in flows],
        text=[words.count("flows", f["flows"]) for f in flows],
        textposition="inside",
        insidetextanchor="start",
        constraintext="none",
        textangle=0,
        textfont={"color": INK if basis in ("unknown", "eea", "partial_adequacy", "dpf", "special") else "#ffffff"},
        customdata=[
            f"{words.day(f['start'])} – "
            + (words.day(f["end"]) if f["end"] < run.today else words.text("ui.still_running"))
            for f in flows
        ],
        hovertemplate="%{y}<br>%{customdata}<br>%{text}<extra></extra>",
        marker={
            "color": _COLOURS[basis],
            "line": {"width": 1, "color": "#ffffff"},
            "pattern": hatched(_HATCH.get(basis, "")),
        },
    )


def _merged(run: Run, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Flows by country, basis and verdict, joined while they overlap; what is not covered comes first."""
    groups: dict[tuple[Any, str, str], list[tuple[date, date, int]]] = defaultdict(list)
    for row in rows:
        if row["from"]:
            end = min(date.fromisoformat(row["to"]), run.today) if row["to"] else run.today
            groups[row["country"], row["basis"], row["verdict"]].append(
                (date.fromisoformat(row["from"]), end, row["flows"])
            )
    merged = [
        {
            "country": country,
            "name": country_name(run.words, country),
            "basis": basis,
            "verdict": verdict,
            "start": start,
            "end": end,
            "flows": flows,
        }
        for (country, basis, verdict), intervals in groups.items()
        for start, end, flows in _joined(intervals)
    ]
    return sorted(merged, key=lambda f: (BASES.index(f["basis"]), -f["flows"], f["name"], f["start"], f["verdict"]))


def _joined(intervals: list[tuple[date, date, int]]) -> list[tuple[date, date, int]]:
    done: list[tuple[date, date, int]] = []
    for start, end, flows in sorted(intervals):
        if done and start <= done[-1][1]:
            first, last, so_far = done.pop()
            done.append((first, max(last, end), so_far + flows))
        else:
            done.append((start, end, flows))
    return done


def _lane(run: Run, name: str, basis: str) -> str:
    return f"{name} · {run.words.label('bases', basis)}"


def _lane_order(flows: list[dict[str, Any]], lane: tuple[str, int]) -> tuple[int, str, int]:
    """Countries with the worst basis first, each country's lanes together."""
    name, basis = lane
    return (min(BASES.index(f["basis"]) for f in flows if f["name"] == name), name, basis)
