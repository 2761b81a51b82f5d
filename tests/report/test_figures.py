"""Figures: exact numbers in titles and tables, few points, and a word when there is nothing to draw."""

import dataclasses
import re
from pathlib import Path

import pytest

from audit_lib.report import figures, load
from audit_lib.report.figures.transfers import BASES
from audit_lib.report.runs import Run
from audit_lib.report.shown import Chart, Shown
from audit_lib.report.words import LANGUAGES, words
from tests.report.fixture import write_empty_run, write_policy, write_run

MOST_POINTS = 2_000


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("figures")
    return load(write_run(folder, lang="en"), policy=write_policy(folder / "expectations"))


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("nothing")
    return load(write_empty_run(folder, lang="en"), policy=write_policy(folder / "expectations"))


TITLES = {
    "age_against_limit": "6,632 records past their limit on 1 November 2026",
    "class_sizes": "682 groups of 766 below the threshold k = 11: risk of recognition for 1,731 people",
    "closeness": "544 groups of 1,750 farther than 0.2 from everyone",
    "days_per_id": "2,014 ids to be followed over several days (71%), up to 40 days",
    "diversity": "149 groups of 766 with fewer than 3 different sensitive values",
    "falling_due": ("19,169 records to deal with in the next 90 days; the first in the week of 1 November 2026"),
    "flows_over_time": (
        "Periods without a safeguard to 3 of 10 destinations outside the EEA; 1 of them still on 1 November 2026"
    ),
    "generalisations": "3 ways tried: the cheapest that holds takes away 60% of the detail",
    "outcomes_by_clause": "Violations in 4 clauses of 8; clause 2.3 is the most affected (7 of 8 controls)",
    "overdue_by_how_long": "76 more than two years overdue, of 6,632 records kept past their limit",
    "records_by_dataset": "87,692 rows loaded in 8 datasets; 46 rows set aside (unreadable or duplicate)",
    "records_by_verdict": "57,007 breaches, in 13 controls",
    "risks": "A risk of 0.5 of recognising someone, for 0.09 accepted",
    "start_events": "From 0 to 204 accounts overdue, depending on the starting point",
}


def test_every_figure_has_its_title_here() -> None:
    assert sorted(TITLES) == sorted(figures.__all__)


@pytest.mark.parametrize("name", TITLES)
def test_says_what_was_found(run: Run, name: str) -> None:
    chart = getattr(figures, name)(run)
    assert isinstance(chart, Chart)
    assert chart.title == TITLES[name]
    assert chart.alt.startswith(chart.title) and len(chart.alt) > len(chart.title) + 20
    assert "<table" in chart.table.html and "<caption>" in chart.table.html


@pytest.mark.parametrize("name", TITLES)
def test_draws_few_points_with_named_axes(run: Run, name: str) -> None:
    drawn = getattr(figures, name)(run).figure.to_plotly_json()
    assert sum(len(trace["x"]) for trace in drawn["data"]) <= MOST_POINTS
    assert any(axis.get("title", {}).get("text") for key, axis in drawn["layout"].items() if key.startswith("xaxis"))


@pytest.mark.parametrize("name", [name for name in TITLES if name != "outcomes_by_clause"])
def test_says_so_when_there_is_nothing_to_draw(nothing: Run, name: str) -> None:
    found = getattr(figures, name)(nothing)
    assert isinstance(found, Shown) and "Nothing to draw." in found.html


def test_no_conclusion_is_not_told_as_no_violation(nothing: Run) -> None:
    chart = figures.outcomes_by_clause(nothing)
    assert isinstance(chart, Chart)
    assert chart.title == "None of the 21 controls reached a conclusion"


def test_the_last_lawful_day_lies_before_the_line(run: Run) -> None:
    from audit_lib.report.figures.retention import _months_past

    days = ["2026-10-31", "2026-11-01", "2026-11-02", "2026-10-01", "2026-09-30", "1990-01-01", "2099-01-01"]
    assert [_months_past(run.today, day) for day in days] == [0, -1, -1, 0, 1, 36, -37]


def test_what_lies_far_from_its_limit_is_drawn_apart(run: Run) -> None:
    drawn = figures.age_against_limit(run).figure
    assert drawn.layout.xaxis.ticktext == ("< −36", "−24", "−12", "0", "12", "24", "> 36")
    places = {x for trace in drawn.data for x in trace.x}
    assert max(places) == 38 and 36.5 not in places and 35.5 in places


def test_columns_carry_their_numbers(run: Run) -> None:
    bars = [
        bar for trace in figures.days_per_id(run).figure.data for bar in zip(trace.x, trace.y, trace.text, strict=True)
    ]
    assert (0, 831, "831") in bars and all(height > 0 for _, height, _ in bars)


