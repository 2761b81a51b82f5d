"""Contract: the files of a run, their names, columns and fields."""

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import duckdb
import nbformat
import pytest

from tests.audit.conftest import PROGRAM, audit
from tests.judging import ROOT

FILES = {
    "run.json",
    "controls.json",
    "aggregates.json",
    "coverage.json",
    "anonymity.json",
    "changes.json",
    "lapses.json",
    "findings.parquet",
    "quarantine.parquet",
    "policy",
    "policy_findings.json",
    "validations",
    "notebooks",
    "report.external.html",
    "report.html",
    "report.pdf",
}
FINDINGS = [
    *("control_id", "dataset", "source_file", "source_row", "record_ref", "verdict", "reason"),
    *("clock_at", "due_at", "days_overdue", "detail"),
]
CONTROL = {
    *("id", "clause", "layer", "family", "severity", "dataset", "outcome", "population"),
    *("pass", "fail", "exempt", "indeterminate", "review"),
    *("reason", "parameters", "earliest_due", "latest_due", "dpv", "status"),
}


def test_a_run_writes_these_files(whole_run: tuple[Path, str]) -> None:
    folder, printed = whole_run
    assert {path.name for path in folder.iterdir()} == FILES
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in ("controls.json", "findings.parquet", "report.html", "report.pdf"):
        assert str(folder / name) in printed


def test_columns_of_findings_and_quarantine(whole_run: tuple[Path, str]) -> None:
    folder, _ = whole_run
    for name, columns in (
        ("findings", FINDINGS),
        ("quarantine", ["dataset", "source_file", "source_row", "column", "reason"]),
    ):
        described = duckdb.execute(f"DESCRIBE SELECT * FROM '{folder}/{name}.parquet'").fetchall()
        assert [row[0] for row in described] == columns


def test_fields_of_controls(whole_run: tuple[Path, str]) -> None:
    controls = json.loads((whole_run[0] / "controls.json").read_text("utf-8"))
    assert len(controls) == 60
    for control in controls:
        assert control.keys() >= CONTROL
    about = {control["id"]: control["dpv"] for control in controls}
    assert about["call_data_stored_where_promised"] == [
        "https://w3id.org/dpv#StorageLocation",
        "https://w3id.org/dpv#CloudLocation",
    ]
    dated = [control for control in controls if control["earliest_due"]]
    assert {control["id"] for control in dated} >= {"prospects_kept_at_most_3_years"}
    assert all(control["earliest_due"] <= control["latest_due"] for control in dated)


def test_run_json_accounts_for_every_row(whole_run: tuple[Path, str]) -> None:
    run = json.loads((whole_run[0] / "run.json").read_text("utf-8"))
    assert run["run_id"] == whole_run[0].name
    assert run["as_of"] == "2026-11-01T06:00:00+01:00"
    assert run["engine"] == "local"
    assert run["policy"]["version"] == "2026-01-20"
    files = {one["file"]: one for one in run["inputs"]}
    for name, one in files.items():
        path = ROOT / "data_samples" / name
        assert one["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert one["rows_read"] == one["rows_loaded"] + one["rows_quarantined"]
    assert sum(one["rows_read"] for one in files.values()) == 4201
    assert sum(one["rows_quarantined"] for one in files.values()) == 4
    assert {one["code"] for one in run["assumptions"]} >= {"k", "response_window", "masked_share"}


def test_a_run_holds_the_policy_that_it_was_judged_by(whole_run: tuple[Path, str]) -> None:
    folder = whole_run[0]
    said = json.loads((folder / "run.json").read_text("utf-8"))["policy"]
    held = {path.relative_to(folder / "policy").as_posix(): path for path in (folder / "policy").rglob("*.*")}
    assert held.keys() == said["files"].keys() >= {"policy.yaml", "law/adequacy.csv"}
    for name, path in held.items():
        assert path.read_bytes() == (ROOT / "expectations" / name).read_bytes()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == said["files"][name]
    listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(said["files"].items()))
    assert hashlib.sha256(listed.encode()).hexdigest() == said["sha256"]


def test_a_run_names_every_package(whole_run: tuple[Path, str]) -> None:
    run = json.loads((whole_run[0] / "run.json").read_text("utf-8"))
    locked = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    # A package has two versions there when an old Python needs an older one.
    assert set(locked) >= {
        (name, run["packages"][name]) for name in ("duckdb", "great-expectations", "numpy", "sqlglot")
    }
    assert run["packages"]["dpo-audit"] == run["tool_version"]
    assert len(run["packages"]) > 100
    assert run["environment"].keys() == {"python", "system", "machine", "time_zones"}
    assert all(run["environment"].values())


