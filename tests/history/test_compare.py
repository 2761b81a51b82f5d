"""Compare: two policies on the same exports, and the findings of two checks."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit_lib.history.compared import Compared, compared, moved
from tests.history.conftest import Program, told
from tests.judging import ROOT

HOME = ROOT / "tests" / "second_policy"
POLICY, EXPORTS = HOME / "policy", HOME / "exports"
LEADS = "leads_kept_at_most_18_months"


def parquet(path: Path, *rows: tuple[str, str, str, int]) -> Path:
    """Findings (control, reference, verdict, row) of one file."""
    columns = "(control_id VARCHAR, record_ref VARCHAR, verdict VARCHAR, source_row BIGINT)"
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE f {columns}")
        if rows:
            con.executemany("INSERT INTO f VALUES (?, ?, ?, ?)", rows)
        con.execute(f"COPY (SELECT *, 'contacts' AS dataset, 'c.csv' AS source_file FROM f) TO '{path}'")
    return path


def test_findings_of_two_checks(tmp_path: Path) -> None:
    before = parquet(
        tmp_path / "b.parquet",
        ("one", "a", "FAIL", 1),
        ("one", "b", "FAIL", 2),
        ("one", "c", "REVIEW", 3),
        ("gone", "a", "FAIL", 1),
        ("same", "a", "EXEMPT", 1),
    )
    after = parquet(
        tmp_path / "a.parquet",
        ("one", "a", "FAIL", 1),
        ("one", "c", "INDETERMINATE", 3),
        ("one", "d", "FAIL", 4),
        ("new", "a", "FAIL", 1),
        ("same", "a", "EXEMPT", 1),
    )
    assert compared(before, after) == [
        Compared("gone", 0, 1, 0, 0),
        Compared("new", 1, 0, 0, 0),
        Compared("one", 1, 1, 2, 1),
        Compared("same", 0, 0, 1, 0),
    ]
    assert [(one["control_id"], one["source_row"], one["before"], one["after"]) for one in moved(before, after)] == [
        ("gone", 1, "FAIL", None),
        ("new", 1, None, "FAIL"),
        ("one", 2, "FAIL", None),
        ("one", 3, "REVIEW", "INDETERMINATE"),
        ("one", 4, None, "FAIL"),
    ]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second policy with leads kept twelve months, without purposes, and with a control of its own."""
    folder = tmp_path_factory.mktemp("changed") / "policy"
    shutil.copytree(POLICY, folder)
    controls = folder / "controls"
    leads = controls / "retention" / f"{LEADS}.yaml"
    leads.write_text(leads.read_text("utf-8").replace("P18M", "P12M"), "utf-8")
    (controls / "register" / "purposes_are_ours.yaml").unlink()
    leavers = (controls / "access" / "leavers_lose_access.yaml").read_text("utf-8")
    again = leavers.replace("id: leavers_lose_access", "id: leavers_lose_it_twice")
    (controls / "access" / "leavers_lose_it_twice.yaml").write_text(again, "utf-8")
    return folder


def by_control(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["control_id"]: one for one in said["controls"]}


def test_two_policies(changed: Path, program: Program) -> None:
    said = told(program, "compare", EXPORTS, "--policy", POLICY, "--with", changed)
    controls = by_control(said)
    # Riders 1 and 3 were last seen a year and a half before the exports, to the day.
    assert sorted((one["control_id"], one["source_row"], one["before"], one["after"]) for one in said["findings"]) == [
        (LEADS, 1, None, "FAIL"),
        (LEADS, 3, None, "FAIL"),
        ("leavers_lose_it_twice", 4, None, "FAIL"),
        ("purposes_are_ours", 2, "FAIL", None),
    ]
    leads = controls[LEADS]
    assert [leads[name] for name in ("appeared", "gone", "stayed", "changed")] == [2, 0, 4, 0]
    assert (leads["before"]["records"]["FAIL"], leads["after"]["records"]["FAIL"]) == (2, 4)
    assert (controls["purposes_are_ours"]["after"], controls["leavers_lose_it_twice"]["before"]) == (None, None)
    assert len(controls) == 10
    assert said["before"]["as_of"] == said["after"]["as_of"] == "2026-06-30T18:00:00+01:00"


