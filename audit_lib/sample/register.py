"""Register: the company's processing activities, their purposes and legal bases."""

from collections.abc import Iterator

from audit_lib.sample import canaries
from audit_lib.sample.expected import CLEAN, DECLARED, GROUNDS, Expected, Row, fail, just, unsure


def processing() -> Iterator[Row]:
    for number, row in enumerate(_rows()):
        values = {
            "processing_id": f"TR-{number + 1:02d}",
            "name": f"Traitement {number + 1:02d}",
            "retention": "relation + 3 ans",
            "recipients": "équipe commerciale",
        }
        yield Row(values | row.values, row.judged)


def _activity(
    purpose: str, basis: str, test: str = "", declared: Expected = CLEAN, ground: Expected = CLEAN, /, **columns: str
) -> Row:
    values = {"purpose": purpose, "legal_basis": basis, "balancing_test_ref": test}
    return Row(values | columns, {DECLARED: declared, GROUNDS: ground})


def _rows() -> list[Row]:
    canary = {
        "processing_id": canaries.PROCESSING_ID,
        "name": canaries.PROCESSING,
        "retention": canaries.RETENTION,
        "recipients": canaries.RECIPIENTS,
        "third_countries": canaries.THIRD_COUNTRIES,
        "balancing_test_ref": canaries.BALANCING,
    }
    other = fail("purpose_undeclared", "finalité absente de la clause 3.2", "purpose that clause 3.2 does not list")
    no_test = fail("balancing_test_missing", "intérêt légitime sans mise en balance", "no balancing test")
    return [
        _activity("gestion de la clientèle", "Exécution d'un contrat", **canary),
        _activity("newsletter", "Consentement"),
        _activity("statistiques commerciales", "Intérêt légitime", "MB-03"),
        _activity("fourniture de services", "contrat"),
        _activity("commandes", "Respect des obligations légales"),
        _activity(
            "ENQUETES DE SATISFACTION",
            "INTERETS LEGITIMES",
            "MB-04",
            just("sans accent et en capitales", "no accent, in capitals"),
            just("sans accent et en capitales", "no accent, in capitals"),
        ),
        _activity("notation des salariés", "Consentement", "", other),
        _activity("entraînement d’une IA", "Contrat", "", other),
        _activity("", "Consentement", "", unsure("purpose_missing", "sans finalité", "no purpose")),
        _activity(
            "newsletter",
            "Mission d'intérêt public",
            "",
            CLEAN,
            fail("basis_undeclared", "base absente de la clause 3.1", "basis that clause 3.1 does not list"),
        ),
        _activity("newsletter", "Intérêt légitime", "", CLEAN, no_test),
        _activity("devis", "", "", CLEAN, unsure("basis_missing", "sans base légale", "no legal basis")),
    ]
