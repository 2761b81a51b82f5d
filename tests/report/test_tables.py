"""Tables: exact rows from the run's files, values escaped, each with a caption and heads."""

import dataclasses
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from audit_lib.report import load, reading, tables
from audit_lib.report.runs import Run
from audit_lib.report.shown import Head, Shown, code, table
from tests.report.fixture import write_empty_run, write_policy, write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("tables")
    return load(write_run(folder, lang="en"), policy=write_policy(folder / "expectations"))


def _rows(shown: Shown) -> list[list[str]]:
    body = shown.html.partition("<tbody>")[2]
    body = body.replace("<wbr>", "")
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body)]
    return [[unescape(" ".join(re.sub(r"<[^>]+>", " ", cell).split())) for cell in row] for row in rows]


def test_outcomes_are_in_order_of_urgency(run: Run) -> None:
    rows = _rows(tables.outcomes(run, "transfers"))
    assert [row[2:] for row in rows] == [
        ["Violated Critical", "40", "8", "2", "2", "0"],
        ["Violated Critical", "40", "6", "2", "1", "0"],
        ["Not evaluated High", "0", "0", "0", "0", "0"],
        ["Compliant Medium", "40", "0", "0", "0", "0"],
    ]
    assert rows[2][0].startswith("en scc module matches roles The export lacks a column that the control needs.")
    assert rows[3][0].startswith("en transfer purposes declared Nothing to do.")


def test_reasons_share_the_name_of_their_control(run: Run) -> None:
    rows = _rows(tables.reasons(run, "transfers"))
    assert [(len(row), row[-1]) for row in rows[:2]] == [(4, "5"), (3, "3")]
    assert rows[0][1:3] == [
        "Breach",
        "Impact assessment missing No transfer impact assessment backs the instrument.",
    ]


def test_records_to_act_on_lead_back_to_file_and_row(run: Run) -> None:
    rows = _rows(tables.to_act_on(run, "transfers"))
    assert [row[1:4] for row in rows] == [
        ["registre-transferts.xlsx", "8", "–"],
        ["registre-transferts.xlsx", "6", "–"],
    ]
    assert re.fullmatch(r"([0-9a-f]{16} · \d+ ?){3}", rows[0][4])


def test_measures_stand_beside_their_thresholds(run: Run) -> None:
    rows = {row[-4]: row[-3:] for row in _rows(tables.measures(run))}
    said = {name.partition(" People alike")[0].partition(" Someone")[0]: row for name, row in rows.items()}
    assert said["Smallest group (k)"] == ["2", "≥ 11", "no"]
    assert said["Largest risk"] == ["0.5", "≤ 0.09", "no"]
    numbers = [row for row in rows.values() if row[1] == "–"]
    assert [row[0] for row in numbers] == ["1", "–", "1", "6.25", "2.1", "1.98"]
    assert sum(row[-1] == "yes" for row in rows.values()) == 4
    beside = [(name.partition(" So close")[0], row) for name, row in rows.items() if name.startswith("Records beside")]
    assert beside == [
        ("Records beside one single known act: User accounts", ["21% (1% by chance)", "≤ 9%", "no"]),
        ("Records beside one single known act: Website forms", ["< 1% (< 1% by chance)", "≤ 9%", "yes"]),
    ]
    undone = next(row for name, row in rows.items() if name.startswith("Digests of mobile numbers"))
    assert undone == ["7 (< 1% tried)", "0", "no"]
    few = next(row for name, row in rows.items() if name.startswith("Digests of addresses"))
    assert few == ["too few to try (3)", "0", "–"]
    order = next(row for name, row in rows.items() if name.startswith("Ids in the order"))
    assert order == ["-0.31", "< 0.1", "no"]


def test_an_attack_is_told_beside_chance(run: Run) -> None:
    shown = tables.attack(run)
    assert "2,845 ids compared with 50,000 spellings of known identifiers; 321 linked, 2.98 expected" in shown.html
    assert _rows(shown) == [
        ["in clear, or merely encoded", "–", "–", "–", "5"],
        ["MD5", "6", "1,000", "2.98", "3"],
        ["MD5", "32", "1,845", "< 0.01", "310"],
        ["SHA3-256, a known salt, then the text", "32", "1,845", "< 0.01", "4"],
        ["UUID 5 DNS", "32", "1,845", "< 0.01", "2"],
    ]


