"""Contacts: the prospects and customers of the CRM, with every branch of clause 5.2.1 planted."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from audit_lib.sample import canaries, erasure, people
from audit_lib.sample.companies import active_companies
from audit_lib.sample.expected import (
    ANONYMISED,
    ARCHIVES,
    CLEAN,
    CUSTOMERS,
    EXPIRY,
    OUTSIDE,
    PROSPECTS,
    Expected,
    Row,
    exempt,
    fail,
    just,
    outside,
    review,
    unsure,
)
from audit_lib.sample.prospecting import MAILED, Mailed

FRENCH_FIRST_ID = 101_000_001
ENGLISH_FIRST_ID = 205_000_001
LEAST_CONTACTS = 320
MOST_CONTACTS = 500_000

Judged = dict[str, Expected]


def french_contacts(rows: int) -> Iterator[Row]:
    """The export in French: dates without time."""
    return _numbered(_french_plants(), FRENCH_FIRST_ID, rows)


def english_contacts(rows: int) -> Iterator[Row]:
    """The export in English: dates with hours and minutes, Paris time."""
    yield from _numbered(_english_plants(), ENGLISH_FIRST_ID, rows)
    values = _values(0, "prospect", "2025-02-03 10:15") | {"contact_id": str(ENGLISH_FIRST_ID)}
    yield Row(values, {}, quarantine="key_duplicate")


def contacts_per_file(rows: int) -> int:
    return min(max(LEAST_CONTACTS, rows // 20), MOST_CONTACTS) // 2


def _numbered(plants: list[Row], first_id: int, rows: int) -> Iterator[Row]:
    for number in range(contacts_per_file(rows)):
        row = plants[number] if number < len(plants) else _clean(number, rows)
        values = row.values | _identity(first_id + number, row.values)
        yield replace(row, values=values, judged=_mailed(row.judged), extra=_distractors(number) | row.extra)


def _mailed(judged: Judged) -> Judged:
    """Contacts of the two retention controls are judged by what they were sent too: nothing, if nothing is planted."""
    kept = judged.get(PROSPECTS, judged.get(CUSTOMERS))
    if kept is None or EXPIRY in judged:
        return judged
    alike = kept.verdict == OUTSIDE or kept.reason == "status_missing"
    return judged | {EXPIRY: kept if alike else CLEAN}


def _distractors(number: int) -> dict[str, str]:
    """Recent dates that HubSpot shows and that are no contact by the person."""
    recent = f"2026-09-{1 + number % 28:02d}"
    return {"last_activity": recent, "last_open": recent} if number % 3 else {}


def _identity(contact_id: int, values: dict[str, str]) -> dict[str, str]:
    """Names and addresses of a contact; an anonymised one keeps only what it was planted with."""
    if values.get("anonymised_at", "").startswith("20"):
        return {"contact_id": str(contact_id)} | values
    number = contact_id % 1_000_000 + (7 if contact_id >= ENGLISH_FIRST_ID else 0)
    first, last = people.first_name(number), people.last_name(number)
    login = f"{people.plain(first)}.{people.plain(last)}{contact_id % 10_000_000}"
    named = {
        "contact_id": str(contact_id),
        "first_name": first,
        "last_name": last,
        "email": f"{login}@atelier-{number % 97:02d}.example",
        "phone": people.phone(number + 1000),
        "company": f"Atelier {number % 97:02d}",
    }
    return named | values


def _values(number: int, status: str, collected: str = "", **columns: str) -> dict[str, str]:
    values = {
        "status": status,
        "country": ("France", "Allemagne", "Espagne", "Italie", "Belgique")[number % 5],
        "source": ("Salon", "Site web", "Recommandation")[number % 3],
        "legal_basis": "Intérêt légitime",
        "collected_at": collected,
    }
    return values | columns


def _prospect(expected: Expected, collected: str, **columns: str) -> Row:
    return Row(_values(1, "prospect", collected, **columns), {PROSPECTS: expected})


def _customer(expected: Expected, company_id: str, **columns: str) -> Row:
    status = columns.pop("status", "customer")
    collected = columns.pop("collected", "2018-06-05")
    values = _values(2, status, collected, company_id=company_id, **columns)
    return Row(values, {CUSTOMERS: expected})


def _clean(number: int, rows: int) -> Row:
    """A record that keeps every promise: half prospects, then customers, former customers and others."""
    collected = (dt.date(2024, 1, 8) + dt.timedelta(days=number * 37 % 1020)).isoformat()
    kind = number % 10
    if kind < 5:
        return Row(_values(number, "prospect", collected), {PROSPECTS: CLEAN})
    companies = active_companies(rows)
    company = companies[number % len(companies)]
    if kind < 8:
        owner = {"company": company.name, "company_id": company.id}
        return Row(_values(number, "customer", collected, **owner), {CUSTOMERS: CLEAN})
    if kind == 8:
        return Row(_values(number, "former_customer", collected, company_id="C-116"), {CUSTOMERS: CLEAN})
    return Row(_values(number, "other", collected))


def _anonymised(expected: Expected, anonymised_at: str, **columns: str) -> Row:
    message = columns.pop("message", "")
    values = {
        "status": "prospect",
        "country": "France",
        "collected_at": "2019-05-14",
        "anonymised_at": anonymised_at,
    }
    return Row(values | columns, {ANONYMISED: expected}, {"message": message} if message else {})


def _french_plants() -> list[Row]:
    """Rows whose order is theirs in the file: planted.yaml names them by number."""
    return [
        *_french_clocks(),
        *_french_recontacts(),
        *_french_customers(),
        *_french_archives(),
        *_french_anonymised(),
        _canary_row(canaries.CONTACT_ID),
        Row(_values(3, "prospect", "31/02/2025"), {}, quarantine="bad_date"),
        *_french_erased(),
        *_french_unclear(),
        *_french_left(),
    ]


def _french_clocks() -> list[Row]:
    open_contract = just(
        "prospect dont l’entreprise a un contrat en cours", "prospect whose company has an open contract"
    )
    no_status = unsure("status_missing", "statut absent", "no status")
    return [
        _prospect(
            just("dernier jour licite : 3 ans jour pour jour", "last lawful day: 3 years to the day"),
            "2023-11-01",
        ),
        _prospect(fail("kept_too_long", "un jour de trop", "one day too many"), "2023-10-31"),
        _prospect(
            fail("kept_too_long", "collecté en 2019, sans contact", "collected in 2019, no contact"),
            "2019-03-14",
        ),
        _prospect(fail("kept_too_long", "collecté un 29 février", "collected on 29 February"), "2020-02-29"),
        _prospect(
            just("29 février : licite jusqu’au 28/02/2027", "29 February: lawful until 2027-02-28"),
            "2024-02-29",
        ),
        _prospect(
            just("contact entrant récent", "recent inbound contact"),
            "2020-06-15",
            last_inbound_contact_at="2024-05-28",
        ),
        _prospect(
            just("contact entrant il y a 3 ans jour pour jour", "inbound contact 3 years ago to the day"),
            "2020-01-31",
            last_inbound_contact_at="2023-11-01",
        ),
        _prospect(
            fail(
                "kept_too_long",
                "contact entrant vieux de 3 ans et un jour",
                "inbound contact 3 years and a day old",
            ),
            "2020-01-31",
            last_inbound_contact_at="2023-10-31",
        ),
        _prospect(unsure("clock_missing", "date sentinelle 01/01/1970", "sentinel date 1970-01-01"), "1970-01-01"),
        _prospect(unsure("clock_missing", "aucune date", "no date"), ""),
        _prospect(unsure("clock_missing", "date sentinelle 31/12/9999", "sentinel date 9999-12-31"), "9999-12-31"),
        _prospect(unsure("clock_in_future", "collecté demain", "collected tomorrow"), "2026-11-02"),
        _prospect(just("collecté le jour de l’export", "collected on the day of the export"), "2026-11-01"),
        _prospect(
            fail(
                "kept_too_long",
                "contact entrant sentinelle, sans effet",
                "sentinel inbound contact, no effect",
            ),
            "2022-04-19",
            last_inbound_contact_at="9999-12-31",
        ),
        _prospect(
            fail("kept_too_long", "seuls nos envois sont récents", "only our own messages are recent"),
            "2021-04-13",
            last_outbound_contact_at="2026-08-25",
        ),
        _prospect(open_contract, "2017-09-12", company_id="C-001", company="Armor Optique"),
        _prospect(
            fail(
                "kept_too_long",
                "l’entreprise n’a que des contrats échus",
                "the company has ended contracts only",
            ),
            "2019-10-08",
            company_id="C-112",
        ),
        _prospect(
            just("contrats échus, mais collecté récemment", "ended contracts, but collected recently"),
            "2025-01-21",
            company_id="C-112",
        ),
        Row(_values(4, "", "2025-07-08"), {PROSPECTS: no_status, CUSTOMERS: no_status}),
        Row(_values(4, "", "2016-07-28"), {PROSPECTS: no_status, CUSTOMERS: no_status}),
        Row(_values(4, "other", "2012-02-17"), {PROSPECTS: _out_of_scope(), CUSTOMERS: _out_of_scope()}),
    ]


def _out_of_scope() -> Expected:
    return outside("ni prospect ni client : hors du périmètre", "neither prospect nor customer: out of scope")


def _french_recontacts() -> list[Row]:
    def recontacted(
        expected: Expected, sent: str, reply_at: str = "", reply: str = "", collected: str = "2022-03-15"
    ) -> Row:
        columns = {"recontact_sent_at": sent, "recontact_reply_at": reply_at, "recontact_reply": reply}
        return _prospect(expected, collected, **columns)

    return [
        recontacted(
            just("réponse positive à la relance", "positive reply to the recontact"),
            "2026-05-11",
            "2026-05-20",
            "positive",
        ),
        recontacted(
            just("réponse positive le jour de la relance", "positive reply on the day of the recontact"),
            "2025-06-02",
            "2025-06-02",
            "positive",
        ),
        recontacted(
            fail(
                "kept_too_long",
                "réponse positive elle-même trop vieille",
                "the positive reply itself is too old",
            ),
            "2022-09-05",
            "2022-09-19",
            "positive",
            "2019-06-24",
        ),
        recontacted(
            unsure("reply_undated", "réponse positive sans date", "positive reply without a date"),
            "2026-05-11",
            "",
            "positive",
        ),
        recontacted(
            unsure(
                "reply_before_recontact",
                "réponse antérieure à la relance",
                "reply earlier than the recontact",
            ),
            "2026-05-11",
            "2026-04-30",
            "positive",
        ),
        recontacted(
            fail("recontact_refused", "réponse négative", "negative reply"),
            "2026-10-12",
            "2026-10-14",
            "negative",
        ),
        recontacted(
            fail("recontact_refused", "réponse négative ancienne", "old negative reply"),
            "2025-11-17",
            "2025-11-28",
            "negative",
        ),
        recontacted(
            review("recontact_pending", "relance sans réponse, délai ouvert", "recontact unanswered, window open"),
            "2026-10-15",
        ),
        recontacted(
            review("recontact_pending", "dernier jour du délai de réponse", "last day of the response window"),
            "2026-10-01",
        ),
        recontacted(
            fail(
                "recontact_unanswered",
                "délai de réponse dépassé de deux jours",
                "response window over for two days",
            ),
            "2026-09-30",
        ),
        recontacted(
            fail("recontact_unanswered", "relance de 2024 restée sans réponse", "2024 recontact never answered"),
            "2024-08-31",
            collected="2021-08-27",
        ),
        recontacted(
            review("recontact_pending", "réponse ambiguë, délai ouvert", "ambiguous reply, window open"),
            "2026-10-19",
            "2026-10-21",
            "ambiguous",
        ),
        recontacted(
            fail("recontact_unanswered", "réponse ambiguë, délai dépassé", "ambiguous reply, window over"),
            "2026-07-20",
            "2026-07-22",
            "ambiguous",
        ),
        recontacted(
            review("recontact_pending", "réponse automatique, délai ouvert", "automatic reply, window open"),
            "2026-10-20",
            "2026-10-20",
            "automatic",
        ),
        recontacted(
            fail("recontact_unanswered", "réponse automatique, délai dépassé", "automatic reply, window over"),
            "2026-06-15",
            "2026-06-15",
            "automatic",
        ),
        recontacted(
            fail(
                "recontact_unanswered",
                "relancé avant l’échéance, sans réponse",
                "recontacted before expiry, no reply",
            ),
            "2026-08-20",
            collected="2023-09-01",
        ),
        recontacted(
            just("refus, mais les 3 ans courent encore", "a refusal, but the 3 years still run"),
            "2026-03-17",
            "2026-03-19",
            "negative",
            "2024-10-22",
        ),
    ]


def _french_customers() -> list[Row]:
    unknown = unsure("no_contract_known", "client sans aucun contrat connu", "customer without any known contract")
    return [
        _customer(just("contrat tacitement reconduit", "tacitly renewed contract"), "C-101"),
        _customer(just("contrat échu il y a 3 ans jour pour jour", "contract ended 3 years ago to the day"), "C-102"),
        _customer(
            fail("kept_too_long", "contrat échu, un jour de trop", "contract ended, one day too many"),
            "C-103",
        ),
        _customer(just("la garantie est la dernière fin", "the warranty is the last end"), "C-104"),
        _customer(just("commande sans fin : finit à son début", "order without end: ends on its start"), "C-105"),
        _customer(fail("kept_too_long", "commande sans fin, trop ancienne", "order without end, too old"), "C-106"),
        _customer(just("contrat finissant le jour de l’export", "contract ending on the day of the export"), "C-107"),
        _customer(fail("kept_too_long", "fin un 29 février", "end on 29 February"), "C-108"),
        _customer(just("fin le 29/02/2024", "end on 2024-02-29"), "C-109"),
        _customer(
            just("contact entrant après la fin", "inbound contact after the end"),
            "C-110",
            last_inbound_contact_at="2024-05-14",
        ),
        _customer(fail("kept_too_long", "aucun contact après la fin", "no contact after the end"), "C-110"),
        _customer(
            fail("kept_too_long", "contact entrant antérieur à la fin", "inbound contact before the end"),
            "C-110",
            last_inbound_contact_at="2021-02-23",
        ),
        _customer(just("fin sentinelle : contrat en cours", "sentinel end: open contract"), "C-111"),
        _customer(fail("kept_too_long", "contrat échu en 2021", "contract ended in 2021"), "C-112"),
        _customer(just("abonnement sans fin : en cours", "subscription without end: open"), "C-115"),
        _customer(unknown, "C-113"),
        _customer(unknown, "", status="former_customer"),
        _customer(
            just("sans contrat : fin de relation il y a 3 ans", "no contract: relationship ended 3 years ago"),
            "C-114",
            relationship_ended_at="2023-11-01",
        ),
        _customer(
            fail(
                "kept_too_long",
                "sans contrat : fin de relation trop vieille",
                "no contract: relationship ended too long ago",
            ),
            "C-114",
            status="former_customer",
            relationship_ended_at="2023-10-31",
        ),
        _customer(
            unsure(
                "no_contract_known",
                "sans contrat, fin de relation sentinelle",
                "no contract, sentinel end of relationship",
            ),
            "C-114",
            relationship_ended_at="1970-01-01",
        ),
        _customer(
            unsure(
                "clock_in_future",
                "sans contrat, fin de relation à venir",
                "no contract, relationship ends later",
            ),
            "C-114",
            relationship_ended_at="2027-01-15",
        ),
        _customer(
            just("le contrat l’emporte sur la date saisie", "the contract prevails over the date typed in"),
            "C-102",
            relationship_ended_at="2020-01-06",
        ),
        _customer(
            fail(
                "kept_too_long",
                "une date saisie ne rallonge pas le contrat",
                "a date typed in does not extend the contract",
            ),
            "C-112",
            relationship_ended_at="2025-04-22",
        ),
        _customer(
            just("ancien client dont un contrat court encore", "former customer with an open contract"),
            "C-001",
            status="former_customer",
        ),
    ]


# archived_at, basis, category, clock, store, access groups, hold id, hold opened, hold closed
_VOUCHER = (
    *("2023-01-16", "L123-22", "accounting_voucher", "2019-12-31", "intermediate", "accounting;legal"),
    *("", "", ""),
)
_CONTRACT = (
    *("2024-02-12", "L110-4", "contract", "2022-03-28", "intermediate", "legal;dpo"),
    *("", "", ""),
)
_HOLD = (
    *("2024-06-18", "litigation_hold", "contract", "2024-06-18", "intermediate", "legal"),
    *("LIT-2024-07", "2024-06-17", ""),
)
_ARCHIVE_COLUMNS = (
    "archived_at",
    "archive_basis",
    "archive_category",
    "archive_clock",
    "archive_store",
    "archive_access_groups",
    "hold_id",
    "hold_opened_at",
    "hold_closed_at",
)


def _archived(base: tuple[str, ...], archive: Expected, **changes: str) -> Row:
    """A contact past its three years and said to be archived; the retention verdict follows the archive's."""
    as_customer = changes.pop("as_customer", "")
    columns = dict(zip(_ARCHIVE_COLUMNS, base, strict=True)) | changes
    retention = {
        "PASS": exempt("in_legal_archive", "archivé dans les règles", "lawfully archived"),
        "FAIL": fail("archive_invalid", "échu, archive non conforme", "expired, archive not lawful"),
        "INDETERMINATE": unsure("archive_incomplete", "échu, archive incomplète", "expired, archive incomplete"),
        "REVIEW": review("archive_to_review", "échu, archive à examiner", "expired, archive to review"),
    }[archive.verdict]
    if as_customer:
        row = _customer(retention, "C-112", **columns)
    else:
        row = _prospect(retention, "2018-04-24", **({"company": ""} | columns))
    return replace(row, judged=row.judged | {ARCHIVES: archive})


