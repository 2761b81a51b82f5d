"""Policy folder: what the loader takes, and every error of a wrong one at once."""

import datetime as dt
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit_lib.policy import PolicyError, PolicyFolder, load_policy
from audit_lib.policy.law import verified_before
from audit_lib.policy.models import Parameter
from audit_lib.suites import by_dataset

POLICY = """\
company: {name: ACME}
policy:
  title: {fr: Politique, en: Policy}
  version: "1"
  in_force_since: 2026-01-20
language: en
time_zone: Europe/Paris
parameters:
  response_window: {value: P1M, ruling: interpretation, approved_by: null, why: {fr: parce que, en: because}}
lists: {types: [call]}
clauses:
  "5.2": {fr: Conservation, en: Retention}
"""
CONTROL = """\
id: {id}
title: {{fr: Titre, en: Title}}
statement: {{fr: Énoncé., en: Statement.}}
remedy: {{fr: Supprimer., en: Delete.}}
clause: "5.2"
layer: policy
family: retention
severity: high
legal:
  - cite: {{fr: "RGPD, art. 5", en: "GDPR, Article 5"}}
    url: https://eur-lex.europa.eu/eli/reg/2016/679/oj
dataset: contacts
datasets: [contacts]
expect:
  expect_records_within_retention:
    period: P3Y
"""
ROW = "country,name,why,source,checked,verified_on\n"

Edit = Callable[[str, str, str], PolicyFolder]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "controls/retention").mkdir(parents=True)
    (tmp_path / "law").mkdir()
    (tmp_path / "policy.yaml").write_text(POLICY, "utf-8")
    for name in ("one_kept", "two_kept"):
        (tmp_path / f"controls/retention/{name}.yaml").write_text(CONTROL.format(id=name), "utf-8")
    (tmp_path / "law/special_territories.csv").write_text(
        ROW + "NC,Nouvelle,special,me,secondary,2026-08-05\n", "utf-8"
    )
    return tmp_path


@pytest.fixture
def edited(folder: Path) -> Edit:
    """Loads the folder once `old` is `new` in a file."""

    def edit(name: str, old: str, new: str) -> PolicyFolder:
        path = folder / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")
        return load_policy(folder)

    return edit


def test_a_right_folder(folder: Path) -> None:
    found = load_policy(folder)
    assert found.errors == ()
    assert [control.id for control in found.controls] == ["one_kept", "two_kept"]
    assert found.law["special_territories"][0]["country"] == "NC"
    assert found.policy.parameters["response_window"].value == "P1M"


ONE = "controls/retention/one_kept.yaml"


