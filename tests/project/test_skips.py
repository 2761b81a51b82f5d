"""Skips: CI=true makes one a failure."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = "import pytest\n\n\ndef test_one():\n    pytest.skip('no engine')\n\n\ndef test_two():\n    assert True\n"


@pytest.mark.parametrize(("ci", "said", "status"), [("true", "1 failed, 1 passed", 1), ("", "1 passed, 1 skipped", 0)])
def test_a_skip_is_a_failure_in_ci(tmp_path: Path, ci: str, said: str, status: int) -> None:
    shutil.copy(ROOT / "tests/conftest.py", tmp_path)
    (tmp_path / "test_skipped.py").write_text(TESTS, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "CI": ci},
        cwd=tmp_path,
        check=False,
    )
    assert said in done.stdout
    assert done.returncode == status