def test_advice_says_what_each_option_keeps(run: Run) -> None:
    shown = tables.advice(run)
    whole = "as it is"
    assert _rows(shown) == [
        ["Today", whole, whole, whole, "removed", "3,100 (100%)", "–", "0%"],
        ["A", "first three bytes (/24; IPv6: /48)", "the hour", "removed", "removed", "61 (2%)", "12", "60%"],
        ["B", "removed", "the month", whole, "removed", "20 (< 1%)", "14", "70%"],
    ]
    for note in ("2,014 ids can be followed", "Worked out on 25% of the people", "More ways were possible"):
        assert note in shown.html


def test_a_risk_just_above_the_threshold_is_seen_to_be(run: Run) -> None:
    alone = run.anonymity[0]["singling_out"] | {"k": 11, "prosecutor": 1 / 11, "prosecutor_average": 0.0004}
    one = run.anonymity[0] | {"singling_out": alone}
    rows = [row[-3:] for row in _rows(tables.measures(dataclasses.replace(run, anonymity=(one,))))]
    assert rows[0] == ["11", "≥ 11", "yes"]
    assert rows[2:4] == [["0.091", "≤ 0.09", "no"], ["< 0.001", "≤ 0.09", "yes"]]


def test_parts_that_were_not_measured_are_named(run: Run) -> None:
    refused = {"not_evaluated": "column_not_supplied", "about": "usage_logs: action"}
    one = run.anonymity[0] | {"inference": refused, "ids": refused, "population": refused}
    shown = tables.measures(dataclasses.replace(run, anonymity=(one,)))
    for part in ("The population", "The ids", "What may be inferred"):
        assert f"{part}: The export lacks a column that the control needs. usage_logs: action" in shown.html
    assert "No id lasts" not in tables.advice(dataclasses.replace(run, anonymity=(one,))).html


def test_what_ends_first_is_told_with_what_has_no_end(run: Run) -> None:
    rows = _rows(tables.lapses(run))
    assert rows == [
        ["Contracts and licences · end", "", "31 January 2027", "2", "9", "1,234"],
        [
            "Confidentiality agreements · expires_at",
            "",
            "not evaluated (Data not supplied – ndas)",
            "–",
            "–",
            "–",
        ],
    ]


@pytest.mark.parametrize("name", ["measures", "advice", "attack"])
def test_without_measures_it_is_said(tmp_path: Path, name: str) -> None:
    run = load(write_empty_run(tmp_path, lang="en"), policy=write_policy(tmp_path / "expectations"))
    assert "dpo-nothing" in getattr(tables, name)(run).html


def test_what_was_not_measured_says_why(run: Run) -> None:
    refused = {"dataset": "usage_logs", "not_evaluated": "dataset_not_supplied", "about": "usage_logs"}
    shown = tables.measures(dataclasses.replace(run, anonymity=(refused,)))
    assert "Usage logs" in shown.html
    assert "usage_logs" in shown.html
    none = dict(run.anonymity[0]) | {"advice": {**run.anonymity[0]["advice"], "least": []}}
    assert "publish counts only" in tables.advice(dataclasses.replace(run, anonymity=(none,))).html
    nothing = dict(run.anonymity[0]) | {"advice": None}
    assert "names no column" in tables.advice(dataclasses.replace(run, anonymity=(nothing,))).html


def test_what_was_not_shown_says_why(run: Run) -> None:
    assert [row[2:] for row in _rows(tables.not_shown(run))] == [
        ["Not evaluated", "The export lacks a column that the control needs."],
        ["Indeterminate", "23 records without enough proof; main reason: No licence known."],
        ["Empty scope", "Usage logs: no record in scope."],
    ]


