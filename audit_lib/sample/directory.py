"""Directory: the user base of the customers' domains, and what is left of the domains that ended."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from audit_lib.sample import canaries, people
from audit_lib.sample.companies import ACTIVE, ENDED, active_companies
from audit_lib.sample.expected import (
    CLEAN,
    INACTIVE,
    NAMED_USERS,
    RESIDUE_KEPT,
    RESIDUE_LIMITED,
    RESIDUE_LINK,
    USER_FIELDS,
    Expected,
    Row,
    exempt,
    fail,
    just,
    outside,
    review,
    unsure,
)

LDIF_USERS = 48
TABLE_USERS = 56
MOST_BULK_USERS = 200_000


def ldif_users() -> Iterator[Row]:
    """Users of four active domains, then the planted ones: their domains have a licence that ended."""
    for number in range(LDIF_USERS):
        row = _user(number, ACTIVE[number % 4].domain, "", CLEAN, CLEAN)
        yield _as_entry(row if number else _with_canaries(row, _LDIF_CANARIES))
    yield from (_as_entry(_numbered(LDIF_USERS + n, row)) for n, row in enumerate(_ldif_plants()))


def table_users(rows: int) -> Iterator[Row]:
    """Users of the other active domains, the planted ones, then those that only make the table long."""
    first = 500
    for number in range(TABLE_USERS):
        company = ACTIVE[4 + number % 4]
        row = _user(first + number, company.domain, company.id, CLEAN, CLEAN)
        yield row if number else _with_canaries(row, _TABLE_CANARIES)
    yield from (_numbered(first + TABLE_USERS + n, row) for n, row in enumerate(_table_plants()))
    companies = active_companies(rows)
    for number in range(bulk_users(rows)):
        company = companies[number % len(companies)]
        row = _user(10_000 + number, company.domain, company.id, CLEAN, CLEAN)
        login = {"login": f"u{number:07d}", "email": bulk_email(number)}
        yield replace(row, values=row.values | login)


def bulk_users(rows: int) -> int:
    """How many users only make the table long: none below 10 000 log rows."""
    return min(rows // 20, MOST_BULK_USERS) if rows > 10_000 else 0


def bulk_email(number: int) -> str:
    return f"u{number:07d}@comptoir.example"


def domains(rows: int) -> Iterator[Row]:
    """What the directory says of each domain: no control judges these rows, they tell of licences and entries."""
    for company in active_companies(rows):
        yield _domain(company.domain)
    for domain, disabled in _DISABLED.items():
        yield _domain(domain, disabled)
    yield _domain("efface.example", "2026-07-01 09:00", algorithm="aes 256 (xts)")
    for domain in ("renouvelle.example", "dernier-jour.example", "filiale-ouverte.example", "nature-absente.example"):
        yield _domain(domain)
    for _, domain, end in ENDED[:8]:
        yield _domain(domain, algorithm="AES-256" if end < "2026" else "AES-256-GCM")
    yield _domain("sans-date.example", status="disabled")
    yield _domain("demain.example", "2026-11-02 09:00")
    yield _domain("en-clair.example", "2026-07-01 09:00", encrypted="non")
    yield _domain("sans-nom.example", "2026-07-01 09:00", algorithm="")
    yield _domain("maison.example", "2026-07-01 09:00", algorithm=canaries.CIPHER)
    yield _domain("non-dit.example", "2026-07-01 09:00", encrypted="", algorithm="")
    yield _domain("nature-incertaine.example", "2023-07-01 09:00")
    yield _domain("coupe.example", "2026-06-01 09:00")
    yield _domain("habilitation-absente.example", "2026-07-01 09:00")


_DISABLED = {
    "bout-du-monde.example": "2024-11-02 23:59",
    "veille-de-fete.example": "2024-11-02 00:00",
    "deux-licences.example": "2025-03-31 18:00",
    "bissextile.example": "2024-03-01 09:00",
    "sans-licence.example": "2023-02-01 09:00",
}


def _domain(
    domain: str, disabled: str = "", status: str = "", encrypted: str = "oui", algorithm: str = "AES-256-XTS"
) -> Row:
    state = status or ("disabled" if disabled else "active")
    values = {"domain": domain, "status": state, "disabled_at": disabled}
    return Row(values | {"encrypted_at_rest": encrypted, "encryption_algorithm": algorithm})


def residues() -> Iterator[Row]:
    """Entries of ended domains: an id, roles and usage, nothing else; then the planted ones."""
    kept = {"veille-de-fete.example": _ONE_DAY, "deux-licences.example": CLEAN, "bissextile.example": _LEAP}
    for number in range(24):
        domain = list(kept)[number % 3]
        row = _residue(number, domain, kept[domain])
        if number % 4 == 0:
            row.values["roles"] = "expert;operator"
        if number < 2:
            row.values.update([("entry_id", canaries.ENTRY_ID), ("roles", canaries.ROLE)][number : number + 1])
        yield row
    yield from _residue_plants()


def _residue(
    number: int,
    domain: str,
    kept: Expected,
    limited: Expected = CLEAN,
    link: Expected = CLEAN,
    entry_id: str = "",
    **extra: str,
) -> Row:
    values = {"entry_id": entry_id or residue_id(number), "domain": domain, "roles": "operator"}
    usage = {"usage_calls": str(12 + number * 7), "usage_minutes": str(340 + number * 53)}
    return Row(values, {RESIDUE_KEPT: kept, RESIDUE_LIMITED: limited, RESIDUE_LINK: link}, usage | extra)


def _residue_plants() -> list[Row]:
    long_ago = "deux-licences.example"
    named = fail("identifier_left", "nom, e-mail ou téléphone", "name, e-mail or phone")
    office = fail("undeclared_column", "bureau renseigné", "office filled in")
    in_time = just("licence échue il y a 2 ans jour pour jour", "licence ended 2 years ago to the day")
    too_long = fail("kept_too_long", "licence échue depuis plus de 2 ans", "licence ended over 2 years ago")
    on_request = exempt("kept_on_request", "conservé à la demande du client", "kept at the customer’s request")
    both = unsure("requests_contradictory", "conserver et effacer", "to keep and to erase")
    no_end = unsure("request_incomplete", "demande sans terme", "request without an end")
    unknown = unsure("licence_end_unknown", "fin de licence inconnue", "end of licence unknown")
    erase = fail("kept_despite_erasure", "effacement demandé à temps", "erasure asked in time")
    out = outside("licence en cours", "licence running")
    spelled = just("algorithme écrit autrement", "algorithm written another way")
    perhaps = unsure("licence_end_unknown", "un autre contrat est peut-être une licence", "another contract may be one")
    running = just("domaine désactivé, licence en cours", "domain disabled, licence running")
    perhaps_erase = unsure(
        "request_incomplete", "habilitation du demandeur absente", "authority of the requester blank"
    )
    people = {
        "cn": canaries.ENTRY_NAME,
        "mail": canaries.ENTRY_EMAIL,
        "phone": canaries.ENTRY_PHONE,
    }
    planted: list[dict[str, Any]] = [
        {"domain": "bout-du-monde.example", "kept": in_time},
        {"domain": canaries.KEPT_DOMAIN, "kept": on_request, "limited": on_request, **people},
        {"domain": "trop-tard.example", "kept": too_long},
        {"domain": "demande-echue.example", "kept": too_long},
        {"domain": "non-habilite.example", "kept": too_long},
        {"domain": "sans-terme.example", "kept": no_end, "cn": "Ninon Le Bris", "limited": no_end},
        {"domain": "sans-terme.example", "kept": no_end},
        {"domain": "contradictoire.example", "kept": both, "limited": both},
        {"domain": "efface.example", "kept": erase, "limited": spelled},
        {"domain": "sans-licence.example", "kept": unknown},
        {"domain": "", "kept": unknown, "limited": unknown, "link": unknown},
        {"domain": "armor-optique.example", "kept": out, "limited": out, "link": out, "cn": "Yann Kerbrat"},
        {"domain": long_ago, "kept": CLEAN, "limited": named, "cn": "Maëlle Cadiou"},
        {"domain": long_ago, "kept": CLEAN, "limited": named, **people},
        {"domain": long_ago, "kept": CLEAN, "limited": office, "office": canaries.ENTRY_OFFICE},
        {
            "domain": "en-clair.example",
            "kept": CLEAN,
            "limited": fail("not_encrypted", "domaine non chiffré", "domain not encrypted"),
        },
        {
            "domain": "sans-nom.example",
            "kept": CLEAN,
            "limited": fail("algorithm_missing", "algorithme absent", "no algorithm"),
        },
        {
            "domain": "maison.example",
            "kept": CLEAN,
            "limited": fail("algorithm_not_named", "algorithme inconnu", "unknown algorithm"),
        },
        {
            "domain": "non-dit.example",
            "kept": CLEAN,
            "limited": unsure("encryption_unknown", "chiffrement non renseigné", "encryption not told"),
        },
        *({"domain": long_ago, "kept": CLEAN, "link": link, "entry_id": entry} for entry, link in _linked()),
        {"domain": "nature-incertaine.example", "kept": perhaps},
        {"domain": "coupe.example", "kept": running},
        {"domain": "habilitation-absente.example", "kept": perhaps_erase},
    ]
    rows = [_residue(24 + number, **one) for number, one in enumerate(planted)]
    # An entry of a domain under licence has the id of its user.
    rows[11].values["entry_id"] = user_guid(16)
    return rows


def _linked() -> list[tuple[str, Expected]]:
    users = [row.values for row in ldif_users()][16:]
    name = f"{users[5]['first_name']} {users[5]['last_name']}"
    known = fail("id_is_known_identifier", "l’identifiant est celui d’un compte", "the id is that of an account")
    return [
        (users[1]["user_id"], known),
        (_md5(users[2]["email"]), fail("hash_of_known_email", "empreinte d’une adresse", "digest of an address")),
        (_md5(users[3]["login"]), fail("hash_of_known_login", "empreinte d’un login", "digest of a login")),
        (_md5(users[4]["phone"]), fail("hash_of_known_phone", "empreinte d’un téléphone", "digest of a phone number")),
        (_md5(name), fail("hash_of_known_name", "empreinte d’un nom", "digest of a name")),
        (_md5(users[6]["user_id"])[:16], fail("hash_of_known_id", "empreinte tronquée", "cut digest of a user number")),
        (
            residue_id(99)[:12],
            just("douze chiffres hexadécimaux au hasard", "twelve random hexadecimal digits"),
        ),
        (
            _md5(users[7]["email"])[:12],
            fail("hash_of_known_email", "douze chiffres d’une empreinte", "twelve digits of a digest"),
        ),
    ]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def residue_id(number: int) -> str:
    return hashlib.sha256(f"residue {number} of a key thrown away".encode()).hexdigest()[:24]


def user_guid(number: int) -> str:
    digest = hashlib.sha256(f"user {number}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def _user(number: int, domain: str, company_id: str, named: Expected, inactive: Expected | None, **columns: str) -> Row:
    """`inactive` None: the account is marked inactive, out of that control's scope."""
    values = {
        "customer_domain": domain,
        "company_id": company_id,
        "active": "non" if inactive is None else "oui",
        "created_at": f"202{2 + number % 4}-0{1 + number % 9}-{10 + number % 18} 09:30:00",
        "last_login_at": f"2026-0{1 + number % 9}-{10 + number % 18} 08:15:00",
    }
    judged = {NAMED_USERS: named, USER_FIELDS: CLEAN}
    if inactive is not None:
        judged[INACTIVE] = inactive
    return _numbered(number, Row(values | columns, judged))


