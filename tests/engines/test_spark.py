"""Spark: its functions say what DuckDB's say, and a cluster that loses workers gives the right result or none."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.audit.conftest import PROGRAM
from tests.engines.conftest import need_spark
from tests.engines.functions import FUNCTIONS
from tests.engines.servers import kill, spark
from tests.engines.test_three_engines import checked
from tests.judging import ROOT


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What DuckDB and what Spark make of each text, by function."""
    need_spark()
    folder = tmp_path_factory.mktemp("functions")
    subprocess.run([sys.executable, "-m", "tests.engines.functions", folder], check=True, cwd=ROOT)
    found: dict[str, Any] = json.loads((folder / "said.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_says_what_duckdb_says(said: dict[str, Any], function: str) -> None:
    here, there = said[function]
    assert len(here) > 2000
    assert there == here


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two datasets, which take Spark some twenty seconds."""
    folder = tmp_path_factory.mktemp("exports")
    for name in ("registers", "web"):
        shutil.copytree(ROOT / "data_samples" / name, folder / name)
    manifest = (ROOT / "data_samples" / "exports.yaml").read_text("utf-8").splitlines()
    kept = [line for line in manifest if not line.startswith("  ") or "registers/" in line or "web/" in line]
    (folder / "exports.yaml").write_text("\n".join(kept), "utf-8")
    return folder


@pytest.mark.parametrize("lost", [1, 2])
def test_a_run_that_loses_workers_is_right_or_ends(exports: Path, tmp_path: Path, key_file: Path, lost: int) -> None:
    need_spark()
    with spark(tmp_path / "cluster") as cluster:
        command = [
            PROGRAM,
            "check",
            exports,
            "--out",
            tmp_path / "out",
            "--engine",
            "spark",
            "--master",
            cluster.master,
        ]
        environment = {**os.environ, "DPO_AUDIT_KEY_FILE": str(key_file)}
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
        # Executors have begun, and written something of a dataset or not.
        while len(list(cluster.work.glob("app-*/*/stderr"))) < 2:
            assert process.poll() is None
            time.sleep(0.1)
        time.sleep(6)
        assert process.poll() is None
        for worker in cluster.workers[:lost]:
            kill(worker)
        _, said = process.communicate(timeout=300)
    if lost == 1:
        assert process.returncode == 0, said
        here = checked(exports, tmp_path / "here", key_file)
        [folder] = (tmp_path / "out").iterdir()
        for name in ("controls.json", "aggregates.json"):
            assert (folder / name).read_bytes() == (here.folder / name).read_bytes()
    else:
        assert process.returncode == 3
        assert said.splitlines()[-1].startswith("the run could not finish: no worker of Spark's has answered for")
        assert list((tmp_path / "out").iterdir()) == []


def test_a_master_that_is_not_there(exports: Path, tmp_path: Path, key_file: Path) -> None:
    need_spark()
    command = [PROGRAM, "check", exports, "--out", tmp_path / "out", "--engine", "spark", "--master", "nonsense://x"]
    environment = {**os.environ, "DPO_AUDIT_KEY_FILE": str(key_file)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 3
    assert "Spark does not start: it needs Java 17 (JAVA_HOME) and a master that answers at nonsense://x" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []
