"""Bench: what it makes of programs and of what they print; times are shown, never asserted."""

import re
import sys

import pytest

from tests.bench import anonymity, environments, logs, startup, tables
from tests.bench.contestant import Contestant, race
from tests.bench.rivals import RIVALS, Rival


def _contestant(name: str, seconds: float, found: dict[str, int], *, is_floor: bool = False) -> Contestant:
    """One that has run once."""
    return Contestant(name, [], is_floor=is_floor, seconds=[seconds], busy=[0.5], megabytes=[100.0], found=found)


def test_a_table_has_the_times_of_the_fastest_floor_and_the_counts_that_agree() -> None:
    everyone = [
        _contestant("slow floor", 2.0, {"a": 1, "b": 2}, is_floor=True),
        _contestant("fast floor", 1.0, {"a": 1, "b": 2}, is_floor=True),
        _contestant("other", 3.0, {"a": 1, "b": 3, "c": 4}),
    ]
    assert list(tables.times_and_counts(everyone))[-2:] == ["| other | 3.00 | 0.50 | 3.0 | 100 MB | 2 of 2 | 1 |", ""]


def test_who_fails_is_shown_and_runs_no_more() -> None:
    failing = Contestant("failing", [sys.executable, "-c", "raise SystemExit(4)"])
    fine = Contestant("fine", [sys.executable, "-c", "print(7)"], lambda printed: {"a": int(printed)}, is_floor=True)
    race([failing, fine], 2)
    assert (len(failing.seconds), len(fine.seconds), fine.found) == (1, 2, {"a": 7})
    assert "| failing | exit status 4 |" in list(tables.times([failing, fine]))[2]


def test_imports_are_summed_by_package() -> None:
    messages = """import time: self [us] | cumulative | imported package
import time:       100 |        100 |   json.decoder
import time:      2000 |       2100 | pandas
import time:      3000 |       3000 |   pandas.core"""
    seconds, modules = startup.by_package(messages)
    assert seconds == pytest.approx({"standard library": 0.0001, "pandas": 0.005})
    assert modules == {"standard library": 1, "pandas": 2}


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.module)
def test_every_package_of_a_rival_is_pinned(rival: Rival) -> None:
    lines = (environments.PINNED / f"{rival.module}.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+|#.*", line)] == []
    assert environments.pin(rival.module, rival.package)


@pytest.mark.parametrize("name", ["canon", "presidio"])
def test_every_package_of_those_who_measure_is_pinned(name: str) -> None:
    lines = (environments.PINNED / f"{name}.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_measures_are_compared_one_by_one() -> None:
    theirs = {"values": {"k": 2.0, "l_entropy": 1.0, "c": 1.0, "t": 0.25}, "seconds": 8.0}
    ours = {
        "values": {"k": 2, "l_entropy": 1.9999999999, "c_from_the_rarest": 3.0, "t": 0.2500000000001},
        "seconds": 0.02,
    }
    name, equal, other, *times = anonymity.compared("people", ours, theirs)
    assert (name, equal, other) == ("people", "3 of 9", "c 3.0 (1)")
    assert times == ["0.020 s", "8.000 s", "400"]


def test_who_holds_every_row_is_left_out_where_that_would_not_fit() -> None:
    frame, engine = Contestant("frame", [], holds_all=True), Contestant("engine", [])
    assert logs.too_large(frame, 1e9).startswith("not run: some ")
    assert (logs.too_large(frame, 1.0), logs.too_large(engine, 1e9)) == ("", "")
