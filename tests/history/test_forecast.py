"""Forecast: each record in the month of its last lawful day, each verdict on its own, each end told or said unknown."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from audit_lib.history.forecast import Due, Ending, Ground, forecast

LAW = {
    "adequacy": [
        {"country": "GB", "scope": "whole", "decision": "first", "valid_to": "2025-06-27"},
        {"country": "GB", "scope": "whole", "decision": "prolonged", "valid_to": "2025-12-27"},
        {"country": "GB", "scope": "whole", "decision": "renewed", "valid_to": "2031-12-27"},
        {"country": "CA", "scope": "passengers", "decision": "names of passengers", "valid_to": "2025-11-30"},
        {"country": "CH", "scope": "whole", "decision": "for ever", "valid_to": ""},
    ],
    "clauses": [
        {"tool": "scc_2004", "decision": "2004/915/EC"},
        {"tool": "scc_2021", "decision": "2021/914"},
        {"tool": "scc_2021", "decision": "2021/914"},
    ],
}
RELIANCE = ("country", "basis", "tool", "until", "verdict", "flows", "uncovered")


def due_by_day(*rows: tuple[str, str, int], control: str = "kept") -> dict[str, Any]:
    return {"control_id": control, "name": "due_by_day", "columns": ["due_on", "verdict", "records"], "rows": rows}


def reliance(*rows: tuple[Any, ...]) -> dict[str, Any]:
    return {"control_id": "covered", "name": "reliance", "columns": RELIANCE, "rows": rows}


def due(day: str, months: int, *rows: tuple[str, str, int]) -> Due:
    [found] = forecast([due_by_day(*rows)], [], LAW, today=dt.date.fromisoformat(day), months=months).due
    return found


def grounds(day: str, months: int, *tables: Mapping[str, Any]) -> Sequence[Ground]:
    found = forecast(tables, [], LAW, today=dt.date.fromisoformat(day), months=months)
    assert found.law is not None
    return found.law


@pytest.mark.parametrize(
    ("day", "months", "names", "last"),
    [
        ("2027-01-31", 1, ["2027-01", "2027-02"], "2027-02-28"),
        ("2028-01-31", 1, ["2028-01", "2028-02"], "2028-02-29"),
        ("2028-02-29", 1, ["2028-02", "2028-03"], "2028-03-31"),
        ("2026-12-31", 2, ["2026-12", "2027-01", "2027-02"], "2027-02-28"),
        ("2026-11-01", 1, ["2026-11", "2026-12"], "2026-12-31"),
    ],
)
def test_what_is_left_of_the_month_and_whole_months_after_it(
    day: str, months: int, names: list[str], last: str
) -> None:
    found = forecast([], [], LAW, today=dt.date.fromisoformat(day), months=months)
    assert (list(found.months), found.first.isoformat(), found.last.isoformat()) == (names, day, last)


def test_ten_years() -> None:
    found = forecast([], [], LAW, today=dt.date(2026, 11, 1), months=120)
    assert (len(found.months), found.months[0], found.months[-1]) == (121, "2026-11", "2036-11")
    assert found.last == dt.date(2036, 11, 30)


def test_a_record_counts_in_the_month_of_its_last_lawful_day() -> None:
    days = ("2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01", "2027-01-31", "2027-02-01")
    found = due("2026-11-01", 2, *((day, "PASS", 10**place) for place, day in enumerate(days)))
    assert found == Due("kept", 0, {"PASS": {"2026-11": 110, "2026-12": 1000, "2027-01": 10000}}, later=100000)


def test_no_verdict_is_added_to_another() -> None:
    found = due(
        "2026-11-01",
        1,
        ("2026-10-31", "FAIL", 1),
        ("2026-10-31", "EXEMPT", 2),
        ("2026-11-01", "FAIL", 4),
        ("2026-11-30", "PASS", 8),
        ("2026-11-30", "EXEMPT", 16),
        ("2026-12-31", "INDETERMINATE", 32),
        ("2027-01-01", "INDETERMINATE", 64),
        ("2027-01-01", "PASS", 128),
    )
    assert found.overdue == 1
    assert found.coming == {"2026-11": 8}
    assert found.months == {
        "FAIL": {"2026-11": 4},
        "PASS": {"2026-11": 8},
        "EXEMPT": {"2026-11": 16},
        "INDETERMINATE": {"2026-12": 32},
    }
    assert found.later == 128


def test_a_control_of_two_datasets_is_one() -> None:
    tables = [due_by_day(("2026-11-02", "PASS", n), ("2026-10-02", "FAIL", n)) for n in (1, 2)]
    [found] = forecast(tables, [], LAW, today=dt.date(2026, 11, 1), months=1).due
    assert (found.overdue, found.coming) == (3, {"2026-11": 3})


def test_a_decision_ends_whether_a_flow_relies_on_it_or_not() -> None:
    assert grounds("2025-11-01", 1, reliance()) == [Ground("adequacy", "GB", ["prolonged"], "2025-12-27", {}, 0)]
    relied = reliance(
        ("GB", "adequacy", None, "2025-12-27", "PASS", 3, 1), ("GB", "adequacy", None, "2031-12-27", "PASS", 2, 2)
    )
    assert grounds("2025-11-01", 1, relied) == [Ground("adequacy", "GB", ["prolonged"], "2025-12-27", {"PASS": 3}, 1)]
    # The last lawful day itself is still to come, the day after is not.
    assert [one.until for one in grounds("2025-12-27", 1, reliance())] == ["2025-12-27"]
    assert grounds("2025-12-28", 1, reliance()) == []


def test_what_else_flows_rely_on_is_named_by_its_clauses() -> None:
    relied = reliance(
        ("IN", "clauses", "scc_2004", "2026-12-26", "PASS", 2, 2),
        ("IN", "clauses", "scc_2021", "2026-12-26", "INDETERMINATE", 1, 1),
        ("US", "dpf", None, "2026-11-30", "PASS", 4, 0),
    )
    assert grounds("2026-11-01", 1, relied) == [
        Ground("dpf", "US", [], "2026-11-30", {"PASS": 4}, 0),
        # An unproven ground carries nothing, so nothing is uncovered without it.
        Ground("clauses", "IN", ["2004/915/EC", "2021/914"], "2026-12-26", {"PASS": 2, "INDETERMINATE": 1}, 2),
    ]


def test_what_was_not_judged_is_no_zero() -> None:
    assert grounds("2025-11-01", 1) == [Ground("adequacy", "GB", ["prolonged"], "2025-12-27", None, None)]
    found = forecast([], None, {}, today=dt.date(2026, 11, 1), months=1)
    assert (found.law, found.transfers_judged, found.exports) == (None, False, None)


def test_ends_of_the_exports_by_month() -> None:
    contracts, ndas = {"dataset": "contracts", "column": "end"}, {"dataset": "ndas", "column": "expires_at"}
    rows = [
        *(
            {**contracts, "ends_on": day, "records": n}
            for day, n in (("2026-11-01", 1), ("2026-12-31", 2), ("2026-12-01", 4), ("2027-01-01", 8), (None, 16))
        ),
        {**ndas, "not_evaluated": "dataset_not_supplied", "about": "ndas"},
    ]
    found = forecast([], rows, LAW, today=dt.date(2026, 11, 1), months=1)
    assert found.exports == [
        Ending("contracts", "end", {"2026-11": 1, "2026-12": 6}, later=8, undated=16),
        Ending("ndas", "expires_at", {}, 0, 0, "dataset_not_supplied", "ndas"),
    ]
