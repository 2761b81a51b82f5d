"""Companies: the customers of the invented company, their contracts and how each relationship stands."""

from dataclasses import dataclass, replace
from functools import cache

from audit_lib.sample import canaries
from audit_lib.sample.expected import (
    AS_OF,
    CLEAN,
    DISABLED,
    PROCESSOR,
    SIGNED,
    Expected,
    Row,
    exempt,
    fail,
    just,
    outside,
    unsure,
)

FILE = "erp/contrats.csv"


@dataclass(frozen=True)
class Company:
    id: str
    name: str
    domain: str
    countries: tuple[str, str, str]  # where its users connect from


ACTIVE = (
    Company("C-001", "Armor Optique", "armor-optique.example", ("FR", "BE", "DE")),
    Company("C-002", "Kerdistel Énergie", "kerdistel.example", ("FR", "ES", "PT")),
    Company("C-003", "Nordwind Logistik", "nordwind-logistik.example", ("DE", "NL", "PL")),
    Company("C-004", "Officina Bellariva", "bellariva.example", ("IT", "FR", "ES")),
    Company("C-005", "Talleres Alborada", "alborada.example", ("ES", "PT", "IT")),
    Company("C-006", "Techniek Kuipers", "kuipers-techniek.example", ("NL", "BE", "DE")),
    Company(canaries.COMPANY_ID, "Industries du Ponant", canaries.DOMAIN, ("FR", "DE", "IE")),
    Company("C-008", "Fjordlys Marine", "fjordlys.example", ("NO", "DE", "NL")),
)


