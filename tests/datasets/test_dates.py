"""Dates: shapes are explicit, order is settled by the file, and what is not known stops."""

import pytest

from audit_lib.datasets import Loaded
from tests.datasets.conftest import Exports


def _at(exports: Exports, *values: str, manifest: str = "source_tz: Europe/Paris\n") -> Loaded:
    lines = "".join(f'{n},"{value}",x\n' for n, value in enumerate(values))
    exports.write("interactions.csv", f"interaction_id,at,contact_id\n{lines}")
    return exports.load(manifest)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2024-07-01", (2024, 6, 30, 22)),
        ("2024-07-01T10:00", (2024, 7, 1, 8)),
        ("2024-01-31 10:00:05", (2024, 1, 31, 9, 0, 5)),
        ("2024-01-31T10:00:05.123456789Z", (2024, 1, 31, 10, 0, 5, 123456)),
        ("2024-01-31T10:00:05+02:00", (2024, 1, 31, 8, 0, 5)),
        ("2024-01-31 10:00:05 +0200", (2024, 1, 31, 8, 0, 5)),
        ("2024-01-31 10:00:05 UTC", (2024, 1, 31, 10, 0, 5)),
        ("31/1/2024", (2024, 1, 30, 23)),
        ("31/01/2024 9:05", (2024, 1, 31, 8, 5)),
        ("31-01-2024 09:05:06", (2024, 1, 31, 8, 5, 6)),
        ("31.01.2024", (2024, 1, 30, 23)),
        ("1/31/2024 2:30 PM", (2024, 1, 31, 13, 30)),
        ("1/31/2024, 2:30:37.371 PM", (2024, 1, 31, 13, 30, 37, 371000)),
        ("31/Jan/2024:10:05:03 +0100", (2024, 1, 31, 9, 5, 3)),
        ("1970-01-01", None),
        ("1900-01-01 00:00:00", None),
        ("31/12/9999", None),
        ("N/A", None),
        ("jamais", None),
    ],
)
def test_one_shape(exports: Exports, utc, written: str, instant: tuple[int, ...] | None) -> None:
    _at(exports, written)
    assert exports.rows('SELECT "at" FROM interactions') == [(utc(*instant) if instant else None,)]
    assert exports.quarantine() == []


@pytest.mark.parametrize(
    "written", ["2024/03/12", "12 mars 2024", "45000", "20240312", "2024-3-1", "31/02/2024", "infinity"]
)
def test_other_shapes_are_no_dates(exports: Exports, written: str) -> None:
    _at(exports, written, "")
    assert exports.quarantine() == [("interactions.csv", 1, "at", "bad_date")]


def test_repeated_hour_keeps_its_offset(exports: Exports, utc) -> None:
    _at(exports, "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00")
    assert exports.rows('SELECT "at" FROM interactions ORDER BY "at"') == [
        (utc(2026, 10, 25, 0, 30),),
        (utc(2026, 10, 25, 1, 30),),
    ]


def test_no_date_settles_the_order(exports: Exports) -> None:
    loaded = _at(exports, "01/02/2024", "03/04/2024")
    assert loaded.datasets["interactions"].stopped == {"at": "ambiguous_date_order"}
    assert exports.rows('SELECT "at" FROM interactions') == [(None,), (None,)]
    assert "write dates: day_first or dates: month_first under interactions in exports.yaml" in loaded.problems[0]


def test_both_orders_stop_the_column(exports: Exports) -> None:
    loaded = _at(exports, "31/01/2024", "01/31/2024")
    assert loaded.datasets["interactions"].stopped == {"at": "two_date_orders"}
    assert exports.quarantine() == []


def test_the_manifest_settles_the_order(exports: Exports, utc) -> None:
    manifest = "source_tz: UTC\ndatasets:\n  interactions: {file: interactions.csv, dates: month_first}\n"
    loaded = _at(exports, "01/02/2024", "31/01/2024", manifest=manifest)
    assert loaded.datasets["interactions"].stopped == {}
    assert exports.rows('SELECT "at" FROM interactions') == [(utc(2024, 1, 1, 23),)]
    assert exports.quarantine() == [("interactions.csv", 2, "at", "bad_date")]


def test_another_column_of_the_file_settles_the_order(exports: Exports, utc) -> None:
    exports.write("contracts.csv", "contract_id,start,end\n1,05/02/2024,31/03/2024\n")
    loaded = exports.load()
    assert exports.rows('SELECT start, "end" FROM contracts') == [
        (utc(2024, 2, 4, 23), utc(2024, 3, 31, 21, 59, 59, 999999))
    ]
    assert loaded.datasets["contracts"].stopped == {}


def test_instants_without_a_zone_are_marked(exports: Exports, utc) -> None:
    loaded = _at(exports, "2024-07-01 10:00", "2024-07-01T10:00:00Z", "2024-07-01", manifest="")
    assert loaded.datasets["interactions"].naive == {"at"}
    assert exports.rows('SELECT "at", at__naive FROM interactions ORDER BY _row') == [
        (utc(2024, 7, 1, 8), True),
        (utc(2024, 7, 1, 10), False),
        (utc(2024, 6, 30, 22), False),
    ]
    assert "time_zone_assumed" in {one.code for one in loaded.assumptions}


@pytest.mark.parametrize(("source_tz", "third"), [("Europe/Paris", "2024-12-31"), ("UTC", "2025-01-01")])
def test_a_date_keeps_its_day(exports: Exports, source_tz: str, third: str) -> None:
    """An instant in a column of dates is the day that it is in Paris."""
    rows = "1,a,2024-12-31\n2,b,2024-12-31T23:30:00Z\n3,c,2024-12-31 23:30:00\n"
    exports.write("c.csv", f"contact_id,email,archive_clock\n{rows}")
    exports.load(f"source_tz: {source_tz}\ndatasets:\n  contacts: {{file: c.csv}}\n")
    days = [row[0].isoformat() for row in exports.rows("SELECT archive_clock FROM contacts ORDER BY contact_id")]
    assert days == ["2024-12-31", "2025-01-01", third]


def test_a_key_of_dates_in_no_known_order_is_told_as_that(exports: Exports) -> None:
    exports.write("notices.csv", "collection_point,shown_at,notice_version\nform,01/02/2026,a\nform,03/04/2026,b\n")
    loaded = exports.load()
    assert loaded.problems == (
        "notices.csv: shown_at: no date shows whether the day or the month comes first; export ISO dates, or write "
        "dates: day_first or dates: month_first under collection_notices in exports.yaml",
    )
