"""OSCAL: what a run hands over is what it found, in a form that NIST's model takes."""

import dataclasses
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from trestle.common.err import TrestleError
from trestle.core.validator_factory import all_validator
from trestle.oscal.assessment_plan import AssessmentPlan
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog

from audit_lib.handoff import documents
from audit_lib.policy import load_policy
from audit_lib.report import RunError
from audit_lib.sample.canaries import canaries
from tests.handoff.conftest import opened
from tests.judging import ROOT

MODELS = {
    "catalog.json": Catalog,
    "assessment-plan.json": AssessmentPlan,
    "assessment-results.json": AssessmentResults,
}
NAMES = [*MODELS, "dpv.jsonld", "sbom.cdx.json"]


@pytest.fixture(scope="module")
def said(samples: Path) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in documents(opened(samples)).items()}


@pytest.fixture(scope="module")
def controls(samples: Path) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in json.loads((samples / "controls.json").read_text("utf-8"))}


def _result(said: dict[str, Any]) -> Any:
    [result] = said["assessment-results.json"]["assessment-results"]["results"]
    return result


def _props(thing: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for prop in thing["props"]:
        found.setdefault(prop["name"], []).append(prop["value"])
    return found


def _walk(thing: Any) -> Iterator[tuple[str, Any]]:
    """Every field and what it holds, at any depth."""
    if isinstance(thing, dict):
        for name, held in thing.items():
            yield name, held
            yield from _walk(held)
    elif isinstance(thing, list):
        for held in thing:
            yield from _walk(held)


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", MODELS)
def test_trestle_accepts(samples: Path, tmp_path: Path, name: str, lang: str) -> None:
    path = tmp_path / name
    path.write_text(documents(opened(samples, lang))[name], "utf-8")
    read = MODELS[name].oscal_read(path)
    assert read is not None
    assert all_validator.AllValidator().model_is_valid(read, True, tmp_path)


@pytest.mark.parametrize("name", MODELS)
def test_trestle_accepts_a_run_with_every_outcome(every_outcome: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(documents(opened(every_outcome))[name], "utf-8")
    assert all_validator.AllValidator().model_is_valid(MODELS[name].oscal_read(path), True, tmp_path)


def _no_target(document: Any) -> None:
    del document["assessment-results"]["results"][0]["findings"][0]["target"]


def _no_zone(document: Any) -> None:
    document["assessment-results"]["results"][0]["observations"][0]["collected"] = "2026-11-01T06:00:00"


def _other_state(document: Any) -> None:
    document["assessment-results"]["results"][0]["findings"][0]["target"]["status"]["state"] = "unknown"


def _two_lines(document: Any) -> None:
    document["catalog"]["groups"][0]["controls"][0]["props"][0]["value"] = "one\ntwo"


def _no_token(document: Any) -> None:
    document["catalog"]["groups"][0]["controls"][0]["id"] = "5 years"


def _unknown_field(document: Any) -> None:
    document["assessment-plan"]["verdict"] = "PASS"


def _no_system(document: Any) -> None:
    del document["assessment-plan"]["import-ssp"]


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("assessment-results.json", _no_target),
        ("assessment-results.json", _no_zone),
        ("assessment-results.json", _other_state),
        ("catalog.json", _two_lines),
        ("catalog.json", _no_token),
        ("assessment-plan.json", _unknown_field),
        ("assessment-plan.json", _no_system),
    ],
)
def test_trestle_refuses_a_spoilt_copy(
    said: dict[str, Any], tmp_path: Path, name: str, spoil: Callable[[Any], None]
) -> None:
    document = json.loads(json.dumps(said[name]))
    spoil(document)
    (tmp_path / name).write_text(json.dumps(document), "utf-8")
    with pytest.raises(TrestleError):
        MODELS[name].oscal_read(tmp_path / name)


@pytest.mark.parametrize("name", MODELS)
def test_every_reference_leads_somewhere(said: dict[str, Any], name: str) -> None:
    fields = list(_walk(said[name]))
    known = [held for field, held in fields if field == "uuid"]
    assert len(known) == len(set(known))
    pointing = [held for field, held in fields if field.endswith("-uuid")]
    pointing += [one for field, held in fields if field.endswith("-uuids") for one in held]
    pointing += [held[1:] for field, held in fields if field == "href" and held.startswith("#")]
    assert len(pointing) >= 2
    assert [one for one in pointing if one not in known] == []


def test_files_that_are_named_are_the_other_documents(said: dict[str, Any], samples: Path) -> None:
    assert said["assessment-results.json"]["assessment-results"]["import-ap"] == {"href": "assessment-plan.json"}
    for name in ("assessment-plan.json", "assessment-results.json"):
        hrefs = [held for field, held in _walk(said[name]) if field == "href" and not held.startswith("#")]
        assert [href for href in hrefs if href not in NAMES and not (samples / href).is_file()] == []


def test_the_catalog_has_each_control_under_its_clause_in_both_languages(said: dict[str, Any], samples: Path) -> None:
    policy = load_policy(samples / "policy")
    groups = said["catalog.json"]["catalog"]["groups"]
    found = {control["id"]: (group["id"], control) for group in groups for control in group["controls"]}
    assert len(found) == 60
    assert [_props(group)["label"] for group in groups[:4]] == [["1.2"], ["1.4"], ["1.5"], ["2.1"]]
    for control in policy.controls:
        clause, shown = found[control.id]
        parts = {part["name"]: part for part in shown["parts"]}
        assert clause == f"clause-{control.clause}"
        assert (shown["title"], parts["statement"]["prose"]) == (control.title.en, control.statement.en)
        assert parts["guidance"]["prose"] == control.remedy.en
        assert _plain(parts["translation"]["title"]) == control.title.fr
        assert _plain(parts["translation"]["prose"]) == control.statement.fr
        assert _plain(parts["translation"]["parts"][0]["prose"]) == control.remedy.fr
        assert [link["text"] for link in shown["links"]] == [one.cite.en for one in control.legal]


