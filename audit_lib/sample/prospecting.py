"""Prospecting: contacts to whom something was sent around the end of their retention period."""

from dataclasses import dataclass, field

from audit_lib.sample.expected import CLEAN, Expected, fail, just, outside, unsure

Columns = dict[str, str]


@dataclass(frozen=True)
class Sent:
    """One mailing: its purpose, when it was sent, and the columns that differ from those of its contact."""

    purpose: str
    at: str
    objected: Expected = CLEAN
    columns: Columns = field(default_factory=dict)


@dataclass(frozen=True)
class Mailed:
    """A contact, what its retention and its mailings must say, and the mailings. All consented to the newsletter."""

    status: str
    columns: Columns
    kept: Expected
    mailed: Expected
    sent: tuple[Sent, ...]


_TOO_LONG = fail("kept_too_long", "gardé au-delà des trois ans", "kept past the three years")
_LATE = fail("sent_after_expiry", "newsletter après les trois ans", "newsletter after the three years")
_NEWS = "newsletter"
_OLD = {"collected_at": "2021-03-10 09:00"}
_RECENT = {"collected_at": "2025-04-15 14:20"}
_ENDED = {"company_id": "C-112", "collected_at": "2018-05-14 10:00"}  # its contract ended on 31 March 2021
_ASKED = _OLD | {"recontact_sent_at": "2024-06-03 10:00"}
_AGREED = _ASKED | {"recontact_reply_at": "2024-06-10 09:00", "recontact_reply": "positive"}
_REFUSED = fail("sent_after_objection", "envoyé après l’opposition", "sent after the objection")


def _prospect(columns: Columns, kept: Expected, mailed: Expected, *sent: Sent) -> Mailed:
    return Mailed("prospect", columns, kept, mailed, sent)


def _customer(columns: Columns, kept: Expected, mailed: Expected, *sent: Sent) -> Mailed:
    return Mailed("customer", columns, kept, mailed, sent)