def _french_archives() -> list[Row]:
    last_day = just("dernier jour de la durée d’archivage", "last day of the archive period")
    row_inside = _prospect(
        just("archive non conforme mais les 3 ans courent", "archive not lawful, but the 3 years still run"),
        "2025-03-11",
    )
    inside = dict(zip(_ARCHIVE_COLUMNS, _CONTRACT, strict=True)) | {"archive_store": "active"}
    in_active = fail("archive_in_active_store", "reste dans la base active", "still in the active store")
    return [
        _archived(_VOUCHER, CLEAN),
        _archived(_VOUCHER, CLEAN, as_customer="oui"),
        _archived(_CONTRACT, CLEAN),
        _archived(_CONTRACT, last_day, archive_clock="2021-11-01"),
        _archived(
            _CONTRACT,
            fail("archive_expired", "un jour après la durée de 5 ans", "one day past the 5 years"),
            archive_clock="2021-10-31",
        ),
        _archived(
            _CONTRACT,
            fail("archive_expired", "29/02/2020 + 5 ans = 28/02/2025", "2020-02-29 + 5 years = 2025-02-28"),
            archive_clock="2020-02-29",
            as_customer="oui",
        ),
        _archived(_CONTRACT, CLEAN, archive_basis="C. civ. 2224"),
        _archived(_CONTRACT, CLEAN, archive_basis="L213-1", archive_category="consumer_contract"),
        _archived(
            _CONTRACT,
            review(
                "consumer_basis_for_company",
                "fondement consommateur, société renseignée",
                "consumer basis, company filled in",
            ),
            archive_basis="L213-1",
            archive_category="consumer_contract",
            company="Les Toiles du Large",
        ),
        _archived(
            _CONTRACT,
            just("pièce fiscale, 6 ans jour pour jour", "tax document, 6 years to the day"),
            archive_basis="LPF L102 B",
            archive_category="tax_document",
            archive_clock="2020-11-01",
        ),
        _archived(
            _CONTRACT,
            fail("archive_expired", "pièce fiscale, un jour de trop", "tax document, one day too many"),
            archive_basis="LPF L102 B",
            archive_category="tax_document",
            archive_clock="2020-10-31",
        ),
        _archived(
            _VOUCHER,
            just("clôture de l’exercice à venir", "accounting year not closed yet"),
            archive_clock="2026-12-31",
        ),
        _archived(
            _VOUCHER,
            fail(
                "archive_category_mismatch",
                "un contrat n’est pas une pièce comptable",
                "a contract is no accounting voucher",
            ),
            archive_category="contract",
        ),
        _archived(_CONTRACT, in_active, archive_store="active"),
        Row(row_inside.values | inside, row_inside.judged | {ARCHIVES: in_active}),
        _archived(
            _CONTRACT,
            fail("archive_access_too_wide", "accessible au marketing", "open to marketing"),
            archive_access_groups=f"legal;{canaries.CONTACT_GROUP}",
        ),
        _archived(_CONTRACT, unsure("archive_incomplete", "catégorie absente", "no category"), archive_category=""),
        _archived(_CONTRACT, unsure("archive_incomplete", "point de départ absent", "no clock"), archive_clock=""),
        _archived(
            _CONTRACT,
            unsure("archive_incomplete", "point de départ sentinelle", "sentinel clock"),
            archive_clock="1970-01-01",
        ),
        _archived(
            _CONTRACT,
            unsure("clock_in_future", "archivé demain", "archived tomorrow"),
            archived_at="2026-11-02",
        ),
    ]


