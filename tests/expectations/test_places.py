"""Places: days of a record against the EEA, adequacy and the register of transfers, by country and date."""

from typing import Any

import pytest

from audit_lib.expectations import ExpectCountriesCovered
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, details, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
OBJECT: dict[str, Any] = {
    "object_id": "o",
    "region": "eastus",
    "created_at": "2026-03-01",
    "deleted": False,
    "deleted_at": None,
    "remaining_retention_days": None,
}
# Days of Paris: in winter one begins at 23:00 UTC, and `end` holds the last instant of its day.
US = {"country": "US", "start": "2026-01-31 23:00", "end": None}
FEBRUARY = US | {"end": "2026-02-28 22:59:59"}
MARCH = US | {"start": "2026-02-28 23:00"}


def hosting() -> ExpectCountriesCovered:
    return ExpectCountriesCovered(
        **WHEN,
        place="region",
        regions="azure_regions",
        since="created_at",
        until="deleted_at",
        gone="deleted",
        restorable="remaining_retention_days",
        adequacy=True,
        third_only=False,
    )


def seen(since: str = "at") -> ExpectCountriesCovered:
    return ExpectCountriesCovered(**WHEN, place="country", since=since, adequacy=False, third_only=True)


def hosted(row: dict[str, Any], *register: dict[str, Any]) -> str:
    rows = [{"transfer_id": "t", **one} for one in register or ({"country": "IN", "start": "2020-01-01"},)]
    [verdict] = verdicts(hosting(), {"call_objects": [OBJECT | row], "transfers": rows})
    return verdict


def accessed(row: dict[str, Any], *register: dict[str, Any]) -> str:
    rows = [{"transfer_id": "t", **one} for one in register or ({"country": "IN", "start": "2020-01-01"},)]
    access = {"access_id": "a", "country": "US", "at": "2026-02-10", **row}
    [verdict] = verdicts(seen(), {"storage_access": [access], "transfers": rows})
    return verdict


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("westeurope", "PASS"),
        ("West Europe", "PASS"),
        ("(Europe) West Europe", "PASS"),
        ("norwayeast", "PASS"),
        ("Switzerland North", "PASS"),
        ("uksouth", "PASS"),
        ("Korea Central", "PASS"),
        ("East US", "INDETERMINATE adequacy_scope_unknown"),
        ("canadacentral", "INDETERMINATE adequacy_scope_unknown"),
        ("japaneast", "INDETERMINATE adequacy_scope_unknown"),
        ("southeastasia", "FAIL country_not_registered"),
        ("Central US (Stage)", "INDETERMINATE adequacy_scope_unknown"),
        ("centralindia", "PASS"),
        ("europe", "INDETERMINATE region_unknown"),
        ("global", "INDETERMINATE region_unknown"),
        ("eu-west-3", "INDETERMINATE region_unknown"),
        (None, "INDETERMINATE region_unknown"),
    ],
)
def test_regions(region: str | None, expected: str) -> None:
    assert hosted({"region": region}) == expected


@pytest.mark.parametrize(
    ("row", "register", "expected"),
    [
        ({}, [US], "PASS"),
        ({}, [MARCH], "PASS"),
        # The first instant of 1 March in Paris is 23:00 UTC the day before.
        ({"created_at": "2026-02-28 23:00"}, [MARCH], "PASS"),
        ({"created_at": "2022-03-01"}, [MARCH], "FAIL country_not_registered"),
        ({"created_at": "2022-03-01", "region": "southeastasia"}, [MARCH], "FAIL country_not_registered"),
        ({}, [FEBRUARY, MARCH], "PASS"),
        ({"created_at": "2026-02-10"}, [FEBRUARY, MARCH], "PASS"),
        ({}, [US | {"start": None}], "INDETERMINATE start_missing"),
        ({}, [MARCH, US | {"start": None}], "PASS"),
        ({}, [{"country": None, "start": "2020-01-01"}], "INDETERMINATE adequacy_scope_unknown"),
        # Adequacy of the country itself, on each day: Korea's from 17 December 2021.
        ({"region": "koreacentral", "created_at": "2021-12-16 23:00"}, [US], "PASS"),
        ({"region": "koreacentral", "created_at": "2021-12-16 22:59"}, [US], "FAIL country_not_registered"),
        # Of the United States only listed organisations, from 10 July 2023; nothing between two frameworks.
        ({"created_at": "2023-07-09 22:00"}, [FEBRUARY], "INDETERMINATE adequacy_scope_unknown"),
        ({"created_at": "2023-07-09 21:59"}, [FEBRUARY], "FAIL country_not_registered"),
        ({"created_at": None}, [US], "INDETERMINATE clock_missing"),
        ({"created_at": "2026-11-01 05:00:01"}, [US], "INDETERMINATE clock_in_future"),
        ({"created_at": "2026-11-01 05:00"}, [US], "PASS"),
    ],
)
def test_each_day_of_a_recording(row: dict[str, Any], register: list[dict[str, Any]], expected: str) -> None:
    assert hosted(row, *register) == expected


