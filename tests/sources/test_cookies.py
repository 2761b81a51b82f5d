"""Cookie files: cookies.txt and HAR, one row a cookie, never its value."""

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit_lib.datasets import Databases, connect, load
from audit_lib.sources import har, netscape
from audit_lib.sources.raw import SourceError
from audit_lib.sources.sniff import sniff

ROOT = Path(__file__).resolve().parents[2]
SEEN = "2026-11-01T06:00:00+01:00"
TITLE = "# Netscape HTTP Cookie File\n"

Cells = tuple[Any, ...]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def jar(tmp_path: Path, work: Path, content: bytes) -> list[Cells]:
    """(row, name, domain, expires_at, observed_at, why it cannot be used)"""
    (tmp_path / "c").write_bytes(content)
    assert sniff(tmp_path / "c") == "netscape"
    raw = netscape.read(tmp_path / "c", work, None, SEEN, scan=False)
    return duckdb.execute(f"SELECT _row, c0, c1, c2, c3, _bad FROM ({raw.select}) ORDER BY _row").fetchall()


def test_a_line_is_a_cookie(tmp_path: Path, work: Path) -> None:
    lines = [
        "# Netscape HTTP Cookie File",
        "",
        ".ama.bzh\tTRUE\t/\tTRUE\t1801123502\t_ga\tsecret",
        "#HttpOnly_www.ama.bzh\tFALSE\t/\tTRUE\t0\tsession\tsecret",
        "# .ama.bzh\tTRUE\t/\tTRUE\t0\tcommented\tsecret",
        "$Version=1",
        "www.ama.bzh\tfalse\t/\ttrue\t-1\tlower\tsecret\twith\ttabs",
        "www.ama.bzh\tFALSE\t/\tTRUE\t1801123502.25\tbare",
        "www.ama.bzh\tFALSE\t/\tTRUE",
        "www.ama.bzh\tno\t/\tTRUE\t0\tflag\tsecret",
        "www.ama.bzh FALSE / TRUE 0 spaces secret",
    ]
    assert jar(tmp_path, work, "\r\n".join(lines).encode()) == [
        (3, "_ga", ".ama.bzh", "1801123502", SEEN, None),
        (4, "session", "www.ama.bzh", None, SEEN, None),
        (7, "lower", "www.ama.bzh", None, SEEN, None),
        (8, "bare", "www.ama.bzh", "1801123502", SEEN, None),
        (9, None, "www.ama.bzh", None, SEEN, "unreadable_line"),
        (10, "flag", "www.ama.bzh", None, SEEN, "unreadable_line"),
        (11, None, "www.ama.bzh FALSE / TRUE 0 spaces secret", None, SEEN, "unreadable_line"),
    ]


def test_bytes_that_no_text_holds(tmp_path: Path, work: Path) -> None:
    content = TITLE.encode() + "é.example\tTRUE\t/\tTRUE\t0\ta\tv\n".encode() * 300 + b".b\tTRUE\t/\tTRUE\t0\t\xff\tv\n"
    (tmp_path / "c").write_bytes(content)
    raw = netscape.read(tmp_path / "c", work, None, SEEN, scan=True)
    assert duckdb.execute(f"SELECT _row FROM ({raw.select}) WHERE _bad = 'bad_encoding'").fetchall() == [(302,)]


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (TITLE, "netscape"),
        ("# HTTP cookie file.\n", "netscape"),
        (".a.b\tTRUE\t/\tTRUE\t0\tn\tv\n", "netscape"),
        ("#HttpOnly_.a.b\tTRUE\t/\tTRUE\t0\tn\tv\n", "netscape"),
        ("domain\tflag\tpath\tsecure\texpires\tname\tvalue\n.a.b\tTRUE\t/\tTRUE\t0\tn\tv\n", "csv"),
        ('{"log": {"version": "1.2", "creator": {"name": "x"}, "entries": []}}', "har"),
        ('\ufeff{\n  "log": {\n    "version": "1.2",\n    "creator": {\n', "har"),
        ('{"log": {"level": "info"}, "message": "x"}\n', "jsonl"),
        ('{"creator": {"log": {}}}\n', "jsonl"),
    ],
)
def test_content_names_the_format(tmp_path: Path, content: str, format: str) -> None:
    (tmp_path / "c").write_text(content, "utf-8")
    assert sniff(tmp_path / "c") == format


def exchange(started: str | None = "2026-10-29T10:00:00.120+01:00", **response: Any) -> dict[str, Any]:
    request = {"url": "https://www.ama.bzh/?e=secret", "cookies": [{"name": "sent", "value": "secret"}]}
    return {"startedDateTime": started, "request": request, "response": response}


