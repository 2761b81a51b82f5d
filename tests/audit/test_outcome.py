"""Outcome: the worst of what a control showed, over the datasets that it judges."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit_lib.audit.outcome import outcome, whole
from audit_lib.expectations.reasons import Verdict
from tests.audit.conftest import audit
from tests.judging import ROOT

SEEN = "undeclared_transfers_detected"
LOST = {"not_evaluated": "dataset_not_supplied", "about": "cookie_scan"}


def part(**counts: int) -> dict[str, Any]:
    """A tally with these verdicts, each for a reason of its own."""
    reasons = {name: {f"why_{name}": count} for name, count in counts.items() if name != "PASS"}
    return {"counts": dict.fromkeys(map(str, Verdict), 0) | counts, "reasons": reasons, "aggregates": []}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([part(PASS=1)], "compliant"),
        ([part(EXEMPT=1)], "compliant"),
        ([part()], "empty"),
        ([LOST], "not_evaluated"),
        ([part(), part()], "empty"),
        ([part(), part(PASS=1)], "compliant"),
        ([part(PASS=1), part(REVIEW=1)], "review"),
        ([part(REVIEW=1), part(INDETERMINATE=1)], "indeterminate"),
        ([part(INDETERMINATE=1), LOST], "not_evaluated"),
        ([part(PASS=1), LOST], "not_evaluated"),
        ([part(), LOST], "not_evaluated"),
        ([part(INDETERMINATE=1), LOST, part(FAIL=1)], "violated"),
    ],
)
def test_the_worst_part_decides(parts: list[dict[str, Any]], expected: str) -> None:
    for order in (parts, parts[::-1]):
        assert outcome(whole({str(at): one for at, one in enumerate(order)})) == expected


def test_counts_and_days_of_the_parts_are_put_together() -> None:
    one = part(PASS=2, FAIL=1) | {"earliest_due": "2026-03-01", "latest_due": "2026-05-01"}
    two = part(FAIL=3, REVIEW=1) | {"earliest_due": None, "latest_due": None}
    three = part(FAIL=1) | {"earliest_due": "2026-02-01", "latest_due": "2026-04-01"}
    found = whole({"a": one, "b": two, "c": three})
    assert found == {
        "counts": {"PASS": 2, "FAIL": 5, "EXEMPT": 0, "INDETERMINATE": 0, "REVIEW": 1},
        "reasons": {"FAIL": {"why_FAIL": 5}, "REVIEW": {"why_REVIEW": 1}},
        "earliest_due": "2026-02-01",
        "latest_due": "2026-05-01",
    }


def test_every_dataset_that_is_missing_is_named_once() -> None:
    other = {"not_evaluated": "dataset_not_supplied", "about": "transfers"}
    late = {"not_evaluated": "column_not_supplied", "about": "recipients: country"}
    found = whole({"a": other, "b": other, "c": LOST, "d": late})
    assert (found["not_evaluated"], found["about"]) == ("dataset_not_supplied", "transfers, cookie_scan")


def checked(exports: Path, out: Path, key: Path) -> tuple[dict[str, Any], Path]:
    """What controls.json says of the control that judges four datasets, and the run's folder."""
    done = audit("check", exports, "--out", out, key=key)
    assert done.returncode == 0, done.stderr
    [folder] = out.iterdir()
    [found] = [one for one in json.loads((folder / "controls.json").read_text("utf-8")) if one["id"] == SEEN]
    return found, folder


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """The register of transfers of the samples, and accesses from a country that it has."""
    folder = tmp_path / "exports"
    (folder / "azure").mkdir(parents=True)
    shutil.copy(ROOT / "data_samples/registers/registre-transferts.xlsx", folder)
    (folder / "azure/acces.csv").write_text("access_id,at,country\na1,2026-06-10,IN\na2,2026-06-10,FR\n", "utf-8")
    (folder / "exports.yaml").write_text(
        "extracted_at: 2026-11-01T06:00:00+01:00\nsource_tz: Europe/Paris\ndatasets:\n"
        "  storage_access: {file: azure/acces.csv}\n  transfers: {file: registre-transferts.xlsx}\n",
        "utf-8",
    )
    return folder


def test_a_dataset_that_is_missing_leaves_the_control_open(exports: Path, tmp_path: Path, key_file: Path) -> None:
    found, _ = checked(exports, tmp_path / "out", key_file)
    assert (found["outcome"], found["reason"]) == ("not_evaluated", "dataset_not_supplied")
    assert found["about"] == "call_objects, cookie_scan, recipients"
    assert (found["dataset"], found["population"], found["pass"]) == ("transfers", 1, 1)


def test_a_breach_in_one_dataset_is_one_whatever_is_missing(exports: Path, tmp_path: Path, key_file: Path) -> None:
    with (exports / "azure/acces.csv").open("a", encoding="utf-8") as file:
        file.write("a3,2026-06-10,SG\n")
    found, folder = checked(exports, tmp_path / "out", key_file)
    assert (found["outcome"], found["reason"]) == ("violated", "country_not_registered")
    assert found["about"] == "call_objects, cookie_scan, recipients"
    assert (found["population"], found["pass"], found["fail"]) == (2, 1, 1)
    validation = json.loads((folder / "validations/storage_access.json").read_text("utf-8"))
    assert [(one["control"], one["counts"]["FAIL"]) for one in validation["results"]] == [(SEEN, 1)]


def test_what_is_wrong_for_one_dataset_is_said_where_it_is_written(
    exports: Path, tmp_path: Path, key_file: Path
) -> None:
    policy = Path(shutil.copytree(ROOT / "expectations", tmp_path / "expectations"))
    control = policy / f"controls/transfers/{SEEN}.yaml"
    said = control.read_text("utf-8")
    control.write_text(said.replace("storage_access: {place: country,", "storage_access: {palce: country,"), "utf-8")
    done = audit("check", exports, "--out", tmp_path / "out", "--policy", policy, key=key_file)
    assert done.returncode == 2
    assert (
        f"controls/transfers/{SEEN}.yaml: judges: storage_access: palce: "
        "expect_countries_covered takes no such argument, write place"
    ) in done.stderr
    [folder] = (tmp_path / "out").iterdir()
    [found] = [one for one in json.loads((folder / "controls.json").read_text("utf-8")) if one["id"] == SEEN]
    assert (found["outcome"], found["population"]) == ("not_evaluated", 0)


def test_findings_name_the_dataset_of_their_record(whole_run: tuple[Path, str]) -> None:
    found = duckdb.execute(
        "SELECT DISTINCT dataset, source_file FROM read_parquet(?) WHERE control_id = ?",
        [str(whole_run[0] / "findings.parquet"), SEEN],
    ).fetchall()
    assert {
        ("call_objects", "azure/regions.csv"),
        ("cookie_scan", "web/cookies.csv"),
        ("recipients", "registers/destinataires.csv"),
        ("storage_access", "azure/acces-pays.csv"),
    } <= set(found)
    assert {dataset for dataset, _ in found} == {"call_objects", "cookie_scan", "recipients", "storage_access"}
