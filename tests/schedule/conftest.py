"""Folders whose names hold what schedulers give a meaning to, and what the command prints for them."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.audit.conftest import audit
from tests.judging import ROOT

Printed = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True)
class Home:
    """Where everything is; `environment`: what a scheduler knows, and where the code under test is."""

    folder: Path
    exports: Path
    out: Path
    policy: Path

    @property
    def environment(self) -> dict[str, str]:
        code = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), **code}

    @property
    def runs(self) -> list[Path]:
        return sorted(path.parent for path in self.out.glob("*/run.json"))


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Home:
    folder = tmp_path_factory.mktemp("s")  # cron's line has an end
    found = Home(folder, folder / "50% of $HOME's", folder / 'r "%h', folder / "p {{ x")
    shutil.copytree(ROOT / "tests/second_policy/exports", found.exports)
    shutil.copytree(ROOT / "tests/second_policy/policy", found.policy)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "c"))
    return found


@pytest.fixture
def printed(home: Home) -> Printed:
    """What `schedule` prints of these folders."""

    def run(form: str, *options: str | Path) -> "subprocess.CompletedProcess[str]":
        paths = (home.exports, "--out", home.out, "--policy", home.policy)
        return audit("schedule", *paths, "--form", form, *options, key=home.folder / "key")

    return run
