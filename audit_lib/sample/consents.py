"""Consents: the forms of the website, what people agreed to, and what was sent to them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from audit_lib.sample import canaries, people
from audit_lib.sample.contacts import mailed
from audit_lib.sample.expected import (
    CLEAN,
    CONSENT,
    FORM_FIELDS,
    MAILING_CONSENT,
    OBJECTIONS,
    Expected,
    Row,
    fail,
    just,
    outside,
    review,
    unsure,
)
from audit_lib.sample.prospecting import Sent

Columns = dict[str, str]

_MISSING = "cover_missing"
_UNCLEAR = "cover_unclear"
_NOT_VALID = "cover_not_valid"
_FUTURE = unsure("clock_in_future", "date à venir", "a date to come")
_UNDATED = unsure("clock_missing", "sans date", "no date")
_NO_ADDRESS = unsure("cover_key_missing", "sans adresse", "no address")
_PURPOSE = unsure("status_missing", "finalité absente", "no purpose")


@dataclass(frozen=True)
class _Case:
    """Something sent by or to a person, the consents of that person, and what must be said of it."""

    judged: Expected = CLEAN
    given: tuple[Columns, ...] = ({},)
    values: Columns = field(default_factory=dict)
    extra: Columns = field(default_factory=dict)


def _invalid(mechanism: str) -> _Case:
    judged = fail(_NOT_VALID, "ce n’est pas un consentement", "this is no consent")
    return _Case(judged, ({"mechanism": mechanism},))


def _forms() -> list[_Case]:
    """Sent on 18 May 2026 at 10:00, of the newsletter; consented to in the same form, by a box, with a proof."""
    late = fail("cover_too_late", "consentement postérieur, d’un autre envoi", "later consent, of another form")
    contact = outside("formulaire de contact", "contact form")
    earlier = {"submission_id": "", "given_at": "2026-05-18 10:00:00"}
    later = {"submission_id": "", "given_at": "2026-05-18 10:00:01"}
    canary = {
        "submission_id": canaries.SUBMISSION_ID,
        "page": canaries.FORM_PAGE,
        "first_name": canaries.FORM_FIRST_NAME,
        "last_name": canaries.FORM_LAST_NAME,
        "email": canaries.FORM_EMAIL,
        "phone": canaries.FORM_PHONE,
        "company": canaries.FORM_COMPANY,
        "country": canaries.FORM_COUNTRY,
    }
    told = {
        "consent_id": canaries.CONSENT_ID,
        "wording_version": canaries.WORDING,
        "proof_ref": canaries.PROOF,
        "submission_id": canaries.SUBMISSION_ID,
    }
    return [
        _Case(given=(told,), values=canary),
        _Case(),
        _Case(given=({"mechanism": "double_opt_in"},)),
        _Case(given=({"purpose": "demande de démo"},), values={"form": "demo"}),
        _Case(given=({"purpose": "Lettre d’information"},)),
        _Case(
            just("même envoi, horloge en avance de 40 secondes", "same form, a clock 40 seconds ahead"),
            ({"given_at": "2026-05-18 10:00:40"},),
        ),
        _Case(just("autre envoi, même instant", "another form, same instant"), (earlier,)),
        _Case(late, (later,)),
        _Case(just("retiré après l’envoi", "withdrawn after the form"), ({"withdrawn_at": "2026-05-18 10:00:01"},)),
        _Case(
            fail("cover_ended", "retiré avant l’envoi", "withdrawn before the form"),
            (earlier | {"given_at": "2026-03-02 09:00:00", "withdrawn_at": "2026-05-18 09:59:00"},),
        ),
        _Case(fail(_MISSING, "aucun consentement", "no consent"), ()),
        _Case(
            fail(_MISSING, "consentement à une autre finalité", "consent for another purpose"), ({"purpose": "démo"},)
        ),
        _invalid("pre_ticked"),
        _invalid("imported_list"),
        _invalid("contract"),
        _Case(review("cover_to_review", "accord oral", "oral agreement"), ({"mechanism": "oral"},)),
        _Case(unsure(_UNCLEAR, "version du texte absente", "no version of the text"), ({"wording_version": ""},)),
        _Case(unsure(_UNCLEAR, "preuve absente", "no proof"), ({"proof_ref": ""},)),
        _Case(unsure(_UNCLEAR, "mode de recueil absent", "no mechanism"), ({"mechanism": ""},)),
        _Case(unsure(_UNCLEAR, "consentement non daté", "undated consent"), (earlier | {"given_at": ""},)),
        _Case(just("le meilleur consentement l’emporte", "the best consent counts"), ({"mechanism": "pre_ticked"}, {})),
        _Case(_NO_ADDRESS, values={"email": ""}),
        _Case(_UNDATED, values={"at": ""}),
        _Case(_FUTURE, values={"at": "2026-11-02 10:00:00"}),
        _Case(_PURPOSE, values={"form": ""}),
        _Case(contact, (), {"form": "contact"}),
        _Case(extra={"job": canaries.FORM_JOB}),
        _Case(extra={"ip": "8.8.4.0"}),
    ]


def forms() -> Iterator[Row]:
    for number, case in enumerate(_forms(), 1):
        undeclared = fail("undeclared_column", "champ non annoncé", "a field that is not announced")
        fields = undeclared if case.extra else CLEAN
        if number == 2:
            fields = just("champs non annoncés laissés vides", "fields that are not announced left blank")
        yield Row(_form(number) | case.values, {CONSENT: case.judged, FORM_FIELDS: fields}, case.extra)


def _form(number: int) -> Columns:
    first, last = people.first_name(number + 5), people.last_name(number + 2)
    return {
        "submission_id": f"F-{number:03d}",
        "at": "2026-05-18 10:00:00",
        "form": "newsletter",
        "page": "https://www.semaphore.example/newsletter",
        "first_name": first,
        "last_name": last,
        "email": f"inscrit{number:02d}@courrier.example",
        "phone": people.phone(number + 3000),
        "company": f"Atelier {number:02d}",
        "country": "France",
    }


def _campaign() -> list[_Case]:
    """Newsletters of 8 June 2026 at 09:00 to people who are no contacts, consented to in May."""
    at = "2026-06-08 09:00:00"
    return [
        _Case(values={"mailing_id": canaries.MAILING_ID, "email": canaries.MAILING_EMAIL}),
        _Case(),
        _Case(values={"purpose": "promotion"}),
        _Case(
            just("adresse écrite en capitales", "address in capitals"), values={"email": "ABONNE04@courrier.example"}
        ),
        _Case(just("consentement du même instant", "consent of the same instant"), ({"given_at": at},)),
        _Case(
            fail("cover_too_late", "consentement d’une seconde plus tard", "consent a second later"),
            ({"given_at": "2026-06-08 09:00:01"},),
        ),
        _Case(
            fail("cover_ended", "retiré à l’instant de l’envoi", "withdrawn at the instant of the mailing"),
            ({"withdrawn_at": at},),
        ),
        _Case(just("retiré une seconde après", "withdrawn a second later"), ({"withdrawn_at": "2026-06-08 09:00:01"},)),
        _Case(just("ni texte ni preuve : non redemandés", "no text, no proof: not asked again"), ({"proof_ref": ""},)),
        _Case(fail(_MISSING, "aucun consentement", "no consent"), ()),
        _Case(
            fail(_MISSING, "consentement à la démonstration seule", "consent for a demo only"), ({"purpose": "démo"},)
        ),
        _invalid("pre_ticked"),
        _invalid("imported_list"),
        _invalid("contract"),
        _Case(review("cover_to_review", "accord oral", "oral agreement"), ({"mechanism": "oral"},)),
        _Case(unsure(_UNCLEAR, "consentement non daté", "undated consent"), ({"given_at": ""},)),
        _Case(unsure(_UNCLEAR, "mode de recueil absent", "no mechanism"), ({"mechanism": ""},)),
        _Case(_NO_ADDRESS, values={"email": ""}),
        _Case(_PURPOSE, values={"purpose": ""}),
        _Case(outside("message de service", "service message"), (), {"purpose": "service"}),
        _Case(outside("relance", "recontact"), (), {"purpose": "recontact"}),
    ]


# Mailings to people who objected by a request: see `requests`.
OBJECTED = (
    Sent("newsletter", "2026-01-30 10:00:00", just("avant l’opposition", "before the objection")),
    Sent("newsletter", "2026-02-02 10:00:00", fail("sent_after_objection", "opposition reçue", "objection received")),
)
OBJECTOR = "demandeur11@exemple.example"  # on 31 January 2026
UNDATED_OBJECTOR = "opposant@exemple.example"


def mailings() -> Iterator[Row]:
    rows = [*_to_contacts(), *_to_others(), *_to_objectors()]
    for number, row in enumerate(rows, 1):
        yield replace(row, values={"mailing_id": f"E-{number:04d}"} | row.values)


def _to_contacts() -> Iterator[Row]:
    for plant, contact in mailed():
        for sent in plant.sent:
            yield _sent(sent, {"contact_id": contact["contact_id"], "email": contact["email"]} | sent.columns)


def _sent(sent: Sent, columns: Columns) -> Row:
    """A mailing to somebody who had consented; what is said of its own date or purpose is said by both controls."""
    consented, objected = CLEAN, sent.objected
    if sent.purpose in ("service", "recontact"):
        consented = outside("ni newsletter ni promotion", "neither newsletter nor promotion")
        objected = consented
    elif not sent.purpose:
        consented = objected = _PURPOSE
    elif not sent.at:
        consented = objected = _UNDATED
    elif sent.at > "2026-11-01":
        consented = objected = _FUTURE
    return Row(
        {"purpose": sent.purpose, "sent_at": sent.at} | columns, {MAILING_CONSENT: consented, OBJECTIONS: objected}
    )


def _to_others() -> Iterator[Row]:
    for number, case in enumerate(_campaign(), 1):
        values = {"email": _subscriber(number), "purpose": "newsletter", "sent_at": "2026-06-08 09:00:00"} | case.values
        objected = case.judged if case.judged in (_PURPOSE,) or case.judged.verdict == "OUTSIDE" else CLEAN
        if not values["email"]:
            objected = unsure("recipient_missing", "ni contact ni adresse", "neither contact nor address")
        yield Row(values, {MAILING_CONSENT: case.judged, OBJECTIONS: objected})


def _to_objectors() -> Iterator[Row]:
    undated = unsure("objection_undated", "opposition sans date", "objection without a date")
    for sent in OBJECTED:
        yield _sent(sent, {"email": OBJECTOR})
    yield _sent(Sent("newsletter", "2026-02-02 10:00:00", undated), {"email": UNDATED_OBJECTOR})


def _subscriber(number: int) -> str:
    return f"abonne{number:02d}@courrier.example"


def consents() -> Iterator[Row]:
    rows = [*_of_forms(), *_of_campaign(), *_of_contacts()]
    for number, values in enumerate(rows, 1):
        yield Row({"consent_id": f"A-{number:04d}"} | values)


def _consent(email: str, given_at: str, number: int) -> Columns:
    return {
        "email": email,
        "purpose": "newsletter",
        "given_at": given_at,
        "mechanism": "unticked_box",
        "wording_version": "2026-01",
        "proof_ref": f"journal-{number:04d}",
    }


def _of_forms() -> Iterator[Columns]:
    for number, case in enumerate(_forms(), 1):
        form = _form(number) | case.values
        for given in case.given:
            same = {"submission_id": form["submission_id"]}
            email = form["email"] or _form(number)["email"]
            yield _consent(email, "2026-05-18 10:00:00", number) | same | given


def _of_campaign() -> Iterator[Columns]:
    for number, case in enumerate(_campaign(), 1):
        email = case.values.get("email") or _subscriber(number)
        for given in case.given:
            yield _consent(email.lower(), "2026-05-19 14:30:00", 100 + number) | given


def _of_contacts() -> Iterator[Columns]:
    for number, email in enumerate([*(contact["email"] for _, contact in mailed()), OBJECTOR, UNDATED_OBJECTOR]):
        yield _consent(email, "2019-01-15 09:00:00", 200 + number)
    yield _consent("autre-adresse@courrier.example", "2019-01-15 09:00:00", 300)