def _numbered(number: int, row: Row) -> Row:
    first, last = people.first_name(number + 3), people.last_name(number + 11)
    login = f"{people.plain(first)[0]}.{people.plain(last)}{number}"
    identity = {
        "user_id": user_guid(number),
        "login": login,
        "first_name": first,
        "last_name": last,
        "email": f"{login}@{row.values['customer_domain'] or 'fantome.example'}",
        "phone": people.phone(number),
    }
    return replace(row, values=identity | row.values)


def _as_entry(row: Row) -> Row:
    """The same user as a directory writes it: a display name, and booleans in capitals."""
    name = f"{row.values['first_name']} {row.values['last_name']}"
    active = {"oui": "TRUE", "non": "FALSE"}[row.values["active"]]
    return replace(row, values=row.values | {"display_name": name, "active": active})


_LDIF_CANARIES = {
    "login": canaries.LDAP_LOGIN,
    "last_name": canaries.LDAP_NAME,
    "email": canaries.LDAP_EMAIL,
    "phone": canaries.LDAP_PHONE,
}
_TABLE_CANARIES = {
    "user_id": canaries.USER_ID,
    "login": canaries.LOGIN,
    "first_name": canaries.USER_FIRST_NAME,
    "last_name": canaries.USER_LAST_NAME,
    "email": canaries.USER_EMAIL,
    "phone": canaries.USER_PHONE,
}