def test_every_row_read_is_loaded_or_set_aside(run: Run) -> None:
    rows = [[int(cell.replace(",", "")) for cell in row[3:6]] for row in _rows(tables.files(run))]
    assert len(rows) == 8
    assert [read for read, loaded, aside in rows if read != loaded + aside] == []
    assert "lisez-moi.txt" in tables.files(run).html.replace("<wbr>", "")


def test_quarantine_by_file_and_reason(run: Run) -> None:
    assert [(row[0], row[2], row[4]) for row in _rows(tables.quarantine(run))] == [
        ("access.log", "Unreadable line", "27"),
        ("logs/app-requests-2026-10.jsonl.gz", "Broken line", "11"),
        ("hubspot-crm-exports-all-contacts-2026-11-01.csv", "Unreadable date", "4"),
        ("annuaire.ldif", "Distinguished name missing", "3"),
        ("erp-contrats.xlsx", "Duplicate key", "1"),
    ]


def test_notes_of_the_reader_are_said_in_the_language_of_the_report(run: Run) -> None:
    said = ["1 rows set aside: bad_date in at", "2 unknown countries in country", "a remark of tomorrow"]
    changed = dataclasses.replace(run, facts=run.facts | {"inputs": [{"file": "a.csv", "notes": said}]})
    assert re.findall(r"</code>: (.*?)</li>", tables.notes(changed).html) == [
        "countries not recognised in column country: 2",
        "a remark of tomorrow",
    ]


def test_assumptions_name_who_approved_them(run: Run) -> None:
    assert _rows(tables.assumptions(run)) == [
        ["Time given to answer a recontact response_window", "1 month", "To be approved"],
        ["Smallest group in the usage logs k", "15 (instead of 11)", "DPO"],
    ]


def test_the_headline_counts_every_control_once(run: Run) -> None:
    counts = re.findall(r"</svg>([\d,]+)</span>", tables.headline(run).html)
    assert [int(count) for count in counts] == [13, 1, 1, 2, 1, 3]
    assert sum(map(int, counts)) == len(run.controls) == 21


def test_first_actions_are_the_gravest(run: Run) -> None:
    said = re.findall(r'<p class="what">(.*?)</p>', tables.overview(run).html)
    assert said == [
        "en transfers lawful under chapter v",
        "en transfers covered by adequacy scc or bcr",
        "en usage log ids do not persist",
        "en usage log ids do not link to users",
        "en navigation data kept at most 30 days",
    ]


def test_the_reading_of_a_part(run: Run) -> None:
    text = re.sub(r"<[^>]+>", "", reading(run, "transfers").html)
    assert text == (
        "Commitment not kept: 2 of 4 controls. There are 14 breaches, 8 of them under “en transfers lawful "
        "under chapter v”. No conclusion in 4 cases: the company must be able to prove that it keeps its "
        "commitment (GDPR, Article 5(2)). Awaiting a person&#39;s judgement: 3 cases. "
        "Nothing shown, for lack of data: 1 control."
    )


def test_values_are_escaped() -> None:
    made = table("<b>", [Head("<i>")], [["<script>alert(1)</script>"]])
    assert "<script>" not in made and "<b>" not in made and "<i>" not in made


def test_nothing_supplied_is_said_in_every_table(tmp_path: Path) -> None:
    empty = load(write_empty_run(tmp_path, lang="en"), policy=write_policy(tmp_path / "expectations"))
    for name in ("assumptions", "files", "notes", "policy_findings", "quarantine", "reasons", "to_act_on"):
        assert "dpo-nothing" in getattr(tables, name)(empty).html
    assert len(_rows(tables.not_shown(empty))) == 21


def test_a_control_that_lacks_a_dataset_names_it(run: Run) -> None:
    missing = dataclasses.replace(
        run.controls[0], outcome="not_evaluated", reason="dataset_not_supplied", about="interactions"
    )
    changed = dataclasses.replace(run, controls=(missing,))
    assert _rows(tables.not_shown(changed))[0][3] == "Interactions: no export of these data was supplied."


