"""Schemas: controls.json and run.json are what their JSON Schemas say, and the schemas say what the code has."""

import json
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from audit_lib.audit.outcome import Outcome, status
from audit_lib.cli.asked import Engine
from audit_lib.expectations.reasons import NOT_EVALUATED, REASONS, Verdict
from audit_lib.policy.models import Severity
from audit_lib.report.words import LANGUAGES
from tests.audit.conftest import audit
from tests.judging import ROOT

SCHEMAS = {
    name: json.loads((files("audit_lib") / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    for name in ("controls", "run")
}
CONTROL = SCHEMAS["controls"]["$defs"]["control"]["properties"]
RUN = SCHEMAS["run"]["properties"]
VERDICTS = [verdict.lower() for verdict in Verdict]
# Is of no type that any field has.
WRONG = {"x": {"y": 1}}


@pytest.fixture(scope="session")
def changed_run(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Path:
    """A run with another value of a parameter, of exports without most of their data."""
    out = tmp_path_factory.mktemp("changed")
    for name in ("crm", "registers"):
        shutil.copytree(ROOT / "data_samples" / name, out / "exports" / name)
    done = audit("check", out / "exports", "--out", out / "runs", "--set", "response_window=P2M", key=key_file)
    assert done.returncode == 0, done.stderr
    [folder] = (out / "runs").iterdir()
    return folder


def _wrong(name: str, said: Any) -> list[str]:
    validator = Draft202012Validator(SCHEMAS[name], format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(said)]


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def _objects(said: Any, schema: Any) -> Iterator[tuple[dict[str, Any], set[str]]]:
    """Each object of a document whose fields the schema lists, the first of each array, and the fields it must have."""
    schema = SCHEMAS["controls"]["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    if isinstance(said, list) and said and isinstance(schema.get("items"), dict):
        yield from _objects(said[0], schema["items"])
    elif isinstance(said, dict) and "properties" in schema:
        yield said, set(schema["required"])
        for name, held in said.items():
            yield from _objects(held, schema["properties"][name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_they_are_schemas_whose_every_field_is_described(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(_loose(schema)) == []


def _loose(schema: Any) -> Iterator[Any]:
    """Objects that take other fields than those listed, and fields without a sentence."""
    if isinstance(schema, dict):
        if "properties" in schema and "required" in schema:
            if schema["additionalProperties"] is not False:
                yield schema
            yield from (field for field in schema["properties"].items() if not field[1].get("description", "").strip())
        for held in schema.values():
            yield from _loose(held)
    elif isinstance(schema, list):
        for held in schema:
            yield from _loose(held)


@pytest.mark.parametrize("name", SCHEMAS)
def test_real_runs_are_valid(whole_run: tuple[Path, str], changed_run: Path, name: str) -> None:
    for folder in (whole_run[0], changed_run):
        assert _wrong(name, _read(folder, name)) == []


def test_the_changed_run_has_what_the_samples_lack(changed_run: Path) -> None:
    outcomes = {one["outcome"] for one in _read(changed_run, "controls")}
    assert {"violated", "not_evaluated"} <= outcomes
    assert len(_read(changed_run, "run")["effects"]) == 2


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_field_removed_added_or_of_another_type_is_refused(changed_run: Path, name: str) -> None:
    said = _read(changed_run, name)
    objects = list(_objects(said, SCHEMAS[name]))
    assert len(objects) >= {"controls": 1, "run": 8}[name]
    for held, required in objects:
        for field, value in list(held.items()):
            held[field] = WRONG
            assert _wrong(name, said), f"{field} of another type"
            del held[field]
            assert bool(_wrong(name, said)) is (field in required), f"{field} removed"
            held[field] = value
        held["also"] = "this"
        assert _wrong(name, said), "a field added"
        del held["also"]
    assert _wrong(name, said) == []


@pytest.mark.parametrize("place", range(3))
def test_an_assumption_of_another_shape_is_refused(changed_run: Path, place: int) -> None:
    said = _read(changed_run, "run")
    kinds = {tuple(sorted(one)): one for one in said["assumptions"]}
    assert len(kinds) >= 3
    assumption = list(kinds.values())[place]
    for field, value in list(assumption.items()):
        assumption[field] = WRONG
        assert _wrong("run", said), field
        del assumption[field]
        assert _wrong("run", said), field
        assumption[field] = value
    assumption["also"] = "this"
    assert _wrong("run", said)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outcome", "passed"),
        ("status", "https://w3id.org/dpv#NonCompliant"),
        ("reason", "because"),
        ("reasons", {"because": 1}),
        ("reasons", {"kept_too_long": 0}),
        ("population", -1),
        ("fail", 1.5),
        ("severity", "grave"),
        ("earliest_due", "1 November 2026"),
        ("parameters", {"k": None}),
        ("judges", []),
    ],
)
def test_a_value_that_no_control_has_is_refused(changed_run: Path, field: str, value: object) -> None:
    said = _read(changed_run, "controls")
    said[0][field] = value
    assert len(_wrong("controls", said)) == 1


def test_the_schema_lists_what_the_code_has() -> None:
    assert CONTROL["outcome"]["enum"] == [outcome.value for outcome in Outcome]
    assert set(CONTROL["status"]["enum"]) == {status(outcome) for outcome in Outcome}
    assert CONTROL["reason"]["enum"] == [*sorted(REASONS | NOT_EVALUATED), None]
    assert CONTROL["reasons"]["propertyNames"]["enum"] == sorted(REASONS)
    assert CONTROL["severity"]["enum"] == list(get_args(Severity))
    assert [name for name in CONTROL if name in VERDICTS] == VERDICTS
    assert RUN["engine"]["enum"] == [engine.value for engine in Engine]
    assert RUN["language"]["enum"] == list(LANGUAGES)
    showed = RUN["effects"]["items"]["properties"]["after"]["properties"]
    assert showed["outcome"]["enum"] == CONTROL["outcome"]["enum"]
    assert list(showed["counts"]["properties"]) == VERDICTS
