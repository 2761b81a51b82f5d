"""Sample: the exports of an invented company, with breaches planted, at any size."""

from itertools import chain
from pathlib import Path

from audit_lib.sample import (
    access,
    breaches,
    calls,
    companies,
    consents,
    contacts,
    cookies,
    directory,
    erasure,
    layouts,
    navigation,
    others,
    places,
    recipients,
    register,
    requests,
    security,
    storage,
    transfers,
)
from audit_lib.sample.expected import Account
from audit_lib.sample.formats import write_cookies_txt, write_har, write_ldif, write_lines, write_sheet, write_table
from audit_lib.sample.logs import LogFormat, write_logs

__all__ = ["LogFormat", "write"]

_EXPORTS = """\
extracted_at: 2026-11-01T06:00:00+01:00
source_tz: Europe/Paris
datasets:
  contacts: {file: "crm/hubspot-crm-exports-*.csv"}
  interactions: {file: crm/interactions.csv}
  contracts: {file: erp/contrats.csv}
  form_submissions: {file: crm/formulaires.csv}
  consents: {file: crm/consentements.csv}
  mailings: {file: crm/envois.csv}
  user_accounts: {file: "directory/u*"}
  directory_entries: {file: directory/residues.ldif}
  directory_domains: {file: directory/domaines.csv}
  usage_logs: {file: "logs/*"}
  navigation_events: {file: web/navigation.csv}
  cookie_scan: {file: [web/cookies.csv, web/cookies.txt, web/accueil.har]}
  country_statistics: {file: statistiques/pays.csv}
  other_records: {file: archives/autres-donnees.csv}
  transfers: {file: registers/registre-transferts.xlsx}
  rights_requests: {file: registers/registre-demandes.xlsx}
  customer_requests: {file: registers/demandes-clients.csv}
  breaches: {file: registers/registre-violations.csv}
  processing_register: {file: registers/registre-traitements.csv}
  collection_notices: {file: registers/mentions.csv}
  endpoints: {file: security/points-de-collecte.csv}
  hosts: {file: security/serveurs.csv}
  staff: {file: hr/personnel.csv}
  training: {file: hr/formations.csv}
  ndas: {file: hr/accords-confidentialite.csv}
  access_grants: {file: security/droits-acces.csv}
  authorisations: {file: security/autorisations.csv}
  entitlements: {file: security/matrice-habilitations.csv}
  call_objects: {file: ["calls/*.csv", azure/regions.csv]}
  storage_access: {file: ["azure/storage-log*", azure/acces-pays.csv]}
  secure_admins: {file: security/administrateurs-securises.csv}
  support_requests: {file: support/demandes-assistance.csv}
  recipients: {file: registers/destinataires.csv}
"""


def write(folder: Path, rows: int, seed: int, logs: LogFormat = "jsonl") -> None:
    """Writes the exports, `exports.yaml` and `planted.yaml`, the verdict expected of every record.

    `rows` is the number of log rows; contacts, users and web events grow with it, up to a limit. Same
    arguments, same bytes. Raises ValueError when rows is under 2400.
    """
    account = Account()
    folder.mkdir(parents=True, exist_ok=True)
    write_logs(folder, rows, seed, logs, account)
    _write_crm(folder, rows, account)
    _write_directory(folder, rows, account)
    events = navigation.navigation_events(rows)
    write_table(folder, "web/navigation.csv", events, layouts.NAVIGATION, account)
    write_table(folder, "web/cookies.csv", cookies.scanned(), layouts.COOKIES, account)
    write_cookies_txt(folder, "web/cookies.txt", cookies.in_browser(), account)
    write_har(folder, "web/accueil.har", cookies.recorded(), account)
    write_table(folder, "statistiques/pays.csv", others.statistics(), layouts.STATISTICS, account)
    write_table(folder, "archives/autres-donnees.csv", others.other_records(), layouts.OTHER_RECORDS, account)
    _write_registers(folder, account)
    _write_access(folder, account)
    _write_calls(folder, account)
    _write_places(folder, account)
    (folder / "exports.yaml").write_text(_EXPORTS, encoding="utf-8", newline="\n")
    account.write(folder / "planted.yaml")


