"""Access: who works for the company, what they may reach, why, and what they signed and learnt."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit_lib.sample import canaries, people
from audit_lib.sample.expected import (
    AGREED,
    CLEAN,
    DEPARTMENTS,
    DEPARTURES,
    GROUNDED,
    TRAINED,
    Expected,
    Row,
    fail,
    just,
    outside,
    review,
    unsure,
)

Values = dict[str, str]

ERP, CRM, WEBSITE = "ERP Sage", "CRM", "Site web"

# What a department or a job opens, beside what the canary row's does.
_OPENED = (
    ("Service comptable", ERP, "lecture"),
    ("Ingénieur support", "Supervision", "administration"),
    ("commercial", CRM, "écriture"),
    ("marketing", WEBSITE, "publication"),
    ("Service informatique", CRM, "administration"),
    ("R&D", CRM, "lecture"),
    ("Délégué à la protection des données", CRM, "lecture"),
)


@dataclass(frozen=True)
class Exports:
    """The files that tell of access, related to each other by the account of a person."""

    staff: list[Row] = field(default_factory=list)
    training: list[Row] = field(default_factory=list)
    agreements: list[Row] = field(default_factory=list)
    grants: list[Row] = field(default_factory=list)
    authorisations: list[Row] = field(default_factory=list)
    entitlements: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class _Case:
    """One person and the right that they hold, as usual but for what is said: an accountant who reads the ERP.

    `account`: that of the right, where it is not the person's. None for what is not there; `judged` replaces what
    the controls say of the right, None where it is out of their scope.
    """

    judged: Mapping[str, Expected | None] = field(default_factory=dict)
    grant: Values | None = field(default_factory=dict)
    person: Values | None = field(default_factory=dict)
    approval: Values | None = None
    agreement: Values | None = field(default_factory=dict)
    course: Values | None = field(default_factory=dict)
    trained: Expected | None = CLEAN
    names: Values = field(default_factory=dict)
    account: str | None = None


def exports() -> Exports:
    found = Exports()
    cases = [*_grounds(), *_departures(), *_departments(), *_agreements(), *_trained()]
    for number, case in enumerate(cases, 1):
        _add(found, number, case)
    opened = [*_OPENED, (canaries.JOB, canaries.APPLICATION, canaries.RIGHT)]
    found.entitlements.extend(Row(dict(zip(("department", "system", "role"), one, strict=True))) for one in opened)
    return found


def _add(found: Exports, number: int, case: _Case) -> None:
    account = case.account if case.account is not None else f"sem{number:03d}"
    user = {"user_id": account}
    if case.person is not None:
        values = user | {"department": "Comptabilité", "job": "Comptable", "start": "2024-09-02"} | case.person
        names = {"first_name": people.first_name(number), "last_name": people.last_name(number)} | case.names
        found.staff.append(Row(values, _told({TRAINED: case.trained}), names))
        if case.course is not None:
            course = {"course": "RGPD : les fondamentaux", "completed_at": "2026-03-18"}
            found.training.append(Row(user | course | case.course))
    if case.grant is None:
        return
    values = user | {
        "grant_id": f"H-{number:03d}",
        "system": ERP,
        "role": "lecture",
        "holds_personal_data": "oui",
        "granted_at": "2025-02-03T09:00:00",
        "first_used_at": "2025-02-05T10:15:00",
        "last_used_at": "2026-06-29T16:40:00",
    }
    if case.approval is not None:
        authorisation = {"authorisation_id": f"AU-{number:03d}"} | case.approval
        values |= {"authorisation_id": authorisation["authorisation_id"]}
        usual = {"approved_by": "sem900", "approved_at": "2025-02-03T08:30:00"}
        on = {"system": case.grant.get("system", ERP)}
        found.authorisations.append(Row(user | on | usual | authorisation))
    if case.agreement is not None:
        found.agreements.append(Row({"party_id": account, "signed_at": "2025-02-03"} | case.agreement))
    found.grants.append(Row(values | case.grant, _told({GROUNDED: CLEAN, AGREED: CLEAN} | dict(case.judged))))


def _told(judged: Mapping[str, Expected | None]) -> dict[str, Expected]:
    return {control: expected for control, expected in judged.items() if expected is not None}


_NO_OWNER = fail("account_without_owner", "compte dont personne ne répond", "account that nobody answers for")
_UNCLEAR = unsure("authorisation_unclear", "autorisation incomplète", "incomplete authorisation")
_EXPIRED = fail("authorisation_expired", "autorisation expirée la veille", "authorisation expired the day before")
_NO_DEPARTMENT = unsure("department_missing", "service absent", "no department")
_TO_COME = unsure("clock_in_future", "date à venir", "date to come")
_NO_SCOPE = unsure("scope_unknown", "rien ne dit ce que le système contient", "nothing says what the system holds")
_NO_SYSTEM = unsure("system_missing", "système absent", "no system")
_ADMIN = {"role": "administration"}


def _grounds() -> list[_Case]:
    opened_otherwise = just("service écrit autrement que dans la matrice", "department written otherwise in the matrix")
    same_minute = just("autorisé à la minute même", "authorised at the same minute")
    late = fail("authorisation_late", "autorisé une minute après", "authorised a minute afterwards")
    canary = {"grant_id": canaries.GRANT_ID, "system": canaries.APPLICATION, "role": canaries.RIGHT}
    nobody = {
        GROUNDED: _NO_OWNER,
        DEPARTURES: unsure("account_without_owner", "compte sans nom", "account without a name"),
        AGREED: unsure("cover_key_missing", "compte sans nom", "account without a name"),
    }
    return [
        _Case(
            grant=canary,
            person={"department": "Qualité", "job": canaries.JOB},
            approval={"authorisation_id": canaries.AUTHORISATION_ID, "approved_by": canaries.APPROVER},
            course={"course": canaries.COURSE},
            names={"first_name": canaries.STAFF_FIRST_NAME, "last_name": canaries.STAFF_LAST_NAME},
            account=canaries.STAFF_ID,
        ),
        _Case(),
        _Case({GROUNDED: opened_otherwise}, person={"department": "DIRECTION COMPTABLE"}),
        _Case(
            {GROUNDED: just("ouvert par la fonction", "opened by the job")},
            {"system": "supervision", **_ADMIN},
            {"department": "Support technique", "job": "Ingénieur support"},
        ),
        _Case({GROUNDED: fail("access_without_ground", "profil que rien n’ouvre", "right that nothing opens")}, _ADMIN),
        _Case({GROUNDED: same_minute}, _ADMIN, approval={"approved_at": "2025-02-03T09:00:00"}),
        _Case({GROUNDED: late}, _ADMIN, approval={"approved_at": "2025-02-03T09:01:00"}),
        _Case(
            {GROUNDED: just("autorisation valable le jour même", "authorisation valid on the day itself")},
            _ADMIN,
            approval={"expires_at": "2026-11-01"},
        ),
        _Case({GROUNDED: _EXPIRED}, _ADMIN, approval={"expires_at": "2026-10-31"}),
        _Case(
            {GROUNDED: fail("authorised_by_oneself", "approuvé par son bénéficiaire", "approved by its holder")},
            _ADMIN,
            approval={"approved_by": "SEM010"},
        ),
        _Case({GROUNDED: _UNCLEAR}, _ADMIN, approval={"approved_by": ""}),
        _Case({GROUNDED: _UNCLEAR}, _ADMIN, approval={"approved_at": ""}),
        _Case({GROUNDED: _UNCLEAR}, _ADMIN | {"granted_at": ""}, approval={}),
        _Case(nobody, person=None, agreement=None, account=""),
        _Case({GROUNDED: _NO_OWNER}, person=None, account="stagiaire"),
        _Case(
            {GROUNDED: just("prestataire autorisé", "authorised supplier")},
            _ADMIN,
            None,
            {},
            account=canaries.SUPPLIER,
        ),
        _Case({GROUNDED: _NO_DEPARTMENT}, person={"department": ""}),
        _Case({GROUNDED: _NO_SCOPE}, {"holds_personal_data": ""}),
        _Case({GROUNDED: _NO_SYSTEM, DEPARTMENTS: _NO_SYSTEM}, {"system": ""}),
        _Case({GROUNDED: unsure("right_missing", "profil absent", "no right")}, {"role": ""}),
        _Case(
            {GROUNDED: _TO_COME, AGREED: _TO_COME},
            {"granted_at": "2026-11-02T09:00:00", "first_used_at": "", "last_used_at": ""},
        ),
        _Case({GROUNDED: _TO_COME}, {"revoked_at": "2026-11-30T18:00:00"}),
        _Case(
            {GROUNDED: outside("droit retiré", "right revoked")},
            _ADMIN | {"revoked_at": "2026-09-30T18:00:00"},
        ),
        _Case(
            {GROUNDED: outside("aucune donnée personnelle", "no personal data")},
            _ADMIN | {"holds_personal_data": "non"},
        ),
    ]


def _left(
    judged: Expected,
    revoked: str = "",
    used: str = "2026-06-29T16:40:00",
    ground: Expected = CLEAN,
    end: str = "2026-06-30",
    **columns: str,
) -> _Case:
    """Someone whose last day was 30 June, so that the right ends by 1 July."""
    over = "" < revoked < "2026-11-01"
    return _Case(
        {DEPARTURES: judged, GROUNDED: None if over else ground},
        {"revoked_at": revoked, "last_used_at": used} | columns,
        {"end": end},
        trained=None,
    )


def _departures() -> list[_Case]:
    open_ = fail("access_not_revoked", "droit toujours ouvert", "right still open")
    late = fail("access_revoked_late", "retiré une minute trop tard", "revoked a minute too late")
    again = fail("used_after_revocation", "utilisé après le retrait", "used after the revocation")
    after = fail("used_after_leaving", "utilisé après le départ", "used after leaving")
    inside = just("utilisé dans le délai", "used inside the period")
    its_day = just("retrait daté du jour, sans heure", "revocation dated by its day alone")
    return [
        _left(CLEAN, "2026-06-30T18:00:00"),
        _left(just("retiré le dernier jour du délai", "revoked on the last day allowed"), "2026-07-01T23:59:00"),
        _left(late, "2026-07-02T00:01:00"),
        _left(open_),
        _left(just("délai en cours", "period running"), end="2026-10-31"),
        _left(open_, end="2026-10-30"),
        _left(inside, "2026-07-01T18:00:00", "2026-07-01T17:00:00"),
        _left(after, "", "2026-07-02T08:10:00"),
        _left(after, "2026-06-30T18:00:00", "2026-07-04T22:05:00"),
        _left(again, "2026-06-30T12:00:00", "2026-06-30T15:00:00"),
        _left(its_day, "2026-06-30T00:00:00", "2026-06-30T15:00:00"),
        _left(_TO_COME, "2026-11-15T18:00:00", ground=_TO_COME),
        _left(_NO_SCOPE, ground=_NO_SCOPE, holds_personal_data=""),
        _Case({DEPARTURES: outside("pas encore parti", "not left yet")}, person={"end": "2026-12-31"}),
        _left(
            unsure("clock_in_future", "utilisation à venir", "use to come"),
            "2026-06-30T18:00:00",
            "2026-11-15T08:10:00",
        ),
    ]


def _on(system: str, role: str, department: str, judged: Expected) -> _Case:
    return _Case({DEPARTMENTS: judged}, {"system": system, "role": role}, {"department": department})


def _departments() -> list[_Case]:
    other = fail("department_undeclared", "service absent de la clause 4.1", "department that clause 4.1 does not list")
    elsewhere = review("authorised_elsewhere", "autre service, autorisé", "other department, authorised")
    officer = review("department_to_judge", "délégué à la protection des données", "data protection officer")
    crm, management = {"system": CRM, "role": "lecture"}, {"department": "Direction générale"}
    no_ground = fail("access_without_ground", "profil que rien n’ouvre", "right that nothing opens")
    approved_later = unsure("clock_in_future", "autorisation à venir", "authorisation to come")
    return [
        _on(CRM, "écriture", "Commercial", CLEAN),
        _on(WEBSITE, "publication", "Pôle marketing", CLEAN),
        _on(CRM, "administration", "DSI", just("service sous un autre nom", "department under another name")),
        _on(CRM, "lecture", "R&D", other),
        _Case({DEPARTMENTS: other, GROUNDED: no_ground}, crm, {"department": canaries.DEPARTMENT}),
        _Case({DEPARTMENTS: other, GROUNDED: _EXPIRED}, crm, management, {"expires_at": "2026-10-31"}),
        _Case({DEPARTMENTS: elsewhere}, crm, management, {}),
        _Case({DEPARTMENTS: elsewhere}, crm, None, {}, account="agence-web"),
        _Case(
            {DEPARTMENTS: just("finances, lues comme la comptabilité", "finance, read as accounting")},
            {"system": "hubspot", "role": "lecture"},
            {"department": "Direction administrative et financière"},
            {},
        ),
        _officer(officer, "Direction générale"),
        _officer(officer, "Juridique"),
        _Case({DEPARTMENTS: _NO_OWNER, GROUNDED: _NO_OWNER}, crm, None, account="accueil"),
        _Case({DEPARTMENTS: _NO_DEPARTMENT, GROUNDED: _NO_DEPARTMENT}, crm, {"department": ""}),
        _Case({DEPARTMENTS: _UNCLEAR, GROUNDED: _UNCLEAR}, crm, management, {"approved_by": ""}),
        _Case({DEPARTMENTS: _TO_COME, GROUNDED: _TO_COME}, crm | {"revoked_at": "2026-11-30T18:00:00"}),
        _Case(
            {DEPARTMENTS: outside("droit retiré", "right revoked"), GROUNDED: None},
            crm | {"revoked_at": "2026-09-30T18:00:00"},
            management,
        ),
        _Case({DEPARTMENTS: approved_later, GROUNDED: approved_later}, crm, management, {"approved_at": "2026-11-02"}),
    ]


def _officer(judged: Expected, department: str) -> _Case:
    return _Case(
        {DEPARTMENTS: judged},
        {"system": CRM, "role": "lecture"},
        {"department": department, "job": "Délégué à la protection des données"},
    )


def _signed(judged: Expected, agreement: Values | None, ground: Expected | None = CLEAN, **columns: str) -> _Case:
    return _Case({AGREED: judged, GROUNDED: ground}, columns, agreement=agreement)


def _agreements() -> list[_Case]:
    ended = fail("cover_ended", "accord expiré la veille", "agreement ended the day before")
    return [
        _signed(
            just("signé le jour du premier accès", "signed on the day of first access"), {"signed_at": "2025-02-05"}
        ),
        _signed(
            fail("cover_too_late", "signé le lendemain du premier accès", "signed the day after first access"),
            {"signed_at": "2025-02-06"},
        ),
        _signed(
            just("jamais utilisé : signé le jour de l’attribution", "never used: signed on the day of the grant"),
            {"signed_at": "2025-02-03"},
            first_used_at="",
            last_used_at="",
        ),
        _signed(fail("cover_missing", "aucun accord", "no agreement"), None),
        _signed(just("accord valable le jour même", "agreement valid on the day itself"), {"expires_at": "2026-11-01"}),
        _signed(ended, {"expires_at": "2026-10-31"}),
        _signed(
            just("accord expiré après le retrait", "agreement ended after the revocation"),
            {"expires_at": "2026-09-30"},
            None,
            revoked_at="2026-09-30T18:00:00",
        ),
        _signed(unsure("cover_unclear", "accord sans date", "undated agreement"), {"signed_at": ""}),
        _signed(
            unsure("clock_missing", "ni attribution ni accès datés", "neither grant nor access dated"),
            {},
            granted_at="",
            first_used_at="",
        ),
        _signed(
            just("signé plus tard le jour du premier accès", "signed later on the day of first access"),
            {"signed_at": "05/02/2025 18:00"},
        ),
    ]


def _staff(trained: Expected, course: Values | None, **columns: str) -> _Case:
    return _Case(grant=None, person=columns, course=course, trained=trained)


def _trained() -> list[_Case]:
    untrained = fail("not_trained", "aucune formation achevée", "no course completed")
    return [
        _staff(
            just("formé il y a un an jour pour jour", "trained a year ago to the day"), {"completed_at": "2025-11-01"}
        ),
        _staff(
            review("training_old", "formé il y a plus d’un an", "trained over a year ago"),
            {"completed_at": "2025-10-31"},
        ),
        _staff(
            just("arrivé il y a un mois jour pour jour", "arrived a month ago to the day"), None, start="2026-10-01"
        ),
        _staff(untrained, None, start="2026-09-30"),
        _staff(untrained, {"course": "Sécurité incendie"}),
        _staff(untrained, {"completed_at": ""}),
        _staff(unsure("clock_missing", "arrivée sans date", "no date of arrival"), None, start=""),
        _staff(_TO_COME, {"completed_at": "2026-11-05"}),
        _staff(outside("parti", "left"), None, end="2026-10-31"),
        _staff(outside("arrive plus tard", "arrives later"), None, start="2026-11-16"),
    ]