def _french_anonymised() -> list[Row]:
    return [
        _anonymised(
            just("la note dit seulement l’anonymisation", "the note only says that it was anonymised"),
            "2024-01-15",
            notes="Fiche anonymisée",
        ),
        *[_anonymised(CLEAN, f"2024-0{month}-15", notes="Fiche anonymisée") for month in range(2, 7)],
        _anonymised(fail("identifier_left", "prénom resté", "first name left"), "2024-07-16", first_name="Solène"),
        _anonymised(fail("identifier_left", "téléphone resté", "phone left"), "2024-07-16", phone=people.phone(31)),
        _anonymised(
            fail("email_found", "adresse dans les notes", "e-mail address in the notes"),
            "2024-09-03",
            notes="Anonymisée, ancienne adresse solene.guivarch@atelier-31.example",
        ),
        _anonymised(
            fail("phone_found", "téléphone dans les notes", "phone number in the notes"),
            "2024-09-03",
            notes="Ne plus appeler le 06 39 98 12 34",
        ),
        _anonymised(
            unsure("clock_in_future", "anonymisé demain", "anonymised tomorrow"),
            "2026-11-02",
            notes="À anonymiser",
        ),
    ]


def _french_erased() -> list[Row]:
    """Contacts of people who asked to be erased: see erasure.py."""
    entry = dict.fromkeys(("first_name", "last_name", "phone", "company"), "") | {
        "status": "other",
        "opted_out_at": "2026-03-02",
    }
    no_distractor = {"last_activity": ""}
    in_active, no_category = (
        fail("archive_in_active_store", "reste dans la base active", "still in the active store"),
        unsure("archive_incomplete", "catégorie absente", "no category"),
    )
    consumer = {"archive_basis": "L213-1", "archive_category": "consumer_contract", "company": "Atelier 94"}
    to_review = review(
        "consumer_basis_for_company", "fondement consommateur, société renseignée", "consumer basis, company filled in"
    )
    return [
        _prospect(CLEAN, "2025-05-12", email=erasure.ERASED.upper()),
        _prospect(CLEAN, "2025-06-16", notes=f"En copie : {erasure.COPIED_WITH_LABEL}."),
        _prospect(CLEAN, "2026-06-10", email=erasure.BACK),
        _prospect(CLEAN, erasure.ERASED_ON, email=erasure.SAME_DAY),
        _archived(_CONTRACT, CLEAN, email=erasure.ARCHIVED),
        _archived(_CONTRACT, in_active, email=erasure.ARCHIVED_ACTIVE, archive_store="active"),
        _archived(_CONTRACT, no_category, email=erasure.ARCHIVED_PARTLY, archive_category=""),
        _archived(_CONTRACT, to_review, email=erasure.ARCHIVED_CONSUMER, **consumer),
        Row(entry | {"email": erasure.SUPPRESSED}, {}, no_distractor),
        Row(entry | {"email": erasure.SUPPRESSED_WITH_NAME, "first_name": "Awena"}, {}, no_distractor),
    ]


