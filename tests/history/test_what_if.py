"""What if: the same exports, one change of the run's own policy; which findings appear and go, row by row."""

import datetime as dt
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from audit_lib.history.whatif import request
from audit_lib.policy import load_policy
from audit_lib.suites import drifted
from tests.audit.conftest import PROGRAM
from tests.history.conftest import Program, checked, told, visits
from tests.judging import ROOT

VISITS = "navigation_data_kept_at_most_30_days"
AS_OF = "2026-11-01T06:00:00+01:00"
# Thirty days before the first of November is the second of October, twenty the twelfth.
DAYS = ["2026-10-01", "2026-10-02", "2026-10-11", "2026-10-12", "2026-10-31"]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return visits(tmp_path_factory.mktemp("what_if") / "exports", DAYS, AS_OF)


@pytest.fixture(scope="module")
def run(exports: Path, tmp_path_factory: pytest.TempPathFactory, program: Program) -> Path:
    return checked(program, exports, tmp_path_factory.mktemp("run"))


def control(said: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [one for one in said["controls"] if one["control_id"] == name]
    return dict(found)


def rows(said: dict[str, Any]) -> list[tuple[int, str | None, str | None]]:
    return sorted((one["source_row"], one["before"], one["after"]) for one in said["findings"])


def test_a_shorter_period(run: Path, exports: Path, program: Program) -> None:
    said = told(program, "forecast", run, "--exports", exports, "--set", f"{VISITS}.period=P20D")
    assert rows(said) == [(2, None, "FAIL"), (3, None, "FAIL")]
    found = control(said, VISITS)
    assert [found[name] for name in ("appeared", "gone", "stayed", "changed")] == [2, 0, 1, 0]
    assert (found["before"]["records"]["PASS"], found["after"]["records"]["PASS"]) == (4, 2)
    # The last lawful days: 1, 10, 11 and 30 November; then 1 and 20 November.
    before, after = found["due"]["before"], found["due"]["after"]
    assert (before["overdue"], before["months"]["PASS"]) == (1, {"2026-11": 4})
    assert (after["overdue"], after["months"]["PASS"]) == (3, {"2026-11": 2})
    assert [one["control_id"] for one in said["controls"] if one["appeared"] or one["gone"]] == [VISITS]


def test_a_longer_period_takes_the_breach_away(run: Path, exports: Path, program: Program) -> None:
    said = told(program, "forecast", run, "--exports", exports, "--set", f"{VISITS}.period=P31D")
    assert rows(said) == [(1, "FAIL", None)]
    found = control(said, VISITS)
    assert (found["before"]["outcome"], found["after"]["outcome"]) == ("violated", "compliant")
    done = program("forecast", run, "--lang", "fr", "--exports", exports, "--set", f"{VISITS}.period=P31D")
    lines = done.stdout.splitlines()
    assert f"Et si {VISITS}.period = P31D\u202f?" in lines
    assert "  Résultat\u202f: Manquement → Conforme" in lines
    assert "  Constats\u202f: 0 apparaissent, 1 disparaissent, 0 restent" in lines
    assert "  Enregistrements\u202f: Manquement 1 → 0, Conforme 4 → 5" in lines
    assert "                              aujourd’hui   ensuite" in lines
    assert "  Déjà échus (manquements)              1         ·" in lines


def test_the_same_value_changes_nothing(run: Path, exports: Path, program: Program) -> None:
    said = told(program, "forecast", run, "--exports", exports, "--set", f"{VISITS}.period=P30D")
    assert said["findings"] == []
    assert all(one["before"] == one["after"] for one in said["controls"])
    assert said["before"]["as_of"] == said["after"]["as_of"] == AS_OF


def test_a_parameter_beside_those_that_the_run_had_changed(exports: Path, tmp_path: Path, program: Program) -> None:
    run = checked(program, exports, tmp_path / "out", "--set", "leaver_grace=P9D", "--set", "quasi_identifiers=country")
    said = told(program, "forecast", run, "--exports", exports, "--set", "response_window=P2M")
    before, after = (said[when]["parameters"] for when in ("before", "after"))
    assert {name for name in before if before[name] != after[name]} == {"response_window"}
    assert (after["leaver_grace"], after["quasi_identifiers"]) == ("P9D", ["country"])


def test_nothing_of_it_stays(
    run: Path, exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    monkeypatch.setenv("TMPDIR", os.fspath(tmp_path))
    was = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert program("forecast", run, "--exports", exports, "--set", f"{VISITS}.period=P20D").returncode == 0
    assert program("forecast", run, "--exports", exports, "--set", f"{VISITS}.period=3 days").returncode == 2
    assert list(tmp_path.iterdir()) == []
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == was


def test_nothing_stays_when_it_is_stopped(run: Path, exports: Path, tmp_path: Path, key_file: Path) -> None:
    environment = {**os.environ, "DPO_AUDIT_KEY_FILE": str(key_file), "TMPDIR": str(tmp_path)}
    command = [PROGRAM, "forecast", run, "--exports", exports, "--set", f"{VISITS}.period=P20D"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line == "· check\n":
                assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o700]
                running.terminate()
    assert running.returncode == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (f"{VISITS}.period=3 days", f"--set {VISITS}.period: write a value of the same kind, such as P30D"),
        (f"{VISITS}.perod=P3D", f"--set {VISITS}.perod: expect_records_within_retention is given no such argument "
         "there: write one of clock, period"),
        (f"{VISITS}.clock=event_at", f"--set {VISITS}.clock: it holds fields: change them in a copy of the policy "
         "folder, then dpo-audit compare tells"),
        (f"{VISITS}s.period=P3D", f"--set {VISITS}s.period: the run's policy has no such control, write {VISITS}"),
        ("prospects_kept_at_most_3_years.response_window=P3D",
         "--set prospects_kept_at_most_3_years.response_window: policy.yaml gives it: write --set response_window=P3D"),
        ("respons_window=P3D", "--set respons_window: the run's policy has no such parameter, write response_window; "
         "an argument of a control is written CONTROL.ARGUMENT=VALUE"),
        ("k=many", "--set k: write a whole number above 0, such as 11"),
        ("k", "--set 'k': write NAME=VALUE"),
    ],
)  # fmt: skip
def test_what_cannot_be_set(run: Path, exports: Path, program: Program, said: str, line: str) -> None:
    done = program("forecast", run, "--exports", exports, "--set", said)
    assert (done.returncode, done.stdout, done.stderr.splitlines()) == (2, "", [line])


