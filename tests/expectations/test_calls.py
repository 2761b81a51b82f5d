"""Calls: where a recording is stored, and what is left of it once its user asked for deletion."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectGoneAfterRequest, ExpectStoredWherePromised
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
REF = {"storage_request_ref": None}


def stored() -> ExpectStoredWherePromised:
    return ExpectStoredWherePromised(
        **WHEN,
        store="store",
        promised=["azure"],
        on_request=["customer", "third_party"],
        request="storage_request_ref",
    )


def gone(within: str = "P30D") -> ExpectGoneAfterRequest:
    return ExpectGoneAfterRequest(
        **WHEN,
        requested="delete_requested_at",
        within=within,
        name="name",
        deleted="deleted",
        past=["deleted_at"],
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"store": "azure"}, "PASS"),
        ({"store": "customer", "storage_request_ref": "R-1"}, "PASS"),
        ({"store": "third_party", "storage_request_ref": "R-1"}, "PASS"),
        ({"store": "customer"}, "FAIL storage_request_missing"),
        ({"store": "third_party"}, "FAIL storage_request_missing"),
        ({"store": "tape"}, "FAIL store_not_promised"),
        ({"store": "tape", "storage_request_ref": "R-1"}, "FAIL store_not_promised"),
        ({"store": None}, "INDETERMINATE store_missing"),
    ],
)
def test_stored(row: dict[str, Any], expected: str) -> None:
    assert verdicts(stored(), {"call_objects": [REF | row]}) == [expected]


def test_a_reference_that_no_file_supplies_proves_nothing() -> None:
    assert verdicts(stored(), {"call_objects": [{"store": "customer"}]}) == ["INDETERMINATE storage_request_missing"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"delete_requested_at": None}, "out"),
        # 30 days after 2 October in Paris is 1 November, the day of the audit: still lawful.
        ({"delete_requested_at": "2026-10-01 22:00"}, "PASS"),
        ({"delete_requested_at": "2026-10-01 21:59"}, "FAIL kept_after_request"),
        ({"delete_requested_at": "2026-10-01 21:59", "deleted": True}, "FAIL deleted_copy_kept"),
        ({"delete_requested_at": "2026-10-01 22:00", "deleted": True}, "PASS"),
        ({"delete_requested_at": "2026-10-01 21:59", "deleted": False}, "FAIL kept_after_request"),
        # A copy that the store is about to remove is still there, and so is one it keeps for a while.
        (
            {"delete_requested_at": "2026-09-01", "deleted": True, "remaining_retention_days": 0},
            "FAIL deleted_copy_kept",
        ),
        (
            {"delete_requested_at": "2026-09-01", "deleted": True, "remaining_retention_days": 9},
            "FAIL deleted_copy_kept",
        ),
        ({"delete_requested_at": "2026-11-01 05:00"}, "PASS"),
        ({"delete_requested_at": "2026-11-01 05:01"}, "INDETERMINATE clock_in_future"),
        ({"delete_requested_at": "2026-09-01", "deleted_at": "2026-11-02"}, "INDETERMINATE clock_in_future"),
    ],
)
def test_gone(row: dict[str, Any], expected: str) -> None:
    assert verdicts(gone(), {"call_objects": [{"name": "calls/1.mp4"} | row]}) == [expected]


def test_a_request_covers_every_version_and_snapshot_of_the_name() -> None:
    rows: list[dict[str, Any]] = [
        {"name": "calls/1.mp4", "version_id": "1", "delete_requested_at": "2026-09-01"},
        {"name": "calls/1.mp4", "version_id": "2", "deleted": True},
        {"name": "calls/1.mp4", "snapshot": "s", "delete_requested_at": "2026-10-20"},
        {"name": "calls/2.mp4"},
        {"name": None, "delete_requested_at": "2026-09-01"},
        {"name": None},
    ]
    assert verdicts(gone(), {"call_objects": rows}) == [
        "FAIL kept_after_request",
        "FAIL deleted_copy_kept",
        "FAIL kept_after_request",
        "out",
        "FAIL kept_after_request",
        "out",
    ]


def test_an_unknown_offset_leaves_a_doubt_of_a_day() -> None:
    rows = [
        {"name": name, "delete_requested_at": at, "delete_requested_at__naive": True}
        for name, at in (("1", "2026-09-30 12:00"), ("2", "2026-10-02 12:00"), ("3", "2026-10-03 12:00"))
    ]
    assert verdicts(gone(), {"call_objects": rows}, naive=frozenset({"delete_requested_at"})) == [
        "FAIL kept_after_request",
        "INDETERMINATE time_zone_unknown",
        "PASS",
    ]


def test_a_window_that_is_no_period() -> None:
    with pytest.raises(NotEvaluated, match="control_invalid: within"):
        verdicts(gone("a month"), {"call_objects": [{"name": "1", "delete_requested_at": "2026-09-01"}]})


def test_no_request_was_supplied() -> None:
    with pytest.raises(NotEvaluated, match="column_not_supplied: call_objects: delete_requested_at"):
        verdicts(gone(), {"call_objects": [{"name": "1"}]})