def _french_unclear() -> list[Row]:
    """What their company's contracts do not tell may keep them: see companies.DOUBTFUL."""
    return [
        _customer(unsure("clock_missing", "seule commande sans date", "a single order, undated"), "C-353"),
        _prospect(
            unsure("clock_missing", "contrat en cours de nature inconnue", "a contract of no kind runs"),
            "2019-10-08",
            company_id="C-352",
        ),
    ]


def _french_left() -> list[Row]:
    """Anonymised, but for one place."""
    return [
        _anonymised(
            fail("email_found", "adresse en guise de numéro", "e-mail address used as the number"),
            "2024-09-03",
            contact_id="loeiza.morvan@atelier-32.example",
        ),
        _anonymised(
            fail("mac_found", "adresse MAC dans les notes", "MAC address in the notes"),
            "2024-09-03",
            notes="Lunettes 3c:5a:b4:0d:9e:23 rendues",
        ),
        _anonymised(
            fail("imei_found", "IMEI dans les notes", "IMEI in the notes"),
            "2024-09-03",
            notes="Téléphone 490154203237518 rendu",
        ),
    ]


def _english_plants() -> list[Row]:
    return [
        *_english_clocks(),
        *_english_archives(),
        *_english_customers(),
        *_english_anonymised(),
        _canary_row(canaries.CONTACT_ID_ENGLISH),
        *_english_mailed(),
    ]


