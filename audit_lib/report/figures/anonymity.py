"""Anonymity: how small the groups are, how long an id lasts, how much a group gives away."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from string import ascii_uppercase
from typing import Any

import plotly.graph_objects as go

from audit_lib.report.figures.look import COLOURS, INK, bar_height, broken, chart, hatched, nothing
from audit_lib.report.runs import Control, Run
from audit_lib.report.shown import Chart, Head, Shown

_MOST_DAYS_DRAWN = 31


def class_sizes(run: Run) -> Chart | Shown:
    """How many groups hold how many individuals, against the threshold k."""
    words = run.words
    found = [(control, rows) for control, rows in run.aggregate("class_sizes") if rows]
    if not found:
        return nothing(run, "sizes")
    control, sizes = found[0]
    if (limit := _limit(run, control, "k")) is None:
        return nothing(run, "sizes")
    k = int(limit)
    groups, people = Counter[int](), Counter[int]()
    starts = _starts(k, max(row["class_size"] for row in sizes))
    for row in sizes:
        index = sum(row["class_size"] >= start for start in starts) - 1
        groups[index] += row["classes"]
        people[index] += row["classes"] * row["class_size"]
    labels = [_span(run, starts, index) for index in range(len(starts))]
    small = sum(groups[index] for index, start in enumerate(starts) if start < k)
    exposed = sum(people[index] for index, start in enumerate(starts) if start < k)
    figure = _columns(
        run,
        labels,
        [groups[index] for index in range(len(starts))],
        [start >= k for start in starts],
        [words.count("individuals", people[index]) for index in range(len(starts))],
    )
    _threshold(figure, sum(start < k for start in starts) - 0.5, f"k = {k}")
    figure.update_xaxes(title_text=words.text("figures.sizes.x"))
    figure.update_yaxes(title_text=words.text("figures.sizes.y"))
    title = words.text(
        f"figures.sizes.{'title' if small else 'title_none'}",
        k=k,
        small=words.count("groups", small),
        all=words.number(groups.total()),
        people=words.count("individuals", exposed),
    )
    heads = [
        Head(words.text("figures.sizes.x")),
        Head(words.text("figures.sizes.y"), numeric=True),
        Head(words.text("ui.individuals"), numeric=True),
    ]
    rows = [[label, words.number(groups[i]), words.number(people[i])] for i, label in enumerate(labels)]
    alt = words.text("figures.sizes.alt", title=title, k=k)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows)


def days_per_id(run: Run) -> Chart | Shown:
    """On how many days one id is seen: more than one means that a person can be followed."""
    words = run.words
    found = [rows for _, rows in run.aggregate("days_per_id") if rows]
    if not found:
        return nothing(run, "days")
    ids = Counter[int]()
    for row in found[0]:
        ids[min(row["days"], _MOST_DAYS_DRAWN)] += row["ids"]
    days = range(1, max(ids) + 1)
    labels = [f"≥ {day}" if day == _MOST_DAYS_DRAWN else str(day) for day in days]
    figure = _columns(
        run,
        labels,
        [ids[day] for day in days],
        [day == 1 for day in days],
        [words.number(ids[day]) for day in days],
    )
    _threshold(figure, 0.5, words.text("figures.days.threshold"))
    figure.update_xaxes(title_text=words.text("figures.days.x"))
    figure.update_yaxes(title_text=words.text("figures.days.y"))
    lasting = sum(n for day, n in ids.items() if day > 1)
    title = words.text(
        f"figures.days.{'title' if lasting else 'title_none'}",
        ids=words.count("ids", lasting),
        share=words.percent(lasting / ids.total()),
        longest=max(row["days"] for row in found[0]),
    )
    heads = [Head(words.text("figures.days.x")), Head(words.text("figures.days.y"), numeric=True)]
    rows = [[label, words.number(ids[day])] for label, day in zip(labels, days, strict=True) if ids[day]]
    alt = words.text("figures.days.alt", title=title)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows)


def diversity(run: Run) -> Chart | Shown:
    """How many distinct sensitive values a group holds, against the threshold l."""
    words = run.words
    found = [(control, rows) for control, rows in run.aggregate("class_diversity") if rows]
    if not found:
        return nothing(run, "diversity")
    control, classes = found[0]
    if (limit := _limit(run, control, "l")) is None:
        return nothing(run, "diversity")
    threshold = int(limit)
    groups = Counter[int]()
    for row in classes:
        groups[row["distinct_values"]] += row["classes"]
    values = range(1, max(*groups, threshold) + 1)
    figure = _columns(
        run,
        [str(value) for value in values],
        [groups[value] for value in values],
        [value >= threshold for value in values],
        [words.number(groups[value]) for value in values],
    )
    _threshold(figure, threshold - 1.5, f"l = {threshold}")
    figure.update_xaxes(title_text=words.text("figures.diversity.x"))
    figure.update_yaxes(title_text=words.text("figures.diversity.y"))
    poor = sum(n for value, n in groups.items() if value < threshold)
    title = words.text(
        f"figures.diversity.{'title' if poor else 'title_none'}",
        groups=words.count("groups", poor),
        all=words.number(groups.total()),
        l=threshold,
    )
    heads = [Head(words.text("figures.diversity.x")), Head(words.text("figures.diversity.y"), numeric=True)]
    rows = [[str(value), words.number(groups[value])] for value in values if groups[value]]
    alt = words.text("figures.diversity.alt", title=title)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows)


def closeness(run: Run) -> Chart | Shown:
    """How far a group's sensitive values lie from those of everyone, against the threshold t."""
    words = run.words
    found = [(control, rows) for control, rows in run.aggregate("class_closeness") if rows]
    if not found:
        return nothing(run, "closeness")
    control, classes = found[0]
    if (threshold := _limit(run, control, "t")) is None:
        return nothing(run, "closeness")
    hundredths = Counter[int]()
    for row in classes:
        hundredths[round(row["t"] * 100)] += row["classes"]
    limit = round(threshold * 100)
    groups = Counter[int]()
    for value, n in hundredths.items():
        groups[max(value - 1, 0) // 5] += n  # a step holds its upper bound: the threshold itself is lawful
    steps = range(max(*groups, limit // 5) + 1)
    edges = [words.number(step * 5 / 100) for step in (*steps, len(steps))]
    labels = [f"{low}–{high}" for low, high in pairwise(edges)]
    far = sum(n for value, n in hundredths.items() if value > limit)
    figure = _columns(
        run,
        labels,
        [groups[step] for step in steps],
        [(step + 1) * 5 <= limit for step in steps],
        [words.number(groups[step]) for step in steps],
    )
    _threshold(figure, limit / 5 - 0.5, f"t = {words.number(threshold)}")
    # the edges of the steps, every other one: "0,35–0,4" under each column would run into the next
    at = range(0, len(edges), 2)
    figure.update_xaxes(
        title_text=words.text("figures.closeness.x"),
        tickvals=[edge - 0.5 for edge in at],
        ticktext=[edges[edge] for edge in at],
        range=[-0.6, len(steps) - 0.4],
    )
    figure.update_yaxes(title_text=words.text("figures.closeness.y"))
    title = words.text(
        f"figures.closeness.{'title' if far else 'title_none'}",
        groups=words.count("groups", far),
        all=words.number(groups.total()),
        t=words.number(threshold),
    )
    heads = [Head(words.text("figures.closeness.x")), Head(words.text("figures.closeness.y"), numeric=True)]
    rows = [[labels[step], words.number(groups[step])] for step in steps if groups[step]]
    alt = words.text("figures.closeness.alt", title=title)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows)


def risks(run: Run) -> Chart | Shown:
    """The probability of recognising someone, by kind of attacker, against what is accepted."""
    words = run.words
    found = [one for one in run.anonymity if one.get("singling_out", {}).get("k") is not None]
    if not found:
        return nothing(run, "risks")
    one = found[0]
    limit = one["thresholds"]["risk"]
    values = {name: one["singling_out"][name] for name in ("prosecutor", "prosecutor_average")}
    if (one["population"] or {}).get("k"):
        values |= {name: one["population"][name] for name in ("journalist", "marketer")}
    labels = {name: words.text(f"anonymity.measures.{name}.label") for name in values}
    figure = go.Figure()
    for side, code, name, shape in ((False, "FAIL", "beyond", "/"), (True, "PASS", "within", "")):
        drawn = [key for key, value in values.items() if (value <= limit) is side]
        figure.add_bar(
            name=words.text(f"ui.{name}"),
            y=[broken(labels[key]) for key in drawn],
            x=[values[key] for key in drawn],
            orientation="h",
            marker={"color": COLOURS[code], "pattern": hatched(shape), "line": {"width": 1.5, "color": COLOURS[code]}},
            text=[words.number(values[key], 3) for key in drawn],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}<br>%{x:.4f}<extra></extra>",
        )
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(categoryorder="array", categoryarray=[broken(label) for label in reversed(labels.values())])
    figure.update_xaxes(title_text=words.text("figures.risks.x"), range=[0, 1.08])
    _threshold(figure, limit, words.number(limit))
    worst = max(values, key=lambda key: values[key])
    title = words.text(
        f"figures.risks.{'title' if values[worst] > limit else 'title_none'}",
        worst=words.number(values[worst], 3),
        limit=words.number(limit),
    )
    heads = [Head(words.text("ui.measure")), Head(words.text("ui.found"), numeric=True)]
    rows = [[labels[key], words.number(value, 3)] for key, value in values.items()]
    alt = words.text("figures.risks.alt", title=title)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows, height=bar_height(len(values)))