def test_a_control_that_judges_several_datasets(edited: Edit) -> None:
    said = "datasets: [contacts, contracts, interactions]\njudges: {contracts: {period: P1Y}, interactions: {}}"
    one, two = edited(ONE, "datasets: [contacts]", said).controls
    assert one.judged == {"contracts": {"period": "P1Y"}, "interactions": {"period": "P3Y"}}
    assert one.needs("contracts") == ["contacts", "contracts"]
    assert two.judged == {"contacts": {"period": "P3Y"}}
    assert [(name, [control.id for control in found]) for name, found in by_dataset((one, two)).items()] == [
        ("contacts", ["two_kept"]),
        ("contracts", ["one_kept"]),
        ("interactions", ["one_kept"]),
    ]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("severity: high", "severty: high", "severity: write it; severty: no such field, write severity"),
        ("severity: high", "severity: urgent", "severity: write critical, high, medium or low"),
        ("severity: high", "severity: high\nseverity: low", "line 9: severity: written twice, keep one"),
        ("layer: policy", "layer: contract", "layer: write policy or law"),
        ("id: one_kept", "id: other_kept", "id: write one_kept, the file's name"),
        ("id: one_kept", "id: One-Kept", "id: write small letters, digits and _, a letter first"),
        ("family: retention", "family: rights", "family: write retention, the folder's name"),
        ("period: P3Y", "period: 3 years", "expect: period: write P3Y, P13M or P30D"),
        ("period: P3Y", "period: P3H", "expect: period: write P3Y, P13M or P30D"),
        ("period: P3Y", "response_window: 30", "expect: response_window: write P3Y, P13M or P30D"),
        ("title: {fr: Titre, en: Title}", "title: {fr: Titre}", "title.en: write it"),
        ("title: {fr: Titre, en: Title}", 'title: {fr: Titre, en: " "}', "title.en: write it"),
        ("title: {fr: Titre, en: Title}", "title: Titre", "title: write fields, such as name: …"),
        ("title: {fr: Titre, en: Title}", "title: {fr: Titre, eng: Title}",
         "title.en: write it; title.eng: no such field, write en"),
        ('clause: "5.2"', 'clause: "9"', "clause: policy.yaml has no such clause"),
        ('clause: "5.2"', "clause: 5.2", "clause: write a text, in quotes if it looks like a number"),
        ("datasets: [contacts]", "datasets: []", "datasets: write at least one"),
        ("datasets: [contacts]", "datasets: [contracts]", "datasets: write contacts first"),
        ("    url: https", "    url: ftp",
         "legal.0.url: write an address that begins with https://, or leave it out"),
        ("    url: https", "    urll: https", "legal.0.urll: no such field, write url"),
        ("expect:\n  expect_records_within_retention:\n    period: P3Y", "expect: {}",
         "expect: write one verb"),
        ("period: P3Y", "period: P3Y\n    clock: {latest_of: [$clocks]}",
         "expect: $clocks: policy.yaml has no such parameter or list"),
        ("period: P3Y", "period: P3Y\n    kinds: $types.none",
         "expect: $types.none: policy.yaml has no such parameter or list"),
        ("dataset: contacts", "judges: {contracts: {kinds: $types.none}}\ndataset: contacts",
         "judges: contracts: add it to datasets; judges: $types.none: policy.yaml has no such parameter or list"),
        ("dataset: contacts", "judges: {contacts: {period: 3 years}}\ndataset: contacts",
         "judges: period: write P3Y, P13M or P30D"),
    ],
)  # fmt: skip
def test_a_wrong_control_is_left_out_and_said(edited: Edit, old: str, new: str, error: str) -> None:
    found = edited(ONE, old, new)
    assert found.errors == tuple(f"{ONE}: {line}" for line in error.split("; "))
    assert [control.id for control in found.controls] == ["two_kept"]


@pytest.mark.parametrize("period", ["P3Y", "P13M", "P30D", "P2W", "P1Y6M", "$response_window"])
def test_periods_that_are_right(edited: Edit, period: str) -> None:
    assert edited(ONE, "period: P3Y", f"period: {period}").errors == ()


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("in_force_since: 2026-01-20", "in_force_since: 20/01/2026",
         "policy.in_force_since: write YYYY-MM-DD"),
        ("in_force_since: 2026-01-20", "in_force_since: 2026-02-30",
         "policy.in_force_since: write YYYY-MM-DD"),
        ("time_zone: Europe/Paris", "time_zone: Paris",
         "time_zone: write an IANA name, such as Europe/Paris"),
        ("time_zone: Europe/Paris", "time_zone: ../etc",
         "time_zone: write an IANA name, such as Europe/Paris"),
        ("language: en", "language: de", "language: write fr or en"),
        ("language: en", "langage: en", "language: write it; langage: no such field, write language"),
        ("value: P1M", "value: 1 month",
         "parameters.response_window.value: write a number above 0, a word, a list of words, "
         "a period such as P3Y or a date such as 2026-01-20"),
        ("value: P1M", "value: 0",
         "parameters.response_window.value: write a number above 0, a word, a list of words, "
         "a period such as P3Y or a date such as 2026-01-20"),
        ("approved_by: null, ", "", "parameters.response_window.approved_by: write it"),
        ("parameters:", "parameters: [k]\nmore:",
         "parameters: write fields, such as name: …; more: no such field, remove it"),
        ("lists:", "lists: {}\nlists:", "line 11: lists: written twice, keep one"),
    ],
)  # fmt: skip
def test_a_wrong_policy_stops(edited: Edit, old: str, new: str, error: str) -> None:
    with pytest.raises(PolicyError) as raised:
        edited("policy.yaml", old, new)
    assert raised.value.errors == [f"policy.yaml: {line}" for line in error.split("; ")]