def test_a_control_of_several_datasets_names_them(run: Run) -> None:
    def changed(**fields: Any) -> Run:
        return dataclasses.replace(run, controls=(dataclasses.replace(run.controls[0], **fields),))

    missing = changed(outcome="not_evaluated", reason="dataset_not_supplied", about="interactions, recipients")
    assert _rows(tables.not_shown(missing))[0][3] == "Interactions, Recipients: no export of these data was supplied."
    empty = changed(outcome="empty", judges=("storage_access", "recipients"))
    assert _rows(tables.not_shown(empty))[0][3] == "Storage access, Recipients: no record in scope."
    violated = changed(outcome="violated", about="cookie_scan")
    assert "Not judged: Cookie scan." in _text(tables.outcomes(violated))
    assert "Not judged" not in _text(tables.outcomes(changed(outcome="violated", about="")))


def test_an_aggregate_of_several_datasets_is_one(run: Run) -> None:
    table = {"control_id": run.controls[0].id, "name": "due_by_day", "columns": ["records"]}
    changed = dataclasses.replace(run, aggregates=({**table, "rows": [[1]]}, {**table, "rows": [[2]]}))
    assert changed.aggregate("due_by_day") == [(run.controls[0], [{"records": 1}, {"records": 2}])]
    assert changed.aggregate("due_by_day", "nothing") == []


def _text(shown: Shown) -> str:
    return re.sub(r"<[^>]+>", "", shown.html.replace("<wbr>", ""))


def test_the_headline_tells_breaches_from_the_records_that_they_touch(run: Run) -> None:
    distinct = "SELECT count(*) FROM (SELECT DISTINCT dataset, source_row FROM found WHERE verdict = 'FAIL')"
    [(records,)] = run.query("findings", distinct)
    assert f"13 controls are violated, of 21: 57,007 breaches, on {records:,} records." in _text(tables.headline(run))


def test_what_was_left_out_stands_under_the_headline(run: Run) -> None:
    changed = dataclasses.replace(run, facts=run.facts | {"problems": ["a", "b"], "unrecognised": ["c"]})
    said = re.findall(r'<p class="dpo-warning">(.*?)</p>', tables.headline(changed).html)
    assert said == [
        "This audit is incomplete: 2 problems to correct, under “Remarks from reading the files”. "
        "1 file was not recognised: see “Files handed over”."
    ]
    whole = dataclasses.replace(run, facts=run.facts | {"problems": [], "unrecognised": []})
    assert "dpo-warning" not in tables.headline(whole).html


def test_first_actions_name_their_files_and_what_falls_due(run: Run) -> None:
    said = _text(tables.overview(run))
    assert "8 breaches in 40 records (20%)Correct it.Where: registre-transferts.xlsx (8)" in said
    assert "What falls due next19,169 records to delete or archive in the next 90 days, " in said
    assert " of them by 7 November 2026." in said


def test_without_a_conclusion_nothing_is_told_as_good_news(tmp_path: Path) -> None:
    empty = load(write_empty_run(tmp_path, lang="en"), policy=write_policy(tmp_path / "expectations"))
    said = _text(tables.overview(empty))
    assert "Supply the missing data or proof" in said and "No breach" not in said and "falls due" not in said
    assert _text(reading(empty)) == "Nothing shown, for lack of data: 21 controls."
    assert _text(tables.reasons(empty)) == _text(tables.to_act_on(empty)) == "No record was judged."


def test_a_part_without_controls_says_so(run: Run) -> None:
    for table_of in (tables.outcomes, tables.reasons, tables.to_act_on):
        assert _text(table_of(run, "security")) == "No control of this part is in this report."


def test_findings_on_the_policy_tell_what_to_do(run: Run, tmp_path: Path) -> None:
    one = {"id": "PF-01", "title": {"en": "Title"}, "why": {"en": "Why."}, "clause": "2.3", "severity": "high"}
    one["remedy"] = {"en": "Do it."}
    shares = {"control": "c", "says": {"en": "Rows: {records} of {population} ({share})"}}
    shares |= {"records": 1200, "population": 4800, "share": 0.25}
    starts = {"control": "c", "says": {"en": "By start:"}, "columns": ["start_event", "overdue"]}
    starts["rows"] = [["contract_end", 3], ["created_at", 12]]
    found = [one | {"evidence": [shares, starts]}, one | {"id": "PF-02", "severity": "critical"}]
    (tmp_path / "policy_findings.json").write_text(json.dumps(found), "utf-8")
    shown = tables.policy_findings(dataclasses.replace(run, folder=tmp_path))
    facts = "Rows: 1,200 of 4,800 (25%) By start: End of the licence: 3 · Creation of the account: 12"
    assert _rows(shown) == [["Title Why. Do it.", "2.3", "Critical"], [f"Title Why. {facts} Do it.", "2.3", "High"]]