SINGAPORE = {"country": "SG", "start": "2026-01-31 23:00", "end": "2026-02-28 22:59:59"}
GONE = {"region": "southeastasia", "created_at": "2026-02-10", "deleted": True, "deleted_at": "2026-02-28 22:00"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "PASS"),
        ({"deleted_at": "2026-02-28 23:00"}, "FAIL country_not_registered"),
        ({"deleted": False, "deleted_at": None}, "FAIL country_not_registered"),
        ({"deleted_at": None}, "INDETERMINATE end_missing"),
        # A deleted recording that can be restored is still there.
        ({"remaining_retention_days": 3}, "FAIL country_not_registered"),
        ({"remaining_retention_days": 3, "deleted_at": None}, "FAIL country_not_registered"),
        ({"remaining_retention_days": 0}, "PASS"),
        ({"deleted_at": "2026-02-09"}, "INDETERMINATE dates_contradictory"),
        ({"deleted_at": "2026-11-02"}, "INDETERMINATE clock_in_future"),
    ],
)
def test_a_deleted_recording(row: dict[str, Any], expected: str) -> None:
    assert hosted(GONE | row, SINGAPORE) == expected


@pytest.mark.parametrize(
    ("row", "register", "expected"),
    [
        ({"country": "FR"}, [US], "out"),
        ({"country": "RE"}, [US], "out"),
        ({"country": "FR", "at": None}, [US], "out"),
        ({"country": None}, [US], "INDETERMINATE country_unknown"),
        ({}, [US], "PASS"),
        ({}, [FEBRUARY], "PASS"),
        ({"at": "2026-01-31 23:00"}, [FEBRUARY], "PASS"),
        ({"at": "2026-01-31 22:59"}, [FEBRUARY], "FAIL country_not_registered"),
        ({"at": "2026-02-28 22:59"}, [FEBRUARY], "PASS"),
        ({"at": "2026-02-28 23:00"}, [FEBRUARY], "FAIL country_not_registered"),
        ({"country": "IN"}, [US], "FAIL country_not_registered"),
        # An adequate country is a third country all the same, and so is a special territory.
        ({"country": "CH"}, [US], "FAIL country_not_registered"),
        ({"country": "NC"}, [US], "FAIL country_not_registered"),
        ({"country": "EPO"}, [US], "FAIL country_not_registered"),
        # The United Kingdom is one from 2021.
        ({"country": "GB", "at": "2020-12-31 22:59"}, [US], "out"),
        ({"country": "GB", "at": "2020-12-31 23:00"}, [US], "FAIL country_not_registered"),
        ({"country": "GB"}, [{"country": "GB", "start": "2019-03-01"}], "PASS"),
        ({"at": None}, [US], "INDETERMINATE clock_missing"),
        ({"at": "2026-11-01 05:00:01"}, [US], "INDETERMINATE clock_in_future"),
        ({}, [US | {"start": None}], "INDETERMINATE start_missing"),
        ({}, [US | {"start": None, "end": "2026-02-09 22:59:59"}], "FAIL country_not_registered"),
        ({}, [US | {"start": "2026-03-01", "end": "2026-01-01"}], "FAIL country_not_registered"),
    ],
)
def test_a_country_that_is_seen(row: dict[str, Any], register: list[dict[str, Any]], expected: str) -> None:
    assert accessed(row, *register) == expected


def test_an_unknown_offset_leaves_a_doubt_of_a_day() -> None:
    def judged(at: str, **row: bool) -> str:
        access = {"access_id": "a", "country": "US", "at": at, "at__naive": True, **row}
        tables = {"storage_access": [access], "transfers": [{"transfer_id": "t", **FEBRUARY}]}
        [verdict] = verdicts(seen(), tables, naive=frozenset({"at"}))
        return verdict

    assert judged("2026-02-10") == "PASS"
    assert judged("2026-02-28 12:00") == "INDETERMINATE time_zone_unknown"
    assert judged("2026-03-02 12:00") == "FAIL country_not_registered"


def test_an_unknown_offset_in_the_register_leaves_a_doubt() -> None:
    def judged(at: str) -> str:
        row = {"transfer_id": "t", **FEBRUARY, "start__naive": True}
        tables = {"recipients": [{"disclosure_id": "d", "country": "US", "disclosed_at": at}], "transfers": [row]}
        [verdict] = verdicts(seen("disclosed_at"), tables, naive=frozenset({"start"}))
        return verdict

    assert judged("2026-02-10") == "PASS"
    assert judged("2026-02-01 12:00") == "INDETERMINATE time_zone_unknown"
    assert judged("2026-01-30 12:00") == "FAIL country_not_registered"


def test_the_detail_names_the_country_and_the_days() -> None:
    register = [{"transfer_id": "t", **FEBRUARY}]
    rows = [OBJECT | {"created_at": "2021-12-31 23:00"}, OBJECT | {"region": "eu-west-3"}]
    days = "US 2022-01-01/2023-07-09"
    assert details(hosting(), {"call_objects": rows, "transfers": register}) == [days, ""]
    access = [{"access_id": "a", "country": "US", "at": "2026-01-10"}]
    assert details(seen(), {"storage_access": access, "transfers": register}) == ["US"]


def test_what_cannot_be_answered() -> None:
    with pytest.raises(NotEvaluated, match="dataset_not_supplied: transfers"):
        verdicts(hosting(), {"call_objects": [OBJECT]})
    with pytest.raises(NotEvaluated, match="column_not_supplied: transfers: country"):
        verdicts(hosting(), {"call_objects": [OBJECT], "transfers": [{"transfer_id": "t", "start": "2026-01-01"}]})
    with pytest.raises(NotEvaluated, match="column_not_supplied: call_objects: region"):
        verdicts(hosting(), {"call_objects": [{"object_id": "o", "created_at": "2026-01-01"}]})
