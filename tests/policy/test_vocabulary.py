"""Vocabulary: what each control is about, in terms of the Data Privacy Vocabulary that the table knows."""

import shutil
from pathlib import Path

import pytest

from audit_lib.audit.outcome import Outcome, status
from audit_lib.policy import load_policy
from audit_lib.policy.vocabulary import PREFIXES, iri

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "expectations"
FOLDER = load_policy(SOURCE)
CONTROL = "controls/retention/prospects_kept_at_most_3_years.yaml"
TERMS = "dpv: [dpv:StorageDuration, dpv:CustomerRelationshipManagement, eu-gdpr:StorageLimitationPrinciple]"
ROW = "dpv:StorageDuration,https://w3id.org/dpv#StorageDuration,Storage Duration,2.3,"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOURCE, tmp_path / "policy"))


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_every_control_says_what_it_is_about() -> None:
    assert len(FOLDER.controls) == 60
    assert [control.id for control in FOLDER.controls if not control.dpv] == []


def test_the_table_holds_what_is_used_and_nothing_else() -> None:
    used = {term for control in FOLDER.controls for term in control.dpv}
    addresses = {row["iri"] for row in FOLDER.vocabulary.values()}
    statuses = {status(shown) for shown in Outcome}
    assert addresses == {iri(term) for term in used} | statuses
    assert {row["version"] for row in FOLDER.vocabulary.values()} == {"2.3"}


def test_only_what_was_shown_is_compliant() -> None:
    dpv = PREFIXES["dpv"]
    assert {shown.value: status(shown) for shown in Outcome} == {
        "violated": f"{dpv}ComplianceViolation",
        "not_evaluated": f"{dpv}ComplianceUnknown",
        "indeterminate": f"{dpv}ComplianceUnknown",
        "review": f"{dpv}ComplianceIndeterminate",
        "empty": f"{dpv}ComplianceUnknown",
        "compliant": f"{dpv}Compliant",
    }


@pytest.mark.parametrize(
    ("terms", "line"),
    [
        (
            "dpv: [dpv:StorageDurations]",
            "dpv: dpv:StorageDurations: vocabulary/dpv.csv has no such term, "
            "write dpv:StorageDuration, or add it there",
        ),
        (
            "dpv: [xyz:StorageDuration]",
            "dpv.0: write a term such as dpv:StorageDuration; prefixes are dpv, eu-gdpr, justifications, risk, tech",
        ),
        ("dpv: [dpv:Erase, dpv:Erase]", "dpv: dpv:Erase: written twice, keep one"),
        ("dpv: dpv:Erase", "dpv: write a list: [a, b]"),
    ],
)
def test_a_wrong_term_is_one_line_and_leaves_the_others(folder: Path, terms: str, line: str) -> None:
    _edit(folder / CONTROL, TERMS, terms)
    read = load_policy(folder)
    assert read.errors == (f"{CONTROL}: {line}",)
    assert len(read.controls) == 59


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (ROW.replace("#StorageDuration", "#Duration"), "line 62: iri: write https://w3id.org/dpv#StorageDuration"),
        (ROW.replace("2.3", "two"), "line 62: version: write a version, such as 2.3"),
    ],
)
def test_a_wrong_table_is_told_and_leaves_out_no_control(folder: Path, row: str, line: str) -> None:
    _edit(folder / "vocabulary/dpv.csv", ROW, row)
    read = load_policy(folder)
    assert read.errors == (f"vocabulary/dpv.csv: {line}",)
    assert len(read.controls) == 60
    assert read.vocabulary == {}


def test_a_term_is_written_once(folder: Path) -> None:
    table = folder / "vocabulary/dpv.csv"
    table.write_text(table.read_text("utf-8") + table.read_text("utf-8").splitlines()[1] + "\n", "utf-8")
    assert load_policy(folder).errors == ("vocabulary/dpv.csv: dpv:Access: written twice, keep one",)


def test_a_folder_needs_no_vocabulary(folder: Path) -> None:
    shutil.rmtree(folder / "vocabulary")
    _edit(folder / CONTROL, f"{TERMS}\n", "")
    read = load_policy(folder)
    assert "prospects_kept_at_most_3_years" in {control.id for control in read.controls}
    assert all(": vocabulary/dpv.csv has no such term, add it there" in line for line in read.errors)