def _with_canaries(row: Row, values: dict[str, str]) -> Row:
    return replace(row, values=row.values | values)


_REVIEWED = review("account_inactive", "aucune activité depuis plus de 2 ans", "no activity for more than 2 years")
_LAST_DAY = just("licence échue il y a 2 ans jour pour jour", "licence ended 2 years ago to the day")
_ONE_DAY = fail("kept_too_long", "licence échue, un jour de trop", "licence ended, one day too many")
_LEAP = fail("kept_too_long", "licence échue le 29/02/2024", "licence ended on 2024-02-29")
_LATEST = just("la dernière licence du domaine fait foi", "the domain's last licence counts")
_NO_LICENCE = unsure("no_licence_known", "domaine sans licence", "domain without a licence")
_UNDECLARED = fail("undeclared_column", "colonne non déclarée, remplie", "undeclared column, filled in")
_FLAG = unsure("active_flag_missing", "compte sans indicateur d’activité", "account without an active flag")


def _plant(named: Expected, inactive: Expected | None, domain: str, login_at: str, **columns: str) -> Row:
    row = _user(0, domain, columns.pop("company_id", ""), named, inactive, last_login_at=login_at, **columns)
    identity = ("user_id", "login", "first_name", "last_name", "email", "phone")
    return replace(row, values={name: value for name, value in row.values.items() if name not in identity})


