"""Registers: legal bases as registers write them, and the test that legitimate interest asks for."""

import pytest

from audit_lib.expectations import ExpectLegalBasesDeclared
from audit_lib.policy import load_policy
from tests.judging import AS_OF, PARIS, ROOT, verdicts

DECLARED = load_policy(ROOT / "expectations").policy.lists["legal_bases"]


def declared() -> ExpectLegalBasesDeclared:
    return ExpectLegalBasesDeclared(
        as_of=AS_OF,
        time_zone=PARIS,
        column="legal_basis",
        declared=DECLARED,
        proofs={"legitimate_interest": "balancing_test_ref"},
    )


@pytest.mark.parametrize(
    ("basis", "test", "expected"),
    [
        ("consent", None, "PASS"),
        ("Consentement", None, "PASS"),
        ("Exécution d'un contrat", None, "PASS"),
        ("RESPECT DES OBLIGATIONS LEGALES", None, "PASS"),
        ("Art. 6 (1) (c)", None, "PASS"),
        ("Intérêt légitime", "MB-1", "PASS"),
        ("Intérêt légitime", None, "FAIL balancing_test_missing"),
        ("legitimate_interest", None, "FAIL balancing_test_missing"),
        ("6.1.f", None, "FAIL balancing_test_missing"),
        ("Mission d'intérêt public", None, "FAIL basis_undeclared"),
        ("Sauvegarde des intérêts vitaux", "MB-1", "FAIL basis_undeclared"),
        (None, "MB-1", "INDETERMINATE basis_missing"),
    ],
)
def test_legal_basis(basis: str | None, test: str | None, expected: str) -> None:
    rows = [{"processing_id": "p", "legal_basis": basis, "balancing_test_ref": test}]
    assert verdicts(declared(), {"processing_register": rows}) == [expected]


def test_a_register_without_a_column_for_balancing_tests_proves_nothing() -> None:
    rows = [{"processing_id": "p", "legal_basis": basis} for basis in ("Intérêt légitime", "Contrat")]
    assert verdicts(declared(), {"processing_register": rows}) == ["INDETERMINATE balancing_test_missing", "PASS"]
