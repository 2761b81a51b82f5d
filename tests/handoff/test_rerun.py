"""Rerun: the same exports give every verdict again; what is not the same is named."""

import shutil
from pathlib import Path

import pytest

from tests.handoff.conftest import EXPORTS, POLICY, Home


def _rerun(home: Home, bundle: Path, exports: Path, *more: str | Path, **environment: str) -> tuple[int, list[str]]:
    done = home.program("rerun", bundle, exports, *more, **environment)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, done.stdout.splitlines()


def test_every_verdict_agrees(home: Home, bundle: Path) -> None:
    status, said = _rerun(home, bundle, EXPORTS)
    assert status == 0
    assert said[2:5] == [
        "Exports: the same files",
        "Policy: the same controls, tables of the law and mappings",
        "Versions: the same",
    ]
    assert said[-1].startswith("Every verdict agrees: ")


def test_an_auditor_without_the_key_sees_it_too(home: Home, bundle: Path, tmp_path: Path) -> None:
    status, said = _rerun(home, bundle, EXPORTS, DPO_AUDIT_KEY_FILE=str(tmp_path / "another"))
    assert status == 0
    assert any(line.startswith("References of records were made with another key") for line in said)
    assert said[-1].startswith("Every verdict agrees: ")


def test_what_the_run_was_asked_is_asked_again(home: Home, tmp_path: Path) -> None:
    run = home.run("--set", "leaver_grace=P60D", "--as-of", "2026-06-30T18:00:01+01:00")
    status, said = _rerun(home, home.bundle(run, "--out", tmp_path), EXPORTS)
    assert (status, said[-1].partition(":")[0]) == (0, "Every verdict agrees")


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXPORTS, tmp_path / "exports"))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICY, tmp_path / "policy"))


def test_an_input_that_changed_is_named(home: Home, bundle: Path, exports: Path) -> None:
    path = exports / "riders.csv"
    heads, _, *rest = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([heads, *rest]), "utf-8")
    (exports / "mailings.csv").unlink()
    status, said = _rerun(home, bundle, exports)
    assert status == 1
    assert {"Exports: mailings.csv: missing", "         riders.csv: changed"} <= set(said)
    assert any(line.startswith("riders_") or "findings only before" in line for line in said)
    assert said[-1].endswith(" do not.")


def test_exports_yaml_is_an_input_too(home: Home, bundle: Path, exports: Path) -> None:
    path = exports / "exports.yaml"
    path.write_text(path.read_text("utf-8").replace("2026-06-30", "2026-07-30"), "utf-8")
    status, said = _rerun(home, bundle, exports)
    assert status == 1
    assert "Exports: exports.yaml: changed" in said


def test_a_control_and_a_table_that_changed_are_named(home: Home, bundle: Path, policy: Path) -> None:
    [control] = [path for path in (policy / "controls").rglob("*.yaml") if "period: P" in path.read_text("utf-8")][:1]
    text = control.read_text("utf-8")
    start = text.index("period: P") + len("period: ")
    control.write_text(text[:start] + "P1D" + text[text.index("\n", start) :], "utf-8")
    law = sorted((policy / "law").glob("*.csv"))[0]
    lines = law.read_text("utf-8").splitlines(keepends=True)
    law.write_text("".join([*lines, lines[-1]]), "utf-8")
    status, said = _rerun(home, bundle, EXPORTS, "--policy", policy)
    assert status == 1
    told = "\n".join(said)
    assert f"controls/{control.parent.name}/{control.name}: changed" in told
    assert f"law/{law.name}: changed" in told
    assert any(line.startswith(f"{control.stem}: other ") for line in said)
    assert "do not." in said[-1]


def test_a_bundle_that_was_altered_is_told_first(home: Home, bundle: Path, tmp_path: Path) -> None:
    altered = tmp_path / bundle.name
    altered.write_bytes(bundle.read_bytes()[:-1])
    done = home.program("rerun", altered, EXPORTS)
    assert (done.returncode, done.stdout) == (2, "")
    assert "The bundle is not what it should be" in done.stderr


def test_no_exports(home: Home, bundle: Path, tmp_path: Path) -> None:
    done = home.program("rerun", bundle, tmp_path / "none")
    assert done.returncode == 2
    assert (
        done.stderr.splitlines()[-1] == f"{tmp_path / 'none'}: no such folder: write the folder that holds the exports"
    )
