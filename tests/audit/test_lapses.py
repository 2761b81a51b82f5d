"""Lapses: what a run counts of the ends that its exports tell, and what is wrong in what the policy says of them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.audit.conftest import audit
from tests.judging import ROOT

HOME = ROOT / "tests" / "second_policy"
LAPSES = """
lapses:
  contracts:
    end: {what: {fr: Contrats, en: Contracts}, clause: "1", renewed: tacit_renewal}
    dpa_signed_at: {what: {fr: Avenants, en: Agreements of processing}, clause: "1"}
  staff:
    end: {what: {fr: Départs, en: Departures}, clause: "3"}
  ndas:
    expires_at: {what: {fr: Accords, en: Agreements}, clause: "3"}
  authorisations:
    approved_at: {what: {fr: Approbations, en: Approvals}, clause: "3"}
"""
CONTRACTS = """\
contract_id,kind,start,end,tacit_renewal
c1,contract,2020-01-01,2026-06-30,false
c2,contract,2020-01-01,2026-06-29,false
c3,contract,2020-01-01,2026-12-31,
c4,contract,2020-01-01,2026-12-31,true
c5,contract,2020-01-01,,false
c6,contract,2020-01-01,9999-12-31,
c7,contract,2020-01-01,,true
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    folder = tmp_path / "policy"
    shutil.copytree(HOME / "policy", folder)
    path = folder / "policy.yaml"
    path.write_text(path.read_text("utf-8") + LAPSES, "utf-8")
    return folder


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    shutil.copytree(HOME / "exports", folder)
    (folder / "contracts.csv").write_text(CONTRACTS, "utf-8")
    return folder


def counted(policy: Path, exports: Path, out: Path, key: Path, status: int = 0) -> tuple[list[dict[str, Any]], str]:
    done = audit("check", exports, "--out", out, "--policy", policy, key=key)
    assert done.returncode == status, done.stderr
    [folder] = out.iterdir()
    rows: list[dict[str, Any]] = json.loads((folder / "lapses.json").read_text("utf-8"))
    return rows, done.stderr


def test_ends_after_the_audit_and_what_has_none(policy: Path, exports: Path, tmp_path: Path, key_file: Path) -> None:
    rows, _ = counted(policy, exports, tmp_path / "out", key_file)
    assert [tuple(row.values()) for row in rows] == [
        # Its last day is not over; what is renewed does not end; a far end is none.
        ("contracts", "end", "2026-06-30", 1),
        ("contracts", "end", "2026-12-31", 1),
        ("contracts", "end", None, 2),
        ("contracts", "dpa_signed_at", "column_not_supplied", "contracts: dpa_signed_at"),
        # u3 left before the audit.
        ("staff", "end", None, 3),
        ("ndas", "expires_at", "dataset_not_supplied", "ndas"),
        ("authorisations", "approved_at", None, 0),
    ]
    assert rows[5].keys() == {"dataset", "column", "not_evaluated", "about"}


def test_without_any_declared_nothing_is_counted(exports: Path, tmp_path: Path, key_file: Path) -> None:
    rows, _ = counted(HOME / "policy", exports, tmp_path / "out", key_file)
    assert rows == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("  ndas:", "  nda:", "policy.yaml: lapses: nda: no such dataset, write ndas"),
        (
            "  ndas:\n    expires_at",
            "  ndas:\n    party_id",
            "policy.yaml: lapses: ndas: party_id: no column of days: write one of signed_at, expires_at",
        ),
        (
            "tacit_renewal",
            "tacit",
            "policy.yaml: lapses: contracts: end: renewed: no column of true and false: write one of tacit_renewal, "
            "has_user_data, or remove it",
        ),
        (
            'Agreements}, clause: "3"',
            'Agreements}, clause: "9"',
            "policy.yaml: lapses: ndas: expires_at: clause: clauses has no such clause",
        ),
    ],
)
def test_what_the_policy_says_wrongly(
    policy: Path, exports: Path, tmp_path: Path, key_file: Path, old: str, new: str, line: str
) -> None:
    path = policy / "policy.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    rows, said = counted(policy, exports, tmp_path / "out", key_file, status=2)
    assert said.splitlines()[-1] == line
    # The others are counted all the same.
    assert ("staff", "end", None, 3) in [tuple(row.values()) for row in rows]