def test_the_other_way_round(changed: Path, program: Program) -> None:
    said = told(program, "compare", EXPORTS, "--policy", changed, "--with", POLICY)
    leads = by_control(said)[LEADS]
    assert (leads["appeared"], leads["gone"], leads["stayed"]) == (0, 2, 4)


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "en",
            [
                "Controls whose result changes: 1 of 8. Findings: 2 appear, 0 go, 14 stay.",
                "Only in {policy}",
                "  5 · Announced purposes: Violated, 1 finding",
                "Only in {changed}",
                "  3 · Leavers lose access: Violated, 1 finding",
                "1 · Leads kept at most eighteen months",
                "  Outcome: Violated",
                "  Findings: 2 appear, 0 go, 4 stay",
                "  Records: Breach 2 → 4, Compliant 3 → 1",
            ],
        ),
        (
            "fr",
            [
                "Seulement dans {changed}",
                "1 · Contacts gardés au plus dix-huit mois",
                "  Constats\u202f: 2 apparaissent, 0 disparaissent, 4 restent",
            ],
        ),
    ],
)
def test_the_text(changed: Path, program: Program, lang: str, lines: list[str]) -> None:
    done = program("compare", EXPORTS, "--policy", POLICY, "--with", changed, "--lang", lang)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert [line for one in lines if (line := one.format(policy=POLICY, changed=changed)) not in said] == []
    # No reference to a record, no cell.
    references = [
        one["record_ref"]
        for one in told(program, "compare", EXPORTS, "--policy", POLICY, "--with", changed)["findings"]
    ]
    assert not [one for one in (*references, "zqx") if one in done.stdout]


def test_the_same_policy_differs_in_nothing(program: Program) -> None:
    said = told(program, "compare", EXPORTS, "--policy", POLICY, "--with", POLICY)
    assert said["findings"] == []
    assert all(one["before"] == one["after"] for one in said["controls"])


def test_as_of_is_for_both(changed: Path, program: Program) -> None:
    said = told(program, "compare", EXPORTS, "--policy", POLICY, "--with", changed, "--as-of", "2024-02-29T12:00:00Z")
    assert said["before"]["as_of"] == said["after"]["as_of"] == "2024-02-29T12:00:00+00:00"


def test_what_it_refuses(changed: Path, tmp_path: Path, program: Program) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(POLICY, broken)
    text = (broken / "policy.yaml").read_text("utf-8")
    (broken / "policy.yaml").write_text(text.replace("language: en", "language: de"), "utf-8")
    for arguments, lines in (
        ([EXPORTS, "--policy", POLICY, "--with", broken], [f"--with {broken}: policy.yaml: language: write fr or en"]),
        (
            [tmp_path / "none", "--policy", POLICY, "--with", changed],
            [f"{tmp_path / 'none'}: no such folder: write the folder that holds the exports"],
        ),
        (
            [EXPORTS, "--policy", POLICY, "--with", changed, "--as-of", "today"],
            ["--as-of 'today': write an ISO 8601 instant, such as 2026-11-01T06:00:00+01:00"],
        ),
    ):
        done = program("compare", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert [line for line in done.stderr.splitlines() if not line.startswith("·")][-len(lines) :] == lines


def test_a_control_that_is_wrong_ends_with_status_2_and_the_rest_is_told(tmp_path: Path, program: Program) -> None:
    wrong = tmp_path / "wrong"
    shutil.copytree(POLICY, wrong)
    path = wrong / "controls" / "retention" / f"{LEADS}.yaml"
    path.write_text(path.read_text("utf-8").replace("severity: high", "severity: huge"), "utf-8")
    done = program("compare", EXPORTS, "--policy", POLICY, "--with", wrong, "--lang", "en")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"--with: controls/retention/{LEADS}.yaml: severity: write critical, high, medium or low"
    )
    assert f"Only in {POLICY}\n  1 · Leads kept at most eighteen months: Violated, 4 findings\n" in done.stdout