LAW = "law/special_territories.csv"


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("2026-08-05", "", "line 2: verified_on: write YYYY-MM-DD"),
        ("2026-08-05", "05/08/2026", "line 2: verified_on: write YYYY-MM-DD"),
        (",me,", ",,", "line 2: source: write it"),
        ("secondary", "certain", "line 2: checked: write official, secondary or unchecked"),
        ("NC,", "New Caledonia,", "line 2: country: write an ISO 3166-1 alpha-2 code"),
        ("NC,", "NC,more,", "line 2: write 6 fields"),
        ("NC,Nouvelle,", "NC,", "line 2: write 6 fields"),
        ("NC,Nouvelle", 'NC,"Nouvelle', "line 2: close the quote, double a quote inside a text"),
        (",source,", ",origin,", "line 1: add source; line 1: origin: no such column, remove it"),
        ("country,name", "country,country", "line 1: add name; line 1: country: written twice, keep one"),
    ],
)
def test_a_wrong_row_leaves_the_whole_table_out(edited: Edit, old: str, new: str, error: str) -> None:
    found = edited(LAW, old, new)
    assert found.errors == tuple(f"{LAW}: {line}" for line in error.split("; "))
    assert found.law == {}


CLAUSES = (
    "tool,decision,module,exporter,importer,signable_from,signable_to,valid_from,valid_to,source,checked,verified_on\n"
    "scc_2010,2010/87/EU,,controller,processor,2010-05-15,2021-09-26,2010-05-15,2022-12-27,me,secondary,2026-08-05\n"
)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("2022-12-27", "2009-12-27", "valid_to: write a day that is not before valid_from"),
        ("2021-09-26", "2010-05-14", "signable_to: write a day that is not before signable_from"),
        ("scc_2010", "CCT 2010", "tool: write scc_ and a year, such as scc_2021"),
        (",controller,", ",,", "exporter: write controller or processor"),
    ],
)
def test_clauses_that_could_never_be_relied_on(folder: Path, old: str, new: str, error: str) -> None:
    (folder / "law/clauses.csv").write_text(CLAUSES.replace(old, new), "utf-8")
    found = load_policy(folder)
    assert found.errors == (f"law/clauses.csv: line 2: {error}",)
    assert "clauses" not in found.law


COOKIES = "name,domain,provider,tool,purpose,source,checked,verified_on\n"


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("_ga*,,Google,,audience", ""),
        (",doubleclick.net,Google,Google Ads,", ""),
        ("NID,google.com,Google,,", ""),
        (",,Google,,", "domain: write a name or a domain"),
        ("*,,Google,,", "domain: write a name or a domain"),
        ("_g*a,,Google,,", "name: write a name, with * at its end where names differ"),
        (",.google.com,Google,,", "domain: write a domain, such as doubleclick.net, without a dot before it"),
        (",google.*,Google,,", "domain: write a domain, such as doubleclick.net, without a dot before it"),
        ("_ga,,,,", "provider: write it"),
        ("_ga,,Google,,statistics", "purpose: write necessary, functional, audience, advertising, tracking or "),
    ],
)
def test_rows_of_cookies(folder: Path, row: str, error: str) -> None:
    (folder / "law/cookies.csv").write_text(f"{COOKIES}{row},me,secondary,2026-08-05\n", "utf-8")
    assert load_policy(folder).errors == ((f"law/cookies.csv: line 2: {error}",) if error else ())


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-08-05", {}), ("2026-08-06", {"eea": "2026-08-05"}), ("2026-11-24", {"eea": "2026-08-05"})],
)
def test_law_is_stale_from_the_day_after_its_oldest_row_was_verified(day: str, expected: dict[str, str]) -> None:
    tables = {"eea": [{"verified_on": "2026-11-23"}, {"verified_on": "2026-08-05"}], "mine": []}
    assert verified_before(tables, dt.date.fromisoformat(day)) == expected