def _english_mailed() -> list[Row]:
    controls = {"prospect": PROSPECTS, "customer": CUSTOMERS}
    return [
        Row(
            _values(1, plant.status, **plant.columns),
            {EXPIRY: plant.mailed} | ({controls[plant.status]: plant.kept} if plant.status in controls else {}),
        )
        for plant in MAILED
    ]


def mailed() -> Iterator[tuple[Mailed, dict[str, str]]]:
    """The contacts of `prospecting` with their id and address: the last planted ones of the export in English."""
    rows = _english_plants()
    first = len(rows) - len(MAILED)
    for place, plant in enumerate(MAILED, first):
        yield plant, _identity(ENGLISH_FIRST_ID + place, rows[place].values)


def _english_clocks() -> list[Row]:
    """The first rows are those that interactions speak of: see `interactions`."""
    rows = [_prospect(expected, collected) for collected, expected, _ in INTERACTION_PLANTS]
    return [
        *rows,
        _prospect(
            just("minuit passé de dix minutes, heure de Paris", "ten past midnight, Paris time"),
            "2023-11-01 00:10",
        ),
        _prospect(
            fail("kept_too_long", "minuit moins dix, heure de Paris", "ten to midnight, Paris time"),
            "2023-10-31 23:50",
        ),
        _prospect(
            unsure("clock_in_future", "deux heures après l’export", "two hours after the export"),
            "2026-11-01 08:00",
        ),
        _prospect(just("une heure avant l’export", "one hour before the export"), "2026-11-01 05:00"),
        _prospect(
            just("heure double du passage à l’heure d’hiver", "hour that occurs twice when summer time ends"),
            "2025-10-26 02:30",
        ),
        _prospect(
            just(
                "anonymisation sentinelle : fiche non anonymisée",
                "sentinel anonymisation date: not anonymised",
            ),
            "2025-05-06 11:20",
            anonymised_at="1970-01-01 00:00",
        ),
        _prospect(unsure("clock_missing", "date sentinelle", "sentinel date"), "1900-01-01 00:00"),
    ]


