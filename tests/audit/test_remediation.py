"""Locate and actions: who owns the data finds the record; nobody else learns what it holds."""

import csv
import shutil
from pathlib import Path

import duckdb
import pytest

from audit_lib.sample.canaries import canaries
from tests.audit.conftest import audit
from tests.judging import ROOT

EXPORTS = ROOT / "data_samples"
CONTACTS = "crm/hubspot-crm-exports-all-contacts-2026-11-01.csv"


def _findings(run: Path, what: str, rest: str = "") -> list[tuple[str, ...]]:
    return duckdb.execute(f"SELECT {what} FROM read_parquet(?) {rest}", [str(run / "findings.parquet")]).fetchall()


def _one_of(run: Path, file: str) -> tuple[str, int]:
    """A reference and the row that it stands for."""
    [(reference, row)] = _findings(
        run, "record_ref, source_row", f"WHERE source_file = '{file}' ORDER BY source_row LIMIT 1"
    )
    return reference, int(row)


def test_every_open_finding_is_a_line_of_work(whole_run: tuple[Path, str], key_file: Path) -> None:
    run, _ = whole_run
    done = audit("actions", run, "--lang", "en", key=key_file)
    assert done.returncode == 0, done.stderr
    lines = list(csv.DictReader(done.stdout.splitlines()))
    wanted = _findings(
        run, "source_file, source_row, record_ref, verdict", "WHERE verdict IN ('FAIL', 'REVIEW', 'INDETERMINATE')"
    )
    labels = {"FAIL": "Breach", "REVIEW": "To review", "INDETERMINATE": "Indeterminate"}
    told = sorted((line["File"], line["Row"], line["Reference"], line["Verdict"]) for line in lines)
    assert told == sorted((file, str(row), reference, labels[verdict]) for file, row, reference, verdict in wanted)
    assert all(line["Control"] and line["What to do"] and line["Reason"] for line in lines)
    # most urgent first
    order = ["Critical", "High", "Medium", "Low"]
    breached = [order.index(line["Severity"]) for line in lines if line["Verdict"] == "Breach"]
    assert breached == sorted(breached)
    assert not [one for one in canaries() if one.casefold() in done.stdout.casefold()]


def test_the_work_names_what_is_missing(whole_run: tuple[Path, str], key_file: Path) -> None:
    done = audit("actions", whole_run[0], "--lang", "en", "--control", "hosts_are_protected", key=key_file)
    told = {(line["Row"], line["Reason"], line["Detail"]) for line in csv.DictReader(done.stdout.splitlines())}
    assert told >= {("5", "Not in place", "firewall"), ("8", "Not told", "antivirus")}


def test_the_work_of_one_control(whole_run: tuple[Path, str], key_file: Path) -> None:
    run, _ = whole_run
    control = "named_users_kept_at_most_2_years"
    done = audit("actions", run, "--lang", "fr", "--control", control, key=key_file)
    [[open_]] = _findings(
        run, "count(*)", f"WHERE control_id = '{control}' AND verdict IN ('FAIL', 'REVIEW', 'INDETERMINATE')"
    )
    lines = list(csv.DictReader(done.stdout.splitlines()))
    assert len(lines) == open_
    assert {line["Gravité"] for line in lines} == {"Élevée"}


def test_a_reference_leads_to_its_row_and_says_no_more(whole_run: tuple[Path, str], key_file: Path) -> None:
    run, _ = whole_run
    reference, row = _one_of(run, CONTACTS)
    done = audit("locate", run, reference, "--lang", "en", key=key_file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"{CONTACTS}, row {row}"
    assert not [one for one in canaries() if one.casefold() in done.stdout.casefold()]
    assert "@" not in done.stdout


def test_with_the_exports_the_record_is_shown(whole_run: tuple[Path, str], key_file: Path) -> None:
    run, _ = whole_run
    reference, row = _one_of(run, CONTACTS)
    done = audit("locate", run, reference, "--exports", EXPORTS, key=key_file)
    with (EXPORTS / CONTACTS).open(encoding="utf-8-sig", newline="") as file:
        record = list(csv.DictReader(file))[row - 1]
    shown = dict(line.strip().split(": ", 1) for line in done.stdout.splitlines() if line.startswith("    "))
    assert shown == {header: cell.strip() for header, cell in record.items() if cell.strip()}


def test_a_record_of_every_file_is_shown(whole_run: tuple[Path, str], key_file: Path) -> None:
    run, _ = whole_run
    files = [file for (file,) in _findings(run, "DISTINCT source_file")]
    assert len(files) >= 10
    for file in files:
        done = audit("locate", run, _one_of(run, file)[0], "--exports", EXPORTS, key=key_file)
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stdout.splitlines() if line.startswith("    ")], file


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["locate", "RUN", "somebody"], "REF 'somebody': write the 16 hexadecimal digits of a record_ref"),
        (["locate", "RUN", "0" * 16], "REF 0000000000000000: no finding of "),
        (["locate", "NONE", "0" * 16], "run.json is missing: give the folder of a finished run"),
        (["actions", "NONE"], "run.json is missing: give the folder of a finished run"),
        (["actions", "RUN", "--control", "none"], "--control 'none': not in this run"),
    ],
)
def test_what_is_wrong_is_one_line(
    whole_run: tuple[Path, str], key_file: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    named = {"RUN": str(whole_run[0]), "NONE": str(tmp_path)}
    done = audit(*(named.get(one, one) for one in arguments), key=key_file)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert said in line


def test_only_the_file_that_was_checked_is_opened(whole_run: tuple[Path, str], key_file: Path, tmp_path: Path) -> None:
    run, _ = whole_run
    reference, _ = _one_of(run, CONTACTS)
    (tmp_path / "crm").mkdir()
    for content, said in ((b"", "it is not the file that was checked (SHA-256)"), (None, "No such file or directory")):
        if content is None:
            shutil.rmtree(tmp_path / "crm")
        else:
            (tmp_path / CONTACTS).write_bytes(content)
        done = audit("locate", run, reference, "--exports", tmp_path, key=key_file)
        assert done.returncode == 2
        assert [said in line for line in done.stderr.splitlines()] == [True]


def test_a_file_whose_sample_promises_too_much_is_opened_too(key_file: Path, tmp_path: Path) -> None:
    """UTF-8 as far as a sample goes; its last row is in cp1252."""
    exports = tmp_path / "exports"
    exports.mkdir()
    rows = ["event_id,at,ip,action", "E-1,2026-10-01T08:00:00Z,81.2.69.142,call"]
    rows += [f"E-{number},2026-10-01T08:00:00Z,0.0.0.0,call" for number in range(2, 200_000)]
    content = "\n".join(rows).encode() + "\nE-0,2026-10-01T08:00:00Z,0.0.0.0,réunion\n".encode("cp1252")
    (exports / "usage.csv").write_bytes(content)
    audit("check", exports, "--out", tmp_path / "out", "--as-of", "2026-11-01T06:00:00+01:00", key=key_file)
    [run] = (tmp_path / "out").iterdir()
    [(reference,)] = _findings(run, "record_ref", "WHERE reason = 'full_ip'")
    done = audit("locate", run, reference, "--exports", exports, key=key_file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "    ip: 81.2.69.142" in done.stdout.splitlines()