def _ldif_plants() -> list[Row]:
    last_activity = just("dernière connexion il y a 2 ans jour pour jour", "last login 2 years ago to the day")
    extra = _plant(CLEAN, CLEAN, "armor-optique.example", "2026-06-11 08:00:00")
    return [
        _plant(_LAST_DAY, last_activity, "bout-du-monde.example", "2024-11-01 09:00:00"),
        _plant(_LAST_DAY, None, "bout-du-monde.example", "2024-10-24 09:00:00"),
        _plant(_ONE_DAY, _REVIEWED, "veille-de-fete.example", "2024-10-31 09:00:00"),
        _plant(_ONE_DAY, None, "veille-de-fete.example", "2024-10-21 09:00:00"),
        _plant(_ONE_DAY, CLEAN, "veille-de-fete.example", "2025-01-14 09:00:00"),
        _plant(_LEAP, _REVIEWED, "bissextile.example", "2024-02-27 09:00:00"),
        _plant(_LEAP, None, "bissextile.example", "2023-11-20 09:00:00"),
        _plant(_LATEST, CLEAN, "deux-licences.example", "2025-03-27 09:00:00"),
        _plant(_LATEST, None, "deux-licences.example", "2024-03-27 09:00:00"),
        replace(extra, judged=extra.judged | {USER_FIELDS: _UNDECLARED}, extra={"office": canaries.USER_OFFICE}),
        replace(extra, judged=extra.judged | {USER_FIELDS: _UNDECLARED}, extra={"office": "Quai des Indes"}),
        replace(
            extra,
            judged=extra.judged | {USER_FIELDS: just("bureau laissé vide", "office left blank")},
        ),
    ]


