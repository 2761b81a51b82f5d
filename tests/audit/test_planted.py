"""Planted: the audit of the samples finds every planted row, and no other."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit_lib.policy import load_policy
from audit_lib.yaml import read
from tests.judging import ROOT

PLANTED: dict[str, Any] = read(ROOT / "data_samples" / "planted.yaml")
CONTROLS = [control.id for control in load_policy(ROOT / "expectations").controls]

Place = tuple[str, int]


def _rows(said: str) -> list[int]:
    """'3, 7-9' as numbers."""
    found: list[int] = []
    for part in str(said).split(","):
        first, _, last = part.strip().partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def _planted(control: str) -> dict[Place, tuple[str, str]]:
    return {
        (one["file"], row): (one["verdict"], one["reason"])
        for one in PLANTED["controls"][control]["findings"]
        for row in _rows(one["rows"])
    }


def _found(run: Path, control: str) -> dict[Place, tuple[str, str]]:
    rows = duckdb.execute(
        "SELECT source_file, source_row, verdict, reason FROM read_parquet(?) WHERE control_id = ?",
        [str(run / "findings.parquet"), control],
    ).fetchall()
    assert len(rows) == len({row[:2] for row in rows})
    return {(file, row): (verdict, reason) for file, row, verdict, reason in rows}


def _control(run: Path, control: str) -> dict[str, Any]:
    [one] = [c for c in json.loads((run / "controls.json").read_text("utf-8")) if c["id"] == control]
    found: dict[str, Any] = one
    return found


def test_every_control_has_planted_rows() -> None:
    assert set(PLANTED["controls"]) == set(CONTROLS)


@pytest.mark.parametrize("control", CONTROLS)
def test_finds_exactly_the_planted_rows(whole_run: tuple[Path, str], control: str) -> None:
    assert _found(whole_run[0], control) == _planted(control)


@pytest.mark.parametrize("control", CONTROLS)
def test_population_is_the_sum_of_the_verdicts(whole_run: tuple[Path, str], control: str) -> None:
    found, planted = _control(whole_run[0], control), PLANTED["controls"][control]
    verdicts = {name: found[name] for name in ("pass", "fail", "exempt", "indeterminate", "review")}
    assert verdicts == planted["counts"]
    assert found["population"] == planted["population"] == sum(verdicts.values())
    assert found["outcome"] == ("violated" if found["fail"] else "indeterminate")


@pytest.mark.parametrize("control", CONTROLS)
def test_the_rows_that_just_pass_are_no_finding(whole_run: tuple[Path, str], control: str) -> None:
    passing = {(one["file"], row) for one in PLANTED["controls"][control]["just_passes"] for row in _rows(one["rows"])}
    assert passing
    assert not passing & _found(whole_run[0], control).keys()


def test_quarantine_holds_the_planted_rows(whole_run: tuple[Path, str]) -> None:
    rows = duckdb.execute(
        "SELECT source_file, source_row, reason FROM read_parquet(?) ORDER BY ALL",
        [str(whole_run[0] / "quarantine.parquet")],
    ).fetchall()
    planted = [(one["file"], row, one["reason"]) for one in PLANTED["quarantine"] for row in _rows(one["rows"])]
    assert rows == sorted(planted)


def test_what_was_answered_is_overdue_no_more(whole_run: tuple[Path, str]) -> None:
    """Late answers count days until they were given, open requests until the audit; what was in time has no due day."""
    rows = duckdb.execute(
        "SELECT source_row, due_at, days_overdue FROM read_parquet(?) WHERE control_id = ? AND verdict = 'FAIL' "
        "ORDER BY source_row",
        [str(whole_run[0] / "findings.parquet"), "rights_requests_answered_in_time"],
    ).fetchall()
    found = {row: (due.isoformat(), days) for row, due, days in rows}
    assert found[10] == ("2026-04-03", 1)
    assert found[20] == ("2026-10-30", 2)
    assert found[25] == ("2026-05-04", 42)
    control = _control(whole_run[0], "rights_requests_answered_in_time")
    assert (control["earliest_due"], control["latest_due"]) == ("2026-03-02", "2026-12-02")
