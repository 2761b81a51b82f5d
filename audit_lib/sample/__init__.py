"""Sample: the exports of an invented company, with breaches planted, at any size."""

from pathlib import Path

from audit_lib.sample import (
    breaches,
    companies,
    contacts,
    directory,
    layouts,
    navigation,
    places,
    recipients,
    register,
    requests,
    security,
    transfers,
)
from audit_lib.sample.expected import Account
from audit_lib.sample.formats import write_ldif, write_sheet, write_table
from audit_lib.sample.logs import LogFormat, write_logs

__all__ = ["LogFormat", "write"]

_EXPORTS = """\
extracted_at: 2026-11-01T06:00:00+01:00
source_tz: Europe/Paris
datasets:
  contacts: {file: "crm/hubspot-crm-exports-*.csv"}
  interactions: {file: crm/interactions.csv}
  contracts: {file: erp/contrats.csv}
  user_accounts: {file: "directory/u*"}
  directory_entries: {file: directory/residues.ldif}
  usage_logs: {file: "logs/*"}
  navigation_events: {file: web/navigation.csv}
  transfers: {file: registers/registre-transferts.xlsx}
  rights_requests: {file: registers/registre-demandes.xlsx}
  customer_requests: {file: registers/demandes-clients.csv}
  breaches: {file: registers/registre-violations.csv}
  processing_register: {file: registers/registre-traitements.csv}
  collection_notices: {file: registers/mentions.csv}
  endpoints: {file: security/points-de-collecte.csv}
  hosts: {file: security/serveurs.csv}
  recipients: {file: registers/destinataires.csv}
  call_objects: {file: azure/regions.csv}
  storage_access: {file: azure/acces-pays.csv}
  cookie_scan: {file: web/cookies-pays.csv}
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
    _write_registers(folder, account)
    _write_places(folder, account)
    (folder / "exports.yaml").write_text(_EXPORTS, encoding="utf-8", newline="\n")
    account.write(folder / "planted.yaml")


def _write_crm(folder: Path, rows: int, account: Account) -> None:
    french = "crm/hubspot-crm-exports-tous-les-contacts-2026-11-01.csv"
    english = "crm/hubspot-crm-exports-all-contacts-2026-11-01.csv"
    write_table(folder, french, contacts.french_contacts(rows), layouts.HUBSPOT_FRENCH, account)
    write_table(folder, english, contacts.english_contacts(rows), layouts.HUBSPOT_ENGLISH, account)
    write_table(folder, "crm/interactions.csv", contacts.interactions(rows), layouts.INTERACTIONS, account)
    write_table(folder, companies.FILE, companies.contracts(rows), layouts.CONTRACTS, account)


def _write_directory(folder: Path, rows: int, account: Account) -> None:
    attributes, classes = layouts.USERS_LDIF, layouts.USERS_LDIF_CLASSES
    write_ldif(folder, "directory/users.ldif", directory.ldif_users(), attributes, classes, account)
    users = directory.table_users(rows)
    write_table(folder, "directory/utilisateurs.csv", users, layouts.USERS_TABLE, account)
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
    write_table(folder, "registers/mentions.csv", security.notices(), layouts.NOTICES, account)
    write_table(folder, "security/points-de-collecte.csv", security.endpoints(), layouts.ENDPOINTS, account)
    write_table(folder, "security/serveurs.csv", security.hosts(), layouts.HOSTS, account)
    write_table(folder, "registers/destinataires.csv", recipients.recipients(), layouts.RECIPIENTS, account)


def _write_places(folder: Path, account: Account) -> None:
    write_table(folder, "azure/regions.csv", places.recordings(), layouts.RECORDINGS, account)
    write_table(folder, "azure/acces-pays.csv", places.accesses(), layouts.ACCESSES, account)
    write_table(folder, "web/cookies-pays.csv", places.cookies(), layouts.COOKIES, account)
