"""Covering records: the same key, in force when the record happens, of a form that is accepted."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectCoveringRecord
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, Rows, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
SENT = {"mailing_id": "m", "email": "A@x.example ", "purpose": "newsletter", "sent_at": "2026-06-10 10:00"}
GIVEN = {
    "email": "a@X.example",
    "purpose": "Newsletter",
    "given_at": "2026-06-01 09:00",
    "mechanism": "unticked_box",
    "withdrawn_at": None,
}
GRANT = {"grant_id": "g", "user_id": "u", "granted_at": "2026-03-10 08:00", "first_used_at": None, "revoked_at": None}
SIGNED = {"party_id": "u", "signed_at": "2026-03-10 15:00", "expires_at": None}


def consents() -> ExpectCoveringRecord:
    return ExpectCoveringRecord(
        **WHEN,
        covering="consents",
        by={"email": "email"},
        at=["sent_at"],
        since="given_at",
        until="withdrawn_at",
        of={"purpose": ["newsletter", "lettre d’information"]},
        valid={"mechanism": ["unticked_box", "double_opt_in"]},
        to_judge={"mechanism": ["oral"]},
    )


def agreements() -> ExpectCoveringRecord:
    return ExpectCoveringRecord(
        **WHEN,
        covering="ndas",
        by={"user_id": "party_id"},
        at=["first_used_at", "granted_at"],
        through=["revoked_at"],
        since="signed_at",
        until="expires_at",
        by_day=True,
    )


def mailed(*given: dict[str, Any], sent: dict[str, Any] | None = None, naive: frozenset[str] = frozenset()) -> str:
    tables: dict[str, Rows] = {"mailings": [SENT | (sent or {})], "consents": [GIVEN | one for one in given]}
    return verdicts(consents(), tables, naive=naive)[0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([{}], "PASS"),
        ([{"email": "b@x.example"}], "FAIL cover_missing"),
        ([{"purpose": "demo"}], "FAIL cover_missing"),
        ([{"purpose": "Lettre d'information"}], "PASS"),
        ([{"purpose": None}], "INDETERMINATE cover_unclear"),
        ([{"given_at": "2026-06-10 10:00"}], "PASS"),
        ([{"given_at": "2026-06-10 10:00:01"}], "FAIL cover_too_late"),
        ([{"given_at": None}], "INDETERMINATE cover_unclear"),
        ([{"withdrawn_at": "2026-06-10 10:00"}], "FAIL cover_ended"),
        ([{"withdrawn_at": "2026-06-10 10:00:01"}], "PASS"),
        ([{"mechanism": "pre_ticked"}], "FAIL cover_not_valid"),
        ([{"mechanism": None}], "INDETERMINATE cover_unclear"),
        ([{"mechanism": "oral"}], "REVIEW cover_to_review"),
        ([{"mechanism": "oral", "given_at": "2026-06-11"}], "FAIL cover_too_late"),
        # The best of several decides.
        ([{"withdrawn_at": "2026-06-05"}, {"given_at": "2026-06-06"}], "PASS"),
        ([{"mechanism": "oral"}, {"mechanism": None}], "REVIEW cover_to_review"),
        ([{"mechanism": "pre_ticked"}, {"given_at": "2026-07-01"}], "FAIL cover_too_late"),
    ],
)
def test_an_instant_is_covered(given: list[dict[str, Any]], expected: str) -> None:
    assert mailed(*given) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"email": None}, "INDETERMINATE cover_key_missing"),
        ({"sent_at": None}, "INDETERMINATE clock_missing"),
        ({"sent_at": "2026-11-01 05:00:01"}, "INDETERMINATE clock_in_future"),
    ],
)
def test_a_record_that_does_not_tell(sent: dict[str, Any], expected: str) -> None:
    assert mailed({}, sent=sent) == expected


def test_an_hour_without_an_offset_is_in_doubt_only_where_it_decides() -> None:
    naive, flags = frozenset({"given_at"}), {"given_at__naive": True}
    assert mailed(flags, naive=naive) == "PASS"
    assert mailed({"given_at": "2026-06-10 02:00"} | flags, naive=naive) == "INDETERMINATE time_zone_unknown"
    assert mailed({"given_at": "2026-06-11 09:00"} | flags, naive=naive) == "INDETERMINATE time_zone_unknown"
    assert mailed({"given_at": "2026-06-11 10:00:01"} | flags, naive=naive) == "FAIL cover_too_late"


@pytest.mark.parametrize(
    ("grant", "signed", "expected"),
    [
        ({}, {}, "PASS"),  # the same day, later in it
        ({}, {"signed_at": "2026-03-11 08:00"}, "FAIL cover_too_late"),
        ({"first_used_at": "2026-03-11 12:00"}, {"signed_at": "2026-03-11 18:00"}, "PASS"),
        # Last day in Paris 2026-10-31, then the audit's own.
        ({}, {"expires_at": "2026-10-31 22:59"}, "FAIL cover_ended"),
        ({}, {"expires_at": "2026-10-31 23:00"}, "PASS"),
        # What is to come need not be covered yet.
        ({"revoked_at": "2027-01-31"}, {"expires_at": "2026-12-31"}, "PASS"),
        ({"revoked_at": "2026-05-01 10:00"}, {"expires_at": "2026-05-01 08:00"}, "PASS"),
        ({"revoked_at": "2026-05-02 10:00"}, {"expires_at": "2026-05-01 08:00"}, "FAIL cover_ended"),
    ],
)
def test_days_are_covered_from_the_first_to_the_last(
    grant: dict[str, Any], signed: dict[str, Any], expected: str
) -> None:
    assert verdicts(agreements(), {"access_grants": [GRANT | grant], "ndas": [SIGNED | signed]}) == [expected]


def test_without_the_covering_dataset_nothing_is_judged() -> None:
    with pytest.raises(NotEvaluated, match="dataset_not_supplied: ndas"):
        verdicts(agreements(), {"access_grants": [GRANT]})


FORM = {"submission_id": "s1", "at": "2026-06-10 10:00", "form": "newsletter", "email": "a@x.example"}
PROVEN = GIVEN | {"submission_id": None, "wording_version": "v3", "proof_ref": "p1"}


def collected(*given: dict[str, Any], form: dict[str, Any] | None = None, naive: frozenset[str] = frozenset()) -> str:
    expectation = ExpectCoveringRecord(
        **WHEN,
        where={"form": ["newsletter", "demo"]},
        among={"form": ["newsletter", "demo", "contact"]},
        covering="consents",
        by={"email": "email"},
        at=["at"],
        since="given_at",
        until="withdrawn_at",
        same={"submission_id": "submission_id"},
        of_each={"form": {"newsletter": {"purpose": ["newsletter"]}, "demo": {"purpose": ["démo"]}}},
        valid={"mechanism": ["unticked_box", "double_opt_in"]},
        to_judge={"mechanism": ["oral"]},
        invalid={"mechanism": ["pre_ticked", "imported_list", "contract"]},
        proofs=["wording_version", "proof_ref"],
    )
    tables: dict[str, Rows] = {
        "form_submissions": [FORM | (form or {})],
        "consents": [PROVEN | one for one in given],
    }
    return verdicts(expectation, tables, naive=naive)[0]


SAME = {"submission_id": "s1", "given_at": "2026-06-10 10:05"}


@pytest.mark.parametrize(
    ("form", "given", "expected"),
    [
        ({}, [{}], "PASS"),
        ({"form": "contact"}, [], "out"),
        ({"form": None}, [{}], "INDETERMINATE status_missing"),
        ({"form": "demo"}, [{}], "FAIL cover_missing"),
        ({"form": "demo"}, [{"purpose": "Démo"}], "PASS"),
        ({}, [{"purpose": "Démo"}], "FAIL cover_missing"),
        ({}, [{"purpose": None}], "INDETERMINATE cover_unclear"),
        # A consent of the same submission is in time, whatever the clocks of both tools say.
        ({}, [SAME], "PASS"),
        ({}, [SAME | {"submission_id": "s2"}], "FAIL cover_too_late"),
        ({}, [SAME | {"submission_id": None}], "FAIL cover_too_late"),
        ({"submission_id": None}, [SAME | {"submission_id": None}], "FAIL cover_too_late"),
        ({}, [SAME | {"given_at": None}], "PASS"),
        ({}, [SAME | {"given_at": "2026-11-01 05:00:01"}], "INDETERMINATE cover_unclear"),
        ({}, [SAME | {"email": "b@x.example"}], "FAIL cover_missing"),
        ({}, [SAME | {"withdrawn_at": "2026-06-10 10:06"}], "PASS"),
        ({}, [SAME | {"mechanism": "pre_ticked"}], "FAIL cover_not_valid"),
        ({}, [{"withdrawn_at": "2026-06-10 09:59:59"}], "FAIL cover_ended"),
        # A withdrawal before the consent contradicts it.
        ({}, [{"withdrawn_at": "2026-06-01 08:59:59"}], "INDETERMINATE cover_unclear"),
        ({}, [{"withdrawn_at": "2026-06-01 09:00"}], "FAIL cover_ended"),
        ({}, [{"wording_version": None}], "INDETERMINATE cover_unclear"),
        ({}, [{"proof_ref": None}], "INDETERMINATE cover_unclear"),
        ({}, [{"mechanism": "imported_list"}], "FAIL cover_not_valid"),
        ({}, [{"mechanism": "contract"}], "FAIL cover_not_valid"),
        ({}, [{"mechanism": "handshake"}], "INDETERMINATE cover_unclear"),
        ({}, [{"mechanism": None}], "INDETERMINATE cover_unclear"),
        # Nobody can prove in writing what was said: a person judges it all.
        ({}, [{"mechanism": "oral", "wording_version": None, "proof_ref": None}], "REVIEW cover_to_review"),
        # The best one counts.
        ({}, [{"mechanism": "pre_ticked"}, {"proof_ref": None}], "INDETERMINATE cover_unclear"),
        ({}, [{"proof_ref": None}, {"mechanism": "oral"}], "REVIEW cover_to_review"),
        ({}, [{"mechanism": "oral"}, {}], "PASS"),
    ],
)
def test_a_form_rests_on_consent(form: dict[str, Any], given: list[dict[str, Any]], expected: str) -> None:
    assert collected(*(given or [{"email": None}]), form=form) == expected


def test_the_same_submission_needs_no_hour() -> None:
    naive, flags = frozenset({"given_at"}), {"given_at__naive": True}
    assert collected(SAME | flags, naive=naive) == "PASS"
    assert collected(SAME | flags | {"submission_id": "s2"}, naive=naive) == "INDETERMINATE time_zone_unknown"
