"""OSCAL: NIST's model takes what a run hands over, and refuses it when it is spoilt."""

import json
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
from tests.handoff.conftest import NAMES, opened

MODELS = {
    "catalog.json": Catalog,
    "assessment-plan.json": AssessmentPlan,
    "assessment-results.json": AssessmentResults,
}


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