_COUNTS = just("un contact du prospect compte", "a contact by the prospect counts")
_NO_COUNT = fail(
    "kept_too_long",
    "ne compte pas comme un contact du prospect",
    "does not count as a contact by the prospect",
)

# collected, verdict, (instant, direction, type) of its interaction; contact n is row n of the English export
INTERACTION_PLANTS: tuple[tuple[str, Expected, tuple[str, str, str]], ...] = (
    ("2021-05-04 09:12", _NO_COUNT, ("2026-09-14T08:31:00+02:00", "inbound", "open")),
    ("2021-05-11 09:12", _NO_COUNT, ("2026-09-14T08:32:00+02:00", "inbound", "auto_reply")),
    ("2021-05-18 09:12", _NO_COUNT, ("2026-09-15T10:00:00+02:00", "outbound", "email")),
    ("2021-05-25 09:12", _NO_COUNT, ("2026-09-16T10:00:00+02:00", "outbound", "call")),
    ("2021-06-01 09:12", _NO_COUNT, ("2026-09-17T10:00:00+02:00", "inbound", "bounce")),
    ("2021-06-08 09:12", _NO_COUNT, ("2026-09-18T10:00:00+02:00", "outbound", "crm_edit")),
    ("2021-06-15 09:12", _NO_COUNT, ("2026-09-21T10:00:00+02:00", "inbound", "enrichment")),
    ("2021-06-22 09:12", _COUNTS, ("2025-03-18T14:22:10+01:00", "inbound", "click")),
    ("2021-06-29 09:12", _COUNTS, ("2025-03-19T14:22:10+01:00", "inbound", "form")),
    ("2021-07-06 09:12", _COUNTS, ("2025-03-20T14:22:10+01:00", "inbound", "reply")),
    ("2021-07-13 09:12", _COUNTS, ("2025-03-21T14:22:10+01:00", "inbound", "email")),
    ("2021-07-20 09:12", _COUNTS, ("2025-03-24T14:22:10+01:00", "inbound", "call")),
    ("2021-07-27 09:12", _COUNTS, ("2025-03-25T14:22:10+01:00", "inbound", "demo")),
    ("2021-08-03 09:12", _COUNTS, ("2025-03-26T14:22:10+01:00", "inbound", "meeting")),
    (
        "2021-08-10 09:12",
        just("clic à 0 h 30 à Paris le dernier jour licite", "click at 00:30 in Paris on the last lawful day"),
        ("2023-10-31T23:30:00Z", "inbound", "click"),
    ),
    (
        "2021-08-17 09:12",
        fail("kept_too_long", "clic à 23 h 30 à Paris la veille", "click at 23:30 in Paris the day before"),
        ("2023-10-31T23:30:00+01:00", "inbound", "click"),
    ),
    (
        "2021-08-24 09:12",
        unsure("clock_in_future", "appel daté de 2027", "call dated 2027"),
        ("2027-01-05T10:00:00+01:00", "inbound", "call"),
    ),
    (
        "",
        just("collecte inconnue, clic récent", "collection unknown, recent click"),
        ("2025-06-03T10:00:00+02:00", "inbound", "click"),
    ),
)

