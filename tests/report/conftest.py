"""What several tests of the report share: a run with its report, made once a language."""

from pathlib import Path

import pytest

from audit_lib.report import Report, write
from tests.report.fixture import write_policy, write_run

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def made(parent: Path, lang: str) -> tuple[Path, Report]:
    """A run folder of the fixture and the report written on it."""
    policy = write_policy(parent / "expectations")
    run = write_run(parent / "runs", lang=lang)
    report = write(run, exports=parent / "exports", policy=policy, notebooks=NOTEBOOKS, lang=lang)
    return run, report


@pytest.fixture(scope="session", params=["fr", "en"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report, str]:
    """A run with its report, and its language."""
    run, report = made(tmp_path_factory.mktemp(request.param), request.param)
    return run, report, request.param
