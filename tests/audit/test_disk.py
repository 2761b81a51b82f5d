"""Disk: a run whose disk fills is right or ends with status 3 and publishes nothing; never with a wrong verdict."""

import os
import resource
import subprocess
from pathlib import Path

import pytest

from tests.audit.conftest import PROGRAM, audit
from tests.judging import ROOT

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> dict[str, Path]:
    """Usage logs of a larger company, by format."""
    found = {}
    for name in ("parquet", "csv"):
        company, alone = tmp_path_factory.mktemp(name), tmp_path_factory.mktemp(f"{name}_logs")
        done = audit("sample", company, "--rows", "400000", "--seed", "5", "--logs", name, key=key_file)
        assert done.returncode == 0, done.stderr
        (company / "logs").rename(alone / "logs")
        (alone / "exports.yaml").write_text(
            "extracted_at: 2026-11-01T06:00:00+01:00\nsource_tz: Europe/Paris\n", "utf-8"
        )
        found[name] = alone
    return found


# Of a file, as if the disk were full then. CSV is stored when it is loaded; Parquet stays in place, and groups that do
# not fit in memory are put on the disk when they are judged.
@pytest.mark.parametrize(
    ("name", "memory", "most", "step"),
    [("csv", "1GB", 4, "load"), ("parquet", "60MB", 1, "check")],
)
def test_a_disk_that_fills(
    logs: dict[str, Path], tmp_path: Path, key_file: Path, name: str, memory: str, most: int, step: str
) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most * MEGABYTE, most * MEGABYTE))

    done = subprocess.run(
        [PROGRAM, "check", logs[name], "--out", tmp_path / "out", "--memory-limit", memory],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DPO_AUDIT_KEY_FILE": str(key_file)},
        preexec_fn=limit,
        check=False,
    )
    assert done.returncode == 3
    *before, last = done.stderr.splitlines()
    assert last.startswith("the run could not finish: ")
    assert last.endswith("perhaps short of disk: free some where --out is")
    assert [line for line in before if line in ("· load", "· check")][-1] == f"· {step}"
    assert list((tmp_path / "out").iterdir()) == []