CUSTOMER_CLICK = ("2024-01-09T16:45:00+01:00", "inbound", "click")  # by the first planted customer in English


def _english_archives() -> list[Row]:
    return [
        _archived(_HOLD, CLEAN),
        _archived(
            _HOLD,
            just("gel levé le jour de l’export", "hold closed on the day of the export"),
            hold_closed_at="2026-11-01 05:30",
        ),
        _archived(
            _HOLD,
            fail("hold_closed", "gel levé la veille", "hold closed the day before"),
            hold_closed_at="2026-10-31 18:00",
        ),
        _archived(
            _HOLD,
            fail("hold_closed", "gel levé en 2025", "hold closed in 2025"),
            hold_closed_at="2025-02-10 09:00",
            as_customer="oui",
        ),
        _archived(
            _HOLD,
            unsure("archive_incomplete", "ouverture du gel inconnue", "hold without an opening date"),
            hold_opened_at="",
        ),
        _archived(_HOLD, CLEAN, hold_id=canaries.HOLD_ID),
        _archived(
            _CONTRACT,
            fail("archive_basis_unknown", "fondement hors de la liste", "basis not in the list"),
            archive_basis=canaries.CONTACT_BASIS,
        ),
        _archived(
            _CONTRACT,
            fail("archive_access_too_wide", "accessible aux commerciaux", "open to sales"),
            archive_access_groups="legal;sales",
            as_customer="oui",
        ),
        _archived(_CONTRACT, unsure("archive_incomplete", "fondement absent", "no basis"), archive_basis=""),
        _archived(
            _CONTRACT,
            unsure("archive_incomplete", "base d’archivage absente", "no store"),
            archive_store="",
            as_customer="oui",
        ),
        _archived(
            _CONTRACT,
            unsure("archive_incomplete", "groupes d’accès absents", "no access groups"),
            archive_access_groups="",
        ),
        _archived(
            _CONTRACT,
            review(
                "consumer_basis_for_company",
                "fondement consommateur, société renseignée",
                "consumer basis, company filled in",
            ),
            archive_basis="L213-1",
            archive_category="consumer_contract",
            company="Boatyard Ltd",
            as_customer="oui",
        ),
    ]


