"""Runs to hand over, each done once: the samples, and a small one with every outcome."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from audit_lib.handoff import documents
from audit_lib.report import Run, load
from tests.audit.conftest import audit
from tests.judging import ROOT

NAMES = ["catalog.json", "assessment-plan.json", "assessment-results.json", "dpv.jsonld", "sbom.cdx.json"]
SECOND = ROOT / "tests" / "second_policy"
# Files of the second company with the rows that lead to each outcome; web.csv is not supplied.
ROWS = {
    "riders.csv": [6],  # no clock: INDETERMINATE
    "mailings.csv": [4],  # a service message: out of scope
    "requests.csv": [1],  # answered on the last day
    "grants.csv": [1, 3, 5],  # a department to judge, nobody who left too late
}


def finished(*arguments: str | Path, out: Path) -> Path:
    done = audit("check", *arguments, "--out", out / "runs", key=out / "key")
    assert done.returncode == 0, done.stderr
    [folder] = (out / "runs").iterdir()
    return folder


def opened(folder: Path, lang: str = "en") -> Run:
    return load(folder, policy=folder / "policy", lang=lang)


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("samples")
    return finished("data_samples", "--anonymity", "--lang", "en", out=out)


@pytest.fixture(scope="session")
def every_outcome(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("mixed")
    exports = Path(shutil.copytree(SECOND / "exports", out / "exports"))
    (exports / "web.csv").unlink()
    for name, kept in ROWS.items():
        header, *rows = (exports / name).read_text("utf-8").splitlines(keepends=True)
        (exports / name).write_text("".join([header, *(rows[place - 1] for place in kept)]), "utf-8")
    return finished(exports, "--policy", SECOND / "policy", out=out)


@pytest.fixture(scope="session")
def said(samples: Path) -> dict[str, Any]:
    """Every document of the samples, as it is read."""
    return {name: json.loads(text) for name, text in documents(opened(samples)).items()}


def props(thing: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for prop in thing["props"]:
        found.setdefault(prop["name"], []).append(prop["value"])
    return found
