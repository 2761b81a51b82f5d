"""What the tests of history share: the program, its key, and small exports of known dates."""

import csv
import json
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.audit.conftest import audit
from tests.judging import ROOT

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "key"


@pytest.fixture(scope="session")
def program(key_file: Path) -> Program:
    """The program with the tests' key; `key=` takes another."""

    def run(*arguments: str | Path, key: Path = key_file) -> "subprocess.CompletedProcess[str]":
        return audit(*arguments, key=key)

    return run


@pytest.fixture(scope="session")
def samples_run(tmp_path_factory: pytest.TempPathFactory, program: Program) -> Path:
    """The run folder of `dpo-audit check data_samples`."""
    return checked(program, ROOT / "data_samples", tmp_path_factory.mktemp("samples"))


def checked(program: Program, exports: Path, out: Path, *more: str | Path) -> Path:
    done = program("check", exports, "--out", out, *more)
    assert done.returncode == 0, done.stderr
    [folder] = out.iterdir()
    return folder


def told(program: Program, *arguments: str | Path) -> dict[str, Any]:
    """What a command says with --json."""
    done = program(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def visits(folder: Path, days: Iterable[str], extracted_at: str) -> Path:
    """Exports of nothing but visits to the site, one at noon of each day."""
    folder.mkdir(parents=True)
    rows = [[f"v{number}", f"{day}T12:00:00+01:00", "Linux"] for number, day in enumerate(days, 1)]
    with (folder / "visits.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["event_id", "event_at", "os"], *rows])
    manifest = f"extracted_at: {extracted_at}\ndatasets:\n  navigation_events: {{file: visits.csv}}\n"
    (folder / "exports.yaml").write_text(manifest, "utf-8")
    return folder
