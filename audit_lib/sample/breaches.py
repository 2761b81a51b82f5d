"""Breaches: the register of personal data breaches, with hours that clocks and calendars make easy to miscount."""

from collections.abc import Iterator

from audit_lib.sample import canaries
from audit_lib.sample.expected import ACTIONS, BREACHES, CLEAN, Expected, Row, fail, just, unsure

_LATE = fail("authority_told_late", "notifiée après 72 heures", "notified after 72 hours")


def breaches() -> Iterator[Row]:
    for number, row in enumerate([*_controller(), *_clocks(), *_unclear(), *_processor(), *_actions()]):
        yield Row({"breach_id": f"V-{number + 1:02d}"} | row.values, row.judged)


def _breach(aware: str, told: str = "", judged: Expected = CLEAN, action: Expected = CLEAN, /, **columns: str) -> Row:
    values = {
        "role": "controller",
        "occurred_at": "2026-02-27T22:10:00" if aware else "",
        "aware_at": aware,
        "risk": "risk",
        "authority_notified_at": told,
        "first_action_at": aware or "2026-03-03T08:30:00",
    }
    return Row(values | columns, {BREACHES: judged, ACTIONS: action})


def _controller() -> list[Row]:
    canary = {
        "breach_id": canaries.BREACH_ID,
        "risk_rationale": canaries.RATIONALE,
        "delay_reasons": canaries.DELAY,
    }
    people = "2026-03-04T18:00:00"
    return [
        _breach("2026-03-02T09:00:00", "2026-03-03T11:20:00", **canary),
        _breach("2026-03-02T09:00:00", "2026-03-05T09:00:00", just("72e heure", "seventy-second hour")),
        _breach("2026-03-02T09:00:00", "2026-03-05T09:01:00", _LATE),
        _breach(
            "2026-06-05T17:30:00",
            "2026-06-09T09:00:00",
            fail("authority_told_late", "la fin de semaine compte", "the weekend counts"),
            delay_reasons="fin de semaine",
        ),
        _breach("2026-03-02T09:00:00", "", fail("authority_not_told", "non notifiée", "not notified")),
        _breach("2026-03-02T09:00:00", "", risk="unlikely", risk_rationale="données chiffrées"),
        _breach(
            "2026-03-02T09:00:00",
            "",
            fail("risk_rationale_missing", "risque écarté sans justification", "no risk, and no reason"),
            risk="unlikely",
        ),
        _breach("2026-03-02T09:00:00", "2026-03-03T10:00:00", risk="high", subjects_notified_at=people),
        _breach(
            "2026-03-02T09:00:00",
            "2026-03-03T10:00:00",
            fail("people_not_told", "risque élevé, personnes non informées", "high risk, people not told"),
            risk="high",
        ),
    ]


def _clocks() -> list[Row]:
    back = just("72 heures, retour à l’heure d’hiver", "72 hours, clocks going back")
    forward = just("72 heures, passage à l’heure d’été", "72 hours, clocks going forward")
    last = just("72e heure à l’instant de l’export", "seventy-second hour at the instant of the export")
    over = fail("authority_not_told", "72 heures passées d’une minute", "72 hours over by a minute")
    return [
        _breach("2026-10-23T17:10:00", "2026-10-26T16:10:00", back),
        _breach("2026-10-23T17:10:00", "2026-10-26T16:11:00", _LATE),
        _breach("2026-03-27T10:00:00", "2026-03-30T11:00:00", forward),
        _breach("2026-03-27T10:00:00", "2026-03-30T11:01:00", _LATE),
        _breach("2026-10-29T06:00:00", "", last),
        _breach("2026-10-29T05:59:00", "", over),
        _breach(
            "2026-10-31T15:00:00",
            "",
            just("délai en cours, personne encore prévenu", "hours running, nobody told yet"),
            risk="high",
        ),
    ]


def _unclear() -> list[Row]:
    future = unsure("clock_in_future", "notification à venir", "notification to come")
    before = unsure("dated_before_awareness", "notifiée avant la connaissance", "notified before awareness")
    missing = unsure("clock_missing", "date de connaissance absente", "no date of awareness")
    return [
        _breach(
            "2026-03-02T09:00:00", "2026-03-03T10:00:00", unsure("risk_missing", "risque absent", "no risk"), risk=""
        ),
        _breach("", "2026-03-03T10:00:00", missing, missing),
        _breach("2026-10-30T09:00:00", "2026-11-02T08:00:00", future),
        _breach("2026-03-02T09:00:00", "2026-03-02T08:59:00", before),
        _breach(
            "2026-03-02T09:00:00",
            "2026-03-03T10:00:00",
            unsure("company_role_missing", "rôle absent", "no role"),
            role="",
        ),
    ]


def _processor() -> list[Row]:
    told = {"role": "processor", "customer_notified_at": "2026-03-09T10:00:00"}
    return [
        _breach("2026-03-02T09:00:00", "", **told),
        _breach(
            "2026-03-02T09:00:00",
            "",
            just("sous-traitant : le client, sans délai compté", "processor: the customer, no hours counted"),
            risk="",
            **told,
        ),
        _breach(
            "2026-03-02T09:00:00",
            "2026-03-03T10:00:00",
            fail("customer_not_told", "sous-traitant, client non prévenu", "processor, customer not told"),
            role="processor",
        ),
        _breach(
            "2026-03-02T09:00:00",
            "",
            unsure("clock_in_future", "client prévenu plus tard", "customer told later"),
            **told | {"customer_notified_at": "2026-11-02T10:00:00"},
        ),
    ]


def _actions() -> list[Row]:
    times = ("2026-03-02T09:00:00", "2026-03-03T10:00:00", CLEAN)
    return [
        _breach(*times, just("mesure au même instant", "action at the same instant"), first_action_at=times[0]),
        _breach(*times, fail("action_missing", "aucune mesure", "no action"), first_action_at=""),
        _breach(
            *times,
            unsure("dated_before_awareness", "mesure avant la connaissance", "action before awareness"),
            first_action_at="2026-03-01T17:00:00",
        ),
        _breach(
            *times, unsure("clock_in_future", "mesure à venir", "action to come"), first_action_at="2026-11-05T09:00:00"
        ),
    ]
