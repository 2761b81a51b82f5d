"""Requests: what people and customers asked for, and when they were answered."""

from collections.abc import Iterator

from audit_lib.sample import canaries, erasure
from audit_lib.sample.expected import (
    AGREEMENTS,
    ANSWERED,
    CLEAN,
    ERASURES,
    EXTENSIONS,
    Expected,
    Row,
    fail,
    just,
    outside,
    unsure,
)

_TYPES = ("access", "erasure", "objection", "rectification", "portability", "access", "erasure", "restriction")
_LATE = fail("answered_late", "réponse après le dernier jour", "answer after the last day")


def rights_requests() -> Iterator[Row]:
    rows = [*_plain(), *_last_days(), *_open(), *_extended(), *_undated(), *erasure.requests(), *_contradictory()]
    for number, row in enumerate(rows):
        values = {
            "request_id": f"D-{number + 1:03d}",
            "type": _TYPES[number % len(_TYPES)],
            "channel": ("courriel", "courrier")[number % 5 == 0],
            "subject_email": f"demandeur{number + 1:02d}@exemple.example",
            "outcome": ("granted", "granted", "partly")[number % 3] if row.values.get("answered_at") else "",
        }
        values |= row.values
        # Nobody who asked for more than an answer in time is anywhere else.
        absent = {ERASURES: CLEAN} if values["type"] == "erasure" else {}
        yield Row(values, absent | row.judged)


def _asked(received: str, answered: str = "", judged: Expected = CLEAN, /, **columns: str) -> Row:
    return Row({"received_at": received, "answered_at": answered} | columns, {ANSWERED: judged})


def _told(told: str, reason: str, answered: str, judged: Expected = CLEAN, extension: Expected = CLEAN, /) -> Row:
    """Received on Wednesday 1 April 2026: due on Monday 4 May, or on Wednesday 1 July."""
    columns = {"extension_notified_at": told, "extension_reason": reason}
    row = _asked("2026-04-01", answered, judged, **columns)
    return Row(row.values, row.judged | {EXTENSIONS: extension})


def _plain() -> list[Row]:
    canary = {
        "request_id": canaries.REQUEST_ID,
        "channel": canaries.CHANNEL,
        "subject_email": canaries.REQUESTER,
        "refusal_reason": canaries.REFUSAL,
        "outcome": "refused",
    }
    return [
        _asked("2026-01-12", "2026-01-30"),
        _asked("2026-02-09", "2026-02-10"),
        _asked("2026-03-16", "2026-04-13", **canary),
        _asked("2026-04-20", "2026-05-11"),
        _asked("2026-06-02", "2026-06-30"),
        _asked("2026-07-21", "2026-08-03"),
        _asked("2026-09-08", "2026-09-30"),
        _asked("2026-10-12", "2026-10-20"),
    ]


def _last_days() -> list[Row]:
    monday = just("fin de délai un samedi, répondue le lundi", "last day a Saturday, answered on Monday")
    return [
        _asked("2026-03-03", "2026-04-03", just("dernier jour", "last day")),
        _asked("2026-03-03", "2026-04-04", _LATE),
        _asked("2026-01-31", "2026-03-02", monday),
        _asked("2026-01-31", "2026-03-03", _LATE),
        _asked(
            "2025-08-31",
            "2025-09-30",
            just("pas de 31 septembre : le 30", "no 31 September: the 30th"),
        ),
        _asked(
            "2026-04-01",
            "2026-05-04",
            just("1er mai férié puis fin de semaine", "Labour Day, then the weekend"),
        ),
        _asked(
            "2026-03-06",
            "2026-04-07",
            just("lundi de Pâques férié", "Easter Monday"),
        ),
        _asked("2026-03-06", "2026-04-08", _LATE),
        _asked("2026-04-25", "2026-05-27", _LATE),
    ]


def _open() -> list[Row]:
    overdue = fail("not_answered", "délai passé, sans réponse", "period over, no answer")
    return [
        _asked("2026-10-05"),
        _asked(
            "2026-10-01",
            "",
            just(
                "dernier jour le jour du contrôle, un dimanche férié", "last day on the audit’s, a Sunday and holiday"
            ),
        ),
        _asked("2026-09-30", "", overdue),
        _asked("2026-02-02", "", overdue),
    ]


def _extended() -> list[Row]:
    late = fail("extension_late", "annoncée après le premier mois", "told after the first month")
    other = fail("extension_reason_invalid", "motif autre", "another reason")
    no_reason = unsure("extension_reason_missing", "sans motif", "no reason")
    no_day = unsure("extension_undated", "motif sans date d’annonce", "a reason, no date")
    last = just("dernier jour du délai prolongé", "last day of the extended period")
    told_last = just("annoncée le dernier jour", "told on the last day")
    unneeded = just("prolongation inutile : répondue à temps", "extension not needed: answered in time")
    return [
        _told("2026-04-15", "number", "2026-06-10"),
        _told("2026-05-04", "complexity", "2026-07-01", last, told_last),
        _told("2026-05-04", "complexity", "2026-07-02", _LATE),
        _told("2026-05-05", "complexity", "2026-06-15", _LATE, late),
        _told("2026-04-20", "other", "2026-06-15", _LATE, other),
        _told("2026-04-20", "", "2026-06-15", no_reason, no_reason),
        _told("", "number", "2026-06-15", no_day, no_day),
        _told("2026-05-20", "complexity", "2026-05-04", unneeded, late),
    ]


