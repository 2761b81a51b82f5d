"""Starting: another company's policy folder, ready to audit and free of the first company."""

from pathlib import Path

import pytest
import yaml

from audit_lib import suites
from audit_lib.policy import load_policy
from audit_lib.starting import StartError, start

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "expectations"


def test_a_started_folder_is_whole_and_nobodys_yet(tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    written = list(start(SOURCE, folder, company='Acmé "Sàrl": #1', language="fr"))
    started, ours = load_policy(folder), load_policy(SOURCE)
    assert started.errors == () and suites.drifted(started, folder) == []
    assert {"policy.yaml", "controls", "law", "mappings", "vocabulary"} < set(written)
    assert started.policy.company.name == 'Acmé "Sàrl": #1'
    assert started.policy.language == "fr"
    assert [c.id for c in started.controls] == [c.id for c in ours.controls]
    assert {p.approved_by for p in started.policy.parameters.values()} == {None}
    assert started.policy.lists["own_domains"] == ["example.com"]
    assert started.policy.lists["known_salts"] == ["salt", "pepper", "secret"]
    assert started.findings == ()
    assert started.policy.lapses == ours.policy.lapses != {}


def test_nothing_of_the_first_company_is_left_in_its_frame(tmp_path: Path) -> None:
    list(start(SOURCE, tmp_path / "policy", company="Acme", language="en"))
    said = yaml.safe_load((tmp_path / "policy/policy.yaml").read_text("utf-8"))
    ours = yaml.safe_load((SOURCE / "policy.yaml").read_text("utf-8"))
    assert said["company"] == {"name": "Acme"}
    assert said["policy"]["version"] != ours["policy"]["version"]
    assert "document" not in said["policy"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    with pytest.raises(StartError, match="not empty"):
        list(start(SOURCE, tmp_path, company="Acme", language="en"))
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
