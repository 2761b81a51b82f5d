"""A second company: its own periods, departments, cookie providers and words, and no Python."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.audit.conftest import audit
from tests.judging import ROOT

HOME = ROOT / "tests" / "second_policy"
# Control -> outcome, population and what is found in each row that does not pass.
EXPECTED: dict[str, tuple[str, int, dict[int, str]]] = {
    "leads_kept_at_most_18_months": (
        "violated",
        7,
        {
            2: "FAIL kept_too_long",
            4: "REVIEW recontact_pending",
            5: "FAIL recontact_unanswered",
            6: "INDETERMINATE clock_missing",
        },
    ),
    "web_events_kept_at_most_90_days": ("violated", 2, {2: "FAIL kept_too_long"}),
    "requests_answered_in_20_days": ("violated", 4, {2: "FAIL answered_late", 4: "FAIL not_answered"}),
    "newsletters_need_consent": ("violated", 3, {2: "FAIL cover_missing", 3: "REVIEW cover_to_review"}),
    "leavers_lose_access": ("violated", 2, {4: "FAIL access_revoked_late"}),
    "till_for_declared_departments": (
        "violated",
        3,
        {2: "FAIL department_undeclared", 5: "REVIEW department_to_judge"},
    ),
    "purposes_are_ours": ("violated", 2, {2: "FAIL purpose_undeclared"}),
    "every_processing_has_a_name": ("violated", 2, {2: "FAIL unexpected_value"}),
    "cookies_of_declared_providers": ("violated", 3, {3: "FAIL provider_undeclared"}),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Path:
    out = tmp_path_factory.mktemp("second")
    policy = out / "policy"
    shutil.copytree(HOME / "policy", policy)
    derived = audit("suites", "--policy", policy, key=key_file, at=out)
    assert derived.returncode == 0, derived.stderr
    done = audit("run", HOME / "exports", "--out", out / "runs", "--policy", policy, key=key_file)
    assert done.returncode == 0, done.stderr
    [folder] = (out / "runs").iterdir()
    return folder


def test_its_controls_find_what_is_planted(run: Path) -> None:
    controls = {one["id"]: one for one in json.loads((run / "controls.json").read_text("utf-8"))}
    found: dict[str, dict[int, str]] = {name: {} for name in controls}
    rows = duckdb.execute(
        "SELECT control_id, source_row, verdict || ' ' || reason FROM read_parquet(?)", [str(run / "findings.parquet")]
    ).fetchall()
    for control, row, said in rows:
        found[control][row] = said
    assert {name: (one["outcome"], one["population"], found[name]) for name, one in controls.items()} == EXPECTED


def test_its_report_is_its_own(run: Path) -> None:
    report = (run / "report.html").read_text("utf-8")
    facts: dict[str, Any] = json.loads((run / "run.json").read_text("utf-8"))
    assert facts["language"] == "en" and 'lang="en">' in report
    assert "Harbour Lane Cycles" in report and "zqx" not in report
    for other in ("XpertEye", "Paris", "rgpd@ama.bzh"):
        assert other not in report
    assert facts["problems"] == []
    own = {"reply_window": "P14D", "leaver_grace": "P3D"}
    assert facts["parameters"] == {"sample_confidence": 0.9, "sample_deviation": 0.1, **own}


def test_it_is_words_and_tables_alone() -> None:
    assert {path.suffix for path in HOME.rglob("*") if path.is_file()} == {".yaml", ".csv"}