def recorded(tmp_path: Path, work: Path, *entries: Any, content: bytes | None = None) -> list[Cells]:
    """(row, name, domain, observed_at, set_at, expires_at, why it cannot be used)"""
    log = {"version": "1.2", "creator": {"name": "x"}, "pages": [{"title": '"entries": ['}], "entries": entries}
    (tmp_path / "c").write_bytes(content or json.dumps({"log": log | {"comment": "end"}, "x": 1}).encode())
    assert sniff(tmp_path / "c") == "har"
    with duckdb.connect() as con:
        raw = har.read(con, tmp_path / "c", work, None, "visit", scan=False)
        assert raw.headers == ("name", "domain", "observed_at", "set_at", "expires_at")
        return con.execute(f"SELECT _row, c0, c1, c2, c3, c4, _bad FROM ({raw.select}) ORDER BY _row").fetchall()


AT = "2026-10-29T09:00:00.120000+00:00"


def header(*values: str) -> list[dict[str, str]]:
    return [{"name": "Set-Cookie", "value": value} for value in values]


def test_what_responses_set(tmp_path: Path, work: Path) -> None:
    listed = {"name": "_ga", "value": "secret", "domain": ".ama.bzh", "expires": "2027-10-29T09:00:00.000Z"}
    rows = recorded(
        tmp_path,
        work,
        exchange(
            cookies=[listed, {"name": "session", "value": "secret", "expires": None}], headers=header("_ga=secret")
        ),
        exchange(
            cookies=[], headers=header("a=secret; Domain=.x.example; Max-Age=60; Expires=Thu, 01 Jan 2099 00:00:00 GMT")
        ),
        exchange(headers=header("b=secret=more; expires=Fri, 29 Oct 2027 09:00:00 GMT\nc=secret;secure;HttpOnly")),
        exchange(headers=header("gone=; Max-Age=0", "gone=; Expires=Thu, 01 Jan 1970 00:00:00 GMT")),
        exchange(headers=header("odd=; Max-Age=soon; Expires=whenever")),
        exchange(headers=[{"name": "Content-Type", "value": "text/html"}]),
        exchange(started=None, headers=header("undated=secret; Max-Age=60")),
    )
    assert rows == [
        (1, "_ga", ".ama.bzh", AT, AT, "2027-10-29T09:00:00+00:00", None),
        (2, "session", "www.ama.bzh", AT, AT, None, None),
        (3, "a", ".x.example", AT, AT, "2026-10-29T09:01:00.120000+00:00", None),
        (4, "b", "www.ama.bzh", AT, AT, "2027-10-29T09:00:00+00:00", None),
        (5, "c", "www.ama.bzh", AT, AT, None, None),
        (6, "odd", "www.ama.bzh", AT, AT, None, None),
        (7, "undated", "www.ama.bzh", None, None, None, None),
    ]


def test_a_recording_that_is_not_as_the_standard_says(tmp_path: Path, work: Path) -> None:
    rows = recorded(
        tmp_path,
        work,
        "text",
        {"request": None, "response": []},
        exchange(cookies={"name": "x"}, headers=7),
        {"startedDateTime": 5, "request": {"url": "https://[x"}, "response": {"cookies": ["text", {"name": 3}]}},
        exchange(cookies=[{"name": "half\ud800", "expires": 5}]),
    )
    assert rows == [
        (1, None, None, None, None, None, None),
        (2, None, None, None, None, None, None),
        (3, "half\ufdd0", "www.ama.bzh", AT, AT, None, "bad_encoding"),
    ]


def test_entries_longer_than_what_is_read_at_once(tmp_path: Path, work: Path) -> None:
    body = {"text": 'é"{[\\' * 600_000}
    entries = [exchange(cookies=[{"name": f"c{n}"}], content=body if n % 3 == 0 else {}) for n in range(7)]
    log = {"creator": {}, "entries": entries}
    whole = json.dumps({"log": log}, ensure_ascii=False, indent=2).encode()
    assert len(whole) > 10_000_000
    rows = recorded(tmp_path, work, content=gzip.compress(whole, 1, mtime=0))
    assert [(row[0], row[1]) for row in rows] == [(n + 1, f"c{n}") for n in range(7)]