def _flows(run: Run, *rows: str) -> dict[str, list[tuple[str, str]]]:
    """Lines that the figure draws of some flows, with the first day of each bar and what its hover tells."""
    columns = ["country", "basis", "from", "to", "verdict", "flows"]
    told = [dict(zip(columns, (*row.split(), 1), strict=True)) for row in rows]
    control = next(c.id for c in run.controls if c.family == "transfers")
    table = {"control_id": control, "name": "flows", "columns": columns, "rows": [list(one.values()) for one in told]}
    chart = figures.flows_over_time(dataclasses.replace(run, aggregates=(table,)))
    drawn: dict[str, list[tuple[str, str]]] = {}
    if isinstance(chart, Chart):
        for trace in chart.figure.data:
            for line, start, days in zip(trace.y, trace.base, trace.customdata, strict=True):
                drawn.setdefault(line, []).append((start, days.split(" – ")[1]))
    return drawn


@pytest.mark.parametrize(
    "rows, lines",
    [
        # what overlaps or touches is one bar, and gaps stay
        (
            ["IN clauses 2018-03-01 2020-06-30 PASS", "IN clauses 2020-07-01 2020-12-31 PASS"],
            {"India · standard clauses": [("2018-03-01", "31 December 2020")]},
        ),
        (
            ["US none 2015-10-06 2016-03-31 FAIL", "US none 2025-07-01 2026-11-01 FAIL"],
            {"United States · no safeguard": [("2015-10-06", "31 March 2016"), ("2025-07-01", "still running")]},
        ),
        # inside the EEA nothing is needed, whatever instrument is named
        (["DE eea 2024-09-02 2026-11-01 PASS", "DE clauses 2024-09-02 2026-11-01 PASS"], {}),
        # an adequacy decision takes the place of the clauses on its days
        (
            ["BR clauses 2025-01-01 2026-11-01 PASS", "BR adequacy 2026-01-26 2026-11-01 PASS"],
            {
                "Brazil · standard clauses": [("2025-01-01", "25 January 2026")],
                "Brazil · adequacy": [("2026-01-26", "still running")],
            },
        ),
        # what is not proven has a line of its own
        (
            ["TN clauses 2019-01-01 2022-12-26 PASS", "TN clauses 2022-12-27 2022-12-27 REVIEW"],
            {
                "Tunisia · standard clauses": [("2019-01-01", "26 December 2022")],
                "Tunisia · standard clauses, to be checked": [("2022-12-27", "27 December 2022")],
            },
        ),
        (
            ["MA derogation 2025-04-01 2026-11-01 REVIEW"],
            {"Morocco · derogation": [("2025-04-01", "still running")]},
        ),
    ],
)
def test_the_lines_of_the_transfers(run: Run, rows: list[str], lines: dict[str, list[tuple[str, str]]]) -> None:
    assert _flows(run, *rows) == lines


def test_a_gap_of_one_day_is_seen(run: Run) -> None:
    rows = [["EPO", "none", "2025-07-14", "2025-07-14", "FAIL", 1], ["CH", "adequacy", "2015-01-01", None, "PASS", 1]]
    table = {"control_id": run.controls[0].id, "name": "flows", "rows": rows}
    table["columns"] = ["country", "basis", "from", "to", "verdict", "flows"]
    chart = figures.flows_over_time(dataclasses.replace(run, aggregates=(table,)))
    assert isinstance(chart, Chart)
    gap, longest = (trace.x[0] for trace in chart.figure.data)
    assert 1 / 200 < gap / longest < 1 / 100
    assert chart.title == "Periods without a safeguard, all of them past, to 1 of 2 destinations outside the EEA"


def test_every_ground_of_the_check_has_a_colour_and_words(run: Run) -> None:
    source = (Path(figures.__file__).parents[2] / "expectations" / "safeguards.py").read_text("utf-8")
    grounds = set(re.findall(r"basis=\"(\w+)\"|'(\w+)' AS basis", source))
    assert {name for pair in grounds for name in pair if name} <= set(BASES) == set(run.words.block("bases"))


def test_the_start_events_of_the_policy_have_words() -> None:
    files = (Path(__file__).parents[2] / "expectations" / "controls").rglob("*.yaml")
    named = [
        name
        for path in files
        for said in re.findall(r"sensitivity: \[(.*)\]", path.read_text("utf-8"))
        for name in said.split(", ")
    ]
    assert named and all(words(lang).label("start_events", name) != name for lang in LANGUAGES for name in named)


def test_shares_reach_their_end(run: Run) -> None:
    for name in ("records_by_verdict", "overdue_by_how_long"):
        axis = getattr(figures, name)(run).figure.layout.xaxis
        assert (axis.range, axis.ticktext[-1]) == ((0, 100), "100%")
