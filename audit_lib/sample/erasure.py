"""Erasure: who asked to be erased, and where the exports still hold some of them."""

from collections.abc import Iterator
from dataclasses import replace

from audit_lib.sample import canaries, directory
from audit_lib.sample.expected import (
    ANSWERED,
    CLEAN,
    ERASURES,
    EXTENSIONS,
    FORM_FIELDS,
    Expected,
    Row,
    exempt,
    fail,
    just,
    outside,
    review,
    unsure,
)

# Who is found, by where: contacts.py plants the contacts, log_plants.py had the guest before.
ERASED = canaries.ERASED
COPIED = "maiwenn.prigent@atelier-90.example"
COPIED_WITH_LABEL = "Maiwenn.Prigent+devis@atelier-90.example"
BACK = "goulven.abalan@atelier-91.example"
SAME_DAY = "nolwenn.kerdoncuff@atelier-92.example"
ARCHIVED = "briac.tanneguy@atelier-93.example"
ARCHIVED_ACTIVE = "enora.lescop@atelier-93.example"
ARCHIVED_PARTLY = "malo.hascoet@atelier-94.example"
ARCHIVED_CONSUMER = "rozenn.cariou@atelier-94.example"
SUPPRESSED = "tudual.guennec@atelier-95.example"
SUPPRESSED_WITH_NAME = "awena.stephan@atelier-95.example"
MAILED = "korentin.le.bihan@atelier-96.example"
SUBMITTED = "lena.o'dwyer@atelier-96.example"
GUEST = "inconnue.personne@ailleurs.example"
NOWHERE = "plus.personne@atelier-96.example"
_SOMEBODY = "personne.autre@atelier-96.example"

ERASED_ON = "2026-03-20"


def requests() -> list[Row]:
    """Received on Monday 2 March 2026 and answered on the 20th, unless they say otherwise."""
    return [*_found(), *_archived(), *_suppressed(), *_due(), *_unclear()]


def _asked(subject: str, judged: Expected, answered: Expected = CLEAN, /, **columns: str) -> Row:
    values = {
        "type": "erasure",
        "subject_email": subject,
        "received_at": "2026-03-02",
        "answered_at": ERASED_ON,
        "outcome": "granted",
        "erased_at": ERASED_ON,
    }
    return Row(values | columns, {ANSWERED: answered, ERASURES: judged})


def _open(judged: Expected, answered: Expected, /, **columns: str) -> Row:
    """Neither answered nor said to be erased; the person is among the contacts."""
    return _asked(ERASED, judged, answered, answered_at="", outcome="", erased_at="", **columns)


def _left(fr: str, en: str) -> Expected:
    return fail("subject_found", fr, en)


def _back(fr: str, en: str) -> Expected:
    return fail("subject_reappeared", fr, en)


def _september(erased: str) -> dict[str, str]:
    return {"received_at": "2026-09-14", "answered_at": erased, "erased_at": erased}


def _found() -> list[Row]:
    user = [row.values for row in directory.ldif_users()][5]["email"]
    return [
        _asked(ERASED, _left("contact, envoi et formulaire restés", "contact, mailing and form left")),
        _asked(COPIED, _left("adresse à suffixe dans une note", "address with a label in a note")),
        _asked(user, _left("compte et journaux restés", "account and logs left"), **_september("2026-10-05")),
        _asked(
            GUEST,
            _left("journal du jour de l’effacement", "log of the day of the erasure"),
            **_september("2026-10-12"),
        ),
        _asked(
            GUEST,
            _back("journal du lendemain de l’effacement", "log of the day after the erasure"),
            **_september("2026-10-11"),
        ),
        _asked(BACK, _back("contact recréé après l’effacement", "contact created again after the erasure")),
        _asked(SAME_DAY, _left("contact créé le jour de l’effacement", "contact created on the day of the erasure")),
        _asked(MAILED, _back("envoi après l’effacement", "mailing after the erasure")),
        _asked(SUBMITTED, _left("adresse encodée dans une page", "encoded address in a page")),
        _asked(NOWHERE, CLEAN),
    ]


def _archived() -> list[Row]:
    return [
        _asked(ARCHIVED, exempt("in_legal_archive", "archivé dans les règles", "lawfully archived")),
        _asked(ARCHIVED_ACTIVE, fail("archive_invalid", "archive dans la base active", "archive in the active store")),
        _asked(ARCHIVED_PARTLY, unsure("archive_incomplete", "archive sans catégorie", "archive without a category")),
        _asked(ARCHIVED_CONSUMER, review("archive_to_review", "archive à examiner", "archive to review")),
    ]


