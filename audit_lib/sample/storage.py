"""Storage: who accessed the customers' recordings, who may, and what the customers asked of the support team."""

from collections.abc import Iterator, Mapping
from typing import Any

from audit_lib.sample import canaries
from audit_lib.sample.expected import ACCESSED, CLEAN, UNDECLARED, Expected, Row, fail, just, outside, unsure

_INES, _YANN = "ines.admin@semaphore.example", "yann.admin@semaphore.example"
_ACCOUNT = "/semaphoreappels"


def azure_line(values: Mapping[str, str]) -> dict[str, Any]:
    """A request as Azure's diagnostic settings write it, with what the export adds to it."""
    requester = {key: values[key] for key in ("upn", "objectId") if values.get(key)}
    properties = {"accountName": "semaphoreappels", "serviceType": "blob", "objectKey": values["object_id"]}
    said = {
        "time": values["at"],
        "category": "StorageRead",
        "operationName": values["operation"],
        "statusCode": 200,
        "statusText": "Success",
        "callerIpAddress": values["ip"],
        "correlationId": values["access_id"],
        "identity": {"type": values["identity"]} | ({"requester": requester} if requester else {}),
        "location": "France Central",
        "properties": {key: value for key, value in properties.items() if value},
        "uri": "https://semaphoreappels.blob.example:443/",
        "resourceType": "Microsoft.Storage/storageAccounts/blobServices",
        "customer": values["customer"],
        "actorOrg": values["actor_org"],
        "country": "FR",
    }
    return {key: value for key, value in said.items() if value}


def accesses() -> Iterator[Row]:
    for number, row in enumerate([*_requested(), *_admins(), *_nobody(), *_unclear(), *_others()], 1):
        usual = {
            "access_id": f"7f3c0d52-101e-0006-728c-{number:012d}",
            "upn": _YANN,
            "identity": "OAuth",
            "actor_org": "company",
            "customer": "Armor Optique",
            "object_id": f"{_ACCOUNT}/armor/appel-11.mp4",
            "operation": "GetBlob",
            "ip": f"203.0.113.{number}:{50000 + number}",
        }
        yield Row(usual | row.values, row.judged)


def _access(at: str, judged: Expected = CLEAN, /, **columns: str) -> Row:
    return Row({"at": at} | columns, {ACCESSED: judged})


def _requested() -> list[Row]:
    """Alborada's request is open from 7 September at 9:00 to 11 September at 18:00, Paris time."""
    asking = {"upn": _INES, "customer": "Alborada", "object_id": f"{_ACCOUNT}/alborada/appel-03.mp4"}
    day = "2026-09-16T08:00:00.1234567Z"
    return [
        _access("2026-09-08T08:00:00.1234567Z", **asking),
        _access("2026-09-07T07:00:00Z", just("à l’ouverture de la demande", "as the request opens"), **asking),
        _access(
            "2026-09-07T06:59:59Z",
            fail("request_opened_after", "une seconde avant la demande", "a second before the request"),
            **asking,
        ),
        _access("2026-09-11T16:00:00Z", just("à la clôture de la demande", "as the request closes"), **asking),
        _access(
            "2026-09-11T16:00:01Z",
            fail("request_closed", "une seconde après la clôture", "a second after the request was closed"),
            **asking,
        ),
        _access(day, just("objet que la demande nomme", "an object that the request names")),
        _access(
            day,
            fail(
                "request_out_of_scope", "objet que la demande ne nomme pas", "an object that the request does not name"
            ),
            object_id=f"{_ACCOUNT}/armor/appel-13.mp4",
        ),
        _access(
            day,
            fail(
                "request_out_of_scope", "objet que la demande ne nomme pas", "an object that the request does not name"
            ),
            access_id=canaries.ACCESS_ID,
            upn=canaries.ADMIN,
            customer=canaries.CUSTOMER,
            object_id=canaries.OBJECT,
            operation=canaries.OPERATION,
            ip=canaries.CALLER,
        ),
        _access(
            day,
            fail("requester_not_authorised", "demandeur non habilité", "requester not authorised"),
            customer="Belle-Île Marine",
        ),
        _access(
            day,
            fail("request_missing", "seuls d’autres clients ont une demande", "only other customers have a request"),
            customer="Ouessant Pêche",
        ),
    ]


