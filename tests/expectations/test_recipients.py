"""Recipients: kinds, contracts on the day of a disclosure, references, and who is a third party."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectNoThirdPartyController, ExpectRecipientsBound
from audit_lib.policy import load_policy
from tests.judging import AS_OF, PARIS, ROOT, details, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
DECLARED = load_policy(ROOT / "expectations").policy.lists["recipient_types"]
# In summer a day of Paris begins at 22:00 UTC; `contract_to` holds the last instant of its day.
ROW: dict[str, Any] = {
    "disclosure_id": "d",
    "type": "processor",
    "role": "processor",
    "disclosed_at": "2026-05-10 08:00",
    "contract_from": "2026-04-30 22:00",
    "contract_to": "2026-06-30 21:59:59",
    "authorisation_ref": None,
    "procedure_ref": None,
    "legal_obligation_ref": None,
}
NO_CONTRACT = {"contract_from": None, "contract_to": None}


def bound() -> ExpectRecipientsBound:
    return ExpectRecipientsBound(
        **WHEN,
        kind="type",
        declared=DECLARED,
        at="disclosed_at",
        under_contract=["processor", "partner", "affiliate"],
        start="contract_from",
        end="contract_to",
        proofs={"partner": ["authorisation_ref"], "court_officer": ["procedure_ref"]},
    )


def third_parties() -> ExpectNoThirdPartyController:
    return ExpectNoThirdPartyController(
        **WHEN,
        kind="type",
        role="role",
        obligation="legal_obligation_ref",
        at="disclosed_at",
        own=["team"],
        judged=["affiliate", "partner"],
        judged_controllers=["auditor", "court_officer", "authority"],
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "PASS"),
        ({"type": None}, "INDETERMINATE recipient_type_missing"),
        ({"type": "other"}, "FAIL recipient_type_undeclared"),
        ({"type": "courtier"}, "FAIL recipient_type_undeclared"),
        ({"type": "team", **NO_CONTRACT}, "PASS"),
        ({"type": "auditor", **NO_CONTRACT}, "PASS"),
        ({"type": "authority", **NO_CONTRACT}, "PASS"),
        ({"type": "authority", **NO_CONTRACT, "disclosed_at": None}, "PASS"),
        ({"type": "affiliate"}, "PASS"),
        ({"type": "affiliate", **NO_CONTRACT}, "FAIL contract_missing"),
        ({**NO_CONTRACT}, "FAIL contract_missing"),
        ({**NO_CONTRACT, "disclosed_at": None}, "FAIL contract_missing"),
        ({"disclosed_at": None}, "INDETERMINATE clock_missing"),
        ({"disclosed_at": "2026-11-01 05:00:01"}, "INDETERMINATE clock_in_future"),
        ({"disclosed_at": "2026-11-01 05:00", "contract_to": None}, "PASS"),
        ({"disclosed_at": "2026-04-30 22:00"}, "PASS"),
        ({"disclosed_at": "2026-04-30 21:59"}, "FAIL contract_not_in_force"),
        ({"disclosed_at": "2026-06-30 21:59"}, "PASS"),
        ({"disclosed_at": "2026-06-30 22:00"}, "FAIL contract_not_in_force"),
        # The contract of the day itself, whatever the hour.
        ({"disclosed_at": "2026-05-01 06:00", "contract_from": "2026-05-01 14:00"}, "PASS"),
        ({"contract_from": None}, "INDETERMINATE contract_start_missing"),
        ({"contract_from": None, "contract_to": "2026-05-01"}, "FAIL contract_not_in_force"),
        ({"contract_to": "2026-04-01"}, "INDETERMINATE dates_contradictory"),
        ({"type": "partner"}, "FAIL proof_missing"),
        ({"type": "partner", "authorisation_ref": "a"}, "PASS"),
        ({"type": "partner", "authorisation_ref": "a", **NO_CONTRACT}, "FAIL contract_missing"),
        ({"type": "partner", "procedure_ref": "p"}, "FAIL proof_missing"),
        ({"type": "court_officer", **NO_CONTRACT}, "FAIL proof_missing"),
        ({"type": "court_officer", "procedure_ref": "p", **NO_CONTRACT}, "PASS"),
    ],
)
def test_bound(row: dict[str, Any], expected: str) -> None:
    assert verdicts(bound(), {"recipients": [ROW | row]}) == [expected]


def test_a_column_that_nobody_supplied_proves_nothing() -> None:
    rows = [
        {"disclosure_id": "d", "type": kind, "disclosed_at": "2026-05-10"}
        for kind in ("processor", "court_officer", "team")
    ]
    assert verdicts(bound(), {"recipients": rows}) == [
        "INDETERMINATE contract_missing",
        "INDETERMINATE proof_missing",
        "PASS",
    ]
    roles = [{"disclosure_id": "d", "type": "other", "role": "controller"}]
    assert verdicts(third_parties(), {"recipients": roles}) == ["INDETERMINATE third_party_controller"]


def test_the_detail_names_the_missing_reference() -> None:
    rows = [ROW | {"type": kind} for kind in ("partner", "court_officer", "processor")]
    assert details(bound(), {"recipients": rows}) == ["authorisation_ref", "procedure_ref", None]


@pytest.mark.parametrize(
    ("column", "at", "expected"),
    [
        ("disclosed_at", "2026-05-10 12:00", "PASS"),
        ("disclosed_at", "2026-04-30 12:00", "INDETERMINATE time_zone_unknown"),
        ("disclosed_at", "2026-04-29 12:00", "FAIL contract_not_in_force"),
        ("contract_from", "2026-05-11 12:00", "INDETERMINATE time_zone_unknown"),
        ("contract_from", "2026-05-12 12:00", "FAIL contract_not_in_force"),
        ("contract_from", "2026-05-09 12:00", "PASS"),
    ],
)
def test_an_unknown_offset_leaves_a_doubt_of_a_day(column: str, at: str, expected: str) -> None:
    row = ROW | {column: at, f"{column}__naive": True}
    assert verdicts(bound(), {"recipients": [row]}, naive=frozenset({column})) == [expected]


@pytest.mark.parametrize(
    ("kind", "role", "reference", "expected"),
    [
        ("other", "controller", None, "FAIL third_party_controller"),
        ("other", "controller", "L-1", "PASS"),
        ("other", "processor", None, "PASS"),
        ("other", None, None, "INDETERMINATE recipient_role_missing"),
        ("other", "inconnu", None, "INDETERMINATE recipient_role_missing"),
        ("other", None, "L-1", "PASS"),
        ("courtier", "controller", None, "FAIL third_party_controller"),
        ("team", "controller", None, "PASS"),
        ("team", None, None, "PASS"),
        ("processor", "processor", None, "PASS"),
        ("processor", None, None, "PASS"),
        ("processor", "controller", None, "INDETERMINATE recipient_role_contradictory"),
        ("processor", "controller", "L-1", "PASS"),
        ("affiliate", "controller", None, "REVIEW recipient_to_judge"),
        ("affiliate", "processor", None, "REVIEW recipient_to_judge"),
        ("partner", "controller", "L-1", "REVIEW recipient_to_judge"),
        ("auditor", "controller", None, "REVIEW recipient_to_judge"),
        ("court_officer", "controller", None, "REVIEW recipient_to_judge"),
        ("authority", "controller", None, "REVIEW recipient_to_judge"),
        ("authority", "controller", "L-1", "PASS"),
        ("auditor", "processor", None, "PASS"),
        ("auditor", None, None, "INDETERMINATE recipient_role_missing"),
        (None, "controller", None, "INDETERMINATE recipient_type_missing"),
    ],
)
def test_third_parties(kind: str | None, role: str | None, reference: str | None, expected: str) -> None:
    row = ROW | {"type": kind, "role": role, "legal_obligation_ref": reference}
    assert verdicts(third_parties(), {"recipients": [row]}) == [expected]


def test_a_disclosure_to_come_is_none_yet() -> None:
    row = ROW | {"type": "other", "role": "controller", "disclosed_at": "2026-11-01 05:00:01"}
    assert verdicts(third_parties(), {"recipients": [row]}) == ["INDETERMINATE clock_in_future"]
    assert verdicts(third_parties(), {"recipients": [row | {"disclosed_at": "2026-11-01 05:00"}]}) == [
        "FAIL third_party_controller"
    ]