def test_an_unknown_table_needs_its_source_and_date(folder: Path) -> None:
    (folder / "law/rates.csv").write_text("name,source,checked,verified_on\n_ga,me,official,2026-08-05\n", "utf-8")
    (folder / "law/fees.csv").write_text("name,amount\nfee,3\n", "utf-8")
    found = load_policy(folder)
    assert found.errors == ("law/fees.csv: line 1: add source, checked, verified_on",)
    assert found.law["rates"] == [{"name": "_ga", "source": "me", "checked": "official", "verified_on": "2026-08-05"}]


def test_all_errors_at_once(folder: Path) -> None:
    (folder / ONE).write_text("id: one_kept\nexpect: {}\n", "utf-8")
    (folder / "controls/loose.yaml").write_text("id: loose\n", "utf-8")
    (folder / "controls/retention/other.yml").write_text("id: other\n", "utf-8")
    (folder / "controls/rights").mkdir()
    shutil.copy(folder / "controls/retention/two_kept.yaml", folder / "controls/rights/two_kept.yaml")
    (folder / LAW).write_bytes(ROW.encode() + "NC,Calédonie,x,me,official,2026-08-05\n".encode("latin-1"))
    words = "why: {fr: a, en: a}, remedy: {fr: a, en: a}"
    (folder / "policy_findings.yaml").write_text(
        f'PF-01: {{title: {{fr: a, en: a}}, {words}, clause: "5.2", severity: low}}\n'
        f'PF-02: {{title: {{fr: a, en: a}}, {words}, clause: "8", severity: low}}\n'
        f'PF-3: {{title: {{fr: a}}, {words}, clause: "5.2", severity: low}}\n'
        "PF-04: unclear\n",
        "utf-8",
    )
    found = load_policy(folder)
    missing = (
        "title",
        "statement",
        "remedy",
        "clause",
        "layer",
        "family",
        "severity",
        "legal",
        "dataset",
        "datasets",
    )
    assert list(found.errors) == [
        "controls/loose.yaml: no control: write controls/<family>/<id>.yaml",
        *(f"{ONE}: {field}: write it" for field in missing),
        f"{ONE}: expect: write one verb",
        "controls/retention/other.yml: no control: write controls/<family>/<id>.yaml",
        "controls/rights/two_kept.yaml: family: write rights, the folder's name",
        "controls/rights/two_kept.yaml: id: retention/two_kept.yaml has it too, keep one",
        f"{LAW}: write it in UTF-8",
        "policy_findings.yaml: PF-02: clause: policy.yaml has no such clause",
        "policy_findings.yaml: PF-3: id: write PF-01, PF-02 …",
        "policy_findings.yaml: PF-3: title.en: write it",
        "policy_findings.yaml: PF-04: write title, why, remedy, clause and severity",
    ]
    assert [control.id for control in found.controls] == ["two_kept"]
    assert [finding.id for finding in found.findings] == ["PF-01"]


@pytest.mark.parametrize(
    ("value", "text", "read"),
    [
        (11, "12", 12),
        (0.95, "1", 1.0),
        (True, "false", False),
        ("P1M", "P30D", "P30D"),
        ("2026-01-20", "2026-02-28", "2026-02-28"),
        ("action", "country", "country"),
        (["a", "b"], " c ,d,", ["c", "d"]),
        (11, "0", "write a whole number above 0, such as 11"),
        (11, "many", "write a whole number above 0, such as 11"),
        (0.95, "inf", "write a number above 0, such as 0.95"),
        (True, "yes", "write true or false"),
        ("P1M", "3years", "write a value of the same kind, such as P1M"),
        ("P1M", "soon", "write a value of the same kind, such as P1M"),
        ("2026-01-20", "2026-02-30", "write a value of the same kind, such as 2026-01-20"),
        ("action", " ", "write a value of the same kind, such as action"),
        (["a", "b"], ",", "write words with commas, such as a,b"),
        ({"latest_of": ["a"]}, "a", "it holds fields, change it in policy.yaml"),
    ],
)
def test_another_value_for_a_parameter(value: Any, text: str, read: Any) -> None:
    why = {"fr": "parce que", "en": "because"}
    parameter = Parameter.model_validate({"value": value, "why": why, "ruling": "default", "approved_by": None})
    try:
        found = parameter.read(text)
    except ValueError as error:
        found = str(error)
    assert found == read


