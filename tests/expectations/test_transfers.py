"""Transfers: every day of a flow needs a ground that was valid that day."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest

from audit_lib.engines.scan import verdict_of
from audit_lib.expectations import ExpectClausesFitRoles, ExpectPurposesDeclared, ExpectTransfersCovered
from audit_lib.expectations.rule import NotEvaluated
from audit_lib.policy import load_policy
from tests.judging import AS_OF, PARIS, ROOT, details, engine, verdicts

BLANK = dict.fromkeys(
    [
        "transfer_id",
        "country",
        "role_exporter",
        "role_importer",
        "is_hr",
        "start",
        "end",
        "tool",
        "module",
        "signed_at",
        "unchanged",
        "annexes_complete",
        "tia_at",
        "dpf_from",
        "dpf_to",
        "dpf_scope",
        "in_adequacy_scope",
        "bcr_approved_at",
    ]
)
CLAUSES = {
    "tool": "scc_2021",
    "module": "2",
    "role_exporter": "controller",
    "role_importer": "processor",
    "signed_at": "2023-01-01",
    "annexes_complete": True,
    "start": "2023-01-01",
}
OLD = {
    **CLAUSES,
    "tool": "scc_2010",
    "module": None,
    "signed_at": "2021-09-26",
    "start": "2021-09-26",
    "unchanged": True,
}


def covered(*, law: bool = False) -> ExpectTransfersCovered:
    return ExpectTransfersCovered(
        as_of=AS_OF, time_zone=PARIS, derogations=law, assessed_from="2020-07-16" if law else None
    )


def judged(row: dict[str, Any], *, law: bool = False) -> str:
    [found] = verdicts(covered(law=law), {"transfers": [{**BLANK, "transfer_id": "t", **row}]})
    return found


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"country": "FR", "start": "2019-01-01", "tool": "none"}, "PASS"),
        ({"country": "RE", "start": "2019-01-01"}, "PASS"),
        ({"country": "NO", "start": "2019-01-01"}, "PASS"),
        ({"country": "CH", "start": "2019-01-01"}, "PASS"),
        # Member, transition, bridge, adequacy, two prolongations: not one day uncovered.
        ({"country": "GB", "start": "2019-06-01"}, "PASS"),
        ({"country": "BR", "start": "2026-01-26"}, "PASS"),
        ({"country": "BR", "start": "2026-01-25"}, "FAIL not_covered"),
        (
            {"country": "BR", "start": "2025-01-01", "end": "2025-12-31", "tool": "adequacy"},
            "FAIL no_adequacy_on_date",
        ),
        ({"country": "EPO", "start": "2025-07-15"}, "PASS"),
        ({"country": "EPO", "start": "2025-07-14"}, "FAIL not_covered"),
        ({"country": "IN", "start": "2024-01-01", "tool": "none"}, "FAIL not_covered"),
        ({"country": "CA", "start": "2024-01-01", "in_adequacy_scope": True}, "PASS"),
        ({"country": "CA", "start": "2024-01-01", "in_adequacy_scope": False}, "FAIL not_covered"),
        ({"country": "CA", "start": "2024-01-01"}, "INDETERMINATE adequacy_scope_unknown"),
        ({"country": "JP", "start": "2020-01-01", "in_adequacy_scope": True}, "PASS"),
        ({"country": "JP", "start": "2018-01-01", "in_adequacy_scope": True}, "FAIL not_covered"),
        ({"country": "IL", "start": "2020-01-01", "in_adequacy_scope": True}, "PASS"),
        ({"country": "GI", "start": "2019-01-01"}, "REVIEW special_territory"),
        ({"country": "NC", "start": "2019-01-01"}, "REVIEW special_territory"),
        ({"country": None, "start": "2024-01-01"}, "INDETERMINATE country_unknown"),
        ({"country": "IN", "start": None}, "INDETERMINATE start_missing"),
        ({"country": "IN", "start": "2027-01-01"}, "out"),
        ({"country": "IN", "start": "2024-02-01", "end": "2024-01-01"}, "INDETERMINATE dates_contradictory"),
    ],
)
def test_places(row: dict[str, Any], expected: str) -> None:
    assert judged(row) == expected


US = {
    "country": "US",
    "tool": "dpf",
    "start": "2024-01-01",
    "dpf_from": "2023-09-01",
    "dpf_scope": "non_hr",
    "is_hr": False,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "PASS"),
        ({"start": "2023-08-31"}, "FAIL dpf_not_listed"),
        ({"dpf_to": "2026-06-30"}, "FAIL dpf_not_listed"),
        ({"dpf_to": "2026-06-30", "end": "2026-06-30"}, "PASS"),
        ({"is_hr": True}, "FAIL dpf_not_listed"),
        ({"is_hr": True, "dpf_scope": "hr; non_hr"}, "PASS"),
        ({"is_hr": None}, "INDETERMINATE dpf_scope_unknown"),
        ({"is_hr": None, "dpf_scope": "hr;non_hr"}, "PASS"),
        ({"dpf_scope": None}, "INDETERMINATE dpf_scope_unknown"),
        ({"dpf_from": None}, "FAIL dpf_not_listed"),
        (
            {
                "tool": "privacy_shield",
                "dpf_from": None,
                "start": "2018-01-01",
                "end": "2020-07-15",
                "in_adequacy_scope": True,
            },
            "PASS",
        ),
        (
            {
                "tool": "privacy_shield",
                "dpf_from": None,
                "start": "2018-01-01",
                "end": "2020-07-16",
                "in_adequacy_scope": True,
            },
            "FAIL no_adequacy_on_date",
        ),
        (
            {
                "tool": "safe_harbour",
                "dpf_from": None,
                "start": "2014-01-01",
                "end": "2015-10-06",
                "in_adequacy_scope": True,
            },
            "FAIL no_adequacy_on_date",
        ),
    ],
)
def test_united_states(change: dict[str, Any], expected: str) -> None:
    assert judged({**US, **change}) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (CLAUSES, "PASS"),
        ({**CLAUSES, "module": "Module 2"}, "PASS"),
        ({**CLAUSES, "module": "1"}, "FAIL wrong_module"),
        ({**CLAUSES, "annexes_complete": False}, "FAIL annexes_incomplete"),
        ({**CLAUSES, "annexes_complete": None}, "INDETERMINATE annexes_unknown"),
        ({**CLAUSES, "signed_at": None}, "INDETERMINATE signature_missing"),
        ({**CLAUSES, "module": None}, "INDETERMINATE module_missing"),
        ({**CLAUSES, "role_importer": None}, "INDETERMINATE role_missing"),
        ({**CLAUSES, "signed_at": "2023-01-02"}, "FAIL clauses_not_valid_on_date"),
        ({**CLAUSES, "signed_at": "2021-06-26", "start": "2021-07-01"}, "FAIL clauses_not_valid_on_date"),
        ({**OLD, "end": "2022-12-26"}, "PASS"),
        ({**OLD, "end": "2022-12-27"}, "REVIEW old_clauses_last_day"),
        ({**OLD, "end": "2022-12-28"}, "FAIL clauses_not_valid_on_date"),
        (
            {**OLD, "signed_at": "2021-09-27", "start": "2021-09-27", "end": "2022-01-01"},
            "FAIL clauses_not_valid_on_date",
        ),
        # A changed processing loses them once they can no longer be signed; a blank flag proves nothing from then on.
        ({**OLD, "unchanged": False, "end": "2021-09-26"}, "PASS"),
        ({**OLD, "unchanged": False, "end": "2021-09-27"}, "FAIL clauses_not_valid_on_date"),
        ({**OLD, "unchanged": None, "end": "2021-09-26"}, "PASS"),
        ({**OLD, "unchanged": None, "end": "2021-09-27"}, "INDETERMINATE change_unknown"),
        ({**OLD, "unchanged": None, "end": "2022-12-27"}, "INDETERMINATE change_unknown"),
        ({**OLD, "unchanged": None, "end": "2022-12-28"}, "FAIL clauses_not_valid_on_date"),
        # The 2 of "C2P" is no module number.
        ({**CLAUSES, "module": "C2P"}, "PASS"),
        ({**CLAUSES, "module": "C2C"}, "FAIL wrong_module"),
        ({**CLAUSES, "module": "P2P", "role_exporter": "processor"}, "PASS"),
        ({**CLAUSES, "module": "M2"}, "PASS"),
        ({**CLAUSES, "module": "5"}, "FAIL wrong_module"),
        # What is not understood is no proof, one way or the other.
        ({**CLAUSES, "module": "the right one"}, "INDETERMINATE module_missing"),
        ({**CLAUSES, "role_importer": "vendor"}, "INDETERMINATE role_missing"),
        ({"tool": "contract", "start": "2024-01-01"}, "INDETERMINATE tool_missing"),
        ({"tool": "contract", "start": "2024-01-01", "country": "CH"}, "PASS"),
        # Later on the audit's day is the future.
        ({**CLAUSES, "start": "2026-11-01", "signed_at": "2026-11-01 04:00"}, "PASS"),
        ({**CLAUSES, "start": "2026-11-01", "signed_at": "2026-11-01 06:00"}, "FAIL clauses_not_valid_on_date"),
        ({"tool": "bcr_c", "start": "2026-11-01", "bcr_approved_at": "2026-11-01 06:00"}, "FAIL bcr_not_approved"),
        # A special territory is for a person to judge, whatever tool is named.
        ({**CLAUSES, "country": "NC"}, "REVIEW special_territory"),
        (
            {"tool": "bcr_c", "bcr_approved_at": "2020-01-01", "start": "2024-01-01", "country": "GI"},
            "REVIEW special_territory",
        ),
        ({"tool": "bcr_c", "bcr_approved_at": "2024-01-01", "start": "2024-01-01"}, "PASS"),
        ({"tool": "bcr_c", "bcr_approved_at": "2024-01-02", "start": "2024-01-01"}, "FAIL bcr_not_approved"),
        ({"tool": "bcr_p", "start": "2024-01-01"}, "INDETERMINATE approval_missing"),
        ({"tool": "art49", "start": "2024-01-01"}, "FAIL derogation_not_accepted"),
        ({"tool": "certification", "start": "2024-01-01"}, "FAIL not_covered"),
    ],
)
def test_safeguards(row: dict[str, Any], expected: str) -> None:
    assert judged({"country": "IN", **row}) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({**CLAUSES, "tia_at": "2023-01-01"}, "PASS"),
        ({**CLAUSES, "tia_at": "2023-01-02"}, "FAIL tia_late"),
        (CLAUSES, "FAIL tia_missing"),
        ({"tool": "art49", "start": "2024-01-01"}, "REVIEW derogation_to_judge"),
        ({"tool": "none", "start": "2024-01-01"}, "FAIL not_covered"),
        ({**CLAUSES, "country": "NC"}, "REVIEW special_territory"),
        # Relied on only while no adequacy covers: a Brazilian flow needs its assessment before the decision.
        ({**CLAUSES, "country": "BR", "tia_at": "2026-01-01"}, "FAIL tia_late"),
        ({**CLAUSES, "country": "CH"}, "PASS"),
        # Before Schrems II nobody asked.
        ({**OLD, "signed_at": "2018-01-01", "start": "2018-01-01", "end": "2020-07-15"}, "PASS"),
        ({**OLD, "signed_at": "2018-01-01", "start": "2018-01-01", "end": "2020-07-16"}, "FAIL tia_missing"),
        (
            {
                **OLD,
                "signed_at": "2018-01-01",
                "start": "2018-01-01",
                "end": "2020-07-16",
                "tia_at": "2020-07-16",
            },
            "PASS",
        ),
    ],
)
def test_the_law_asks_for_an_assessment(row: dict[str, Any], expected: str) -> None:
    assert judged({"country": "IN", **row}, law=True) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"country": "GB", "start": "2019-01-01"}, None),
        ({"country": "BR", "start": "2026-01-20"}, "2026-01-20/2026-01-25"),
        ({"country": "IN", "start": "2026-10-31"}, "2026-10-31/2026-11-01"),
        (
            {**OLD, "country": "JP", "in_adequacy_scope": False, "start": "2021-09-25", "end": "2022-12-28"},
            "2021-09-25/2021-09-25; 2022-12-28/2022-12-28",
        ),
        # Left the list before it was opened: no day covered, and no gap told twice.
        (
            {**US, "start": "2022-01-01", "dpf_from": "2019-01-01", "dpf_to": "2022-06-30", "in_adequacy_scope": False},
            "2022-01-01/2026-11-01",
        ),
    ],
)
def test_uncovered_days(row: dict[str, Any], expected: str | None) -> None:
    assert details(covered(), {"transfers": [{**BLANK, "transfer_id": "t", **row}]}) == [expected]


LISTED = {**US, "dpf_from": "2023-07-10", "start": "2023-07-10"}


@pytest.mark.parametrize(
    ("drop", "add", "row", "expected"),
    [
        # A framework or every partial decision struck from the table: no day of it, and no crash.
        ({"scope": "listed"}, {}, LISTED, "FAIL dpf_not_listed"),
        (
            {"scope": "partial"},
            {},
            {"country": "CA", "start": "2024-01-01", "in_adequacy_scope": True},
            "FAIL not_covered",
        ),
        # Two frameworks in a row, as Safe Harbour and the Privacy Shield were.
        (
            {},
            {"valid_from": "2023-07-01", "valid_to": "2023-07-09"},
            {**LISTED, "start": "2023-07-05", "dpf_from": "2023-07-05"},
            "PASS",
        ),
    ],
)
def test_decisions_that_come_and_go(
    drop: dict[str, str], add: dict[str, str], row: dict[str, Any], expected: str
) -> None:
    judge = engine({"transfers": [{**BLANK, "transfer_id": "t", **row}]})
    setting = judge.setting("transfers", AS_OF, PARIS)
    rows = setting.table("adequacy")
    [listed] = [one for one in rows if one["scope"] == "listed"]
    kept = [one for one in rows if not drop or not drop.items() <= one.items()] + ([{**listed, **add}] if add else [])
    changed = replace(setting, law={**setting.law, "adequacy": kept})
    rule = covered().rule(changed)
    [mark] = judge.marks(changed, rule)
    verdict, reason = verdict_of(rule, mark)
    assert f"{verdict} {reason}".strip() == expected


def test_a_register_without_its_instruments_is_not_judged() -> None:
    with pytest.raises(NotEvaluated, match="column_not_supplied: transfers: tool"):
        verdicts(covered(), {"transfers": [{"transfer_id": "t", "country": "IN", "start": "2024-01-01"}]})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "PASS"),
        ({"module": "3"}, "FAIL wrong_module"),
        ({"role_exporter": "processor", "module": "3"}, "PASS"),
        ({"role_exporter": "processor", "role_importer": "controller", "module": "4"}, "PASS"),
        ({"role_importer": "controller", "module": "1"}, "PASS"),
        ({"annexes_complete": False}, "FAIL annexes_incomplete"),
        ({"signed_at": "2023-01-02"}, "FAIL signed_after_start"),
        ({"signed_at": None}, "INDETERMINATE signature_missing"),
        ({"role_exporter": None}, "INDETERMINATE role_missing"),
        ({"module": None}, "INDETERMINATE module_missing"),
        ({"module": "C2C"}, "FAIL wrong_module"),
        ({"module": "c2p"}, "PASS"),
        ({"module": "2 or 3"}, "INDETERMINATE module_missing"),
        ({"module": "1, 3"}, "INDETERMINATE module_missing"),
        ({"role_exporter": "vendor"}, "INDETERMINATE role_missing"),
        ({"start": "2026-11-01", "signed_at": "2026-11-01 06:00"}, "FAIL signed_after_start"),
        ({"tool": None}, "INDETERMINATE tool_missing"),
        ({"tool": "contract"}, "INDETERMINATE tool_missing"),
        ({"tool": "scc_2010"}, "out"),
    ],
)
def test_modules(change: dict[str, Any], expected: str) -> None:
    [control] = [one for one in load_policy(ROOT / "expectations").controls if one.id == "scc_module_matches_roles"]
    [said] = control.expect.values()
    rule = ExpectClausesFitRoles(as_of=AS_OF, time_zone=PARIS, **said)
    row = {**BLANK, "transfer_id": "t", "country": "IN", **CLAUSES, **change}
    assert verdicts(rule, {"transfers": [row]}) == [expected]


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("Gestion de la clientèle", "PASS"),
        ("GESTION DE LA CLIENTELE", "PASS"),
        (unicodedata.normalize("NFD", "Enquêtes de satisfaction"), "PASS"),
        ("Lettre d'information", "PASS"),
        ("Traitement des demandes de droits", "PASS"),
        ("marketing direct/statistiques commerciales", "PASS"),
        ("direct_marketing", "PASS"),
        ("AI training", "FAIL purpose_undeclared"),
        (None, "INDETERMINATE purpose_missing"),
    ],
)
def test_purposes(purpose: str | None, expected: str) -> None:
    declared = load_policy(ROOT / "expectations").policy.lists["purposes"]
    rule = ExpectPurposesDeclared(as_of=AS_OF, time_zone=PARIS, column="purpose", start="start", declared=declared)
    row = {"transfer_id": "t", "start": "2024-01-01", "purpose": purpose}
    assert verdicts(rule, {"transfers": [row, {**row, "start": "2027-01-01"}]}) == [expected, "out"]


def relied(*rows: dict[str, Any], as_of: str = AS_OF) -> list[list[Any]]:
    """Country, ground, clauses, its last day, verdict, flows that go on after it, those that nothing else covers."""
    flows = [{**BLANK, "transfer_id": f"t{number}", **row} for number, row in enumerate(rows)]
    judge = engine({"transfers": flows})
    rule = ExpectTransfersCovered(as_of=as_of, time_zone=PARIS, derogations=False)
    setting = judge.setting("transfers", as_of, PARIS)
    tables = judge.judge(setting, {"": rule.rule(setting)})[""]["aggregates"]
    [found] = [one for one in tables if one["name"] == "reliance"]
    rows_found: list[list[Any]] = found["rows"]
    return rows_found


def test_a_ground_that_ends_is_told_with_the_flows_that_go_on() -> None:
    kingdom = {"country": "GB", "start": "2025-07-01"}
    # The decision that was renewed overlaps the one that it replaces: nobody is left without.
    assert relied(kingdom, kingdom, as_of="2025-12-20T12:00:00+01:00") == [
        ["GB", "adequacy", None, "2025-12-27", "PASS", 2, 0],
        ["GB", "adequacy", None, "2031-12-27", "PASS", 2, 2],
    ]
    # Before the renewal was known to the table of the day, the same; on the day after, the old one is over.
    assert relied(kingdom, as_of="2025-12-28T12:00:00+01:00") == [["GB", "adequacy", None, "2031-12-27", "PASS", 1, 1]]
    # A flow that ends by that day needs nothing after it; clauses that go on cover what adequacy leaves.
    assert relied({**kingdom, "end": "2031-12-27"}) == []
    assert relied({**kingdom, "end": "2031-12-28"}) == [["GB", "adequacy", None, "2031-12-27", "PASS", 1, 1]]
    assert relied({**CLAUSES, **kingdom}) == [["GB", "adequacy", None, "2031-12-27", "PASS", 1, 0]]
    assert relied({**kingdom, "end": "2026-10-31"}, {"country": "CH", "start": "2020-01-01"}) == []


def test_a_listing_and_old_clauses_end() -> None:
    listed = {"country": "US", "start": "2024-01-01", "tool": "dpf", "dpf_from": "2023-09-01", "dpf_scope": "hr;non_hr"}
    assert relied({**listed, "dpf_to": "2027-01-31"}) == [["US", "dpf", None, "2027-01-31", "PASS", 1, 1]]
    assert relied(listed) == []
    # The last day of old clauses is for a person to judge: what is proven ends on the day before.
    assert relied({**OLD, "country": "IN"}, as_of="2022-06-01T12:00:00+02:00") == [
        ["IN", "clauses", "scc_2010", "2022-12-26", "PASS", 1, 1]
    ]
    assert relied({**OLD, "country": "IN", "unchanged": None}, as_of="2022-06-01T12:00:00+02:00") == [
        ["IN", "clauses", "scc_2010", "2022-12-26", "INDETERMINATE", 1, 1]
    ]
