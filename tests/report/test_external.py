"""External: what people outside read tells of nobody."""

import dataclasses
import re
from pathlib import Path

import pytest

from audit_lib.report import load
from audit_lib.report.external import coarse, external_html
from audit_lib.report.runs import Run
from tests.report.fixture import write_policy, write_run


@pytest.fixture(scope="module", params=["fr", "en"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("external")
    found = load(write_run(folder, lang=request.param), policy=write_policy(folder / "expectations"))
    return dataclasses.replace(found, facts={**found.facts, "parameters": {"k": 11}})


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (1, "1–10"),
        (10, "1–10"),
        (11, "about 10"),
        (57, "about 60"),
        (1234, "about 1,200"),
        (98765, "about 99,000"),
    ],
)
def test_small_counts_are_one_range(run: Run, number: int, shown: str) -> None:
    if run.words.lang == "en":
        assert coarse(run, number) == shown


def test_no_exact_count_is_told(run: Run) -> None:
    page = external_html(run)
    cells = re.findall(r"<td>(.*?)</td>", page)
    assert len(cells) == 2 * len(run.controls)
    ranges = {"1–10", "1\xa0à 10", "0"}
    assert [cell for cell in cells if cell not in ranges and not cell.startswith(("about ", "environ "))] == []
    for one in run.facts["inputs"]:
        assert one["file"] not in page
    assert page == external_html(run)
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    assert page.count("<tbody>") == len({one.clause for one in run.controls})


def test_without_a_smallest_group_there_is_no_number(run: Run) -> None:
    page = external_html(dataclasses.replace(run, facts={**run.facts, "parameters": {}}))
    assert set(re.findall(r"<td>(.*?)</td>", page)) == {"–"}


def test_each_control_has_its_outcome(run: Run, tmp_path: Path) -> None:
    page = external_html(run)
    labels = [run.words.label("outcomes", one.outcome) for one in run.controls]
    for label in set(labels):
        assert page.count(f">{label}</td>") == labels.count(label)
