"""What the tests of the notebooks share: a project of their own to run in, checked once."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("data_samples", "expectations", "notebooks")
KEY = "DPO_AUDIT_KEY_FILE"


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folders that notebooks read, where they may write."""
    folder = tmp_path_factory.mktemp("project")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part)
    return folder