def generalisations(run: Run) -> Chart | Shown:
    """What each way to generalise loses, and whom it still leaves exposed."""
    words = run.words
    found = [one["advice"] for one in run.anonymity if one.get("advice")]
    if not found or not found[0]["tried"]:
        return nothing(run, "generalisations")
    tried, people = found[0]["tried"], max(found[0]["people"], 1)
    least = found[0]["least"]
    figure = go.Figure()
    groups = (
        ("INDETERMINATE", "diamond", "now", [found[0]["now"]]),
        ("FAIL", "x", "fails", [way for way in tried if not way["passes"]]),
        ("EXEMPT", "circle", "passes", [way for way in tried if way["passes"] and way not in least]),
        ("PASS", "star", "least", least),
    )
    for code, symbol, name, ways in groups:
        figure.add_scatter(
            name=words.text(f"figures.generalisations.{name}"),
            x=[way["loss"] * 100 for way in ways],
            y=[way["out"] / people * 100 for way in ways],
            mode="markers+text" if name == "least" else "markers",
            text=list(ascii_uppercase[: len(ways)]) if name == "least" else None,
            textposition="top center",
            marker={"color": COLOURS[code], "symbol": symbol, "size": 15 if name == "least" else 10},
            cliponaxis=False,
            customdata=[[_levels(run, found[0]["columns"], way["levels"])] for way in ways],
            hovertemplate="%{customdata[0]}<extra></extra>",
        )
    unit = words.percent(1).removeprefix("100")
    figure.update_xaxes(title_text=words.text("figures.generalisations.x"), range=[-3, 104], ticksuffix=unit)
    figure.update_yaxes(title_text=words.text("figures.generalisations.y"), rangemode="tozero", ticksuffix=unit)
    title = words.text(
        f"figures.generalisations.{'title' if least else 'title_none'}",
        loss=words.percent(least[0]["loss"]) if least else "",
        ways=words.count("ways", len(tried)),
    )
    heads = [
        Head(words.text("ui.way")),
        Head(words.text("ui.lost"), numeric=True),
        Head(words.text("ui.left_out"), numeric=True),
        Head(words.text("ui.smallest_group"), numeric=True),
    ]
    rows = [
        [
            _levels(run, found[0]["columns"], way["levels"]),
            words.percent(way["loss"]),
            words.number(way["out"]),
            "–" if way["k"] is None else words.number(way["k"]),
        ]
        for way in tried
    ]
    alt = words.text("figures.generalisations.alt", title=title)
    return chart(run, figure, title=title, alt=alt, heads=heads, rows=rows)


