"""Transfers: to which country data flow, on what safeguard, from when to when."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go

from audit_lib.report.countries import country_name
from audit_lib.report.figures.look import INK, bar_height, broken, chart, hatched, nothing
from audit_lib.report.runs import Run
from audit_lib.report.shown import Chart, Head, Shown

# worst first; uncovered bars are hatched, so that they stand out without colour
BASES = ("none", "unknown", "special", "derogation", "clauses", "bcr", "dpf", "partial_adequacy", "adequacy", "eea")
_COLOURS = {
    "none": "#b3341f",
    "unknown": "#e0a100",
    "special": "#c58bd6",
    "derogation": "#8f4fa8",
    "clauses": "#3d74c4",
    "bcr": "#23457c",
    "dpf": "#6fb1e0",
    "partial_adequacy": "#7cc9b0",
    "adequacy": "#12806a",
    "eea": "#c3cad5",
}
_HATCH = {"none": "/", "unknown": "x", "special": ".", "derogation": "."}
_TO_CHECK_HATCH = "\\"
_ALWAYS_TO_CHECK = ("unknown", "special", "derogation")
_OF_THE_COUNTRY = ("eea", "adequacy")  # cover every flow to a country, whatever instrument the register names
_INSTRUMENTS = ("derogation", "clauses", "bcr", "dpf", "partial_adequacy")
_MOST_LANES = 32  # what fits a printed page; the table has them all
_YEARS_TOLD = 7  # on the axis, about
_LEAST_SHARE = 1 / 160  # of the time drawn: a bar of a day would not be seen
_MILLISECONDS_A_DAY = 86_400_000
_DAY = timedelta(days=1)

Interval = tuple[date, date]


@dataclass(frozen=True, order=True)
class _Lane:
    """One line of the figure: a country, what flows to it rest on, and whether that is proven."""

    worst: int  # of the lanes of the country, as an index of BASES
    name: str
    basis: int
    to_check: bool


def flows_over_time(run: Run) -> Chart | Shown:
    """One line for each country and safeguard: from when to when flows relied on it."""
    words = run.words
    found = [rows for _, rows in run.aggregate("flows") if rows]
    flows = [_dated(run, row) for row in found[0] if row["from"]] if found else []
    lanes = _lanes(flows)
    if not lanes:
        return nothing(run, "flows")
    drawn = dict(sorted(lanes.items())[:_MOST_LANES])
    first = min(start for intervals in drawn.values() for start, _ in intervals)
    least = max((run.today - first).days * _LEAST_SHARE, 1)
    figure = go.Figure()
    for index, basis in enumerate(BASES):
        of_basis = {lane: intervals for lane, intervals in drawn.items() if lane.basis == index}
        if of_basis:
            figure.add_trace(_bars(run, basis, of_basis, least))
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(
        type="date",
        tickformat="%Y",
        tickangle=0,
        title_text=words.text("figures.flows.x"),
        dtick=f"M{12 * max(round((run.today - first).days / 365 / _YEARS_TOLD), 1)}",
    )
    figure.update_yaxes(
        title_text="",
        autorange="reversed",
        categoryorder="array",
        categoryarray=[_label(run, lane) for lane in drawn],
    )
    figure.add_vline(x=run.today.isoformat(), line={"color": INK, "width": 1.5, "dash": "dash"})
    title = _title(run, lanes)
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
            _until(run, f["end"]),
            words.label("verdicts", f["verdict"]),
            words.number(f["flows"]),
        ]
        for f in sorted(flows, key=lambda f: (BASES.index(f["basis"]), f["name"], f["start"], f["end"], f["verdict"]))
    ]
    alt = words.text("figures.flows.alt", title=title)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=bar_height(len(drawn)) + 60)


def _title(run: Run, lanes: dict[_Lane, list[Interval]]) -> str:
    words = run.words
    bare = {lane.name: intervals[-1][1] for lane, intervals in lanes.items() if BASES[lane.basis] == "none"}
    still = sum(end >= run.today for end in bare.values())
    key = "title" if still else "title_past" if bare else "title_none"
    return words.text(
        f"figures.flows.{key}",
        uncovered=words.number(len(bare)),
        all=words.count("destinations", len({lane.name for lane in lanes})),
        still=words.number(still),
        day=words.day(run.today),
    )


def _bars(run: Run, basis: str, lanes: dict[_Lane, list[Interval]], least: float) -> Any:
    bars = [(lane, start, end) for lane, intervals in lanes.items() for start, end in intervals]
    return go.Bar(
        name=run.words.label("bases", basis),
        orientation="h",
        y=[_label(run, lane) for lane, _, _ in bars],
        base=[start.isoformat() for _, start, _ in bars],
        x=[max((end - start).days + 1, least) * _MILLISECONDS_A_DAY for _, start, end in bars],
        customdata=[f"{run.words.day(start)} – {_until(run, end)}" for _, start, end in bars],
        hovertemplate="%{y}<br>%{customdata}<extra></extra>",
        marker={
            "color": _COLOURS[basis],
            "line": {"width": 1, "color": _COLOURS[basis]},
            "pattern": hatched([_TO_CHECK_HATCH if lane.to_check else _HATCH.get(basis, "") for lane, _, _ in bars]),
        },
    )


def _dated(run: Run, row: dict[str, Any]) -> dict[str, Any]:
    end = min(date.fromisoformat(row["to"]), run.today) if row["to"] else run.today
    return row | {"name": country_name(run.words, row["country"]), "start": date.fromisoformat(row["from"]), "end": end}


def _lanes(flows: list[dict[str, Any]]) -> dict[_Lane, list[Interval]]:
    """Days of each line, joined. Countries always inside the EEA have none: they need no safeguard."""
    days: dict[str, dict[tuple[str, bool], list[Interval]]] = defaultdict(lambda: defaultdict(list))
    for f in flows:
        to_check = f["verdict"] in ("INDETERMINATE", "REVIEW") and f["basis"] not in _ALWAYS_TO_CHECK
        days[f["name"]][f["basis"], to_check].append((f["start"], f["end"]))
    lanes: dict[_Lane, list[Interval]] = {}
    for name, found in days.items():
        covered = _joined(day for basis in _OF_THE_COUNTRY for day in found.get((basis, False), []))
        left = {
            (basis, to_check): _without(_joined(intervals), covered if basis in _INSTRUMENTS else [])
            for (basis, to_check), intervals in found.items()
        }
        bases = {basis for (basis, _), intervals in left.items() if intervals}
        if bases != {"eea"}:
            worst = min(map(BASES.index, bases))
            lanes |= {
                _Lane(worst, name, BASES.index(basis), to_check): intervals
                for (basis, to_check), intervals in left.items()
                if intervals
            }
    return lanes


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Intervals in order, those that touch made one."""
    done: list[Interval] = []
    for start, end in sorted(intervals):
        if done and start <= done[-1][1] + _DAY:
            first, last = done.pop()
            done.append((first, max(last, end)))
        else:
            done.append((start, end))
    return done


def _without(intervals: list[Interval], covered: list[Interval]) -> list[Interval]:
    """The days of intervals that the covered ones leave."""
    for low, high in covered:
        intervals = [
            (start, end)
            for first, last in intervals
            for start, end in ((first, min(last, low - _DAY)), (max(first, high + _DAY), last))
            if start <= end
        ]
    return intervals


def _label(run: Run, lane: _Lane) -> str:
    basis = run.words.text(f"bases.{BASES[lane.basis]}.short")
    if lane.to_check:
        basis = run.words.text("figures.flows.to_check", basis=basis)
    return broken(f"{lane.name} · {basis}", 56)


def _until(run: Run, end: date) -> str:
    return run.words.day(end) if end < run.today else run.words.text("ui.still_running")