def _table_plants() -> list[Row]:
    renewed = just("licence renouvelée : en cours", "renewed licence: open")
    last_day_open = just("licence finissant le jour de l’export", "licence ending on the day of the export")
    removed_late = fail(
        "kept_too_long",
        "retiré depuis plus de 2 ans, licence en cours",
        "removed over 2 years ago, licence open",
    )
    removed = just("retiré il y a 2 ans jour pour jour", "removed 2 years ago to the day")
    removed_after = fail(
        "kept_too_long",
        "retiré après la fin de la licence : elle fait foi",
        "removed after the licence end, which counts",
    )
    future = unsure("clock_in_future", "retrait daté de demain", "removal dated tomorrow")
    covered = just("inactif mais contrat de l’entreprise en cours", "inactive but the company has an open contract")
    dormant = just("inactif mais licence du domaine en cours", "inactive but the domain has an open licence")
    created_only = review(
        "account_inactive",
        "jamais connecté, créé il y a plus de 2 ans",
        "never logged in, created over 2 years ago",
    )
    no_activity = unsure("clock_missing", "ni connexion ni création connues", "neither login nor creation known")
    perhaps = unsure("clock_missing", "un autre contrat est peut-être une licence", "another contract may be a licence")
    login_later = unsure("clock_in_future", "connexion datée de 2027", "login dated 2027")
    too_old = fail("kept_too_long", "licence échue le 31/10/2023", "licence ended on 2023-10-31")
    birth = _plant(CLEAN, CLEAN, "alborada.example", "2026-05-18 09:00:00", company_id="C-005")
    out = outside("compte marqué inactif : hors du périmètre", "account marked inactive: out of scope")
    marked_inactive = _plant(CLEAN, None, "fjordlys.example", "2021-03-02 09:00:00", company_id="C-008")
    return [
        _plant(renewed, CLEAN, "renouvelle.example", "2026-08-10 09:00:00", company_id="C-203"),
        _plant(renewed, dormant, "renouvelle.example", "2022-08-10 09:00:00", company_id="C-203"),
        _plant(last_day_open, dormant, "dernier-jour.example", "2023-12-04 09:00:00", company_id="C-207"),
        _plant(_NO_LICENCE, _REVIEWED, "sans-licence.example", "2023-01-17 09:00:00", company_id="C-206"),
        _plant(_NO_LICENCE, CLEAN, "inconnu-au-bataillon.example", "2025-10-07 09:00:00", company_id=""),
        _plant(_NO_LICENCE, None, "", "2026-02-03 09:00:00", company_id=""),
        _plant(
            removed_late,
            None,
            "alborada.example",
            "2024-09-11 09:00:00",
            company_id="C-005",
            removed_at="2024-10-31 23:50:00",
        ),
        _plant(
            removed_late,
            None,
            "kuipers-techniek.example",
            "2021-09-11 09:00:00",
            company_id="C-006",
            removed_at="2021-12-15 10:00:00",
        ),
        _plant(
            removed,
            None,
            "alborada.example",
            "2024-09-11 09:00:00",
            company_id="C-005",
            removed_at="2024-11-01 00:05:00",
        ),
        _plant(
            removed_after,
            None,
            "veille-de-fete.example",
            "2024-10-11 09:00:00",
            company_id="C-202",
            removed_at="2025-01-20 10:00:00",
        ),
        _plant(
            future,
            None,
            "fjordlys.example",
            "2026-10-20 09:00:00",
            company_id="C-008",
            removed_at="2026-11-02 10:00:00",
        ),
        _plant(
            CLEAN,
            dormant,
            "fjordlys.example",
            "2022-10-20 09:00:00",
            company_id="C-008",
            removed_at="9999-12-31 00:00:00",
        ),
        _plant(too_old, covered, "filiale-ouverte.example", "2023-05-09 09:00:00", company_id="C-208"),
        _plant(
            _ONE_DAY,
            created_only,
            "veille-de-fete.example",
            "",
            company_id="C-202",
            created_at="2022-05-16 11:00:00",
        ),
        _plant(
            _ONE_DAY,
            just(
                "jamais connecté, créé il y a 2 ans jour pour jour",
                "never logged in, created 2 years ago to the day",
            ),
            "veille-de-fete.example",
            "1970-01-01 00:00:00",
            company_id="C-202",
            created_at="2024-11-01 00:30:00",
        ),
        _plant(_ONE_DAY, no_activity, "veille-de-fete.example", "", company_id="C-202", created_at=""),
        _plant(_ONE_DAY, login_later, "veille-de-fete.example", "2027-01-11 09:00:00", company_id="C-202"),
        _plant(_ONE_DAY, _FLAG, "veille-de-fete.example", "2023-06-13 09:00:00", company_id="C-202", active=""),
        replace(marked_inactive, judged=marked_inactive.judged | {INACTIVE: out}),
        replace(birth, judged=birth.judged | {USER_FIELDS: _UNDECLARED}, extra={"birth_date": "14/02/1981"}),
        replace(birth, judged=birth.judged | {USER_FIELDS: _UNDECLARED}, extra={"birth_date": "03/09/1974"}),
        *_first_users(),
        _plant(perhaps, CLEAN, "nature-incertaine.example", "2026-06-11 08:00:00", company_id="C-351"),
    ]


def _first_users() -> list[Row]:
    """The first account of each domain whose contract is judged by it."""
    domains = ("meme-jour", "lendemain", "sans-signature", "signature-a-venir")
    return [
        _plant(CLEAN, CLEAN, f"{domain}.example", "2026-06-11 08:00:00", created_at="2025-03-10 18:00:00")
        for domain in domains
    ]
