"""What several tests hand over, each made once: runs, keys and a signed bundle."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
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


PROGRAM = ROOT / ".venv" / "bin" / "dpo-audit"
EXPORTS, POLICY = ROOT / "tests/second_policy/exports", ROOT / "tests/second_policy/policy"
NAME = "dpo@cycles.example"


@dataclass(frozen=True)
class Home:
    """A company's machine: its keys, its runs, its history."""

    folder: Path

    @property
    def key(self) -> Path:
        """OpenSSH's private key."""
        return self.folder / "signing"

    @property
    def allowed(self) -> Path:
        """Whom an auditor trusts."""
        return self.folder / "allowed_signers"

    def program(self, *arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        """The program on this machine."""
        known = {
            **os.environ,
            "DPO_AUDIT_KEY_FILE": str(self.folder / "key"),
            "DPO_AUDIT_HISTORY": str(self.folder / "history.sqlite"),
            **environment,
        }
        command = [str(PROGRAM), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=known, check=False)

    def run(self, *more: str | Path, exports: Path = EXPORTS) -> Path:
        """The folder of a check."""
        done = self.program("check", exports, "--policy", POLICY, "--out", self.folder / "runs", "--lang", "en", *more)
        assert done.returncode == 0, done.stderr
        return _named(done.stdout, "run")

    def bundle(self, run: Path, *more: str | Path) -> Path:
        """The signed bundle of a run."""
        done = self.program("bundle", run, "--sign", self.key, *more)
        assert done.returncode == 0, done.stderr
        return _named(done.stdout, "bundle")


def _named(printed: str, what: str) -> Path:
    [line] = [line for line in printed.splitlines() if line.startswith(f"{what}: ")]
    return Path(line.removeprefix(f"{what}: "))


def make_home(folder: Path) -> Home:
    """A machine with an OpenSSH key."""
    home = Home(folder)
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "dpo", "-f", str(home.key)]
    subprocess.run(command, check=True)
    home.allowed.write_text(f"{NAME} {home.key.with_suffix('.pub').read_text('ascii')}", "ascii")
    return home


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="session")
def bundle(home: Home) -> Path:
    return home.bundle(home.run())
