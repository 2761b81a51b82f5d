"""Opening: a notebook finds its folders from where it stands, and says which one is missing."""

import shutil
from pathlib import Path

import pytest

from audit_lib.report import RunError, open_run
from tests.report.fixture import write_policy, write_run

ROOT = Path(__file__).parents[2]
CONTROLS = sorted((ROOT / "expectations" / "controls").glob("*/*.yaml"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the current folder in its notebooks."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "data_samples").mkdir()
    write_policy(tmp_path / "expectations")
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path


@pytest.mark.parametrize("policy", ["../expectations", "expectations"])
def test_paths_count_from_the_notebook_and_from_the_project(project: Path, policy: str) -> None:
    run = write_run(project / "runs")
    opened = open_run(f"runs/{run.name}", policy=policy, lang="en")
    assert opened.folder == run
    assert opened.title("transfer_purposes_declared") == "en transfer purposes declared"


def test_from_elsewhere_a_full_path_is_enough(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = write_run(project / "runs")
    monkeypatch.chdir("/")
    assert open_run(str(run), policy=str(project / "expectations")).facts["run_id"] == run.name


@pytest.mark.parametrize(
    "asked, said",
    [
        ({"run": "runs/none"}, "run: no folder 'runs/none'"),
        ({"exports": "none"}, "exports: no folder 'none'"),
        ({"policy": "none"}, "policy: no folder 'none'"),
    ],
)
def test_says_which_folder_is_missing(project: Path, asked: dict[str, str], said: str) -> None:
    with pytest.raises(RunError, match=f"^{said}: write its path from this notebook or from the project$"):
        open_run(**asked)


def test_the_run_that_a_notebook_shows_names_no_path(project: Path) -> None:
    opened = open_run(str(write_run(project / "runs")), policy="expectations", lang="en")
    assert repr(opened) == "Run(2026-11-01T0500Z-3f9c2a71)"
    assert "Run 2026-11-01T0500Z-3f9c2a71, as of 1 November 2026 at 06:00 UTC+1" in opened._repr_html_()


def test_an_empty_run_checks_the_exports_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notebooks").mkdir()
    for name in ("data_samples", "expectations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path / "notebooks")
    monkeypatch.setenv("DPO_AUDIT_KEY_FILE", str(tmp_path / "key"))
    first = open_run("", lang="en")
    assert first.folder.is_relative_to(tmp_path / "runs" / "notebooks")
    assert {control.id for control in first.controls} == {path.stem for path in CONTROLS}
    assert open_run("", lang="fr").folder == first.folder


def test_a_check_that_cannot_start_says_why(project: Path) -> None:
    (project / "expectations" / "policy.yaml").write_text("company: [", "utf-8")
    with pytest.raises(RunError, match=r"policy\.yaml"):
        open_run("")