def _english_customers() -> list[Row]:
    def former(expected: Expected, sent: str, reply_at: str = "", reply: str = "") -> Row:
        columns = {"recontact_sent_at": sent, "recontact_reply_at": reply_at, "recontact_reply": reply}
        return _customer(expected, "C-112", status="former_customer", **columns)

    return [
        _customer(just("clic après la fin de la relation", "click after the end of the relationship"), "C-112"),
        _customer(fail("kept_too_long", "contrat échu, aucune relance", "contract ended, no recontact"), "C-103"),
        former(
            just("réponse positive à la relance", "positive reply to the recontact"),
            "2024-06-03 10:00",
            "2024-06-11 09:00",
            "positive",
        ),
        former(
            unsure("reply_undated", "réponse positive sans date", "positive reply without a date"),
            "2026-05-11 10:00",
            "",
            "positive",
        ),
        former(
            unsure(
                "reply_before_recontact",
                "réponse antérieure à la relance",
                "reply earlier than the recontact",
            ),
            "2026-05-11 10:00",
            "2026-05-11 09:00",
            "positive",
        ),
        former(
            fail("recontact_refused", "réponse négative", "negative reply"),
            "2024-06-03 10:00",
            "2024-06-04 10:00",
            "negative",
        ),
        former(
            review("recontact_pending", "relance sans réponse, délai ouvert", "recontact unanswered, window open"),
            "2026-10-12 10:00",
        ),
        former(
            fail("recontact_unanswered", "délai de réponse dépassé", "response window over"),
            "2026-09-30 10:00",
        ),
        former(
            fail(
                "kept_too_long",
                "réponse positive elle-même trop vieille",
                "the positive reply itself is too old",
            ),
            "2022-09-05 10:00",
            "2022-09-19 09:00",
            "positive",
        ),
    ]


def _english_anonymised() -> list[Row]:
    return [
        *[_anonymised(CLEAN, f"2025-0{month}-15 14:00", notes="Anonymised record") for month in range(1, 7)],
        _anonymised(fail("identifier_left", "nom resté", "last name left"), "2025-07-16 14:00", last_name="Holzmann"),
        _anonymised(
            fail("identifier_left", "adresse restée dans sa colonne", "e-mail address left in its column"),
            "2025-07-16 14:00",
            email="anke.holzmann@atelier-77.example",
        ),
        _anonymised(
            fail("email_found", "adresse dans le message", "e-mail address in the message"),
            "2025-07-16 14:00",
            message="Please write to anke.holzmann@atelier-77.example",
        ),
        _anonymised(
            fail("phone_found", "téléphone dans les notes", "phone number in the notes"),
            "2025-07-16 14:00",
            notes="Call back on +33639984321",
        ),
    ]


def _canary_row(contact_id: str) -> Row:
    """A record that keeps every promise and whose every text is a canary."""
    columns = {
        "first_name": canaries.CONTACT_FIRST_NAME,
        "last_name": canaries.CONTACT_LAST_NAME,
        "email": canaries.CONTACT_EMAIL,
        "phone": canaries.CONTACT_PHONE,
        "company": canaries.CONTACT_COMPANY,
        "country": canaries.CONTACT_COUNTRY,
        "source": canaries.CONTACT_SOURCE,
        "notes": f"Rencontré à {canaries.CONTACT_NOTES}",
    }
    row = _prospect(CLEAN, "2025-09-23", **columns)
    return replace(
        row,
        values=row.values | {"contact_id": contact_id},
        extra={"message": f"Bonjour, {canaries.CONTACT_MESSAGE}"},
    )


def interactions(rows: int) -> Iterator[Row]:
    """The planted interactions, then one for every second contact of the English export."""
    for number, (_, _, interaction) in enumerate(INTERACTION_PLANTS):
        yield _interaction(number, ENGLISH_FIRST_ID + number, *interaction)
    customer = ENGLISH_FIRST_ID + len(_english_clocks()) + len(_english_archives())
    yield _interaction(len(INTERACTION_PLANTS), customer, *CUSTOMER_CLICK)
    planted = len(_english_plants())
    for number in range(planted, contacts_per_file(rows), 2):
        kind = ("click", "email", "open", "call")[number % 4]
        direction = "outbound" if number % 3 == 0 and kind in ("email", "call") else "inbound"
        at = f"2026-{1 + number % 9:02d}-{1 + number % 28:02d}T{8 + number % 10:02d}:15:00Z"
        yield _interaction(number, ENGLISH_FIRST_ID + number, at, direction, kind)
    canary = _interaction(0, ENGLISH_FIRST_ID + planted, "2026-09-08T09:00:00+02:00", "inbound", "form")
    yield Row(canary.values | {"interaction_id": canaries.INTERACTION_ID}, {}, {"subject": canaries.SUBJECT})


def _interaction(number: int, contact_id: int, at: str, direction: str, kind: str) -> Row:
    values = {
        "interaction_id": f"I-{700000 + number}",
        "contact_id": str(contact_id),
        "at": at,
        "direction": direction,
        "type": kind,
    }
    return Row(values, {}, {"subject": "Suivi"})
