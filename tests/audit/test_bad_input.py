"""Bad input: what is wrong is said in one line, the rest of the audit is done, and no cell is quoted."""

import base64
import gzip
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from audit_lib.policy import Control, load_policy
from tests.audit.conftest import PROGRAM, audit
from tests.judging import ROOT

CONTROLS = "controls/anonymisation"
INSTANT = "extracted_at: write an instant with its offset, such as 2026-11-01T06:00:00+01:00"

FOLDER = load_policy(ROOT / "expectations")
NAVIGATION = {"navigation_collects_only_declared_fields", "navigation_data_kept_at_most_30_days"}


@dataclass(frozen=True)
class Audited:
    """What the command said; `lines` are those of standard error, steps aside."""

    status: int
    lines: list[str]
    printed: str
    folder: Path | None

    def json(self, name: str) -> Any:
        assert self.folder
        return json.loads((self.folder / name).read_text("utf-8"))

    @property
    def controls(self) -> dict[str, dict[str, Any]]:
        return {control["id"]: control for control in self.json("controls.json")}

    @property
    def quarantine(self) -> list[tuple[Any, ...]]:
        return duckdb.execute(
            'SELECT source_file, source_row, "column", reason FROM read_parquet(?) ORDER BY ALL',
            [f"{self.folder}/quarantine.parquet"],
        ).fetchall()

    def why(self, *names: str) -> set[tuple[str, str, str]]:
        return {
            (self.controls[name]["outcome"], self.controls[name]["reason"], self.controls[name]["about"])
            for name in names
        }


Check = Callable[..., Audited]


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """The samples, to be damaged."""
    return Path(shutil.copytree(ROOT / "data_samples", tmp_path / "exports"))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "expectations", tmp_path / "expectations"))


@pytest.fixture
def check(tmp_path: Path, key_file: Path) -> Check:
    return lambda *arguments, **options: _checked(tmp_path / "out", key_file, *arguments, **options)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Audited:
    """The audit of the samples as they are."""
    found = _checked(tmp_path_factory.mktemp("clean"), key_file, "data_samples")
    assert (found.status, found.lines) == (0, [])
    return found


def _checked(out: Path, key: Path, exports: str | Path, *options: str | Path) -> Audited:
    done = audit("check", exports, "--out", out, *options, key=key)
    runs = sorted(out.iterdir()) if out.is_dir() else []
    found = Audited(
        done.returncode,
        [line for line in done.stderr.splitlines() if not line.startswith("· ")],
        done.stdout + done.stderr,
        runs[-1] if runs else None,
    )
    assert "Traceback" not in found.printed
    texts = [found.printed, *(path.read_bytes().decode("latin-1") for path in out.rglob("*.*") if path.is_file())]
    # The samples' canaries, and every cell that a test writes.
    assert not any("zqx" in text.casefold() for text in texts)
    if found.folder:
        files = found.json("run.json")["inputs"]
        assert all(one["rows_read"] == one["rows_loaded"] + one["rows_quarantined"] for one in files)
        for control in found.controls.values():
            verdicts = ("pass", "fail", "exempt", "indeterminate", "review")
            assert control["population"] == sum(control[name] for name in verdicts)
    return found


def _assert_rest(found: Audited, clean: Audited, but: Iterable[str]) -> None:
    """The other controls showed what they show of the samples as they are."""
    assert {name: one for name, one in found.controls.items() if name not in but} == {
        name: one for name, one in clean.controls.items() if name not in but
    }


def _edit(path: Path, old: str, new: str, encoding: str = "utf-8") -> None:
    text = path.read_bytes().decode(encoding)
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode(encoding))


def _needs(control: Control) -> set[str]:
    """The datasets that it judges, needs or consults."""
    [said] = control.expect.values()
    return {*control.datasets, *said}


