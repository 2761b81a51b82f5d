"""Retention: the age of records against their limit, what is overdue, what falls due."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from audit_lib.report.figures.look import (
    INK,
    LINE,
    SERIES,
    STEPS,
    bar_height,
    broken,
    chart,
    hatch,
    nothing,
    shares,
)
from audit_lib.report.runs import VERDICTS, Control, Run, urgency
from audit_lib.report.shown import Chart, Head, Shown

DAYS_A_MONTH = 365.25 / 12  # for drawing only: verdicts are the check's, in calendar months
FARTHEST_MONTH = 36  # what lies farther from its limit is drawn together at the edge
_EDGE = FARTHEST_MONTH + 2  # where it is drawn: apart from the others
_STRIP, _BETWEEN = 64, 38  # pixels: one strip, and the room for the title of the next
LATE_FROM_DAYS = (1, 31, 91, 366, 731)  # where each bucket of lateness starts
AHEAD_DAYS = 90
DAYS_A_WEEK = 7

Ages = list[tuple[Control, list[dict[str, Any]]]]


def age_against_limit(run: Run, *families: str) -> Chart | Shown:
    """Months that records lie before or past their limit, one strip a control."""
    words, clocks = run.words, _clocks(run, *families)
    if not clocks:
        return nothing(run, "age")
    inner = _STRIP * len(clocks) + _BETWEEN * (len(clocks) - 1)
    figure = make_subplots(
        rows=len(clocks),
        shared_xaxes=True,
        vertical_spacing=_BETWEEN / inner,
        subplot_titles=[broken(run.title(control.id), 110) for control, _ in clocks],
    )
    rows, seen, past = [], set[str](), 0
    for index, (control, ages) in enumerate(clocks, start=1):
        bins: dict[str, Counter[int]] = defaultdict(Counter)
        for row in ages:
            bins[row["verdict"]][_months_past(run.today, row["due_on"])] += row["records"]
        for verdict in [v for v in VERDICTS if v in bins]:
            months = sorted(bins[verdict])
            figure.add_bar(
                row=index,
                col=1,
                name=words.label("verdicts", verdict),
                legendgroup=verdict,
                showlegend=verdict not in seen,
                x=[_place(month) for month in months],
                y=[bins[verdict][month] for month in months],
                width=0.9,
                marker=hatch(verdict),
                customdata=[_month_label(run, month) for month in months],
                hovertemplate="%{customdata}<br>%{y}<extra>%{fullData.name}</extra>",
            )
            seen.add(verdict)
            rows += [
                [
                    run.title(control.id),
                    words.label("verdicts", verdict),
                    _month_label(run, month),
                    words.number(n),
                ]
                for month, n in sorted(bins[verdict].items())
            ]
        past += bins["FAIL"].total() if "FAIL" in bins else 0
        figure.add_vline(x=0, line={"color": INK, "width": 1.5, "dash": "dash"}, row=index, col=1)
        for edge in (-_EDGE, _EDGE):
            figure.add_vrect(
                x0=edge - 0.9, x1=edge + 0.9, fillcolor=LINE, opacity=0.6, line_width=0, layer="below", row=index, col=1
            )
    figure.update_annotations(x=0, xanchor="left", font={"size": 12, "color": INK})
    figure.update_layout(barmode="stack")
    ticks = range(-FARTHEST_MONTH + 12, FARTHEST_MONTH, 12)
    figure.update_xaxes(
        range=[-_EDGE - 1, _EDGE + 1],
        tickvals=[-_EDGE, *ticks, _EDGE],
        ticktext=[f"< −{FARTHEST_MONTH}", *(str(tick).replace("-", "−") for tick in ticks), f"> {FARTHEST_MONTH}"],
    )
    figure.update_xaxes(title_text=words.text("figures.age.axis"), row=len(clocks), col=1)
    figure.update_yaxes(rangemode="tozero", tickformat=",d", nticks=4)
    title = words.text(
        f"figures.age.{'title' if past else 'title_none'}",
        records=words.count("records", past),
        day=words.day(run.today),
    )
    heads = [
        Head(words.text("ui.control")),
        Head(words.text("ui.verdict")),
        Head(words.text("figures.age.x")),
        Head(words.text("ui.records"), numeric=True),
    ]
    alt = words.text("figures.age.alt", title=title, controls=words.count("controls", len(clocks)))
    made = chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=inner + 120)
    made.figure.update_layout(legend={"y": 1 + 28 / inner}, margin={"t": 64})  # above the first strip's own title
    return made


def overdue_by_how_long(run: Run, *families: str) -> Chart | Shown:
    """How late the overdue records of each control are, in shares; lateness drives the order of the work."""
    words = run.words
    late = {
        control: buckets for control, ages in _clocks(run, *families) if (buckets := _lateness(run.today, ages)).total()
    }
    if not late:
        return nothing(run, "overdue")
    labels = [
        f"{broken(run.title(control.id), 44)}<br><b>{words.count('records', buckets.total())}</b>"
        for control, buckets in late.items()
    ]
    figure = go.Figure(
        [
            go.Bar(
                name=_bucket(run, index),
                y=labels,
                x=[100 * buckets[index] / buckets.total() for buckets in late.values()],
                customdata=[words.number(buckets[index]) for buckets in late.values()],
                orientation="h",
                marker={"color": STEPS[index], "line": {"width": 1, "color": "#ffffff"}},
                text=[words.number(buckets[index]) if buckets[index] else "" for buckets in late.values()],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                hovertemplate="%{customdata} (%{x:.1f}\u202f%)<extra>%{fullData.name}</extra>",
            )
            for index in range(len(LATE_FROM_DAYS))
        ]
    )
    figure.update_layout(barmode="stack")
    shares(run, figure, words.text("figures.overdue.x"))
    figure.update_yaxes(autorange="reversed")
    oldest = sum(buckets[len(LATE_FROM_DAYS) - 1] for buckets in late.values())
    everything = sum(buckets.total() for buckets in late.values())
    title = words.text(
        f"figures.overdue.{'title' if oldest else 'title_recent'}",
        old=words.number(oldest),
        late=words.count("overdue_records", everything),
    )
    heads = [
        Head(words.text("ui.control")),
        *(Head(_bucket(run, index), numeric=True) for index in range(len(LATE_FROM_DAYS))),
        Head(words.text("ui.total"), numeric=True),
    ]
    rows = [
        [
            run.title(control.id),
            *(words.number(buckets[index]) for index in range(len(LATE_FROM_DAYS))),
            words.number(buckets.total()),
        ]
        for control, buckets in late.items()
    ]
    alt = words.text("figures.overdue.alt", title=title)
    height = bar_height(len(late)) + 24 * len(late)  # three lines a label
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=height)


def falling_due(run: Run, *families: str) -> Chart | Shown:
    """Records still lawful today whose limit falls in the next ninety days, by week."""
    words = run.words
    ahead = due_by_week(run, *families)
    if not ahead:
        return nothing(run, "ahead")
    weeks_drawn = range(-(-AHEAD_DAYS // DAYS_A_WEEK))
    starts = [words.short_day(run.today + timedelta(days=DAYS_A_WEEK * week)) for week in weeks_drawn]
    figure = go.Figure(
        [
            go.Bar(
                name=broken(run.title(control.id), 90),
                x=starts,
                y=[weeks[week] for week in weeks_drawn],
                marker={"color": SERIES[index % len(SERIES)], "line": {"width": 1, "color": "#ffffff"}},
                hovertemplate="%{x}<br>%{y}<extra></extra>",
            )
            for index, (control, weeks) in enumerate(ahead.items())
        ]
    )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title_text=words.text("figures.ahead.x"), type="category")
    figure.update_yaxes(title_text=words.text("figures.ahead.y"), rangemode="tozero", tickformat=",d")
    total = sum(weeks.total() for weeks in ahead.values())
    first = min(min(weeks) for weeks in ahead.values())
    title = words.text(
        "figures.ahead.title",
        records=words.count("records", total),
        days=AHEAD_DAYS,
        first=words.day(run.today + timedelta(days=DAYS_A_WEEK * first)),
    )
    heads = [Head(words.text("figures.ahead.x")), *(Head(run.title(c.id), numeric=True) for c in ahead)]
    rows = [
        [starts[week], *(words.number(weeks[week]) for weeks in ahead.values())]
        for week in weeks_drawn
        if any(weeks[week] for weeks in ahead.values())
    ]
    alt = words.text("figures.ahead.alt", title=title)
    made = chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=380 + 22 * len(ahead))
    made.figure.update_layout(legend={"orientation": "v"})
    return made


def due_by_week(run: Run, *families: str) -> dict[Control, Counter[int]]:
    """Records still lawful today that reach their limit in the next ninety days, by week from today."""
    ahead: dict[Control, Counter[int]] = {}
    for control, ages in _clocks(run, *families):
        weeks = Counter[int]()
        for row in ages:
            days = (date.fromisoformat(row["due_on"]) - run.today).days
            if row["verdict"] == "PASS" and 0 <= days < AHEAD_DAYS:
                weeks[days // DAYS_A_WEEK] += row["records"]
        if weeks:
            ahead[control] = weeks
    return ahead


def start_events(run: Run) -> Chart | Shown:
    """Overdue users under each start event the policy could mean: it names none."""
    words = run.words
    found = [(control, rows) for control, rows in run.aggregate("sensitivity") if rows]
    if not found:
        return nothing(run, "sensitivity")
    control, events = found[0]
    labels = [words.label("start_events", row["start_event"]) for row in events]
    counts = [row["overdue"] for row in events]
    figure = go.Figure(
        go.Bar(
            y=[broken(label) for label in labels],
            x=counts,
            orientation="h",
            marker={"color": SERIES[0]},
            text=[words.number(count) for count in counts],
            textposition="auto",
            hovertemplate="%{y}<br>%{x}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=words.text("figures.sensitivity.x"), rangemode="tozero", tickformat=",d")
    figure.update_yaxes(autorange="reversed")
    title = words.text(
        "figures.sensitivity.title",
        least=words.number(min(counts)),
        most=words.count("accounts", max(counts)),
    )
    heads = [
        Head(words.text("figures.sensitivity.y")),
        Head(words.text("figures.sensitivity.x"), numeric=True),
    ]
    rows = [[label, words.number(count)] for label, count in zip(labels, counts, strict=True)]
    alt = words.text("figures.sensitivity.alt", title=title, control=run.title(control.id))
    height = bar_height(len(events))
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=height, legend=False)


def _clocks(run: Run, *families: str) -> Ages:
    found = [(control, rows) for control, rows in run.aggregate("due_by_day", *families) if rows]
    return sorted(found, key=lambda pair: urgency(pair[0]))


def _months_past(today: date, due_on: str) -> int:
    """Whole months from the limit to today, below zero before it; both ends gathered."""
    days = (today - date.fromisoformat(due_on)).days
    month = int(days // DAYS_A_MONTH) if days <= 0 else int((days - 1) // DAYS_A_MONTH)
    month = min(month, -1) if days <= 0 else month  # the last lawful day lies before the line
    return max(-FARTHEST_MONTH - 1, min(month, FARTHEST_MONTH))


def _place(month: int) -> float:
    """Where the bar of a month is drawn: in its middle, and beyond the others at both ends."""
    if month < -FARTHEST_MONTH:
        return -_EDGE
    return _EDGE if month >= FARTHEST_MONTH else month + 0.5


def _month_label(run: Run, month: int) -> str:
    words = run.words
    if month < -FARTHEST_MONTH:
        return words.text("figures.age.far_before", n=FARTHEST_MONTH)
    if month >= FARTHEST_MONTH:
        return words.text("figures.age.far_past", n=FARTHEST_MONTH)
    if month < 0:
        return words.text("figures.age.before", a=-month - 1, b=-month)
    return words.text("figures.age.past", a=month, b=month + 1)


def _lateness(today: date, ages: list[dict[str, Any]]) -> Counter[int]:
    buckets = Counter[int]()
    for row in ages:
        days = (today - date.fromisoformat(row["due_on"])).days
        if row["verdict"] == "FAIL" and days > 0:
            buckets[sum(days >= start for start in LATE_FROM_DAYS) - 1] += row["records"]
    return buckets


def _bucket(run: Run, index: int) -> str:
    words = run.words
    if index == len(LATE_FROM_DAYS) - 1:
        return words.text("figures.overdue.more", n=words.number(LATE_FROM_DAYS[index] - 1))
    start, end = list(pairwise(LATE_FROM_DAYS))[index]
    return words.text("figures.overdue.between", a=words.number(start), b=words.number(end - 1))
