"""Erasure: when it is due, however an address is written, wherever it may be left."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectErasedSubjectsAbsent
from audit_lib.expectations.rule import NotEvaluated
from audit_lib.policy import load_policy
from tests.judging import AS_OF, PARIS, ROOT, details, verdicts

FOLDER = load_policy(ROOT / "expectations")
[CONTROL] = [one for one in FOLDER.controls if one.id == "erased_subjects_absent_everywhere"]
[SAID] = CONTROL.expect.values()
LISTS = FOLDER.policy.lists
ARGUMENTS = SAID | {
    "archives": {"dataset": "contacts", "access": LISTS["archive_access"]},
    "suppression": SAID["suppression"] | {"columns": LISTS["suppression_columns"]},
    "variants": LISTS["mailbox_variants"],
}
EXPECTATION = ExpectErasedSubjectsAbsent(as_of=AS_OF, time_zone=PARIS, **ARGUMENTS)

# Naive instants are UTC here, as they are stored.
REQUEST: dict[str, Any] = {
    "type": "erasure",
    "subject_email": "jeanne@x.example",
    "received_at": "2026-03-02 09:00",
    "extension_notified_at": None,
    "extension_reason": None,
    "outcome": "granted",
    "erased_at": None,
}
ELSEWHERE: dict[str, dict[str, Any]] = {
    "contacts": {"email": "other@x.example", "notes": None, "collected_at": "2025-01-01"},
    "user_accounts": {"login": "other", "email": None, "created_at": None},
    "usage_logs": {"action": "call.start", "anonymous_id": None, "at": None},
    "mailings": {"email": None, "sent_at": None},
    "directory_entries": {"roles": None, "mail": None},
    "form_submissions": {"email": None, "page": None, "at": None},
}
LEFT = {"contacts": {"email": "jeanne@x.example"}}
FOUND = "FAIL subject_found"


def _tables(request: dict[str, Any], rows: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    others = {name: [row, row | rows.get(name, {})] for name, row in ELSEWHERE.items()}
    return {"rights_requests": [REQUEST | request], **others}


def judged(request: dict[str, Any], rows: dict[str, dict[str, Any]], **more: Any) -> str:
    [found] = verdicts(EXPECTATION, _tables(request, rows), **more)
    return found


REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({}, FOUND),
    ({"outcome": "partly"}, FOUND),
    ({"outcome": None}, FOUND),
    ({"outcome": "refused"}, "out"),
    ({"outcome": "sans suite"}, "INDETERMINATE request_unclear"),
    ({"type": "access"}, "out"),
    ({"type": None}, "INDETERMINATE request_unclear"),
    ({"type": "autre"}, "INDETERMINATE request_unclear"),
    # Due on Friday 30 October, and on Sunday 1 November: a holiday, so on Monday.
    ({"received_at": "2026-09-30 12:00"}, FOUND),
    ({"received_at": "2026-10-01 12:00"}, "PASS"),
    ({"received_at": "2026-10-01 12:00", "subject_email": None}, "PASS"),
    ({"received_at": "2026-10-01 12:00", "erased_at": "2026-10-20 12:00"}, FOUND),
    ({"received_at": "2026-10-01 12:00", "erased_at": "2026-11-01 05:00"}, FOUND),
    ({"received_at": "2026-10-01 12:00", "erased_at": "2026-11-01 05:00:01"}, "INDETERMINATE clock_in_future"),
    ({"received_at": "2026-11-01 05:00:01"}, "INDETERMINATE clock_in_future"),
    ({"received_at": None}, "INDETERMINATE clock_missing"),
    ({"erased_at": "2026-03-01 12:00"}, "INDETERMINATE dated_before_request"),
    ({"subject_email": None}, "INDETERMINATE subject_missing"),
    ({"subject_email": "06 39 98 12 34"}, "INDETERMINATE subject_missing"),
    ({"subject_email": "jeanne@"}, "INDETERMINATE subject_missing"),
    # Three months from 1 August: Sunday 1 November again; from 30 July: Friday 30 October.
    (
        {
            "received_at": "2026-08-01 12:00",
            "extension_notified_at": "2026-08-20",
            "extension_reason": "number",
        },
        "PASS",
    ),
    (
        {
            "received_at": "2026-07-30 12:00",
            "extension_notified_at": "2026-08-20",
            "extension_reason": "number",
        },
        FOUND,
    ),
    (
        {"received_at": "2026-08-01 12:00", "extension_notified_at": "2026-09-02", "extension_reason": "number"},
        FOUND,
    ),
    (
        {"received_at": "2026-08-01 12:00", "extension_notified_at": "2026-08-20", "extension_reason": "other"},
        FOUND,
    ),
    (
        {"received_at": "2026-08-01 12:00", "extension_notified_at": "2026-08-20"},
        "INDETERMINATE extension_reason_missing",
    ),
    ({"received_at": "2026-08-01 12:00", "extension_reason": "number"}, "INDETERMINATE extension_undated"),
]


def test_accepted_and_due_or_done() -> None:
    requests = [request for request, _ in REQUESTS]
    tables = _tables({}, LEFT) | {"rights_requests": [REQUEST | request for request in requests]}
    assert list(zip(requests, verdicts(EXPECTATION, tables), strict=True)) == REQUESTS


@pytest.mark.parametrize(("day", "expected"), [("2026-10-30", "PASS"), ("2026-10-31", FOUND)])
def test_the_last_day_is_lawful(day: str, expected: str) -> None:
    """Friday 30 October."""
    then = ExpectErasedSubjectsAbsent(as_of=f"{day}T12:00:00+01:00", time_zone=PARIS, **ARGUMENTS)
    assert verdicts(then, _tables({"received_at": "2026-09-30 12:00"}, LEFT)) == [expected]


def test_who_is_nowhere_passes_whatever_is_in_doubt() -> None:
    assert judged({}, {}) == "PASS"
    assert judged({"received_at": "2026-08-01 12:00", "extension_reason": "number"}, {}) == "PASS"


# Asked to be erased, written in a log, found there. Each has a domain of its own: ~ is its number.
ADDRESSES = [
    (" Jeanne@X~.example ", "jeanne@x~.example", True),
    ("Jeanne d’Aubrac <jeanne@x~.example>", "JEANNE@x~.EXAMPLE", True),
    ("a@y.example ; jeanne@x~.example", "jeanne@x~.example", True),
    ("jeanne@x~.example", "jeanne+salon@x~.example", True),
    ("jeanne+salon@x~.example", "jeanne@x~.example", True),
    ("jeanne+salon@x~.example", "jeanne+lettre@x~.example", True),
    ("+33639981234@x~.example", "+33639981234@x~.example", True),
    ("+33639981234@x~.example", "+33639981235@x~.example", False),
    ("j.eanne@x~.example", "jeanne@x~.example", False),
    ("j.eanne@gmail.com", "jean.ne+salon@googlemail.com", True),
    ("lena@gmail.com", "lena@gmail.com.example", False),
    ("jeanne@x~.example", "Écrire à jeanne@x~.example.", True),
    ("jeanne@x~.example", "« jeanne@x~.example »", True),
    ("jeanne@x~.example", "'jeanne@x~.example'", True),
    ("jeanne@x~.example", "- jeanne@x~.example -", True),
    ("jeanne@x~.example", "mailto:jeanne@x~.example?subject=a", True),
    ("jeanne@x~.example", '{"by":"jeanne@x~.example","n":1}', True),
    ("jeanne@x~.example", '{\\"by\\":\\"jeanne@x~.example\\"}', True),
    ("jeanne@x~.example", "line\\njeanne@x~.example\\n", True),
    ("jeanne@x~.example", "line\njeanne@x~.example\tend", True),
    ("jeanne@x~.example", "GET /join?user=jeanne%40x~.example&a=1", True),
    ("jeanne@x~.example", "GET /join?q=bonjour+jeanne%40x~.example", True),
    ("jeanne@x~.example", "GET /join?q=jeanne%2Bsalon%40x~.example", True),
    ("jeanne@x~.example", "GET /join?q=%22jeanne@x~.example%22", True),
    ("o'dwyer@x~.example", "o'dwyer@x~.example", True),
    ("o'dwyer@x~.example", "dwyer@x~.example", False),
    ("anne@x~.example", "l'adresse d'anne@x~.example", True),
    ("anne@x~.example", "jeanne@x~.example", False),
    ("jeanne@x~.example", "jeanne@x~.examples", False),
    ("jeanne@x~.example", "jeanne@mail.x~.example", False),
    ("jeanne@x~.example", "jeanne at x~.example", False),
    ("@x~.example", "@x~.example", False),
]


def test_however_the_address_is_written() -> None:
    cases = [(*(text.replace("~", str(n)) for text in texts), there) for n, (*texts, there) in enumerate(ADDRESSES)]
    tables = _tables({}, {}) | {
        "rights_requests": [REQUEST | {"subject_email": asked} for asked, _, _ in cases],
        "usage_logs": [ELSEWHERE["usage_logs"] | {"action": written} for _, written, _ in cases],
    }
    found = [verdict == FOUND for verdict in verdicts(EXPECTATION, tables)]
    assert [(asked, written, one) for (asked, written, _), one in zip(cases, found, strict=True)] == cases


@pytest.mark.parametrize(
    "rows",
    [
        {"contacts": {"notes": "voir jeanne@x.example"}},
        {"contacts": {"anonymised_at": "2026-04-01", "notes": "ancienne adresse jeanne@x.example"}},
        {"user_accounts": {"login": "jeanne@x.example"}},
        {"usage_logs": {"anonymous_id": "jeanne@x.example"}},
        {"usage_logs": {"event_id": "jeanne@x.example"}},
        {"mailings": {"email": "jeanne@x.example"}},
        {"directory_entries": {"mail": "jeanne@x.example"}},
        {"form_submissions": {"page": "/merci?mail=jeanne%40x.example"}},
    ],
)
def test_every_text_of_every_dataset_is_searched(rows: dict[str, dict[str, Any]]) -> None:
    tables = _tables({}, rows)
    assert verdicts(EXPECTATION, tables) == [FOUND]
    assert details(EXPECTATION, tables) == [*rows]


ARCHIVED: dict[str, Any] = {
    "email": "jeanne@x.example",
    "archived_at": "2024-02-12",
    "archive_basis": "L110-4",
    "archive_category": "contract",
    "archive_clock": "2022-03-28",
    "archive_store": "intermediate",
    "archive_access_groups": "legal",
}


@pytest.mark.parametrize(
    ("archive", "expected"),
    [
        ({}, "EXEMPT in_legal_archive"),
        ({"collected_at": "2026-10-01"}, "EXEMPT in_legal_archive"),
        ({"archive_store": "active"}, "FAIL archive_invalid"),
        ({"archive_store": "active", "collected_at": "2026-10-01"}, "FAIL subject_reappeared"),
        ({"archive_category": None}, "INDETERMINATE archive_incomplete"),
        (
            {"archive_basis": "L213-1", "archive_category": "consumer_contract", "company": "Atelier"},
            "REVIEW archive_to_review",
        ),
        ({"archived_at": None, "archive_basis": None, "archive_store": None}, "FAIL subject_found"),
    ],
)
def test_only_a_valid_archive_exempts(archive: dict[str, Any], expected: str) -> None:
    tables = _tables({"erased_at": "2026-04-01 12:00"}, {"contacts": ARCHIVED | archive})
    tables["contacts"][0] |= dict.fromkeys([*ARCHIVED, "company"]) | {"email": None}
    assert verdicts(EXPECTATION, tables) == [expected]
    assert details(EXPECTATION, tables) == ["contacts"]


def test_an_archive_hides_no_other_record() -> None:
    rows = {"contacts": ARCHIVED, "mailings": {"email": "jeanne@x.example"}}
    assert judged({}, rows) == FOUND
    assert details(EXPECTATION, _tables({}, rows)) == ["mailings"]


@pytest.mark.parametrize(
    ("store", "expected"),
    [("intermediate", "EXEMPT in_legal_archive"), ("active", "INDETERMINATE extension_undated")],
)
def test_an_archive_under_half_an_extension(store: str, expected: str) -> None:
    half = {"received_at": "2026-08-01 12:00", "extension_reason": "number"}
    assert judged(half, {"contacts": ARCHIVED | {"archive_store": store}}) == expected


ENTRY: dict[str, Any] = {
    "contact_id": "7",
    "email": "jeanne@x.example",
    "opted_out_at": "2026-03-02",
    "notes": None,
    "source": None,
}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, "PASS"),
        ({"status": "other"}, "PASS"),
        ({"opted_out_at": None}, FOUND),
        ({"notes": "rappeler"}, FOUND),
        ({"collected_at": "2024-01-01"}, FOUND),
        ({"source": "Salon"}, FOUND),
        ({"Champ libre": "Salon"}, FOUND),
    ],
)
def test_an_entry_of_the_suppression_list_is_not_searched(entry: dict[str, Any], expected: str) -> None:
    assert judged({}, {"contacts": ENTRY | {"collected_at": None} | entry}) == expected


@pytest.mark.parametrize(
    ("erased", "dataset", "created", "expected"),
    [
        ("2026-04-01 12:00", "contacts", "2026-04-01 12:00:01", "FAIL subject_reappeared"),
        ("2026-04-01 12:00", "contacts", "2026-04-01 12:00", FOUND),
        ("2026-04-01 12:00", "contacts", None, FOUND),
        # Midnight in Paris: a day alone, and that day is not after it.
        ("2026-03-31 22:00", "contacts", "2026-04-01 21:59:59", FOUND),
        ("2026-03-31 22:00", "contacts", "2026-04-01 22:00", "FAIL subject_reappeared"),
        ("2026-04-01 12:00", "user_accounts", "2026-05-01", "FAIL subject_reappeared"),
        ("2026-04-01 12:00", "usage_logs", "2026-05-01", "FAIL subject_reappeared"),
        ("2026-04-01 12:00", "mailings", "2026-05-01", "FAIL subject_reappeared"),
        ("2026-04-01 12:00", "form_submissions", "2026-05-01", "FAIL subject_reappeared"),
        (None, "mailings", "2026-05-01", FOUND),
    ],
)
def test_a_row_created_after_the_erasure_is_a_reappearance(
    erased: str | None, dataset: str, created: str | None, expected: str
) -> None:
    column = SAID["searched"][dataset]
    text = {"user_accounts": "login", "usage_logs": "action"}.get(dataset, "email")
    assert judged({"erased_at": erased}, {dataset: {text: "jeanne@x.example", column: created}}) == expected


@pytest.mark.parametrize(
    ("created", "expected"), [("2026-04-02 12:00", FOUND), ("2026-04-02 12:01", "FAIL subject_reappeared")]
)
def test_an_erasure_without_an_offset_may_be_a_day_later(created: str, expected: str) -> None:
    request = {"erased_at": "2026-04-01 12:00", "erased_at__naive": True}
    rows = {"mailings": {"email": "jeanne@x.example", "sent_at": created}}
    assert judged(request, rows, naive=frozenset({"erased_at"})) == expected


def test_the_latest_row_tells_and_every_dataset_is_named() -> None:
    rows = {
        "contacts": {"email": "jeanne@x.example", "collected_at": "2020-01-01"},
        "mailings": {"email": "jeanne@x.example", "sent_at": "2026-05-01"},
    }
    tables = _tables({"erased_at": "2026-04-01 12:00"}, rows)
    assert verdicts(EXPECTATION, tables) == ["FAIL subject_reappeared"]
    assert details(EXPECTATION, tables) == ["contacts, mailings"]


def test_each_request_is_judged_by_its_own_dates() -> None:
    tables = _tables({}, {"usage_logs": {"action": "jeanne@x.example", "at": "2026-05-01"}})
    own = [{"erased_at": "2026-04-01 12:00"}, {"erased_at": "2026-06-01 12:00"}, {"received_at": "2026-10-01 12:00"}]
    tables["rights_requests"] = [REQUEST | one for one in own] + [REQUEST | {"subject_email": "anne@x.example"}]
    assert verdicts(EXPECTATION, tables) == ["FAIL subject_reappeared", FOUND, "PASS", "PASS"]


@pytest.mark.parametrize(
    ("received", "expected"), [("2026-09-30 12:00", "INDETERMINATE time_zone_unknown"), ("2026-09-29 12:00", FOUND)]
)
def test_an_hour_without_an_offset_may_move_the_last_day(received: str, expected: str) -> None:
    request = {"received_at": received, "received_at__naive": True}
    assert judged(request, LEFT, naive=frozenset({"received_at"})) == expected


@pytest.mark.parametrize("missing", SAID["searched"])
def test_what_is_not_supplied_is_not_passed(missing: str) -> None:
    tables = {name: rows for name, rows in _tables({}, {}).items() if name != missing}
    with pytest.raises(NotEvaluated, match=f"dataset_not_supplied: {missing}"):
        verdicts(EXPECTATION, tables)


def test_without_outcomes_nothing_is_known_to_be_accepted() -> None:
    tables = _tables({}, LEFT)
    del tables["rights_requests"][0]["outcome"]
    with pytest.raises(NotEvaluated, match="column_not_supplied: rights_requests: outcome"):
        verdicts(EXPECTATION, tables)


def test_a_dataset_without_texts_holds_nobody() -> None:
    tables = _tables({}, {})
    tables["usage_logs"] = [{"count": 40}]
    assert verdicts(EXPECTATION, tables) == ["PASS"]