def _refused(found: Audited, files: dict[str, str]) -> set[str]:
    """The controls that need one of these datasets: none of them was evaluated, for want of its file."""
    about = {one.id: {files[name] for name in _needs(one) & files.keys()} for one in FOLDER.controls}
    without = {name: names for name, names in about.items() if names}
    for name, names in without.items():
        [(outcome, reason, told)] = found.why(name)
        assert (outcome, reason) == ("not_evaluated", "file_refused"), name
        assert told in names, name
    return set(without)


def test_files_that_are_missing_empty_locked_or_packed(exports: Path, check: Check, clean: Audited) -> None:
    (exports / "erp/contrats.csv").unlink()
    (exports / "web/navigation.csv").write_bytes(b"")
    # An OLE container: Excel's old format, and how it locks the new one.
    (exports / "registers/registre-transferts.xlsx").write_bytes(base64.b64decode("0M8R4KGxGuE=") + b"zqx\0" * 2000)
    with zipfile.ZipFile(exports / "packed", "w") as archive:
        archive.write(exports / "directory/residues.ldif", "residues.ldif")
    (exports / "packed").replace(exports / "directory/residues.ldif")
    found = check(exports)
    assert found.status == 2
    assert found.lines == [
        "exports.yaml: datasets: contracts: file: erp/contrats.csv: no such file in the folder, "
        "put it there or write its name",
        "directory/residues.ldif: format: this is a ZIP archive: unpack it into the folder of the exports",
        "registers/registre-transferts.xlsx: format: this is an old workbook or one with a password: "
        "save it as .xlsx without one",
        "web/navigation.csv: content: the file is empty: export it again, or take it out of the folder",
    ]
    assert found.json("run.json")["problems"] == found.lines
    files = {
        "contracts": "erp/contrats.csv",
        "navigation_events": "web/navigation.csv",
        "transfers": "registers/registre-transferts.xlsx",
        "directory_entries": "directory/residues.ldif",
    }
    _assert_rest(found, clean, _refused(found, files))


def test_files_that_are_cut_or_of_another_kind(exports: Path, check: Check, clean: Audited) -> None:
    log = exports / "logs/usage-2026-10.jsonl.gz"
    log.write_bytes(log.read_bytes()[:-2000])
    register = exports / "registers/registre-transferts.xlsx"
    register.write_bytes(register.read_bytes()[:3000])
    events = exports / "web/navigation.csv"
    duckdb.execute(f"COPY (FROM '{events}') TO '{exports}/whole' (FORMAT parquet)")
    events.write_bytes((exports / "whole").read_bytes()[:4000])
    (exports / "whole").unlink()
    _edit(exports / "crm/interactions.csv", "interaction_id,", "ref,")
    found = check(exports)
    assert found.status == 2
    assert found.lines == [
        "crm/interactions.csv: interaction_id: no column holds it: name one interaction_id, "
        "or add its header to the mappings",
        "logs/usage-2026-10.jsonl.gz: gzip: the file is cut or damaged, export it again",
        "registers/registre-transferts.xlsx: format: the workbook or archive is cut or damaged, export it again",
        "web/navigation.csv: format: the Parquet file is cut or damaged, export it again",
    ]
    files = {
        "usage_logs": "logs/usage-2026-10.jsonl.gz",
        "navigation_events": "web/navigation.csv",
        "transfers": "registers/registre-transferts.xlsx",
        "interactions": "crm/interactions.csv",
    }
    _assert_rest(found, clean, _refused(found, files))