def test_a_run_warns_of_law_that_nobody_verified_since(whole_run: tuple[Path, str]) -> None:
    folder, printed = whole_run
    run = json.loads((folder / "run.json").read_text("utf-8"))
    judged = {"verified_on": "2026-08-05", "judged_on": "2026-11-01"}
    found = [one for one in run["assumptions"] if one["code"] == "law_verified_before"]
    # The addresses were verified later than the day judged.
    assert found == [
        {"code": "law_verified_before", "file": f"law/{name}.csv", **judged}
        for name in ("adequacy", "archive_bases", "clauses", "eea", "public_holidays", "special_territories")
    ]
    warning = "law/adequacy.csv: verified on 2026-08-05, judged on 2026-11-01: see what changed since"
    assert warning in run["notes"]
    assert warning in printed


def test_references_are_pseudonyms(whole_run: tuple[Path, str]) -> None:
    [(distinct, wrong)] = duckdb.execute(
        "SELECT count(DISTINCT (dataset, record_ref)), "
        "count(*) FILTER (NOT regexp_full_match(record_ref, '[0-9a-f]{16}')) FROM read_parquet(?)",
        [str(whole_run[0] / "findings.parquet")],
    ).fetchall()
    assert distinct > 400
    assert wrong == 0


def test_the_same_key_names_the_same_record(whole_run: tuple[Path, str], key_file: Path, tmp_path: Path) -> None:
    done = audit("check", "data_samples", "--out", tmp_path, key=key_file)
    assert done.returncode == 0, done.stderr
    [again] = tmp_path.iterdir()
    assert _digest(again / "findings.parquet") == _digest(whole_run[0] / "findings.parquet")
    assert (again / "controls.json").read_bytes() == (whole_run[0] / "controls.json").read_bytes()
    assert not (again / "report.html").exists()


def _digest(path: Path) -> list[tuple[object, ...]]:
    return duckdb.execute("SELECT * FROM read_parquet(?) ORDER BY ALL", [str(path)]).fetchall()


@pytest.mark.parametrize("arguments", [["controls"], ["controls", "prospects_kept_at_most_3_years", "--lang", "en"]])
def test_the_catalogue_is_readable(arguments: list[str], key_file: Path) -> None:
    done = audit(*arguments, key=key_file)
    assert done.returncode == 0, done.stderr
    assert "prospects_kept_at_most_3_years" in done.stdout


def test_one_control_in_full(key_file: Path) -> None:
    done = audit("controls", "usage_logs_meet_k_anonymity", "--lang", "en", key=key_file)
    about = "about: dpv:Anonymisation https://w3id.org/dpv#Anonymisation"
    for said in ("clause: 2.3", "parameter k", "law: ", about, "sql:", "class_too_small"):
        assert said in done.stdout


def test_sources_tells_what_each_file_is(key_file: Path) -> None:
    done = audit("sources", "data_samples", key=key_file)
    assert done.returncode == 0, done.stderr
    assert (
        "directory/users.ldif: user_accounts · ldif_user_accounts · 60 read = 60 loaded + 0 quarantined" in done.stdout
    )


def test_suites_follow_the_controls(key_file: Path) -> None:
    assert audit("suites", "--check", key=key_file).returncode == 0


def test_a_notebook_that_fails_publishes_nothing(tmp_path: Path, key_file: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    made = nbformat.v4.new_notebook()
    parameters = 'exports: str = ""\npolicy: str = ""\nas_of: str = ""\nlang: str = ""\nrun: str = ""'
    made.cells = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    made.cells += [nbformat.v4.new_code_cell("raise ValueError('jeanne.canari@exemple.example')")]
    nbformat.write(made, tmp_path / "notebooks" / "07_mine.ipynb")
    out = tmp_path / "out"
    done = audit("run", ROOT / "data_samples", "--out", out, key=key_file, at=tmp_path)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == "07_mine.ipynb: cell 3: stopped by ValueError"
    assert done.stdout == ""
    assert list(out.iterdir()) == []


def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, key_file: Path) -> None:
    environment = {**os.environ, "DPO_AUDIT_KEY_FILE": str(key_file)}
    command = [str(PROGRAM), "check", "data_samples", "--out", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line == "· check\n":
                running.terminate()
    assert running.returncode == 3
    assert list(tmp_path.iterdir()) == []