def test_no_policy_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"no such file: write a policy folder there, or name one with --policy$"):
        load_policy(tmp_path)


def test_the_digest_follows_every_file(folder: Path) -> None:
    before = load_policy(folder).sha256
    assert load_policy(folder).sha256 == before
    (folder / "mappings").mkdir()
    (folder / "mappings/crm.yaml").write_text("dataset: contacts\n", "utf-8")
    assert load_policy(folder).sha256 != before


def test_loading_imports_nothing_heavy() -> None:
    heavy = "{'duckdb', 'pandas', 'great_expectations', 'plotly', 'sqlglot', 'pyarrow'}"
    script = f"import sys, audit_lib.policy; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_evidence_names_a_control_and_fills_only_known_holes(folder: Path) -> None:
    words = 'title: {fr: a, en: a}, why: {fr: a, en: a}, remedy: {fr: a, en: a}, clause: "5.2", severity: low'

    def finding(name: str, control: str, hole: str, more: str = "") -> str:
        says = "{fr: '{records}', en: '{" + hole + "}'}"
        return f"{name}: {{{words}, evidence: [{{control: {control}, {more}says: {says}}}]}}\n"

    (folder / "policy_findings.yaml").write_text(
        finding("PF-01", "one_kept", "share")
        + finding("PF-02", "no_such", "share")
        + finding("PF-03", "one_kept", "rows")
        + finding("PF-04", "one_kept", "share", "verdict: [FAIL], "),
        "utf-8",
    )
    assert list(load_policy(folder).errors) == [
        "policy_findings.yaml: PF-02: evidence: no_such: no such control",
        "policy_findings.yaml: PF-03: evidence.0.says: write {records}, {population} or {share} and no other braces",
        "policy_findings.yaml: PF-04: evidence.0.verdict: no such field, write verdicts",
    ]


def test_a_clause_that_is_tested_is_not_said_to_be_untestable(folder: Path) -> None:
    said = 'not_testable: {"5.2": {fr: a, en: a}, "9": {fr: a, en: a}}\n'
    (folder / "policy.yaml").write_text(POLICY + said, "utf-8")
    assert list(load_policy(folder).errors) == [
        "policy.yaml: not_testable: 5.2: two_kept tests it: remove it here",
        "policy.yaml: not_testable: 9: clauses has no such clause",
    ]


ANONYMISED = """\
anonymised:
  usage_logs:
    individual: anonymous_id
    quasi_identifiers: [customer_domain]
    sensitive: action
    k: 11
    l: 3
    t: 0.2
    risk: 0.09
    homogeneous: 0.9
    id_order: 0.1
    generalise: {at: time}
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("k: 11", "k: 0", "anonymised.usage_logs.k: write a whole number above 0, or $ and the name of a parameter"),
        ("t: 0.2", "t: far", "anonymised.usage_logs.t: write a number from 0 to 1, or $ and the name of a parameter"),
        ("    sensitive: action\n", "", "anonymised.usage_logs.sensitive: write it"),
        ("[customer_domain]", "customer_domain", None),
        ("at: time", "at: clock", "anonymised.usage_logs.generalise.at: write address, time, country or text"),
        ("k: 11", "k: $none", "anonymised: usage_logs: k: none: policy.yaml has no such parameter"),
        (
            "individual: anonymous_id",
            "individual: $k",
            "anonymised: usage_logs: individual: write a column: it takes no",
        ),
        (
            "k: 11",
            "k: $response_window",
            "anonymised: usage_logs: k: response_window holds something else: write a whole number above 0",
        ),
    ],
)
def test_what_is_measured_is_checked(folder: Path, old: str, new: str, line: str | None) -> None:
    path = folder / "policy.yaml"
    path.write_text(POLICY + ANONYMISED, "utf-8")
    assert load_policy(folder).errors == ()
    path.write_text(POLICY + ANONYMISED.replace(old, new), "utf-8")
    try:
        errors = load_policy(folder).errors
    except PolicyError as refusal:
        errors = tuple(refusal.errors)
    wanted = line or "anonymised.usage_logs.quasi_identifiers: write a list of columns: [a, b], or $ and the name of a"
    assert [error.startswith(f"policy.yaml: {wanted}") for error in errors] == [True], errors


def test_exceptions_are_somebodys_until_a_day(folder: Path) -> None:
    (folder / "exceptions.yaml").write_text(
        """
