"""Keys, a run and its signed bundle, made once for all the tests that look at them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.judging import ROOT

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
