"""Expectations: what the DPO's folder says, in both languages, and the facts of the law it rests on."""

import csv
import datetime as dt
import ipaddress
import re
from pathlib import Path

import pytest

from audit_lib.datasets.schema import schemas
from audit_lib.policy import PolicyFolder, Text, load_policy

ROOT = Path(__file__).resolve().parents[2]
FRENCH = re.compile(r"\b(le|la|les|des|du|une|un|et|ou|au|aux|de|en|sans|dans|pour|par|reste)\b|[éèêàçœ’]", re.I)
ENGLISH = re.compile(r"\b(the|and|or|of|to|is|are|for|with|without|no|not|in|that|at|kept|only|by|from|can)\b", re.I)


@pytest.fixture(scope="module")
def folder() -> PolicyFolder:
    return load_policy(ROOT / "expectations")


def _texts(folder: PolicyFolder) -> dict[str, Text]:
    found: dict[str, Text] = {"policy": folder.policy.policy.title}
    for name, parameter in folder.policy.parameters.items():
        found[f"parameters.{name}"] = parameter.why
    for control in folder.controls:
        for part in ("title", "statement", "remedy"):
            found[f"{control.id}.{part}"] = getattr(control, part)
    for finding in folder.findings:
        for part in ("title", "why", "remedy"):
            found[f"{finding.id}.{part}"] = getattr(finding, part)
    return found


def test_the_folder_has_no_error(folder: PolicyFolder) -> None:
    assert folder.errors == ()
    assert len(folder.controls) == 60
    assert [finding.id for finding in folder.findings] == [f"PF-{number:02}" for number in range(1, 28)]


def test_each_text_is_in_its_own_language(folder: PolicyFolder) -> None:
    texts = _texts(folder)
    assert [name for name, text in texts.items() if text.fr == text.en] == []
    long = {name: text for name, text in texts.items() if len(text.fr) > 60}
    assert [name for name, text in long.items() if not FRENCH.search(text.fr)] == []
    assert [name for name, text in long.items() if not ENGLISH.search(text.en)] == []
    assert [name for name, text in long.items() if re.search(r"[éèêàçœ]", text.en)] == []


def test_texts_are_set_as_prose(folder: PolicyFolder) -> None:
    for name, text in _texts(folder).items():
        assert "'" not in text.fr + text.en, f"{name}: write ’"
        assert '"' not in text.fr + text.en, f"{name}: write « » or “ ”"
        assert not re.search(r"\w[;:!?](\s|$)|«\S|\S»", text.fr), f"{name}: a space before ; : ! ? and inside « »"
        assert text.fr == text.fr.strip()
        assert "  " not in text.fr + text.en
        if not name.endswith("title") and name != "policy":
            assert (text.fr[-1], text.en[-1]) == (".", "."), name


def test_datasets_exist(folder: PolicyFolder) -> None:
    unknown = {name for control in folder.controls for name in control.datasets} - schemas().keys()
    assert unknown == set()


def test_canonical_columns_are_declared(folder: PolicyFolder) -> None:
    declared = folder.policy.lists["declared_columns"]
    assert isinstance(declared, dict)
    for dataset, columns in declared.items():
        assert set(schemas()[dataset].columns) <= set(columns), dataset
        assert len(set(columns)) == len(columns), dataset


def _named(value: object) -> set[str]:
    """What a control's kwargs take from policy.yaml."""
    if isinstance(value, str):
        return {value[1:].split(".")[0]} if value.startswith("$") else set()
    if isinstance(value, dict):
        return set().union(*map(_named, value.values()))
    return set().union(*map(_named, value)) if isinstance(value, list) else set()


def test_every_parameter_of_a_control_exists_and_none_is_idle(folder: PolicyFolder) -> None:
    used = set().union(*(_named(control.expect) for control in folder.controls))
    used.update(*(one.named() for one in folder.policy.anonymised.values()))
    assert used - folder.policy.parameters.keys() - folder.policy.lists.keys() == set()
    # Of what comes after the verdicts: the history and the auditor's sample.
    later = {"closed_findings_kept", "sample_confidence", "sample_deviation"}
    assert folder.policy.parameters.keys() - used == later


def test_nobody_has_agreed_to_anything_yet(folder: PolicyFolder) -> None:
    assert {parameter.approved_by for parameter in folder.policy.parameters.values()} == {None}


def _covers(rows: list[dict[str, str]], country: str, day: str) -> int:
    return sum(
        row["country"] == country and row["valid_from"] <= day <= (row["valid_to"] or "9999-12-31") for row in rows
    )