one:
  control: two_kept
  records: ["00ff00ff00ff00ff", 1234567890123456]
  reason: The legal department keeps them for a trial.
  approved_by: Legal department
  approved_on: 2026-09-01
  expires_on: 2026-10-31
two: {control: no_such, records: [], approved_by: x, approved_on: 2026-09-01, expires_on: 2026-08-31}
three: {control: no_such, records: [00ff], reason: x, approved_by: x, approved_on: 1/9/2026, expires_on: 2026-08-31}
four: later
five: {control: no_such, records: [00ff00ff00ff00ff], reason: x, approved_by: x, approved_on: 2026-09-01,
  expires_on: 2026-09-01}
""",
        "utf-8",
    )
    found = load_policy(folder)
    assert list(found.errors) == [
        "exceptions.yaml: two: records: write at least one",
        "exceptions.yaml: two: reason: write it",
        "exceptions.yaml: two: expires_on: write a day that is not before approved_on",
        "exceptions.yaml: three: records.0: write the 16 hexadecimal digits of a record_ref, in quotes",
        "exceptions.yaml: three: approved_on: write YYYY-MM-DD",
        "exceptions.yaml: four: write control, records, reason, approved_by, approved_on and expires_on",
        "exceptions.yaml: five: control: no such control",
    ]
    [one] = found.exceptions
    assert one.records == ["00ff00ff00ff00ff", "1234567890123456"]
    days = (dt.date(2026, 8, 31), dt.date(2026, 9, 1), dt.date(2026, 10, 31), dt.date(2026, 11, 1))
    assert [one.state(day) for day in days] == ["to_come", "in_force", "in_force", "expired"]
    assert "exceptions.yaml" in found.files


LAPSES = """\
lapses:
  contracts:
    end: {what: {fr: Contrats, en: Contracts}, clause: "5.2", renewed: tacit_renewal}
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (", en: Contracts", "", "lapses.contracts.end.what.en: write it"),
        ("clause: ", "clase: ", "lapses.contracts.end.clause: write it"),
        ("renewed:", "renewd:", "lapses.contracts.end.renewd: no such field, write renewed"),
        ('"5.2"', '"five"', "lapses.contracts.end.clause: write a clause number, such as 5.2.1"),
        ('"5.2"', '"9.9"', "lapses: contracts: end: clause: clauses has no such clause"),
        ("    end: {", "    End: {", "lapses.contracts.End: write small letters, digits and _, a letter first"),
    ],
)
def test_what_lapses_is_checked(folder: Path, old: str, new: str, line: str) -> None:
    path = folder / "policy.yaml"
    path.write_text(POLICY + LAPSES, "utf-8")
    assert load_policy(folder).errors == ()
    assert load_policy(folder).policy.lapses["contracts"]["end"].renewed == "tacit_renewal"
    path.write_text(POLICY + LAPSES.replace(old, new), "utf-8")
    try:
        errors = list(load_policy(folder).errors)
    except PolicyError as refusal:
        errors = refusal.errors
    assert f"policy.yaml: {line}" in errors