def test_technical_names_break_between_their_parts() -> None:
    assert code("logs/usage_2026.jsonl.gz") == ("<code>logs/<wbr>usage_<wbr>2026<wbr>.jsonl<wbr>.gz</code>")
    assert code("<b>") == "<code>&lt;b&gt;</code>"


def test_what_was_assumed_of_several_files_is_said_once(run: Run) -> None:
    facts = [
        {
            "code": "law_verified_before",
            "file": f"law/{name}.csv",
            "verified_on": "2026-08-05",
            "judged_on": "2026-11-01",
        }
        for name in ("adequacy", "eea")
    ]
    rows = _rows(tables.assumptions(dataclasses.replace(run, facts={**run.facts, "assumptions": facts})))
    assert [row[1] for row in rows] == [
        "law/adequacy.csv · 2026-08-05 · 2026-11-01 law/eea.csv · 2026-08-05 · 2026-11-01"
    ]


def _changed(run: Run, **counts: int) -> dict[str, Any]:
    """What changes.json says of one control of the fixture, all else unchanged."""
    names = ("new", "open", "reappeared", "deleted", "mended", "resolved", "withdrawn", "not_shown")
    others = ("accepted", "accepted_fail", "expired")
    return {**dict.fromkeys((*names, *others), 0), "oldest": "2026-08-01T05:00:00Z", **counts}


def test_changes_say_what_is_new_and_what_is_gone(run: Run) -> None:
    one, two, three = (control.id for control in run.controls[:3])
    said = {
        "previous": {"run_id": "20261001T050000Z-12345678", "as_of": "2026-10-01T06:00:00+02:00"},
        "controls": {
            one: _changed(run, new=2, open=5, mended=1, deleted=3),
            two: _changed(run, open=7),
            three: _changed(run, new=3, reappeared=1, not_shown=4),
        },
        "exceptions": [],
    }
    shown = tables.changes(dataclasses.replace(run, changes=said))
    text = unescape(re.sub(r"<[^>]+>", "", shown.html.replace("<wbr>", "")))
    total = "Since the audit of 1 October 2026: 5 new, 1 back again, 12 still open, 3 deleted, 1 mended, 4 not shown."
    assert total in text
    assert [row[2:] for row in _rows(shown)] == [
        ["3", "1", "0", "", "0", "4"],
        ["2", "0", "5", "92", "4", "0"],
    ]
    first = tables.changes(dataclasses.replace(run, changes={**said, "previous": None}))
    assert "No earlier audit of this folder is there to compare with" in first.html


def test_exceptions_say_who_answers_until_when(run: Run) -> None:
    control = run.controls[0].id
    told = {"control": control, "reason": "A <trial>.", "approved_by": "Legal", "approved_on": "2026-09-01"}
    said = [
        {"id": "a", **told, "expires_on": "2026-12-31", "records": 3, "open": 2, "state": "in_force"},
        {"id": "b", **told, "expires_on": "2026-10-31", "records": 1, "open": 1, "state": "expired"},
    ]
    changes = {"previous": None, "controls": {}, "exceptions": said}
    shown = tables.exceptions(dataclasses.replace(run, changes=changes))
    assert "A &lt;trial&gt;." in shown.html
    assert [row[2:] for row in _rows(shown)] == [
        ["Legal", "31 December 2026", "in force", "2 of 3"],
        ["Legal", "31 October 2026", "expired: the findings are back", "1 of 1"],
    ]
    assert "No exception was accepted." in tables.exceptions(run).html