def _suppressed() -> list[Row]:
    return [
        _asked(SUPPRESSED, just("seule l’opposition est gardée", "only the objection is kept")),
        _asked(SUPPRESSED_WITH_NAME, _left("un nom reste avec l’opposition", "a name is left with the objection")),
    ]


def _due() -> list[Row]:
    last_day = just("dernier jour à venir : le lundi 2 novembre", "last day to come: Monday 2 November")
    extended = just("délai prolongé jusqu’au 3 novembre", "period extended to 3 November")
    no_reason = unsure("extension_reason_missing", "prolongation sans motif", "extension without a reason")
    no_day = unsure("extension_undated", "prolongation sans date", "extension without a date")
    not_answered = fail("not_answered", "délai passé, sans réponse", "period over, no answer")
    moved = just("fin de délai prolongé un samedi, reportée", "extended period over on a Saturday, moved")
    over = _left("délai prolongé passé de deux jours", "extended period over for two days")
    august = {"received_at": "2026-08-03"}
    return [
        _open(last_day, last_day, received_at="2026-10-01"),
        _open(_left("délai passé, rien de fait", "period over, nothing done"), not_answered, received_at="2026-09-30"),
        _asked(
            COPIED,
            _left("dit effacé avant la fin du délai", "said to be erased before the period is over"),
            received_at="2026-10-12",
            answered_at="2026-10-20",
            erased_at="2026-10-20",
        ),
        _extended(_open(extended, extended, **august), "2026-08-20", "complexity", CLEAN),
        _extended(_open(no_reason, no_reason, **august), "2026-08-20", "", no_reason),
        _extended(_open(no_day, no_day, **august), "", "number", no_day),
        _extended(_open(moved, moved, received_at="2026-07-31"), "2026-08-20", "number", CLEAN),
        _extended(_open(over, not_answered, received_at="2026-07-30"), "2026-08-20", "number", CLEAN),
    ]


def _extended(row: Row, told: str, reason: str, judged: Expected) -> Row:
    columns = {"extension_notified_at": told, "extension_reason": reason}
    return replace(row, values=row.values | columns, judged=row.judged | {EXTENSIONS: judged})


def _unclear() -> list[Row]:
    unclear = "request_unclear"
    return [
        _asked(COPIED, _left("demande acceptée en partie", "request granted in part"), outcome="partly"),
        _asked(COPIED, outside("demande refusée", "request refused"), outcome="refused", erased_at=""),
        _asked(ERASED, outside("demande d’accès", "access request"), type="access", erased_at=""),
        _asked(ERASED, unsure(unclear, "droit exercé absent", "no right exercised"), type=""),
        _asked(ERASED, unsure(unclear, "suite inconnue", "unknown outcome"), outcome="Classée sans suite"),
        _asked("", unsure("subject_missing", "sans adresse", "no address")),
        _asked(ERASED, unsure("clock_in_future", "effacement à venir", "erasure to come"), erased_at="2026-11-02"),
        _asked(
            ERASED,
            unsure("dated_before_request", "effacé avant la demande", "erased before the request"),
            erased_at="2026-03-01",
        ),
    ]


def mailings() -> Iterator[Row]:
    """Service messages: one to somebody erased later, one to somebody erased before, one to somebody else."""
    sent = (
        (ERASED, "2026-01-15T09:00:00+01:00"),
        (MAILED, "2026-03-21T00:00:00+01:00"),
        (_SOMEBODY, "2026-04-02T09:00:00+02:00"),
    )
    for number, (email, at) in enumerate(sent, 1):
        yield Row({"mailing_id": f"E-9{number:03d}", "purpose": "service", "email": email, "sent_at": at})


def form_submissions() -> Iterator[Row]:
    submitted = (
        (ERASED, "2026-01-14T18:20:00+01:00", "/contact"),
        (_SOMEBODY, "2026-04-01T10:00:00+02:00", "/contact"),
        ("", "2026-02-03T11:00:00+01:00", f"/merci?mail={SUBMITTED.replace('@', '%40')}"),
    )
    for number, (email, at, page) in enumerate(submitted, 1):
        values = {"submission_id": f"F-9{number:02d}", "form": "contact", "email": email, "at": at, "page": page}
        yield Row(values, {FORM_FIELDS: CLEAN})
