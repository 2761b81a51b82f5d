"""Results: what a run found, finding by finding, and the files that show it."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from trestle.oscal.assessment_results import AssessmentResults

from audit_lib.handoff import documents
from tests.handoff.conftest import opened, props


@pytest.fixture(scope="module")
def controls(samples: Path) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in json.loads((samples / "controls.json").read_text("utf-8"))}


def _result(said: dict[str, Any]) -> Any:
    [result] = said["assessment-results.json"]["assessment-results"]["results"]
    return result


def test_results_are_those_of_the_run(said: dict[str, Any], controls: dict[str, dict[str, Any]]) -> None:
    result = _result(said)
    assert (len(result["observations"]), len(result["findings"])) == (60, 60)
    reviewed = result["reviewed-controls"]["control-selections"][0]["include-controls"]
    assert [one["control-id"] for one in reviewed] == list(controls)
    outcomes = [one["outcome"] for one in controls.values()]
    assert len(result["risks"]) == outcomes.count("violated") == 58
    assert result["start"] == result["end"] == "2026-11-01T06:00:00+01:00"
    for control, observation, finding in zip(
        controls.values(), result["observations"], result["findings"], strict=True
    ):
        assert finding["target"]["target-id"] == f"{control['id']}_obj"
        assert finding["related-observations"] == [{"observation-uuid": observation["uuid"]}]
        for thing in (observation, finding):
            told = props(thing)
            assert told["outcome"] == [control["outcome"]]
            counted = {name: int(told[name][0]) for name in ("population", "pass", "fail", "exempt", "review")}
            assert counted == {name: control[name] for name in counted}
        assert props(finding)["dpv-status"] == [control["status"]]


def test_each_outcome_has_its_state(every_outcome: Path) -> None:
    made = documents(opened(every_outcome))
    [result] = json.loads(made["assessment-results.json"])["assessment-results"]["results"]
    found = {
        one["target"]["target-id"].removesuffix("_obj"): (
            props(one)["outcome"][0],
            one["target"]["status"]["state"],
            one["target"]["status"]["reason"],
            len(one.get("related-risks", [])),
        )
        for one in result["findings"]
    }
    assert found == {
        "cookies_of_declared_providers": ("violated", "not-satisfied", "fail", 1),
        "every_processing_has_a_name": ("violated", "not-satisfied", "fail", 1),
        "leads_kept_at_most_18_months": ("indeterminate", "not-satisfied", "other", 0),
        "leavers_lose_access": ("compliant", "satisfied", "pass", 0),
        "newsletters_need_consent": ("empty", "not-satisfied", "other", 0),
        "purposes_are_ours": ("violated", "not-satisfied", "fail", 1),
        "requests_answered_in_20_days": ("compliant", "satisfied", "pass", 0),
        "till_for_declared_departments": ("review", "not-satisfied", "other", 0),
        "web_events_kept_at_most_90_days": ("not_evaluated", "not-satisfied", "other", 0),
    }
    remarks = {props(one)["outcome"][0]: one["target"]["status"]["remarks"] for one in result["findings"]}
    assert remarks["empty"] == "No record in scope: nothing was shown."
    assert remarks["not_evaluated"] == "Data not supplied or unusable: nothing was shown."
    not_evaluated = result["observations"][-1]
    assert "subjects" not in not_evaluated
    assert not_evaluated["description"] == (
        "Not evaluated. Data not supplied or unusable: nothing was shown. No export of these data was supplied. "
        "(navigation_events)"
    )


def test_evidence_is_the_files_of_the_run(said: dict[str, Any], samples: Path) -> None:
    resources = said["assessment-results.json"]["assessment-results"]["back-matter"]["resources"]
    told = {link["href"]: link["hashes"] for one in resources for link in one["rlinks"]}
    files = [path for path in samples.rglob("*.*") if path.is_file() and samples / "policy" not in path.parents]
    assert told == {
        path.relative_to(samples).as_posix(): [
            {"algorithm": "SHA-256", "value": hashlib.sha256(path.read_bytes()).hexdigest()}
        ]
        for path in files
    }
    assert {"run.json", "controls.json", "findings.parquet", "validations/contacts.json"} < told.keys()


def test_evidence_of_an_observation(said: dict[str, Any]) -> None:
    names = {
        one["uuid"]: one["title"]
        for one in said["assessment-results.json"]["assessment-results"]["back-matter"]["resources"]
    }
    for observation in _result(said)["observations"]:
        evidence = [names[one["href"][1:]] for one in observation["relevant-evidence"]]
        assert evidence[0] == "controls.json"
        assert evidence[-1] == "findings.parquet"
        assert all(name.startswith("validations/") for name in evidence[1:-1])
        assert len(evidence) >= 3


def test_a_file_of_any_name_is_evidence(samples: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(samples, tmp_path / "run"))
    (run / "notebooks/.ipynb_checkpoints").mkdir(parents=True)
    (run / "notebooks/07 à moi.ipynb").write_text("{}")
    path = tmp_path / "assessment-results.json"
    path.write_text(documents(opened(run))[path.name], "utf-8")
    last = AssessmentResults.oscal_read(path).back_matter.resources[-1]
    assert last.title == "notebooks/07 à moi.ipynb"
    assert last.rlinks[0].href == "notebooks/07%20%C3%A0%20moi.ipynb"


def test_the_way_to_the_evidence(samples: Path) -> None:
    made = json.loads(documents(opened(samples), "../run/")["assessment-results.json"])
    resources = made["assessment-results"]["back-matter"]["resources"]
    assert resources[0]["rlinks"][0]["href"] == "../run/run.json"
