"""The audit of the samples, done once for all the tests that look at it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.judging import ROOT

PROGRAM = ROOT / ".venv" / "bin" / "dpo-audit"


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "key"


def audit(*arguments: str | Path, key: Path, at: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """The program, as a user starts it in a folder, by default the project's."""
    environment = {**os.environ, "DPO_AUDIT_KEY_FILE": str(key)}
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=at, env=environment, check=False
    )


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> tuple[Path, str]:
    """The run folder of `dpo-audit run data_samples`, and all that it printed."""
    out = tmp_path_factory.mktemp("whole")
    done = audit("run", "data_samples", "--out", out, "--lang", "en", key=key_file)
    assert done.returncode == 0, done.stderr
    [folder] = out.iterdir()
    return folder, done.stdout + done.stderr
