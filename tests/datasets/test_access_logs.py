"""Access logs as navigation events: lines without ids, and fields that change within a file."""

from tests.datasets.conftest import Exports

BROWSER = "Mozilla/5.0+(X11;+Linux+x86_64)+Gecko/20100101"
IIS = f"""\
#Software: Microsoft Internet Information Services 10.0
#Fields: date time cs-method cs-uri-stem c-ip cs(User-Agent) sc-status
2026-10-20 08:09:10 GET /a 192.0.2.1 {BROWSER} 200
2026-10-20 08:09:11 GET /a+b - - 200

#Date: 2026-10-21 00:00:00
#Fields: date time c-ip cs(Cookie) sc-status
2026-10-21 00:00:01 192.0.2.2 sid=1 304
2026-10-21 00:00:02 192.0.2.2 304
"""
COMBINED = '192.0.2.7 - - [20/Oct/2026:10:05:03 +0200] "GET /a HTTP/1.1" 200 5 "-" "agent"\n'
AS_NAVIGATION = 'datasets: {navigation_events: {file: "*.log"}}\n'


def test_fields_of_iis_change_within_a_file(exports: Exports, utc) -> None:
    exports.write("u_ex26.log", IIS)
    loaded = exports.load()
    [file] = loaded.files
    assert (file.format, file.mapping) == ("iis", "access_log_iis")
    assert (file.rows_read, file.rows_loaded, file.rows_quarantined) == (4, 3, 1)
    assert exports.rows(
        'SELECT event_at, browser, "c-ip", "cs-uri-stem", "cs(Cookie)", _row FROM navigation_events ORDER BY _row'
    ) == [
        (utc(2026, 10, 20, 8, 9, 10), BROWSER.replace("+", " "), "192.0.2.1", "/a", None, 3),
        (utc(2026, 10, 20, 8, 9, 11), None, None, "/a+b", None, 4),
        (utc(2026, 10, 21, 0, 0, 1), None, "192.0.2.2", None, "sid=1", 8),
    ]
    assert exports.quarantine() == [("u_ex26.log", 9, None, "wrong_column_count")]
    assert loaded.datasets["navigation_events"].key == ("_file", "_row")


def test_lines_before_the_fields_are_named_cannot_be_read(exports: Exports) -> None:
    exports.write("u_ex26.log", f"#Version: 1.0\n2026-10-20 08:09:10 lost\n{IIS}")
    [file] = exports.load().files
    assert (file.rows_read, file.rows_loaded) == (5, 3)
    assert exports.quarantine()[0] == ("u_ex26.log", 2, None, "unreadable_line")


def test_an_access_log_may_stand_for_navigation_events(exports: Exports, utc) -> None:
    exports.write("site.log", COMBINED * 2)
    exports.write("other/site.log", COMBINED)
    loaded = exports.load('datasets: {navigation_events: {file: "**/*.log"}}\n')
    assert [(one.rows_read, one.rows_loaded) for one in loaded.files] == [(1, 1), (2, 2)]
    assert loaded.datasets["navigation_events"].key == ("_file", "_row")
    assert exports.rows("SELECT DISTINCT event_at, browser FROM navigation_events") == [
        (utc(2026, 10, 20, 8, 5, 3), "agent")
    ]


def test_an_export_without_its_key_is_still_refused(exports: Exports) -> None:
    exports.write("web.csv", "event_at,os\n2026-10-20,Linux\n")
    loaded = exports.load("datasets: {navigation_events: {file: web.csv}}\n")
    assert loaded.problems == (
        "web.csv: event_id: no column holds it: name one event_id, or add its header to the mappings",
    )
