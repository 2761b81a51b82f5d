"""SBOM: the packages and the environment that a run names, as a CycloneDX bill of materials."""

import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit_lib.handoff.handed import NAMESPACE

NAME = "sbom.cdx.json"
_LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"
_PIN = re.compile(r"^([a-z0-9._-]+)==([^\s;\\]+)")
_DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_PROGRAM = "dpo-audit"


def lock() -> str:
    """The lock beside the program; empty when it was installed without."""
    return _LOCK.read_text("utf-8") if _LOCK.is_file() else ""


def inventory(facts: Mapping[str, Any], locked: str = "") -> dict[str, Any]:
    """`facts`: run.json. A lock takes several distributions of one version, and a run does not know which of them was
    installed: their SHA-256 are those of what is distributed, not of the component. What depends on what is not known
    either. No instant: the audit's is not the day of this document.
    """
    digests = _digests(locked)
    packages = {name: version for name, version in facts["packages"].items() if name != _PROGRAM}
    components = [_package(name, version, digests.get((name, version), [])) for name, version in packages.items()]
    program = _component("application", _PROGRAM, str(facts["tool_version"]))
    seed = uuid.uuid5(uuid.NAMESPACE_URL, f"{NAMESPACE}/sbom/{facts['run_id']}")
    told = "\n".join(f"{name}=={version}" for name, version in [*packages.items(), *facts["environment"].items()])
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(seed, told)}",
        "version": 1,
        "metadata": {
            "component": program,
            "properties": [{"name": f"{_PROGRAM}:run", "value": str(facts["run_id"])}],
        },
        "components": [*_environment(facts["environment"]), *components],
        "dependencies": [{"ref": program["bom-ref"]}],
        "compositions": [{"aggregate": "unknown", "dependencies": [program["bom-ref"]]}],
    }


def _package(name: str, version: str, digests: list[str]) -> dict[str, Any]:
    made = _component("library", name, version)
    if not digests:
        return made
    distribution = {
        "type": "distribution",
        "url": made["purl"],
        "comment": "SHA-256 of each distribution of this version that requirements.lock takes",
        "hashes": [{"alg": "SHA-256", "content": one} for one in digests],
    }
    return {**made, "externalReferences": [distribution]}


def _component(kind: str, name: str, version: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version.replace('+', '%2B')}"
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _environment(said: Mapping[str, str]) -> list[dict[str, Any]]:
    """Python, the system and the table of time zones, none of which is a package."""
    kinds = {"python": "platform", "system": "operating-system", "time_zones": "data"}
    names = {"python": "python", "system": said["system"], "time_zones": "tzdata"}
    versions = {"python": said["python"], "time_zones": said["time_zones"]}
    machine = [{"name": f"{_PROGRAM}:machine", "value": said["machine"]}]
    return [
        {
            "type": kind,
            "bom-ref": f"environment:{key}",
            "name": names[key],
            **({"version": versions[key]} if versions.get(key) else {}),
            **({"properties": machine} if key == "system" else {}),
        }
        for key, kind in kinds.items()
    ]


def _digests(locked: str) -> dict[tuple[str, str], list[str]]:
    """SHA-256 of the distributions of each pin, by normalised name and version."""
    found: dict[tuple[str, str], list[str]] = {}
    pin: tuple[str, str] | None = None
    for line in locked.splitlines():
        if said := _PIN.match(line):
            pin = (re.sub(r"[-_.]+", "-", said[1]), said[2])
        if pin and (digest := _DIGEST.search(line)):
            found.setdefault(pin, []).append(digest[1])
    return {pin: sorted(set(digests)) for pin, digests in found.items()}