def _levels(run: Run, columns: Mapping[str, str], levels: Mapping[str, str]) -> str:
    said = {name: run.words.text(f"anonymity.levels.{kind}.{levels[name]}") for name, kind in columns.items()}
    return " · ".join(f"{name}{run.words.text('ui.colon')}{level}" for name, level in said.items())


def _columns(
    run: Run, labels: Sequence[str], heights: Sequence[int], lawful: Sequence[bool], hover: Sequence[str]
) -> Any:
    """Columns on both sides of a threshold, each with its number; what lies on the wrong side is hatched too."""
    drawn = [column for column in zip(range(len(labels)), heights, lawful, labels, hover, strict=True) if column[1]]
    figure = go.Figure()
    for side, code, name, shape in ((False, "FAIL", "beyond", "/"), (True, "PASS", "within", "")):
        of_side = [column for column in drawn if column[2] is side]
        figure.add_bar(
            name=run.words.text(f"ui.{name}"),
            x=[index for index, *_ in of_side],
            y=[height for _, height, *_ in of_side],
            width=0.68,
            # a line of its own colour, so that 1 is seen beside 1,000
            marker={"color": COLOURS[code], "pattern": hatched(shape), "line": {"width": 1.5, "color": COLOURS[code]}},
            text=[run.words.number(height) for _, height, *_ in of_side],
            textposition="outside",
            cliponaxis=False,
            customdata=[[label, said] for *_, label, said in of_side],
            hovertemplate="%{customdata[0]}<br>%{y:,} · %{customdata[1]}<extra></extra>",
        )
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(
        tickvals=list(range(len(labels))),
        ticktext=[broken(label) for label in labels],
        range=[-0.6, len(labels) - 0.4],
    )
    figure.update_yaxes(rangemode="tozero", nticks=6, tickformat=",d")
    return figure


def _threshold(figure: Any, x: float, text: str) -> None:
    figure.add_vline(x=x, line={"color": INK, "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=x,
        y=1,
        yref="paper",
        xanchor="left",
        yanchor="top",
        xshift=4,
        text=f"<b>{broken(text)}</b>",
        showarrow=False,
        font={"color": INK},
        bgcolor="#ffffff",
    )


def _starts(k: int, largest: int) -> list[int]:
    """Where each column starts: every size under the threshold, then wider and wider steps."""
    above = [k, *(step * factor for step, factor in ((k, 2), (k, 5), (k, 10), (k, 50), (k, 100), (k, 1_000)))]
    return [*range(1, k), *(start for start in above if start == k or start <= largest)]


def _span(run: Run, starts: Sequence[int], index: int) -> str:
    if index == len(starts) - 1:
        return f"≥ {run.words.number(starts[index])}"
    start, after = list(pairwise(starts))[index]
    if after == start + 1:
        return run.words.number(start)
    return f"{run.words.number(start)}–{run.words.number(after - 1)}"


def _limit(run: Run, control: Control, name: str) -> float | None:
    """A threshold by the name of its parameter: the control's own, else the policy's."""
    value = control.parameters.get(name, run.facts.get("parameters", {}).get(name))
    return float(value) if isinstance(value, int | float) else None