def test_arguments_of_every_plain_kind(samples_run: Path, tmp_path: Path) -> None:
    facts = json.loads((samples_run / "run.json").read_text("utf-8"))
    covered, users = "transfers_covered_by_adequacy_scc_or_bcr", "named_users_kept_at_most_2_years"
    changes = {
        f"{covered}.derogations": "true",
        f"{users}.sensitivity": "created_at, removed_at",
        f"{users}.period": "P1Y",
    }
    asked = request(samples_run, facts, ROOT / "data_samples", changes, tmp_path)
    folder = load_policy(asked.policy)
    assert folder.errors == ()
    said = {control.id: next(iter(control.expect.values())) for control in folder.controls}
    assert said[covered]["derogations"] is True
    assert (said[users]["sensitivity"], said[users]["period"]) == (["created_at", "removed_at"], "P1Y")
    # Only the catalogue, which no run holds, is missing: every suite follows its controls.
    assert drifted(folder, asked.policy) == ["CATALOGUE.fr.md", "CATALOGUE.en.md"]
    assert (asked.changes, asked.as_of) == ({}, dt.datetime.fromisoformat(AS_OF))


def test_mistakes_are_told_together(run: Path, exports: Path, program: Program) -> None:
    done = program("forecast", run, "--exports", exports, "--set", "k=0", "--set", f"{VISITS}.period=x")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["--set k", f"--set {VISITS}.period"]


def test_other_exports_are_refused(run: Path, exports: Path, tmp_path: Path, program: Program) -> None:
    def refused(folder: Path) -> list[str]:
        done = program("forecast", run, "--exports", folder, "--set", f"{VISITS}.period=P20D")
        assert (done.returncode, done.stdout) == (2, "")
        return [line for line in done.stderr.splitlines() if not line.startswith("·")]

    assert refused(tmp_path / "none") == [
        f"--exports {tmp_path / 'none'}: no such folder: write the folder that was checked"
    ]
    changed = tmp_path / "changed"
    shutil.copytree(exports, changed)
    with (changed / "visits.csv").open("a", encoding="utf-8") as file:
        file.write("v6,2026-10-30T12:00:00+01:00,Linux\n")
    assert refused(changed) == [
        "visits.csv: it is not the file that was checked (SHA-256): take that one, or run again"
    ]
    (changed / "visits.csv").unlink()
    assert refused(changed) == [
        "visits.csv: No such file or directory: write the folder that was checked after --exports"
    ]
    more = tmp_path / "more"
    shutil.copytree(exports, more)
    manifest = (more / "exports.yaml").read_text("utf-8")
    (more / "users.csv").write_text("user_id,login\nu1,l1\n", "utf-8")
    (more / "exports.yaml").write_text(f"{manifest}  user_accounts: {{file: users.csv}}\n", "utf-8")
    assert refused(more) == [
        "users.csv: it is not what the run read of that name: bring back the folder that was checked"
    ]


def test_rows_of_a_database_are_refused(run: Path, exports: Path, tmp_path: Path, program: Program) -> None:
    there = tmp_path / "run"
    shutil.copytree(run, there)
    facts = json.loads((there / "run.json").read_text("utf-8"))
    facts["inputs"].append({**facts["inputs"][0], "file": "sql:contacts", "dataset": "contacts"})
    (there / "run.json").write_text(json.dumps(facts), "utf-8")
    done = program("forecast", there, "--exports", exports, "--set", f"{VISITS}.period=P20D")
    assert (done.returncode, done.stderr) == (
        2,
        "sql:contacts: its rows are in a database and may have changed since: a what-if takes files\n",
    )


def test_another_key_is_refused(run: Path, exports: Path, tmp_path: Path, program: Program) -> None:
    done = program("forecast", run, "--exports", exports, "--set", f"{VISITS}.period=P20D", key=tmp_path / "key")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == "DPO_AUDIT_KEY_FILE: it is not the key of the run: name that one"


def test_an_instant_of_its_own_stays(tmp_path: Path, program: Program) -> None:
    """Datasets extracted at other instants than the run's are judged at theirs again."""
    exports = visits(tmp_path / "exports", DAYS, AS_OF)
    manifest = (exports / "exports.yaml").read_text("utf-8")
    own = "{file: visits.csv, extracted_at: 2026-11-02T06:00:00+01:00}"
    (exports / "exports.yaml").write_text(manifest.replace("{file: visits.csv}", own), "utf-8")
    run = checked(program, exports, tmp_path / "out")
    said = told(program, "forecast", run, "--exports", exports, "--set", f"{VISITS}.period=P31D")
    # Two are overdue on the second of November, one of them with a day more.
    assert rows(said) == [(2, "FAIL", None)]
