"""Recipients: who received data, of what type, on what contract and in which country."""

from collections.abc import Iterator

from audit_lib.sample import canaries
from audit_lib.sample.expected import BOUND, CLEAN, THIRD_PARTIES, UNDECLARED, Expected, Row, fail, just, review, unsure

_AUTHORISED = {"authorisation_ref": "AUT-2026-03"}


def recipients() -> Iterator[Row]:
    for number, row in enumerate([*_contracts(), *_references(), *_unclear(), *_third_parties(), *_countries()], 1):
        values = {"disclosure_id": f"C-{number:02d}", "recipient": f"Organisme {number:02d}", "country": "France"}
        yield Row(values | row.values, row.judged)


def _disclosure(
    kind: str, bound: Expected = CLEAN, third: Expected = CLEAN, seen: Expected | None = None, /, **columns: str
) -> Row:
    """A disclosure of 15 June 2026 under a contract of that year, to a processor unless told; `seen`: what the register
    of transfers says of its country.
    """
    values = {
        "type": kind,
        "role": "processor",
        "disclosed_at": "2026-06-15",
        "contract_from": "2026-01-01",
        "contract_to": "2026-12-31",
    }
    return Row(values | columns, {BOUND: bound, THIRD_PARTIES: third} | ({UNDECLARED: seen} if seen else {}))


def _contracts() -> list[Row]:
    canary = {
        "disclosure_id": canaries.DISCLOSURE_ID,
        "recipient": canaries.DISCLOSED_TO,
        "authorisation_ref": canaries.AUTHORISATION,
        "procedure_ref": canaries.PROCEDURE,
        "legal_obligation_ref": canaries.OBLIGATION,
    }
    none = fail("contract_missing", "aucun contrat", "no contract")
    first = just("premier jour du contrat", "first day of the contract")
    last = just("dernier jour du contrat", "last day of the contract")
    early = fail("contract_not_in_force", "veille du contrat", "day before the contract")
    late = fail("contract_not_in_force", "lendemain du contrat", "day after the contract")
    to_judge = review("recipient_to_judge", "société affiliée ou partenaire", "affiliate or partner")
    return [
        _disclosure("processor", **canary),
        _disclosure("processor", first, disclosed_at="2026-01-01"),
        _disclosure("processor", early, disclosed_at="2025-12-31"),
        _disclosure("processor", last, contract_to="2026-06-15"),
        _disclosure("processor", late, contract_to="2026-06-14"),
        _disclosure("processor", just("contrat sans terme", "contract without an end"), contract_to=""),
        _disclosure("processor", none, contract_from="", contract_to=""),
        _disclosure("affiliate", none, to_judge, contract_from="", contract_to=""),
        _disclosure("affiliate", CLEAN, to_judge),
        _disclosure("team", just("l’équipe, sans contrat", "the team, no contract"), contract_from="", contract_to=""),
    ]


def _references() -> list[Row]:
    to_judge = review("recipient_to_judge", "société affiliée ou partenaire", "affiliate or partner")
    no_authorisation = fail("proof_missing", "partenaire sans autorisation", "partner without an authorisation")
    no_procedure = fail("proof_missing", "officier sans procédure", "court officer without a procedure")
    no_contract = {"contract_from": "", "contract_to": ""}
    return [
        _disclosure("partner", CLEAN, to_judge, **_AUTHORISED),
        _disclosure("partner", no_authorisation, to_judge),
        _disclosure("court_officer", CLEAN, procedure_ref="RG 26/00417", **no_contract),
        _disclosure("court_officer", no_procedure, **no_contract),
    ]


def _unclear() -> list[Row]:
    no_type = unsure("recipient_type_missing", "type absent", "no type")
    no_start = unsure("contract_start_missing", "début du contrat absent", "no start of the contract")
    backwards = unsure("dates_contradictory", "contrat fini avant son début", "contract over before it began")
    future = unsure("clock_in_future", "communication à venir", "disclosure to come")
    return [
        _disclosure("", no_type, no_type),
        _disclosure("processor", unsure("clock_missing", "communication non datée", "no date"), disclosed_at=""),
        _disclosure("processor", future, future, disclosed_at="2026-11-02"),
        _disclosure("processor", no_start, contract_from=""),
        _disclosure("processor", backwards, contract_to="2025-12-31"),
    ]


def _third_parties() -> list[Row]:
    undeclared = fail("recipient_type_undeclared", "type absent de la clause 4", "type that clause 4 does not list")
    third = fail("third_party_controller", "tiers responsable de traitement", "third-party controller")
    obliged = just("obligation légale consignée", "legal obligation on record")
    to_judge = review(
        "recipient_to_judge", "responsable sans obligation légale", "controller without a legal obligation"
    )
    no_role = unsure("recipient_role_missing", "rôle absent", "no role")
    both = unsure("recipient_role_contradictory", "sous-traitant dit responsable", "processor said to be a controller")
    controller = {"role": "controller"}
    return [
        _disclosure("other", undeclared, third, **controller),
        _disclosure(canaries.RECIPIENT_TYPE, undeclared, third, **controller),
        _disclosure("other", undeclared, obliged, legal_obligation_ref="CGI art. 87", **controller),
        _disclosure("other", undeclared, just("sous-traitant, pas un tiers", "processor, no third party")),
        _disclosure("other", undeclared, no_role, role=""),
        _disclosure("authority", CLEAN, obliged, legal_obligation_ref="CPP art. 60-1", **controller),
        _disclosure("authority", CLEAN, to_judge, **controller),
        _disclosure("auditor", CLEAN, to_judge, **controller),
        _disclosure("court_officer", CLEAN, to_judge, procedure_ref="RG 26/00512", **controller),
        _disclosure("processor", CLEAN, both, **controller),
        _disclosure("processor", CLEAN, just("sous-traitant par son type", "processor by its type"), role=""),
        _disclosure("team", CLEAN, just("l’équipe n’est pas un tiers", "the team is no third party"), **controller),
    ]


def _countries() -> list[Row]:
    absent = fail("country_not_registered", "pays absent du registre", "country not in the register")
    unknown = unsure("country_unknown", "pays inconnu ou absent", "country unknown or blank")
    listed = just("pays du registre, à cette date", "country of the register, on that date")
    return [
        _disclosure("processor", CLEAN, CLEAN, listed, country="Inde"),
        _disclosure("processor", CLEAN, CLEAN, absent, country="Australie"),
        _disclosure("processor", CLEAN, CLEAN, unknown, country=""),
        _disclosure("processor", CLEAN, CLEAN, unknown, country=canaries.RECIPIENT_COUNTRY),
    ]