def _periods() -> tuple[Mailed, ...]:
    unanswered = fail("recontact_unanswered", "relance restée sans réponse", "recontact never answered")
    no_contract = unsure("no_contract_known", "client sans contrat connu", "customer without a known contract")
    no_clock = unsure("clock_missing", "collecte inconnue", "collection unknown")
    to_come = unsure("clock_in_future", "collecte à venir", "collection to come")
    perhaps_ended = unsure("clock_missing", "dernier contrat de nature inconnue", "the last contract is of no kind")
    return (
        _prospect(
            _OLD,
            _TOO_LONG,
            just("newsletter le dernier jour licite", "newsletter on the last lawful day"),
            Sent(_NEWS, "2024-03-10 23:50:00"),
        ),
        _prospect(_OLD, _TOO_LONG, _LATE, Sent(_NEWS, "2024-03-11 00:10:00")),
        _prospect(_OLD, _TOO_LONG, _LATE, Sent("promotion", "2024-09-16 10:00:00")),
        _prospect(
            _OLD,
            _TOO_LONG,
            _LATE,
            Sent(_NEWS, "2024-09-16 10:00:00", columns={"contact_id": ""}),
        ),
        _prospect(
            _OLD | {"last_inbound_contact_at": "2025-02-04 10:00"},
            CLEAN,
            fail(
                "sent_after_expiry",
                "un contact postérieur ne rattrape pas l’envoi",
                "a later contact does not mend the mailing",
            ),
            Sent(_NEWS, "2024-06-03 10:00:00"),
        ),
        _prospect(
            _OLD | {"last_inbound_contact_at": "2024-06-03 10:00"},
            CLEAN,
            just("contact du prospect juste avant l’envoi", "contact by the prospect just before the mailing"),
            Sent(_NEWS, "2024-06-03 10:00:00"),
        ),
        _prospect(
            _OLD,
            _TOO_LONG,
            just("message de service", "service message"),
            Sent("service", "2024-09-16 10:00:00"),
        ),
        _prospect(
            _AGREED,
            CLEAN,
            just("newsletter après une réponse positive", "newsletter after a positive reply"),
            Sent("recontact", "2024-06-03 10:00:00"),
            Sent(_NEWS, "2024-06-10 09:00:00"),
        ),
        _prospect(
            _AGREED,
            CLEAN,
            fail(
                "sent_after_expiry",
                "newsletter entre la relance et la réponse",
                "newsletter between the recontact and the reply",
            ),
            Sent("recontact", "2024-06-03 10:00:00"),
            Sent(_NEWS, "2024-06-10 08:59:00"),
        ),
        _prospect(
            _ASKED,
            unanswered,
            just("une seule relance", "a single recontact"),
            Sent("recontact", "2024-06-03 10:00:00"),
        ),
        _prospect(
            _ASKED,
            unanswered,
            fail("recontacted_again", "deux relances", "two recontacts"),
            Sent("recontact", "2024-06-03 10:00:00"),
            Sent("recontact", "2024-09-02 10:00:00"),
        ),
        _prospect(
            _OLD,
            _TOO_LONG,
            unsure("purpose_missing", "envoi sans finalité après les trois ans", "mailing without a purpose, too late"),
            Sent("", "2024-09-16 10:00:00"),
        ),
        _prospect(
            _RECENT,
            CLEAN,
            unsure("mailing_undated", "envoi sans date", "mailing without a date"),
            Sent(_NEWS, ""),
        ),
        _prospect(
            _RECENT,
            CLEAN,
            unsure("clock_in_future", "envoi daté du lendemain", "mailing dated tomorrow"),
            Sent(_NEWS, "2026-11-02 10:00:00"),
        ),
        _prospect({"collected_at": ""}, no_clock, no_clock, Sent(_NEWS, "2024-09-16 10:00:00")),
        _customer(
            _ENDED,
            _TOO_LONG,
            just("dernier jour après la fin du contrat", "last day after the end of the contract"),
            Sent(_NEWS, "2024-03-31 18:00:00"),
        ),
        _customer(_ENDED, _TOO_LONG, _LATE, Sent(_NEWS, "2024-04-01 08:00:00")),
        _customer(
            {"company_id": "C-116", "collected_at": "2019-05-14 10:00"},
            CLEAN,
            fail(
                "sent_after_expiry",
                "une commande postérieure ne rattrape pas l’envoi",
                "a later order does not mend the mailing",
            ),
            Sent(_NEWS, "2025-05-05 10:00:00"),
        ),
        _customer(
            {"company_id": "C-113", "collected_at": "2019-05-14 10:00"},
            no_contract,
            no_contract,
            Sent(_NEWS, "2025-05-05 10:00:00"),
        ),
        _customer(
            {"company_id": "C-001", "collected_at": "2019-05-14 10:00"},
            CLEAN,
            CLEAN,
            Sent(_NEWS, "2026-05-04 10:00:00"),
            Sent("promotion", "2026-06-15 10:00:00"),
        ),
        Mailed(
            "other",
            _OLD,
            CLEAN,
            outside("ni prospect ni client", "neither prospect nor customer"),
            (Sent(_NEWS, "2024-09-16 10:00:00"),),
        ),
        _prospect({"collected_at": "2026-11-02 09:00"}, to_come, to_come, Sent(_NEWS, "2026-05-04 10:00:00")),
        _customer(
            {"company_id": "C-351", "collected_at": "2021-08-24 10:00"},
            perhaps_ended,
            perhaps_ended,
            Sent(_NEWS, "2026-09-14 10:00:00"),
        ),
    )


def _objections() -> tuple[Mailed, ...]:
    out = _RECENT | {"opted_out_at": "2026-05-11 10:00"}

    def said(*sent: Sent, columns: Columns = out) -> Mailed:
        return _prospect(columns, CLEAN, CLEAN, *sent)

    at_once = just("envoyé à l’instant de la désinscription", "sent at the instant of the opt-out")
    return (
        said(Sent(_NEWS, "2026-05-11 10:00:00", at_once)),
        said(Sent(_NEWS, "2026-05-11 10:00:01", _REFUSED)),
        said(Sent("promotion", "2026-09-07 10:00:00", _REFUSED, {"contact_id": ""})),
        said(Sent("promotion", "2026-09-07 10:00:00", _REFUSED, {"email": "autre-adresse@courrier.example"})),
        said(Sent("service", "2026-09-07 10:00:00", outside("message de service", "service message"))),
        said(
            Sent(
                _NEWS,
                "2026-09-07 10:00:00",
                unsure("clock_in_future", "désinscription à venir", "opt-out to come"),
            ),
            columns=_RECENT | {"opted_out_at": "2026-11-02 10:00"},
        ),
    )


MAILED = (*_periods(), *_objections())
