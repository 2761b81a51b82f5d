"""The process that writes the report says what happened to it, and leaves nothing behind."""

import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from audit_lib.reporting import Reporter, Wanted
from audit_lib.unforeseen import UnforeseenError
from tests.audit.conftest import PROGRAM
from tests.judging import ROOT

PARAMETERS = 'exports: str = ""\npolicy: str = ""\nas_of: str = ""\nlang: str = "fr"\nrun: str = ""'


def _home(folder: Path, cell: str) -> Path:
    """A folder of notebooks with one of one cell."""
    (folder / "notebooks").mkdir()
    made = new_notebook(cells=[new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), new_code_cell(cell)])
    nbformat.write(made, folder / "notebooks" / "own.ipynb")
    return folder


def test_a_process_that_the_system_stopped_is_told_by_its_signal(tmp_path: Path) -> None:
    with closing(Reporter(tmp_path)) as one:
        os.kill(one._process.pid, signal.SIGKILL)
        one._process.wait()
        one.begin(Wanted(tmp_path, tmp_path, tmp_path, tmp_path, "fr"))
        with pytest.raises(UnforeseenError, match=r"^SIGKILL in reporting\.py$"):
            one.result(print)


def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, key_file: Path) -> None:
    home = _home(tmp_path, "import time; time.sleep(2)")
    environment = {**os.environ, "DPO_AUDIT_KEY_FILE": str(key_file), "TMPDIR": str(tmp_path)}
    command = [PROGRAM, "run", ROOT / "data_samples", "--out", tmp_path / "out"]
    with subprocess.Popen(command, cwd=home, env=environment, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr
        for line in started.stderr:
            if line == "· write\n":
                started.terminate()
    assert started.returncode == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notebooks", "out"]
    assert list((tmp_path / "out").iterdir()) == []