def test_links_lead_to_the_law(said: dict[str, Any], samples: Path) -> None:
    catalog = said["catalog.json"]["catalog"]
    resources = {one["uuid"]: one for one in catalog["back-matter"]["resources"]}
    shown = {control["id"]: control for group in catalog["groups"] for control in group["controls"]}
    for control in load_policy(samples / "policy").controls:
        cited = [resources[link["href"][1:]] for link in shown[control.id]["links"]]
        assert [one.get("rlinks", [{"href": None}])[0]["href"] for one in cited] == [one.url for one in control.legal]


def test_in_french_prose_is_french(samples: Path) -> None:
    catalog = json.loads(documents(opened(samples, "fr"))["catalog.json"])["catalog"]
    control = next(one for group in catalog["groups"] for one in group["controls"] if one["id"] == "purposes_declared")
    parts = {part["name"]: part for part in control["parts"]}
    assert control["title"] == "Finalités du registre déclarées"
    assert (parts["translation"]["class"], parts["translation"]["title"]) == ("en", "Purposes of the register declared")


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
            told = _props(thing)
            assert told["outcome"] == [control["outcome"]]
            counted = {name: int(told[name][0]) for name in ("population", "pass", "fail", "exempt", "review")}
            assert counted == {name: control[name] for name in counted}
        assert _props(finding)["dpv-status"] == [control["status"]]


def test_each_outcome_has_its_state(every_outcome: Path) -> None:
    made = documents(opened(every_outcome))
    [result] = json.loads(made["assessment-results.json"])["assessment-results"]["results"]
    found = {
        one["target"]["target-id"].removesuffix("_obj"): (
            _props(one)["outcome"][0],
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
    remarks = {_props(one)["outcome"][0]: one["target"]["status"]["remarks"] for one in result["findings"]}
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


def test_the_same_run_gives_the_same_bytes_wherever_it_is(samples: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(samples, tmp_path / samples.name))
    first = documents(opened(samples))
    assert list(first) == NAMES
    assert documents(opened(moved)) == documents(opened(samples)) == first
    assert not [name for name, text in first.items() if str(tmp_path) in text or str(ROOT) in text]


def test_another_run_has_other_names(samples: Path, every_outcome: Path) -> None:
    one, other = (json.loads(documents(opened(run))["catalog.json"]) for run in (samples, every_outcome))
    assert not set(re.findall(r'"uuid": "(.*?)"', json.dumps(one))) & set(
        re.findall(r'"uuid": "(.*?)"', json.dumps(other))
    )


def test_the_way_to_the_evidence(samples: Path) -> None:
    made = json.loads(documents(opened(samples), "../run/")["assessment-results.json"])
    resources = made["assessment-results"]["back-matter"]["resources"]
    assert resources[0]["rlinks"][0]["href"] == "../run/run.json"


def test_a_file_of_any_name_is_evidence(samples: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(samples, tmp_path / "run"))
    (run / "notebooks").mkdir()
    (run / "notebooks/07 à moi.ipynb").write_text("{}")
    path = tmp_path / "assessment-results.json"
    path.write_text(documents(opened(run))[path.name], "utf-8")
    last = AssessmentResults.oscal_read(path).back_matter.resources[-1]
    assert last.title == "notebooks/07 à moi.ipynb"
    assert last.rlinks[0].href == "notebooks/07%20%C3%A0%20moi.ipynb"


def test_a_parameter_has_the_value_of_the_run_and_the_policys_own(samples: Path, tmp_path: Path) -> None:
    run = opened(samples)
    tried = {**run.facts["parameters"], "k": 5, "finance_departments": ["finance", " ", "two\nlines"]}
    path = tmp_path / "catalog.json"
    made = documents(dataclasses.replace(run, facts={**run.facts, "parameters": tried}))
    path.write_text(made[path.name], "utf-8")
    assert Catalog.oscal_read(path) is not None
    shown = {one["label"]: one for one in json.loads(made[path.name])["catalog"]["params"]}
    assert (shown["k"]["values"], _props(shown["k"])["own-value"]) == (["5"], ["11"])
    assert shown["finance_departments"]["values"] == ["finance", "two lines"]
    assert "own-value" not in _props(shown["l"])


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_canary_is_handed_over(samples: Path, lang: str) -> None:
    for name, text in documents(opened(samples, lang)).items():
        low = text.casefold()
        assert [one for one in canaries() if one.casefold() in low] == [], name
        assert "@" not in re.sub(r"\"@\w+\"|pkg:pypi/[\w.%-]+@", "", text), name


def test_a_run_without_its_policy_is_refused(samples: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(samples, tmp_path / "run"))
    with_policy = opened(run)
    path = run / "policy/policy.yaml"
    path.write_text(path.read_text("utf-8") + "# later\n", "utf-8")
    with pytest.raises(RunError, match=r"^run: policy is not the one of run\.json"):
        documents(with_policy)
    shutil.rmtree(run / "policy")
    with pytest.raises(RunError, match=r"^run: policy is missing: give the folder of a finished run$"):
        documents(with_policy)


def _plain(text: str) -> str:
    """Without the narrow and no-break spaces of French typography."""
    return re.sub("[\u202f\u00a0]", " ", text)