def test_columns_links_and_settings_that_do_not_fit(exports: Path, check: Check, clean: Audited) -> None:
    """Dates in two orders, a delimiter that is not the file's, a picture, and a link to elsewhere."""
    contracts = exports / "erp/contrats.csv"
    row = contracts.read_text("cp1252").splitlines()[2].split(";")
    row[0], row[5] = "K-Zqx", "12/31/2024"
    contracts.write_bytes(contracts.read_bytes() + (";".join(row) + "\r\n").encode("cp1252"))
    (exports / "web/navigation.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0zqx" * 100)
    (exports / "crm/contacts.csv").symlink_to(ROOT / "data_samples/crm/interactions.csv")
    (exports / "crm/listing").symlink_to("nowhere")
    _edit(exports / "exports.yaml", '"directory/u*"', '"directory/u*", delimiter: ","')
    found = check(exports)
    assert found.status == 2
    assert found.lines == [
        "crm/contacts.csv: link: it leads out of the folder, put the file itself there",
        "crm/listing: link: it leads nowhere, put the file itself there",
        "directory/utilisateurs.csv: header: no column of user_accounts is known in its first row: "
        "check file:, delimiter: and encoding: in exports.yaml",
        "web/navigation.csv: format: this is no text: export CSV, XLSX, JSON Lines, Parquet or LDIF",
        "erp/contrats.csv: start was not read: dates with the day first and dates with the month first; "
        "export ISO dates, or write dates: day_first or dates: month_first under contracts in exports.yaml",
    ]
    files = {"user_accounts": "directory/utilisateurs.csv", "navigation_events": "web/navigation.csv"}
    refused = _refused(found, files)
    stopped = {name for name, one in found.controls.items() if one["reason"] == "column_stopped"}
    assert {found.controls[name]["about"] for name in stopped} == {"contracts: start"}
    assert {"former_customers_kept_at_most_3_years", "prospects_kept_at_most_3_years"} <= stopped
    _assert_rest(found, clean, refused | stopped)


def test_rows_that_cannot_be_used_are_counted_and_noted(exports: Path, check: Check, clean: Audited) -> None:
    """Status 0: every row is accounted for. A delimiter that nobody told is found, title rows are no header."""
    events = exports / "web/navigation.csv"
    whole, damaged = (f"N-Zqx{n}|2026-10-02T09:30:00+02:00|zqx|Zqxé|x|1|fr|||||\n" for n in (1, 2))
    events.write_bytes(events.read_bytes().replace(b",", b"|") + whole.encode() + damaged.encode("cp1252"))
    interactions = exports / "crm/interactions.csv"
    again = interactions.read_text("utf-8").splitlines()[1].replace("Suivi", "Zqx")
    interactions.write_text(interactions.read_text("utf-8") + again + "\n", "utf-8")
    users = exports / "directory/users.ldif"
    users.write_text(users.read_text("utf-8") + "\nobjectClass: person\nuid: zqx\nsn: Zqx\n", "utf-8")
    log = exports / "logs/usage-2026-09.jsonl.gz"
    log.write_bytes(gzip.compress(gzip.decompress(log.read_bytes()) + b'{"event_id": "zqx", "at"\n'))
    _rewrite_register(exports / "registers/registre-transferts.xlsx", "T-002", "Zqxlande")
    found = check(exports)
    assert (found.status, found.lines) == (0, [])
    assert set(found.quarantine) - set(clean.quarantine) == {
        ("crm/interactions.csv", 58, "interaction_id", "key_duplicate"),
        ("directory/users.ldif", 61, None, "missing_dn"),
        ("logs/usage-2026-09.jsonl.gz", 674, None, "broken_line"),
        ("web/navigation.csv", 162, None, "bad_encoding"),
    }
    assert "rows: 4206 read = 4198 loaded + 8 quarantined\n" in found.printed
    for note in (
        "crm/interactions.csv: 1 row set aside: key_duplicate in interaction_id",
        "directory/users.ldif: 1 row set aside: missing_dn",
        "logs/usage-2026-09.jsonl.gz: 1 row set aside: broken_line",
        "registers/registre-transferts.xlsx: 2 unknown countries in country",
        "web/navigation.csv: 1 row set aside: bad_encoding",
    ):
        assert f"note: {note}\n" in found.printed
    unknown = {"transfers_covered_by_adequacy_scc_or_bcr", "transfers_lawful_under_chapter_v"}
    _assert_rest(found, clean, unknown | NAVIGATION)
    for name in unknown:
        before, after = clean.controls[name], found.controls[name]
        assert (after["pass"], after["indeterminate"]) == (before["pass"] - 1, before["indeterminate"] + 1)
    for name in NAVIGATION:
        assert found.controls[name]["population"] == clean.controls[name]["population"] + 1


