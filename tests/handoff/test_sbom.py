"""SBOM: the packages that a run names, as CycloneDX takes them."""

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from audit_lib.handoff import documents
from audit_lib.handoff.sbom import inventory
from tests.handoff.conftest import opened
from tests.judging import ROOT

STRICT = JsonStrictValidator(SchemaVersion.V1_6)
FACTS: dict[str, Any] = {
    "run_id": "20261101T050000Z-00000000",
    "tool_version": "0.1.0",
    "packages": {"dpo-audit": "0.1.0", "duckdb": "2.0.0", "ruamel-yaml": "0.19.1", "torch": "2.9.0+cpu"},
    "environment": {"python": "3.11.7", "system": "Linux", "machine": "x86_64", "time_zones": "2025b"},
}
ONE, TWO = "1" * 64, "2" * 64
LOCK = f"""\
duckdb==2.0.0 \\
    --hash=sha256:{TWO} \\
    --hash=sha256:{ONE}
    # via dpo-audit
ruamel-yaml==0.18.0 ; python_version < "3.11" \\
    --hash=sha256:{ONE}
"""


def _libraries(said: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one for one in said["components"] if one["type"] == "library"}


def test_cyclonedx_accepts(samples: Path) -> None:
    assert STRICT.validate_str(documents(opened(samples))["sbom.cdx.json"]) is None


@pytest.mark.parametrize(("field", "value"), [("purl", 3), ("type", "package"), ("digest", "no")])
def test_cyclonedx_refuses_a_spoilt_copy(samples: Path, field: str, value: object) -> None:
    said = json.loads(documents(opened(samples))["sbom.cdx.json"])
    said["components"][-1][field] = value
    assert STRICT.validate_str(json.dumps(said)) is not None


def test_it_names_what_the_run_names(samples: Path) -> None:
    facts = json.loads((samples / "run.json").read_text("utf-8"))
    said = json.loads(documents(opened(samples))["sbom.cdx.json"])
    found = {name: one["version"] for name, one in _libraries(said).items()}
    assert {**found, "dpo-audit": said["metadata"]["component"]["version"]} == facts["packages"]
    others = [(one["name"], one.get("version")) for one in said["components"] if one["type"] != "library"]
    environment = facts["environment"]
    assert others == [
        ("python", environment["python"]),
        (environment["system"], None),
        ("tzdata", environment["time_zones"]),
    ]


def test_digests_are_those_of_the_lock(samples: Path) -> None:
    said = json.loads(documents(opened(samples))["sbom.cdx.json"])
    version = _libraries(said)["duckdb"]["version"]
    [entry] = [
        part
        for part in (ROOT / "requirements.lock").read_text("utf-8").split("\n    # via")
        if f"\nduckdb=={version} " in part
    ]
    wanted = sorted(one[:64] for one in entry.split(f"\nduckdb=={version} ")[1].split("sha256:")[1:])
    [distribution] = _libraries(said)["duckdb"]["externalReferences"]
    assert [one["content"] for one in distribution["hashes"]] == wanted
    assert len(wanted) > 5


def test_only_the_same_version_has_digests() -> None:
    libraries = _libraries(inventory(FACTS, LOCK))
    [distribution] = libraries["duckdb"]["externalReferences"]
    assert distribution["hashes"] == [{"alg": "SHA-256", "content": ONE}, {"alg": "SHA-256", "content": TWO}]
    assert "externalReferences" not in libraries["ruamel-yaml"]
    assert libraries["torch"]["purl"] == "pkg:pypi/torch@2.9.0%2Bcpu"


def test_without_a_lock_there_are_no_digests() -> None:
    assert [one for one in inventory(FACTS)["components"] if "externalReferences" in one] == []
    assert STRICT.validate_str(json.dumps(inventory(FACTS))) is None


def test_the_serial_number_follows_what_is_named() -> None:
    other = {**FACTS, "packages": {**FACTS["packages"], "duckdb": "2.0.1"}}
    assert inventory(FACTS, LOCK)["serialNumber"] == inventory(FACTS)["serialNumber"]
    assert inventory(other)["serialNumber"] != inventory(FACTS)["serialNumber"]