@pytest.mark.parametrize(
    ("country", "day", "inside", "adequate"),
    [
        ("FR", "2026-11-01", 1, 0),
        ("GB", "2020-01-31", 1, 0),
        ("GB", "2020-02-01", 1, 0),
        ("GB", "2020-12-31", 1, 0),
        ("GB", "2021-01-01", 0, 1),
        ("GB", "2021-06-27", 0, 1),
        ("GB", "2021-06-28", 0, 1),
        ("GB", "2025-06-28", 0, 1),
        ("GB", "2025-12-28", 0, 1),
        ("GB", "2031-12-28", 0, 0),
        ("HR", "2013-06-30", 0, 0),
        ("HR", "2013-07-01", 1, 0),
        ("HU", "2004-04-30", 0, 1),
        ("HU", "2004-05-01", 1, 0),
        ("US", "2015-10-05", 0, 1),
        ("US", "2015-10-06", 0, 0),
        ("US", "2020-07-15", 0, 1),
        ("US", "2020-07-16", 0, 0),
        ("US", "2023-07-10", 0, 1),
        ("KR", "2021-12-16", 0, 0),
        ("KR", "2021-12-17", 0, 1),
        ("BR", "2026-01-25", 0, 0),
        ("BR", "2026-01-26", 0, 1),
        ("EPO", "2025-07-14", 0, 0),
        ("EPO", "2025-07-15", 0, 1),
        ("RE", "2026-11-01", 1, 0),
        ("BL", "2012-01-01", 0, 0),
        ("MC", "2026-11-01", 0, 0),
    ],
)
def test_where_the_law_reached_on_a_day(
    folder: PolicyFolder, country: str, day: str, inside: int, adequate: int
) -> None:
    assert _covers(folder.law["eea"], country, day) == inside
    assert _covers(folder.law["adequacy"], country, day) == adequate


def test_the_eea_has_thirty_members(folder: PolicyFolder) -> None:
    outermost = {"GP", "MQ", "GF", "RE", "YT", "MF", "AX"}
    today = {row["country"] for row in folder.law["eea"] if not row["valid_to"]}
    assert len(today - outermost) == 30
    assert outermost < today


def test_modules_follow_roles(folder: PolicyFolder) -> None:
    roles = {row["module"]: (row["exporter"], row["importer"]) for row in folder.law["clauses"] if row["module"]}
    assert roles == {
        "1": ("controller", "controller"),
        "2": ("controller", "processor"),
        "3": ("processor", "processor"),
        "4": ("processor", "controller"),
    }
    old = {(row["signable_to"], row["valid_to"]) for row in folder.law["clauses"] if not row["module"]}
    assert old == {("2021-09-26", "2022-12-27"), ("2010-05-14", "2022-12-27")}


def test_archive_bases(folder: PolicyFolder) -> None:
    assert {row["code"]: (row["period"], row["category"]) for row in folder.law["archive_bases"]} == {
        "L123-22": ("P10Y", "accounting_voucher"),
        "L110-4": ("P5Y", "contract"),
        "C. civ. 2224": ("P5Y", "contract"),
        "L213-1": ("P10Y", "consumer_contract"),
        "LPF L102 B": ("P6Y", "tax_document"),
        "litigation_hold": ("", ""),
    }


def test_special_addresses_agree_with_the_registry_that_python_knows(folder: PolicyFolder) -> None:
    compared = [row["block"] for row in folder.law["special_addresses"] if row["checked"] == "secondary"]
    assert len(compared) == 20
    for block in map(ipaddress.ip_network, compared):
        assert not block.is_global, block
    every = [ipaddress.ip_network(row["block"]) for row in folder.law["special_addresses"]]
    for address in (
        "10.1.2.3",
        "100.64.0.1",
        "192.0.0.8",
        "224.0.0.1",
        "255.255.255.255",
        "fe80::1",
        "2001:db8::1",
    ):
        assert any(ipaddress.ip_address(address) in block for block in every), address
    for address in ("90.63.250.17", "192.0.1.1", "172.32.0.1", "2a01:e0a::1"):
        assert not any(ipaddress.ip_address(address) in block for block in every), address


@pytest.mark.parametrize("path", sorted((ROOT / "expectations/law").glob("*.csv")), ids=lambda path: path.stem)
def test_rows_of_the_law_are_dated_and_not_repeated(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({tuple(row.values()) for row in rows}) == len(rows)
    assert {dt.date.fromisoformat(row["verified_on"]) for row in rows} <= {
        dt.date(2026, 8, 5),
        dt.date(2026, 11, 23),
        dt.date(2026, 11, 27),
    }
    spans = [(row["valid_from"], row["valid_to"]) for row in rows if "valid_from" in row]
    assert [span for span in spans if span[1] and span[1] < span[0]] == []
