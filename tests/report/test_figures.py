"""Figures: exact numbers in titles and tables, few points, and a word when there is nothing to draw."""

import pytest

from audit_lib.report import figures, load
from audit_lib.report.runs import Run
from audit_lib.report.shown import Chart, Shown
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
    "flows_over_time": "5 flows without a safeguard to 3 countries, of 11 countries receiving data",
    "outcomes_by_clause": "Violations in 4 of 8 clauses; clause 2.3 is the most affected (7 of 8 controls)",
    "overdue_by_how_long": "76 more than two years overdue, of 6,632 records kept past their limit",
    "records_by_dataset": "87,692 rows loaded in 8 datasets; 46 rows set aside (unreadable or duplicate)",
    "records_by_verdict": "57,007 breaches, in 13 controls",
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
    assert chart.title == "No violation found; 0 of 21 controls reached a conclusion"


def test_the_last_lawful_day_lies_before_the_line(run: Run) -> None:
    from audit_lib.report.figures.retention import _months_past

    days = ["2026-10-31", "2026-11-01", "2026-11-02", "2026-10-01", "2026-09-30", "1990-01-01", "2099-01-01"]
    assert [_months_past(run.today, day) for day in days] == [0, -1, -1, 0, 1, 36, -37]


def test_overlapping_flows_are_joined_and_gaps_stay(run: Run) -> None:
    chart = figures.flows_over_time(run)
    assert isinstance(chart, Chart)
    uncovered = [trace for trace in chart.figure.data if trace.name == "No safeguard"]
    assert [list(trace.y) for trace in uncovered] == [
        ["China · No safeguard", "United States · No safeguard", "India · No safeguard"]
    ]
    assert list(uncovered[0].base) == ["2024-06-01", "2020-07-17", "2021-03-01"]