def _write_crm(folder: Path, rows: int, account: Account) -> None:
    french = "crm/hubspot-crm-exports-tous-les-contacts-2026-11-01.csv"
    english = "crm/hubspot-crm-exports-all-contacts-2026-11-01.csv"
    write_table(folder, french, contacts.french_contacts(rows), layouts.HUBSPOT_FRENCH, account)
    write_table(folder, english, contacts.english_contacts(rows), layouts.HUBSPOT_ENGLISH, account)
    write_table(folder, "crm/interactions.csv", contacts.interactions(rows), layouts.INTERACTIONS, account)
    forms = chain(consents.forms(), erasure.form_submissions())
    write_table(folder, "crm/formulaires.csv", forms, layouts.FORMS, account)
    write_table(folder, "crm/consentements.csv", consents.consents(), layouts.CONSENTS, account)
    mailings = chain(consents.mailings(), erasure.mailings())
    write_table(folder, "crm/envois.csv", mailings, layouts.MAILINGS, account)
    write_table(folder, companies.FILE, companies.contracts(rows), layouts.CONTRACTS, account)


def _write_directory(folder: Path, rows: int, account: Account) -> None:
    attributes, classes = layouts.USERS_LDIF, layouts.USERS_LDIF_CLASSES
    write_ldif(folder, "directory/users.ldif", directory.ldif_users(), attributes, classes, account)
    users = directory.table_users(rows)
    write_table(folder, "directory/utilisateurs.csv", users, layouts.USERS_TABLE, account)
    write_table(folder, "directory/domaines.csv", directory.domains(rows), layouts.DOMAINS, account)
    write_ldif(folder, "directory/residues.ldif", directory.residues(), layouts.RESIDUES_LDIF, ("top",), account)


def _write_registers(folder: Path, account: Account) -> None:
    day = "Arrêté au 1er novembre 2026"
    titles = ("Sémaphore Assistance : registre des transferts hors de l’UE", day)
    file = "registers/registre-transferts.xlsx"
    write_sheet(folder, file, titles, transfers.transfers(), layouts.TRANSFERS, account)
    titles = ("Sémaphore Assistance : registre des demandes de droits", day)
    file = "registers/registre-demandes.xlsx"
    write_sheet(folder, file, titles, requests.rights_requests(), layouts.RIGHTS_REQUESTS, account)
    asked = requests.customer_requests()
    write_table(folder, "registers/demandes-clients.csv", asked, layouts.CUSTOMER_REQUESTS, account)
    write_table(folder, "registers/registre-violations.csv", breaches.breaches(), layouts.BREACHES, account)
    activities = register.processing()
    write_table(folder, "registers/registre-traitements.csv", activities, layouts.PROCESSING, account)
    write_table(folder, "registers/destinataires.csv", recipients.recipients(), layouts.RECIPIENTS, account)
    write_table(folder, "registers/mentions.csv", security.notices(), layouts.NOTICES, account)
    write_table(folder, "security/points-de-collecte.csv", security.endpoints(), layouts.ENDPOINTS, account)
    write_table(folder, "security/serveurs.csv", security.hosts(), layouts.HOSTS, account)


def _write_access(folder: Path, account: Account) -> None:
    exports = access.exports()
    write_table(folder, "hr/personnel.csv", exports.staff, layouts.STAFF, account)
    write_table(folder, "hr/formations.csv", exports.training, layouts.TRAINING, account)
    write_table(folder, "hr/accords-confidentialite.csv", exports.agreements, layouts.AGREEMENTS, account)
    write_table(folder, "security/droits-acces.csv", exports.grants, layouts.ACCESS_GRANTS, account)
    write_table(folder, "security/autorisations.csv", exports.authorisations, layouts.AUTHORISATIONS, account)
    write_table(folder, "security/matrice-habilitations.csv", exports.entitlements, layouts.ENTITLEMENTS, account)


def _write_calls(folder: Path, account: Account) -> None:
    write_table(folder, "calls/blob-inventory.csv", calls.inventory(), layouts.BLOB_INVENTORY, account)
    write_table(folder, "calls/autres-stockages.csv", calls.elsewhere(), layouts.CALLS_ELSEWHERE, account)
    write_lines(folder, "azure/storage-logs.jsonl", storage.accesses(), storage.azure_line, account)
    write_table(folder, "azure/storage-log-gaps.csv", storage.gaps(), layouts.LOG_GAPS, account)
    admins, asked = storage.secure_admins(), storage.support_requests()
    write_table(folder, "security/administrateurs-securises.csv", admins, layouts.SECURE_ADMINS, account)
    write_table(folder, "support/demandes-assistance.csv", asked, layouts.SUPPORT_REQUESTS, account)


def _write_places(folder: Path, account: Account) -> None:
    write_table(folder, "azure/regions.csv", places.recordings(), layouts.RECORDINGS, account)
    write_table(folder, "azure/acces-pays.csv", places.accesses(), layouts.ACCESSES, account)