@pytest.mark.parametrize(
    "content",
    [
        '{"log": {"creator": {}, "entries": [{"response": {"cookies": [{"name": "a"}]}}',
        '{"log": {"creator": {}, "entries": [{"response": }]}}',
        '{"log": {"creator": {}, "entries": {}}}',
        '{"log": {"creator": {} "entries": []}}',
        '{"log": {"creator": {}, "entries": [' + "[" * 100_000 + "]}}",
        '{"log": {"creator": {}, "entries": [{}',
    ],
)
def test_a_recording_that_is_cut_or_damaged(tmp_path: Path, work: Path, content: str) -> None:
    with pytest.raises(SourceError, match="cut, damaged"):
        recorded(tmp_path, work, content=content.encode())


def test_an_exchange_too_long_to_hold(tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har, "_LONGEST", 1 << 20)
    with pytest.raises(SourceError, match="a download too long"):
        recorded(tmp_path, work, exchange(content={"text": "x" * (1 << 23)}))


def test_a_recording_without_cookies(tmp_path: Path, work: Path) -> None:
    with pytest.raises(SourceError, match="export the HAR with sensitive data"):
        recorded(tmp_path, work, exchange(headers=[]))


def loaded(exports: Path, work: Path, keep: Path | None = None) -> tuple[list[Cells], str, set[str], int]:
    """Rows, all that was loaded as text, codes of the assumptions, bytes read."""
    if keep:
        keep.mkdir(exist_ok=True)
    with connect(work) as con:
        found = load(
            exports,
            ROOT / "expectations/mappings",
            con,
            work,
            time_zone="Europe/Paris",
            databases=Databases(),
            keep=keep,
        )
        assert found.problems == ()
        rows = con.execute("SELECT name, expires_at, observed_at FROM cookie_scan ORDER BY ALL").fetchall()
        tables = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        text = "".join(str(con.execute(f'SELECT * FROM "{name}"').fetchall()) for name in tables)
        codes = {one.code for one in found.assumptions}
        return rows, text, codes, sum(one.bytes_read for one in found.files)


def test_no_value_is_loaded(tmp_path: Path, work: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "cookies.txt").write_text(TITLE + ".a.b\tTRUE\t/\tTRUE\t1801123502\tn\tsecret\n", "utf-8")
    log = {"creator": {}, "entries": [exchange(cookies=[{"name": "m", "value": "secret"}])]}
    (exports / "visit.har").write_text(json.dumps({"log": log}), "utf-8")
    (exports / "scan.csv").write_text("Name;Domain;Scanned at;Value\no;.a.b;2026-10-01T10:00:00Z;secret\n", "utf-8")
    (exports / "exports.yaml").write_text(f"extracted_at: {SEEN}\n", "utf-8")
    rows, text, assumed, _ = loaded(exports, work)
    assert [(name, str(expires), str(seen)) for name, expires, seen in rows] == [
        ("m", "None", "2026-10-29 09:00:00.120000"),
        ("n", "2027-01-28 08:05:02", "2026-11-01 05:00:00"),
        ("o", "None", "2026-10-01 10:00:00"),
    ]
    assert "'o'" in text
    assert "secret" not in text
    assert "observed_at_assumed" in assumed


@pytest.mark.parametrize(
    ("name", "told", "seen"),
    [
        ("cookies.txt", SEEN, "2026-11-01 05:00:00"),
        ("cookies-2026-10-20.txt", SEEN, "2026-11-01 05:00:00"),
        ("cookies-2026-10-20.txt", "", "2026-10-19 22:00:00"),
    ],
)
def test_a_jar_is_seen_when_it_was_exported(tmp_path: Path, work: Path, name: str, told: str, seen: str) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / name).write_text(TITLE + ".a.b\tTRUE\t/\tTRUE\t0\tn\tv\n", "utf-8")
    if told:
        (exports / "exports.yaml").write_text(f"extracted_at: {told}\n", "utf-8")
    rows, *_ = loaded(exports, work)
    assert [str(row[2]) for row in rows] == [seen]


def test_what_was_kept_of_a_jar_is_read_again_when_its_instant_is_another(tmp_path: Path, work: Path) -> None:
    exports, keep = tmp_path / "exports", tmp_path / "keep"
    exports.mkdir()
    (exports / "cookies.txt").write_text(TITLE + ".a.b\tTRUE\t/\tTRUE\t0\tn\tv\n", "utf-8")
    for place, (day, read) in enumerate([("2026-11-01", True), ("2026-11-01", False), ("2026-11-02", True)]):
        (exports / "exports.yaml").write_text(f"extracted_at: {day}T05:00:00+00:00\n", "utf-8")
        (work / str(place)).mkdir()
        rows, _, assumed, size = loaded(exports, work / str(place), keep)
        assert [str(row[2]) for row in rows] == [f"{day} 05:00:00"]
        assert "observed_at_assumed" in assumed
        assert bool(size) is read