@cache
def active_companies(rows: int) -> tuple[Company, ...]:
    """Customers under an open licence: eight, and one more for each 20 000 log rows, 500 at most."""
    more = min(500, rows // 20_000)
    return ACTIVE + tuple(
        Company(f"C-{5000 + n}", f"Comptoir {n:03d}", f"comptoir-{n:03d}.example", ("FR", "DE", "ES"))
        for n in range(more)
    )


# Companies planted at the boundaries: (company, kind, domain, signed, start, end, tacit renewal)
PLANTED = (
    ("C-101", "contrat", "", "2018-11-20", "2019-01-01", "2021-12-31", "oui"),  # tacitly renewed: open
    ("C-102", "contrat", "", "2020-10-12", "2020-11-02", "2023-11-01", "non"),  # ended, last lawful day
    ("C-103", "contrat", "", "2020-10-12", "2020-11-01", "2023-10-31", "non"),  # ended, one day too many
    ("C-104", "contrat", "", "2016-12-05", "2017-01-01", "2019-12-31", "non"),
    ("C-104", "abonnement", "", "2019-12-12", "2020-01-01", "2022-05-31", "non"),
    ("C-104", "garantie", "", "2019-12-12", "2020-01-01", "2024-08-31", "non"),  # the warranty is what lasts
    ("C-105", "commande", "", "2023-11-01", "2023-11-01", "", "non"),  # an order ends on its start
    ("C-106", "commande", "", "2023-10-27", "2023-10-30", "", "non"),
    ("C-107", "contrat", "", "2023-10-20", "2023-11-02", "2026-11-01", "non"),  # last day, still open
    ("C-108", "contrat", "", "2018-02-20", "2018-03-01", "2020-02-29", "non"),
    ("C-109", "contrat", "", "2022-02-21", "2022-03-01", "2024-02-29", "non"),
    ("C-110", "contrat", "", "2019-06-11", "2019-07-01", "2022-06-30", "non"),
    ("C-111", "contrat", "", "2015-05-04", "2015-06-01", "9999-12-31", "non"),  # a sentinel is no end: open
    ("C-112", "contrat", "", "2018-03-14", "2018-04-01", "2021-03-31", "non"),  # long ended
    ("C-115", "abonnement", "", "2024-01-08", "2024-02-01", "", "non"),  # no end: open
    ("C-116", "contrat", "", "2019-04-02", "2019-05-01", "2022-04-30", "non"),
    ("C-116", "commande", "", "2025-09-15", "2025-09-22", "2025-10-22", "non"),  # a last order moves the end
)

# Licences of the domains whose users are planted: (company, kind, domain, signed, start, end)
LICENCES = (
    (
        "C-201",
        "licence",
        "bout-du-monde.example",
        "2021-10-18",
        "2021-11-02",
        "2024-11-01",
    ),  # last lawful day
    (
        "C-202",
        "licence",
        "veille-de-fete.example",
        "2021-10-18",
        "2021-11-01",
        "2024-10-31",
    ),  # one day too many
    ("C-203", "licence", "renouvelle.example", "2021-05-17", "2021-06-01", "2023-05-31"),
    ("C-203", "licence", "renouvelle.example", "2023-05-22", "2023-06-01", ""),  # renewed: open
    ("C-204", "licence", "deux-licences.example", "2020-03-16", "2020-04-01", "2023-03-31"),
    (
        "C-204",
        "licence",
        "deux-licences.example",
        "2022-03-14",
        "2022-04-01",
        "2025-03-31",
    ),  # the last one counts
    ("C-205", "licence", "bissextile.example", "2023-02-20", "2023-03-01", "2024-02-29"),
    ("C-206", "abonnement", "sans-licence.example", "2020-01-13", "2020-02-01", "2023-01-31"),  # no licence
    (
        "C-207",
        "licence",
        "dernier-jour.example",
        "2023-10-16",
        "2023-11-02",
        "2026-11-01",
    ),  # ends today: open
    ("C-208", "licence", "filiale-ouverte.example", "2020-10-12", "2020-11-01", "2023-10-31"),
    ("C-208", "contrat", "", "2020-10-12", "2020-11-01", ""),  # the company's contract is open
)


# Contracts of domains whose first account tells when they were first used: the same columns
FIRST_USES = (
    ("C-381", "licence", "meme-jour.example", "2025-03-10", "2025-03-10", ""),
    ("C-382", "licence", "lendemain.example", "2025-03-11", "2025-03-11", ""),
    ("C-383", "licence", "sans-signature.example", "", "2025-03-01", ""),
    ("C-384", "licence", "signature-a-venir.example", "2026-11-05", "2025-03-01", ""),
    ("C-385", "licence", "sans-usage.example", "2026-10-05", "2026-10-12", ""),
)
_LATER = fail("signed_after_use", "signé après le premier compte", "signed after the first account")
SIGNATURES = {
    "meme-jour.example": just("signé le jour du premier compte", "signed on the day of the first account"),
    "lendemain.example": fail("signed_after_use", "signé le lendemain", "signed the day after"),
    "sans-signature.example": unsure("contract_unsigned", "aucune date de signature", "no date of signature"),
    "signature-a-venir.example": unsure("clock_in_future", "signature à venir", "signature to come"),
    "sans-usage.example": outside("domaine jamais utilisé", "a domain that nobody used"),
    "bissextile.example": _LATER,
    "dernier-jour.example": _LATER,
}
# Licences that ended, each with a domain of its own: what the directory and the customer say of it is planted.
ENDED = (
    ("C-301", "veille-de-toussaint.example", "2026-10-31"),
    ("C-302", "avant-veille.example", "2026-10-30"),
    ("C-303", canaries.KEPT_DOMAIN, "2023-06-30"),
    ("C-304", "trop-tard.example", "2023-06-30"),
    ("C-305", "sans-terme.example", "2023-06-30"),
    ("C-306", "non-habilite.example", "2023-06-30"),
    ("C-307", "demande-echue.example", "2023-06-30"),
    ("C-308", "contradictoire.example", "2023-06-30"),
    ("C-309", "efface.example", "2026-06-30"),
    ("C-310", "sans-date.example", "2026-06-30"),
    ("C-311", "demain.example", "2026-06-30"),
    ("C-312", "absent.example", "2026-06-30"),
    ("C-313", "en-clair.example", "2026-06-30"),
    ("C-314", "sans-nom.example", "2026-06-30"),
    ("C-315", "maison.example", "2026-06-30"),
    ("C-316", "non-dit.example", "2026-06-30"),
)

# Contracts that leave a doubt or contradict the directory: (company, kind, domain, signed, start, end)
DOUBTFUL = (
    ("C-351", "licence", "nature-incertaine.example", "2021-06-14", "2021-07-01", "2023-06-30"),
    ("C-351", "", "nature-incertaine.example", "2023-06-19", "2023-07-01", "2025-06-30"),  # perhaps a licence
    ("C-352", "", "", "2024-01-08", "2024-01-15", ""),  # perhaps a contract that runs
    ("C-353", "commande", "", "2019-05-06", "", ""),  # an order of no day
    ("C-354", "licence", "coupe.example", "2024-02-19", "2024-03-01", "2027-02-28"),  # disabled while it runs
    ("C-355", "licence", "habilitation-absente.example", "2021-06-14", "2021-07-01", "2026-06-30"),
)

# Nobody was ever seen to use these.
_UNUSED = {
    "nature-absente.example",
    "coupe.example",
    "habilitation-absente.example",
    *(domain for _, domain, _ in ENDED),
}

_NOT_DISABLED = fail("not_disabled", "licence échue, domaine encore actif", "licence ended, domain still active")
_JUDGED = {
    "bout-du-monde.example": just("désactivé le lendemain", "disabled on the next day"),
    "veille-de-fete.example": fail("disabled_late", "désactivé deux jours après", "disabled two days later"),
    "filiale-ouverte.example": _NOT_DISABLED,
    "veille-de-toussaint.example": just(
        "licence échue la veille de l’export", "licence ended the day before the export"
    ),
    "avant-veille.example": _NOT_DISABLED,
    canaries.KEPT_DOMAIN: exempt(
        "kept_on_request", "conservé à la demande du client", "kept at the customer’s request"
    ),
    "trop-tard.example": fail("not_disabled", "demande reçue un jour trop tard", "request received a day late"),
    "sans-terme.example": unsure("request_incomplete", "demande sans terme", "request without an end"),
    "non-habilite.example": fail("not_disabled", "demandeur non habilité", "requester not authorised"),
    "demande-echue.example": fail("not_disabled", "demande échue la veille", "request over the day before"),
    "contradictoire.example": unsure("requests_contradictory", "conserver et effacer", "to keep and to erase"),
    "sans-date.example": unsure("clock_missing", "désactivé sans date", "disabled without a date"),
    "demain.example": unsure("clock_in_future", "désactivation datée de demain", "disabling dated tomorrow"),
    "absent.example": unsure("domain_unknown", "domaine absent de l’annuaire", "domain not in the directory"),
}
_NO_KIND = unsure("licence_end_unknown", "nature du contrat absente", "no kind of contract")
_RENEWED = outside("licence renouvelée ou suivie d’une autre", "licence renewed or followed by another")
_LAST_DAY = outside("licence finissant le jour de l’export", "licence ending on the day of the export")

# Contracts that run, or nearly: (kind, start, end, user data, agreement signed, verdict)
AGREEMENTS = (
    (
        "contrat",
        "2024-01-15",
        "",
        "oui",
        "2026-10-31",
        just("accord signé la veille", "agreement signed the day before"),
    ),
    ("contrat", "2024-01-15", "", "oui", "", fail("agreement_missing", "aucun accord signé", "no agreement signed")),
    (
        "abonnement",
        "2023-11-02",
        "2026-11-01",
        "oui",
        "",
        fail("agreement_missing", "dernier jour, sans accord", "last day, no agreement"),
    ),
    ("abonnement", "2023-11-01", "2026-10-31", "oui", "", outside("échu la veille", "ended the day before")),
    ("commande", "2025-03-03", "", "oui", "", outside("commande livrée", "order delivered")),
    ("contrat", "2026-12-01", "", "oui", "", outside("pas encore commencé", "not yet begun")),
    (
        "contrat",
        "2024-01-15",
        "",
        "",
        "2024-01-10",
        unsure("scope_unknown", "données non renseignées", "nothing says whether it has user data"),
    ),
    (
        "contrat",
        "2024-01-15",
        "",
        "oui",
        "2026-11-15",
        unsure("clock_in_future", "signature datée d’après l’export", "signature dated after the export"),
    ),
)


def contracts(rows: int) -> list[Row]:
    """The contracts of the ERP: those of active customers first, then the planted ones."""
    found: list[Row] = []
    for company in active_companies(rows):
        found.append(_contract(len(found), (company.id, "contrat", "", "2022-02-14", "2022-03-01", "", "oui")))
        licence = (company.id, "licence", company.domain, "2022-02-14", "2022-03-01", "2027-02-28", "non")
        found.append(_contract(len(found), licence))
    ended = ((company, "licence", domain, "2021-06-14", "2021-07-01", end) for company, domain, end in ENDED)
    for contract in (*PLANTED, *((*licence, "non") for licence in (*LICENCES, *FIRST_USES, *ended))):
        found.append(_contract(len(found), contract))
    found[0].values["contract_id"] = canaries.CONTRACT_ID
    found[1].extra["label"] = canaries.CONTRACT_LABEL
    found += _unclear(len(found))
    found += _agreements(len(found))
    found += _doubtful(len(found))
    found.append(_contract(len(found), ("C-001", "commande", "", "2026-05-11", "2026-05-18", "", "non")))
    found[-1].values["contract_id"] = ""
    return [*found[:-1], Row(found[-1].values, {}, found[-1].extra, quarantine="key_missing")]


def _contract(number: int, contract: tuple[str, ...]) -> Row:
    company, kind, domain, signed, start, end, tacit = contract
    values = {
        "contract_id": f"K-{2000 + number}",
        "company_id": company,
        "kind": kind,
        "domain": domain,
        "signed_at": signed,
        "start": start,
        "end": end,
        "tacit_renewal": tacit,
        "has_user_data": "oui" if domain else "non",
        "dpa_signed_at": start if domain else "",
    }
    used = domain and domain not in _UNUSED
    judged = {SIGNED: SIGNATURES.get(domain, CLEAN)} if used else {}
    return Row(values, judged | _judged(kind, domain, end), {"label": f"Prestation {kind}"})


def _judged(kind: str, domain: str, end: str) -> dict[str, Expected]:
    runs = not end or end >= AS_OF[:10]
    judged = {PROCESSOR: CLEAN} if domain and runs else {}
    if kind != "licence":
        return judged
    last = max((one[5] or "9999" for one in LICENCES if one[2] == domain), default=end or "9999")
    if last != (end or "9999"):
        return {DISABLED: _RENEWED}
    if runs:
        return judged | ({DISABLED: _LAST_DAY} if end == AS_OF[:10] else {})
    return {DISABLED: _JUDGED.get(domain, CLEAN)}


def _unclear(number: int) -> list[Row]:
    """A licence without a domain, and a contract that may be a licence."""
    no_domain = unsure("domain_unknown", "licence sans domaine", "licence without a domain")
    rows = [
        _contract(number, ("C-321", "licence", "", "2021-06-14", "2021-07-01", "2023-06-30", "non")),
        _contract(number + 1, ("C-322", "", "nature-absente.example", "2021-06-14", "2021-07-01", "2023-06-30", "non")),
    ]
    return [replace(row, judged={DISABLED: judged}) for row, judged in zip(rows, (no_domain, _NO_KIND), strict=True)]


def _doubtful(number: int) -> list[Row]:
    rows = [_contract(number + place, (*contract, "non")) for place, contract in enumerate(DOUBTFUL)]
    return [
        replace(row, judged=row.judged | {DISABLED: _NO_KIND})
        if row.values["domain"] and not row.values["kind"]
        else row
        for row in rows
    ]


def _agreements(number: int) -> list[Row]:
    rows = []
    for place, (kind, start, end, data, signed, judged) in enumerate(AGREEMENTS):
        row = _contract(number + place, (f"C-{331 + place}", kind, "", start, start, end, "non"))
        values = row.values | {"has_user_data": data, "dpa_signed_at": signed}
        rows.append(replace(row, values=values, judged={PROCESSOR: judged}))
    rows[1].values.update(contract_id=canaries.SIGNED, company_id=canaries.CLIENT)
    return rows
