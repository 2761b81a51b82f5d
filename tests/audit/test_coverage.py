"""Coverage: every clause has its status, and what no rule of retention covers is named."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.audit.conftest import audit
from tests.judging import ROOT


def _coverage(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / "coverage.json").read_text("utf-8"))
    return said


def test_every_clause_is_there_and_every_control_under_its_own(whole_run: tuple[Path, str]) -> None:
    folder, _ = whole_run
    controls = {one["id"]: one for one in json.loads((folder / "controls.json").read_text("utf-8"))}
    clauses = _coverage(folder)["clauses"]
    told = {control["id"]: (one["clause"], control["outcome"]) for one in clauses for control in one["controls"]}
    assert told == {name: (one["clause"], one["outcome"]) for name, one in controls.items()}
    by_clause = {one["clause"]: one for one in clauses}
    assert list(by_clause)[:4] == ["1", "1.1", "1.2", "1.3"]
    assert by_clause["5.2"]["status"] == "with_parts"
    assert by_clause["1.3"]["status"] == "not_testable" and by_clause["1.3"]["why"].keys() == {"fr", "en"}
    assert by_clause["5.2.1"]["status"] == "tested" and by_clause["5.2.1"]["outcome"] == "violated"


def test_data_of_people_without_a_period_are_named(whole_run: tuple[Path, str]) -> None:
    unruled = {one["dataset"]: one for one in _coverage(whole_run[0])["without_retention_rule"]}
    assert "contacts" not in unruled and "usage_logs" not in unruled
    assert unruled["rights_requests"]["files"] == ["registers/registre-demandes.xlsx"]
    assert unruled["rights_requests"]["columns"] == ["subject_email"]


def test_what_is_not_supplied_is_said(tmp_path: Path, key_file: Path) -> None:
    exports = tmp_path / "exports"
    shutil.copytree(ROOT / "data_samples/registers", exports)
    (exports / "zqx.bin").write_bytes(b"\0\1")
    audit("check", exports, "--out", tmp_path / "out", "--as-of", "2026-11-01T06:00:00+01:00", key=key_file)
    [folder] = (tmp_path / "out").iterdir()
    by_clause = {one["clause"]: one for one in _coverage(folder)["clauses"]}
    assert by_clause["5.2.2"]["status"] == "not_supplied" and by_clause["5.2.2"]["missing"] == ["navigation_events"]
    assert by_clause["5.2.2"]["outcome"] == "not_evaluated"
    assert by_clause["1.4"]["status"] == "tested" and by_clause["1.4"]["missing"] == []
    assert _coverage(folder)["unrecognised_files"] == ["zqx.bin"]