def _admins() -> list[Row]:
    """Yann is a secure admin from 10 September, Inès until 30 September, in Paris."""
    not_yet = fail("not_secure_admin", "veille de son habilitation", "the day before becoming a secure admin")
    no_more = fail("not_secure_admin", "lendemain de son habilitation", "the day after being a secure admin")
    asking = {"customer": "Alborada", "object_id": f"{_ACCOUNT}/alborada/appel-03.mp4"}
    return [
        _access("2026-09-09T22:30:00Z", just("premier jour d’habilitation", "first day as a secure admin"), **asking),
        _access("2026-09-09T21:30:00Z", not_yet, **asking),
        _access("2026-09-30T21:30:00Z", just("dernier jour d’habilitation", "last day as a secure admin"), upn=_INES),
        _access("2026-09-30T22:30:00Z", no_more, upn=_INES),
    ]


def _nobody() -> list[Row]:
    day, nobody = "2026-09-16T08:00:00Z", {"upn": ""}
    key = fail("shared_key_used", "clé du compte de stockage", "key of the storage account")
    token = fail("shared_key_used", "jeton SAS sans identité", "SAS token without an identity")
    service = fail("not_secure_admin", "application, non habilitée", "an application, no secure admin")
    return [
        _access(day, key, identity="AccountKey", **nobody),
        _access(day, key, identity="AccountKey", actor_org="", **nobody),
        _access(day, token, identity="SAS", **nobody),
        _access(day, just("jeton SAS au nom de l’administrateur", "SAS token in the admin’s name"), identity="SAS"),
        _access(day, fail("principal_unknown", "accès anonyme", "anonymous access"), identity="Anonymous", **nobody),
        _access(day, service, objectId="2d1f6f0e-0000-4000-8000-00000000a11e", **nobody),
    ]


def _unclear() -> list[Row]:
    day = "2026-09-16T08:00:00Z"
    return [
        _access(day, unsure("organisation_missing", "organisation inconnue", "organisation unknown"), actor_org=""),
        _access(day, unsure("customer_missing", "client inconnu", "customer unknown"), customer=""),
        _access(day, unsure("requester_unknown", "habilitation non dite", "authority not told"), customer="Cap Sizun"),
        _access(
            day, unsure("request_undated", "demande sans date", "request without a date"), customer="Fret du Ponant"
        ),
        _access(day, unsure("object_missing", "objet non journalisé", "object not logged"), object_id=""),
        _access("", unsure("clock_missing", "accès sans date", "access without a date")),
        _access("2026-11-02T08:00:00Z", unsure("clock_in_future", "accès à venir", "access to come")),
    ]


def _others() -> list[Row]:
    day = "2026-09-16T08:00:00Z"
    own = outside("le client lui-même", "the customer itself")
    return [_access(day, own, actor_org="customer", upn="marine@armor-optique.example")]


def gaps() -> Iterator[Row]:
    gap = {"at": "2026-08-03T00:00:00Z", "is_gap": "true", "gap_until": "2026-08-04T06:00:00Z"}
    judged = unsure("log_gap", "journal interrompu", "log interrupted")
    nowhere = unsure("country_unknown", "pays absent", "no country")
    yield Row({"access_id": "interruption-1"} | gap, {ACCESSED: judged, UNDECLARED: nowhere})


def secure_admins() -> Iterator[Row]:
    yield Row({"principal": _INES, "from": "2026-01-01", "to": "2026-09-30"})
    yield Row({"principal": _YANN, "from": "2026-09-10"})
    yield Row({"principal": canaries.ADMIN, "from": "2026-01-01"})


def support_requests() -> Iterator[Row]:
    armor = f"{_ACCOUNT}/armor/appel-11.mp4;{_ACCOUNT}/armor/appel-12.mp4"
    rows: list[dict[str, str]] = [
        {"customer": "Alborada", "opened_at": "2026-09-07T09:00:00", "closed_at": "2026-09-11T18:00:00"},
        {"customer": "Armor Optique", "scope": armor},
        {"customer": "Belle-Île Marine", "requester_authorised": "non", "scope": "tout"},
        {"customer": "Cap Sizun", "requester_authorised": ""},
        {"customer": "Fret du Ponant", "opened_at": ""},
        {"request_id": canaries.TICKET, "customer": canaries.CUSTOMER, "scope": canaries.TICKET_SCOPE},
    ]
    for number, values in enumerate(rows, 1):
        usual = {"request_id": f"S-{number:03d}", "requester_authorised": "oui", "opened_at": "2026-09-14T10:00:00"}
        yield Row(usual | values)