def _rewrite_register(path: Path, transfer: str, country: str) -> None:
    """The same register under merged titles, with another country for one transfer."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    [place] = [n for n, row in enumerate(rows) if "Pays" in row]
    for row in rows[place + 1 :]:
        if row[0] == transfer:
            row[rows[place].index("Pays")] = country
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Registre")
        for title in range(3):
            sheet.merge_range(title, 0, title, len(rows[place]) - 1, f"Titre {title}")
        for number, row in enumerate(rows[place:], 3):
            sheet.write_row(number, 0, row)


def test_controls_and_suites_that_are_wrong(policy: Path, check: Check, clean: Audited) -> None:
    _edit(policy / CONTROLS / "usage_logs_meet_k_anonymity.yaml", "group_size_at_least", "group_size_at_leest")
    _edit(policy / CONTROLS / "usage_logs_resist_inference.yaml", "    l: $l", "    ll: $l")
    _edit(policy / CONTROLS / "usage_log_ids_do_not_persist.yaml", "severity:", "severty:")
    _edit(policy / CONTROLS / "usage_log_ids_do_not_link_to_users.yaml", "$known_identifiers", "$known_identifier")
    _edit(policy / CONTROLS / "usage_logs_hold_no_full_ip_address.yaml", "severity:", "severity: low\nseverity:")
    _edit(policy / "controls/retention/prospects_kept_at_most_3_years.yaml", "period: P3Y", "period: 3 ans")
    _edit(policy / "suites/transfers.json", '"derogations": false', '"derogations": true')
    found = check("data_samples", "--policy", policy)
    lines = (policy / CONTROLS / "usage_logs_hold_no_full_ip_address.yaml").read_text("utf-8").splitlines()
    assert found.status == 2
    assert found.lines == [
        "controls/retention/prospects_kept_at_most_3_years.yaml: expect: period: write P3Y, P13M or P30D",
        f"{CONTROLS}/usage_log_ids_do_not_link_to_users.yaml: expect: $known_identifier: "
        "policy.yaml has no such parameter or list",
        f"{CONTROLS}/usage_log_ids_do_not_persist.yaml: severity: write it",
        f"{CONTROLS}/usage_log_ids_do_not_persist.yaml: severty: no such field, write severity",
        f"{CONTROLS}/usage_logs_hold_no_full_ip_address.yaml: "
        f"line {lines.index('severity: low') + 2}: severity: written twice, keep one",
        "suites/transfers.json: differs from the controls: change those, then run: dpo-audit suites",
        f"{CONTROLS}/usage_logs_meet_k_anonymity.yaml: expect: expect_group_size_at_leest: "
        "no such verb, write expect_group_size_at_least",
        f"{CONTROLS}/usage_logs_resist_inference.yaml: expect: ll: "
        "expect_sensitive_values_diverse takes no such argument, write l",
    ]
    edited = {"transfers_covered_by_adequacy_scc_or_bcr"}
    wrong = {"usage_logs_meet_k_anonymity", "usage_logs_resist_inference"}
    unread = {
        "prospects_kept_at_most_3_years",
        "usage_log_ids_do_not_link_to_users",
        "usage_log_ids_do_not_persist",
        "usage_logs_hold_no_full_ip_address",
    }
    assert found.why(*edited) == {("not_evaluated", "suite_edited", "suites/transfers.json")}
    assert found.why(*wrong) == {("not_evaluated", "control_invalid", "expect")}
    assert not unread & found.controls.keys()
    _assert_rest(found, clean, edited | wrong | unread)


def test_controls_that_only_running_shows_to_be_wrong(policy: Path, check: Check, clean: Audited) -> None:
    """Without stored suites: an argument inside another, a dataset and a column that do not exist, a share above 1."""
    shutil.rmtree(policy / "suites")
    retention = policy / "controls/retention"
    _edit(retention / "named_users_kept_at_most_2_years.yaml", "clock: $named_user_clock", "clock: {newest_of: [at]}")
    _edit(
        retention / "archives_meet_legal_conditions.yaml",
        "dataset: contacts\ndatasets: [contacts",
        "dataset: contact\ndatasets: [contact",
    )
    users = policy / "controls/minimisation/user_base_holds_only_declared_fields.yaml"
    text = users.read_text("utf-8")
    users.write_text(text[: text.index("expect:")] + "expect:\n  expect_column_values_to_not_be_null: {column: none}\n")
    _edit(policy / "policy.yaml", "value: 0.95", "value: 1.5")
    found = check("data_samples", "--policy", policy, "--set", "t=3")
    assert found.status == 2
    assert found.lines == [
        "controls/retention/archives_meet_legal_conditions.yaml: datasets: contact: no such dataset, write contacts",
        "policy.yaml: parameters: masked_share: write at most 1",
        "--set t: write at most 1",
        "controls/retention/named_users_kept_at_most_2_years.yaml: expect: clock: "
        "missing or of the wrong kind: compare with a control of the same verb",
    ]
    reasons = {
        "archives_meet_legal_conditions": ("control_invalid", "datasets"),
        "named_users_kept_at_most_2_years": ("control_invalid", "clock"),
        "usage_logs_hold_no_full_ip_address": ("control_invalid", "expect"),
        "usage_logs_resist_inference": ("control_invalid", "expect"),
        "user_base_holds_only_declared_fields": ("column_not_supplied", "none"),
    }
    for name, (reason, about) in reasons.items():
        assert found.why(name) == {("not_evaluated", reason, about)}
    _assert_rest(found, clean, reasons)


def test_a_manifest_with_mistakes(exports: Path, check: Check, clean: Audited) -> None:
    manifest = exports / "exports.yaml"
    _edit(manifest, "source_tz: Europe/Paris", "source_tz: Europe/Paris\nextracted: 2026-11-01")
    _edit(manifest, "web/navigation.csv}", "web/navigation.csv, extracted_at: 2026-11-01, dates: french}")
    _edit(manifest, "  transfers:", "  contact: {file: c.csv}\n  transfers:")
    found = check(exports)
    assert found.status == 2
    assert [line.removeprefix("exports.yaml: ") for line in found.lines] == [
        "extracted: no such key, write one of extracted_at, source_tz, statement_timeout, datasets",
        "datasets: navigation_events: dates: write day_first or month_first",
        f"datasets: navigation_events: {INSTANT}",
        "datasets: contact: no such dataset, write contacts",
    ]
    _assert_rest(found, clean, ())


@pytest.mark.parametrize(
    ("manifest", "line"),
    [
        ("datasets: {contacts: [", "exports.yaml: line 2: close the bracket, or write a value"),
        ("extracted_at: 2026-11-01T06:00:00\n", f"exports.yaml: {INSTANT}"),
    ],
)
def test_a_manifest_that_cannot_be_followed(tmp_path: Path, check: Check, manifest: str, line: str) -> None:
    """The instant is that of the names of the files then, which the run says."""
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "exports.yaml").write_text(manifest, "utf-8")
    (exports / "navigation-2026-10-31.csv").write_text("event_id,event_at,visitor_id\nZqx,2026-10-02,zqx\n", "utf-8")
    found = check(exports)
    assert (found.status, found.lines) == (2, [line])
    assert found.json("run.json")["as_of"] == "2026-10-31T23:59:59+01:00"
    assert "extracted_at_from_file_name" in {one["code"] for one in found.json("run.json")["assumptions"]}
    assert {found.controls[name]["population"] for name in NAVIGATION} == {1}


def test_a_folder_without_exports(tmp_path: Path, check: Check) -> None:
    (tmp_path / "exports").mkdir()
    found = check(tmp_path / "exports")
    assert (found.status, found.lines) == (
        2,
        ["exports: no file of the folder is an export that is known: put some there, or write exports.yaml"],
    )
    assert {one["outcome"] for one in found.controls.values()} == {"not_evaluated"}


REFUSED = [
    (["--as-of", "2026-11-01"], "--as-of '2026-11-01': add the offset, such as 2026-11-01T00:00:00+01:00"),
    (["--as-of", "soon"], "--as-of 'soon': write an ISO 8601 instant, such as 2026-11-01T06:00:00+01:00"),
    (["--set", "k"], "--set 'k': write NAME=VALUE"),
    (["--set", "k=11", "--set", "k=12"], "--set k: written twice, keep one"),
    (["--set", "kk=11"], "--set kk: policy.yaml has no such parameter, write k"),
    (["--set", "k=abc"], "--set k: write a whole number above 0, such as 11"),
    (["--set", "k=0"], "--set k: write a whole number above 0, such as 11"),
    (["--set", "masked_share=nan"], "--set masked_share: write a number above 0, such as 0.95"),
    (["--set", "response_window=3years"], "--set response_window: write a value of the same kind, such as P1M"),
    (["--set", "named_user_clock=at"], "--set named_user_clock: it holds fields, change it in policy.yaml"),
    (
        ["--engine", "postgres"],
        "--engine postgres: no dataset is in a database: write sql: and connection: in exports.yaml, or --engine local",
    ),
    (["--memory-limit", "much"], "--memory-limit 'much': write an amount such as 2GB"),
]


@pytest.mark.parametrize(("options", "line"), REFUSED)
def test_options_that_cannot_be_followed(check: Check, options: list[str], line: str) -> None:
    found = check("data_samples", *options)
    assert (found.status, found.lines, found.folder) == (2, [line], None)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("language: fr", "language: de", "policy.yaml: language: write fr or en"),
        ("value: 11", "value: 0", "policy.yaml: parameters.k.value: write a number above 0, a word, a list of words, "
         "a period such as P3Y or a date such as 2026-01-20"),
        ("company:", "company: [", "policy.yaml: line 5: close the bracket, or write a comma"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_read(policy: Path, check: Check, old: str, new: str, line: str) -> None:
    _edit(policy / "policy.yaml", old, new)
    found = check("data_samples", "--policy", policy)
    assert (found.status, found.lines, found.folder) == (2, [line], None)


def test_folders_that_are_not_there(tmp_path: Path, check: Check, key_file: Path) -> None:
    none = tmp_path / "none"
    assert check(none).lines == [f"{none}: no such folder: write the folder that holds the exports"]
    assert check("data_samples", "--policy", none).lines == [
        f"{none}/policy.yaml: no such file: write a policy folder there, or name one with --policy"
    ]
    none.write_text("a file", "utf-8")
    found = _checked(none, key_file, "data_samples")
    assert (found.status, found.lines) == (2, [f"--out {none}: File exists, write a folder to write in"])


@pytest.mark.parametrize(
    ("content", "mode", "line"),
    [
        ("ab" * 32, 0o644, "others can read it, write: chmod 600 {path}"),
        ("zqx", 0o600, "write 64 hexadecimal digits"),
        ("", 0o600, "write 64 hexadecimal digits"),
    ],
)
def test_a_key_that_cannot_be_used(tmp_path: Path, content: str, mode: int, line: str) -> None:
    key = tmp_path / "key"
    key.write_text(content, "utf-8")
    key.chmod(mode)
    found = _checked(tmp_path / "out", key, "data_samples")
    assert (found.status, found.folder) == (2, None)
    assert found.lines == [f"DPO_AUDIT_KEY_FILE: {key}: {line.format(path=key)}"]


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """Files of 100 KB at most stand for it: no export is blamed, nothing is left behind."""
    limited = f"ulimit -f 100; exec '{PROGRAM}' check data_samples --out '{tmp_path}/out'"
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, cwd=ROOT, check=False)
    [line] = [line for line in done.stderr.splitlines() if not line.startswith("· ")]
    assert done.returncode == 3
    assert line.startswith("the run could not finish: ")
    assert line.endswith(", perhaps short of disk: free some where --out is")
    assert list((tmp_path / "out").iterdir()) == []