def _undated() -> list[Row]:
    missing = unsure("clock_missing", "sans date de réception", "no date of receipt")
    return [
        _asked("", "2026-05-04", missing),
        Row(
            {"type": "erasure", "received_at": "1970-01-01", "answered_at": "2026-05-04"},
            {ANSWERED: missing, ERASURES: missing},
        ),
        _asked("2026-11-02", "", unsure("clock_in_future", "reçue après l’export", "received after the export")),
        _asked("2026-10-05", "2026-11-03", unsure("clock_in_future", "réponse à venir", "answer to come")),
        _asked(
            "2026-05-06",
            "2026-05-05",
            unsure("dated_before_request", "réponse datée d’avant la demande", "answer dated before the request"),
        ),
        _asked("", "2026-05-04", missing, type="objection", subject_email="opposant@exemple.example"),
    ]


def _contradictory() -> list[Row]:
    """Access requests whose extension was told too late by a day, or at a time that says nothing."""
    missing = unsure("clock_missing", "sans date de réception", "no date of receipt")
    future = unsure("clock_in_future", "annonce à venir", "notice to come")
    before = unsure("dated_before_request", "annonce datée d’avant la demande", "notice dated before the request")
    unneeded = just("prolongation inutile : répondue à temps", "extension not needed: answered in time")
    late = fail("extension_late", "annoncée le lendemain du dernier jour", "told the day after the last one")
    told = (
        ("2026-06-09", "2026-07-10", "2026-07-09", unneeded, late),
        ("", "2026-04-20", "2026-06-15", missing, missing),
        ("2026-09-01", "2026-11-03", "2026-09-28", future, future),
        ("2026-05-06", "2026-05-05", "2026-06-03", before, before),
    )
    return [
        Row(
            {
                "type": "access",
                "received_at": received,
                "extension_notified_at": notified,
                "extension_reason": "complexity",
                "answered_at": answered,
            },
            {ANSWERED: judged, EXTENSIONS: extension},
        )
        for received, notified, answered, judged, extension in told
    ]


def customer_requests() -> Iterator[Row]:
    for number, row in enumerate(_customers()):
        values = {
            "request_id": f"R-{number + 1:03d}",
            "company_id": f"C-{number % 7 + 1:03d}",
            "requester_authorised": "oui",
        }
        yield Row(values | row.values, row.judged)


def _customers() -> list[Row]:
    aside = outside("autre demande", "another request")
    canary = {"request_id": canaries.CUSTOMER_REQUEST, "company_id": canaries.COMPANY_ASKING, "domain": canaries.ASKED}
    return [
        _agreement("2026-03-10", "2026-03-12", **canary),
        _agreement("2026-06-01", "2026-06-20"),
        _agreement("2026-09-15", "2026-10-15", just("dernier jour", "last day")),
        _agreement("2026-09-15", "2026-10-16", _LATE),
        _agreement("2026-05-20", "2026-06-20", just("dernier jour, un samedi", "last day, a Saturday")),
        _agreement(
            "2026-05-20", "2026-06-22", fail("answered_late", "le délai ne se reporte pas", "the period does not roll")
        ),
        _agreement("2026-10-01", "", just("dernier jour le jour du contrôle", "last day on the audit’s")),
        _agreement("2026-09-30", "", fail("not_answered", "sans réponse", "no answer")),
        _agreement("", "2026-05-04", unsure("clock_missing", "sans date de réception", "no date of receipt")),
        _agreement(
            "2026-08-01",
            "2026-08-02",
            unsure("status_missing", "nature de la demande absente", "no kind of request"),
            kind="",
        ),
        _agreement("2026-01-05", "2026-09-01", aside, kind="keep_domain", until="2027-01-05"),
        _agreement("2026-02-05", "", aside, kind="usage_report"),
        _agreement("2026-04-07", "2026-04-30", aside, kind="erase_now"),
        *_of_domains(),
        _agreement("2026-11-02", "", unsure("clock_in_future", "reçue après l’export", "received after the export")),
        _agreement(
            "2026-05-20",
            "2026-05-19",
            unsure("dated_before_request", "accord daté d’avant la demande", "agreement dated before the request"),
        ),
    ]


def _of_domains() -> list[Row]:
    """What customers whose licence ended asked of their domain; each licence ended on the last of June."""
    return [
        _of_domain("keep_domain", canaries.KEPT_DOMAIN, "2023-07-01", "2026-11-01"),
        _of_domain("keep_domain", "trop-tard.example", "2023-07-02", "2026-12-31"),
        _of_domain("keep_domain", "sans-terme.example", "2023-06-15", ""),
        _of_domain("keep_domain", "non-habilite.example", "2023-06-15", "2026-12-31", requester_authorised="non"),
        _of_domain("keep_domain", "demande-echue.example", "2023-06-15", "2026-10-31"),
        _of_domain("keep_domain", "contradictoire.example", "2023-06-15", "2026-12-31"),
        _of_domain("erase_now", "contradictoire.example", "2023-06-20", ""),
        _of_domain("erase_now", "efface.example", "2026-07-01", ""),
        _of_domain("erase_now", "habilitation-absente.example", "2026-07-01", "", requester_authorised=""),
    ]


def _of_domain(kind: str, domain: str, received: str, until: str, **columns: str) -> Row:
    values = {"kind": kind, "domain": domain, "received_at": received, "answered_at": received, "until": until}
    return Row(values | columns)


def _agreement(received: str, answered: str, judged: Expected = CLEAN, /, **columns: str) -> Row:
    values = {"kind": "dpa", "received_at": received, "answered_at": answered}
    return Row(values | columns, {AGREEMENTS: judged})
