"""Anonymity: what a run tells of the samples' logs, of logs that are anonymous, and of what is not there."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.audit.conftest import audit
from tests.judging import ROOT

MONTHS, COUNTRIES, ACTIONS = ("2026-08", "2026-09", "2026-10"), ("FR", "DE", "ES", "IT"), ("call", "export", "login")
OF_LOGS = (
    "usage_logs_hold_no_full_ip_address",
    "usage_logs_hold_no_direct_identifier",
    "usage_log_ids_do_not_link_to_users",
    "usage_log_ids_do_not_persist",
    "usage_logs_meet_k_anonymity",
    "usage_logs_resist_inference",
    "usage_logs_hold_only_declared_fields",
)


def written(path: Path, header: str, rows: list[list[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *rows])


def measured(folder: Path) -> dict[str, Any]:
    [found] = json.loads((folder / "anonymity.json").read_text("utf-8"))
    return dict(found)


def checked(exports: Path, out: Path, key: Path, *more: str) -> Path:
    done = audit("check", exports, "--out", out, "--anonymity", *more, key=key)
    assert done.returncode == 0, done.stderr
    [folder] = out.iterdir()
    return folder


@pytest.fixture
def anonymous(tmp_path: Path) -> Path:
    """Statistics of at least eleven people, without an id, an address or a customer; and the users they are of."""
    exports = tmp_path / "exports"
    cells = [(month, country, action) for month in MONTHS for country in COUNTRIES for action in ACTIONS]
    written(
        exports / "logs" / "usage.csv",
        "event_id,at,ip,action,anonymous_id,country,month,count,customer_domain",
        [[f"a{n}", "", "", action, "", country, month, 11 + n, ""] for n, (month, country, action) in enumerate(cells)],
    )
    written(
        exports / "directory" / "users.csv",
        "user_id,login,email,first_name,last_name,customer_domain",
        [[f"u-{n:06}", f"login{n}", f"p{n}@client.example", "Ana", f"Nom{n}", "client.example"] for n in range(40)],
    )
    written(exports / "crm" / "contacts.csv", "contact_id,email,status", [["c-1", "a@b.example", "prospect"]])
    written(exports / "directory" / "entries.csv", "entry_id,domain", [["e-1", "client.example"]])
    (exports / "exports.yaml").write_text(
        "extracted_at: 2026-11-01T06:00:00+01:00\ndatasets:\n  usage_logs: {file: logs/usage.csv}\n"
        "  user_accounts: {file: directory/users.csv}\n  contacts: {file: crm/contacts.csv}\n"
        "  directory_entries: {file: directory/entries.csv}\n",
        "utf-8",
    )
    return exports


def test_the_product_does_not_cry_wolf(anonymous: Path, tmp_path: Path, key_file: Path) -> None:
    folder = checked(anonymous, tmp_path / "out", key_file)
    outcomes = {one["id"]: one["outcome"] for one in json.loads((folder / "controls.json").read_text("utf-8"))}
    assert {name: outcomes[name] for name in OF_LOGS} == dict.fromkeys(OF_LOGS, "compliant")
    found = measured(folder)
    # The eleven of the smallest cell have a risk of 1/11, just above 0.09: the report tells both thresholds.
    assert (found["singling_out"]["k"], found["singling_out"]["above"]) == (11, 11)
    assert found["inference"]["l"] == 3
    assert found["inference"]["t"] < 0.01
    assert (found["ids"]["ids"], found["advice"]["people"]) == (0, 0)


def test_what_the_samples_give_away(whole_run: tuple[Path, str]) -> None:
    found = measured(whole_run[0])
    assert found["dataset"] == "usage_logs"
    assert found["thresholds"] == {
        "quasi_identifiers": ["customer_domain", "country"],
        "sensitive": "action",
        **{"k": 11, "l": 3, "t": 0.2, "risk": 0.09, "homogeneous": 0.9, "id_order": 0.1, "suppression": 0.02},
    }
    alone = found["singling_out"]
    assert (alone["people"], alone["k"], alone["unique"], alone["prosecutor"], alone["above"]) == (24763, 1, 5, 1.0, 66)
    everybody = found["population"]
    assert (everybody["on"], everybody["people"], everybody["small"], everybody["small_people"]) == (
        ["customer_domain"],
        142,
        15,
        27,
    )
    assert (found["ids"]["ids"], found["ids"]["lasting"], found["ids"]["time_bearing"]) == (816, 5, 0)
    # Of eight hundred random ids of 32 digits none is a telephone number's.
    assert [(one["column"], one["digests"], one["undone"]) for one in found["reversals"]] == [
        ("ip", 1, 0),
        ("anonymous_id", 806, 0),
    ]
    advice = found["advice"]
    assert (advice["people"], advice["now"]["out"], advice["now"]["passes"], advice["whole"]) == (816, 816, False, True)
    assert [way["levels"] for way in advice["least"]] == [
        {"ip": "removed", "at": "removed", "customer_domain": "removed", "country": "whole"},
        {"ip": "removed", "at": "month", "customer_domain": "removed", "country": "removed"},
    ]


def test_another_threshold_gives_another_advice(tmp_path: Path, key_file: Path) -> None:
    more = ("--set", "k=2", "--set", "suppression=0.5", "--set", "t=1.0", "--set", "l=1")
    advice = measured(checked(ROOT / "data_samples", tmp_path / "out", key_file, *more))["advice"]
    assert advice["least"][0]["loss"] < 0.5


def test_what_is_not_there_is_not_measured(anonymous: Path, tmp_path: Path, key_file: Path) -> None:
    (anonymous / "directory" / "users.csv").unlink()
    written(anonymous / "logs" / "usage.csv", "event_id,country,count", [["a1", "FR", 12]])
    manifest = (anonymous / "exports.yaml").read_text("utf-8")
    (anonymous / "exports.yaml").write_text(manifest.replace("  user_accounts: {file: directory/users.csv}\n", ""))
    found = measured(checked(anonymous, tmp_path / "one", key_file, "--set", "quasi_identifiers=country"))
    assert found["singling_out"]["k"] == 12
    # The policy names the customer's domain alone as known of everybody.
    assert found["population"] is None
    assert found["inference"] == {"not_evaluated": "column_not_supplied", "about": "usage_logs: action"}
    assert found["ids"] == {"not_evaluated": "column_not_supplied", "about": "usage_logs: anonymous_id, at"}
    found = measured(checked(anonymous, tmp_path / "two", key_file))
    assert (found["not_evaluated"], found["about"]) == ("column_not_supplied", "usage_logs: customer_domain")
    shutil.rmtree(anonymous / "logs")
    (anonymous / "exports.yaml").write_text(
        "extracted_at: 2026-11-01T06:00:00+01:00\ndatasets:\n  contacts: {file: crm/contacts.csv}\n"
    )
    found = measured(checked(anonymous, tmp_path / "three", key_file))
    assert (found["not_evaluated"], found["about"]) == ("dataset_not_supplied", "usage_logs")


def test_nobody_asked(anonymous: Path, tmp_path: Path, key_file: Path) -> None:
    done = audit("check", anonymous, "--out", tmp_path / "out", key=key_file)
    assert done.returncode == 0
    assert not list((tmp_path / "out").glob("*/anonymity.json"))
