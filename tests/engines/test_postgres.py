"""PostgreSQL: how a query becomes a dataset there, what is refused, and what happens when the server goes away."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from audit_lib.datasets import Database, Databases, Loaded, connect, load
from tests.audit.conftest import audit
from tests.engines.servers import Server
from tests.judging import ROOT

CONNECTION = "DPO_TEST_POSTGRES"
MAPPINGS = ROOT / "expectations" / "mappings"

Ask = Callable[..., Loaded]


@pytest.fixture
def ask(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Loads an exports.yaml of queries; `rows` then asks the dataset where it is."""
    monkeypatch.setenv(CONNECTION, server.url)
    exports = tmp_path / "exports"
    exports.mkdir()
    (tmp_path / "work").mkdir()
    databases = Databases()
    con = connect(tmp_path / "work")

    def asked(dataset: str, sql: str, top: str = "source_tz: Europe/Paris\n", more: str = "") -> Loaded:
        entry = f"{{sql: {sql!r}, connection: {CONNECTION}{more}}}".replace("\\n", " ")
        (exports / "exports.yaml").write_text(f"{top}datasets:\n  {dataset}: {entry}\n", "utf-8")
        return load(exports, MAPPINGS, con, tmp_path / "work", time_zone="Europe/Paris", databases=databases)

    asked.con = con  # type: ignore[attr-defined]
    with closing(con), closing(databases):
        yield asked


def _rows(server: Server, loaded: Loaded, dataset: str, columns: str) -> list[tuple[Any, ...]]:
    remote = loaded.datasets[dataset].remote
    assert remote
    with closing(Database(server.url, timeout="1min", snapshot=remote.snapshot)) as database:
        return database.rows(f"SELECT {columns} FROM ({remote.select}) AS d ORDER BY _row")


def test_cells_mean_what_they_mean_in_files(server: Server, ask: Ask) -> None:
    server.run(
        "DROP TABLE IF EXISTS crm",
        "CREATE TABLE crm (contact_id int, status text, country text, archive_access_groups text, email text, "
        "collected_at timestamptz, anonymised_at date, archive_clock timestamp, notes varchar(20))",
        "INSERT INTO crm VALUES "
        "(2, ' Prospect ', 'Allemagne', 'Juridique; DPO;;', 'N/A', '2024-03-01 00:30+01', '2024-07-01', "
        "'2024-01-01 23:30', '\u00a0x '), "
        "(1, 'customer', 'Neverland', ' N/A', 'a@b.example', 'infinity', '1900-01-01', '9999-12-31', '-')",
    )
    loaded = ask("contacts", "SELECT *, 'Lyon' AS city FROM crm -- all of them")
    assert loaded.problems == ()
    columns = "contact_id, status, country, archive_access_groups, email, collected_at, anonymised_at, archive_clock"
    found = [tuple(str(cell) for cell in row) for row in _rows(server, loaded, "contacts", columns)]
    assert found == [
        ("1", "customer", "None", "None", "a@b.example", "None", "None", "None"),
        (
            "2",
            "prospect",
            "DE",
            "legal;dpo",
            "None",
            "2024-02-29 23:30:00",
            "2024-06-30 22:00:00",
            "2024-01-01",
        ),
    ]
    assert _rows(server, loaded, "contacts", "notes, city, _row") == [(None, "Lyon", 1), ("x", "Lyon", 2)]
    assert loaded.notes == ("sql:contacts: 1 unknown country in country",)
    [report] = loaded.files
    assert (report.file, report.format, report.rows_read, report.rows_loaded) == ("sql:contacts", "postgresql", 2, 2)
    assert loaded.datasets["contacts"].extras == ("city",)
    assert [one.code for one in loaded.assumptions] == ["extracted_at_from_database"]


def test_a_time_without_an_offset_is_marked_where_no_zone_is_told(server: Server, ask: Ask) -> None:
    query = "SELECT 'n' AS event_id, timestamp '2026-07-01 12:00' AS event_at"
    loaded = ask("navigation_events", query, top="")
    assert loaded.datasets["navigation_events"].naive == {"event_at"}
    [(at, naive)] = _rows(server, loaded, "navigation_events", "event_at, event_at__naive")
    assert (str(at), naive) == ("2026-07-01 10:00:00", True)
    assert "time_zone_assumed" in [one.code for one in loaded.assumptions]


def test_rows_without_a_key_or_with_one_seen_before_are_set_aside(server: Server, ask: Ask) -> None:
    loaded = ask(
        "contracts",
        "SELECT * FROM (VALUES ('b', 'licence'), (NULL, 'licence'), ('a', 'order'), ('b', 'licence')) "
        "AS v(contract_id, kind)",
    )
    [report] = loaded.files
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (4, 2, 2)
    aside = ask.con.execute(  # type: ignore[attr-defined]
        'SELECT dataset, source_file, source_row, "column", reason FROM quarantine ORDER BY ALL'
    ).fetchall()
    assert aside == [
        ("contracts", "sql:contracts", 3, "contract_id", "key_duplicate"),
        ("contracts", "sql:contracts", 4, "contract_id", "key_missing"),
    ]
    assert _rows(server, loaded, "contracts", "contract_id, _row") == [("a", 1), ("b", 2)]


def test_dates_told_as_text_are_read_as_those_of_a_file(ask: Ask) -> None:
    loaded = ask(
        "contacts",
        "SELECT * FROM (VALUES (1, '31/12/2024 10:00'), (2, '01/02/2025 09:00'), (3, 'soon')) "
        "AS v(contact_id, collected_at)",
    )
    assert loaded.datasets["contacts"].remote is None
    rows = ask.con.execute("SELECT contact_id, CAST(collected_at AS VARCHAR) FROM contacts ORDER BY 1").fetchall()  # type: ignore[attr-defined]
    assert rows == [("1", "2024-12-31 09:00:00"), ("2", "2025-02-01 08:00:00")]
    [report] = loaded.files
    assert (report.rows_read, report.rows_quarantined) == (3, 1)
    assert loaded.notes[0].startswith("sql:contacts: the rows were read into the run's folder, collected_at being of")


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT * FROM nowhere", "sql: the database refuses this query (SQLSTATE 42P01): try it with psql"),
        ("SELECT 1 AS contact_id, 2 AS contact_id", "sql: two columns are named contact_id: name them with AS"),
        ("SELECT 1 AS hue", "sql: no column of contacts is known in it: name its columns with AS"),
        ("SELECT 'a' AS email", "sql: no column holds contact_id: name one with AS contact_id"),
        ("DELETE FROM pg_class RETURNING oid AS contact_id", "sql: the database refuses this query (SQLSTATE 42601)"),
    ],
)
def test_a_query_that_cannot_be_used_is_told_in_one_line(ask: Ask, sql: str, line: str) -> None:
    loaded = ask("contacts", sql)
    [problem] = loaded.problems
    assert problem.startswith(f"exports.yaml: datasets: contacts: {line}")
    assert loaded.refused == {"contacts": ("sql:contacts",)}


def test_a_query_that_writes_changes_nothing(server: Server, ask: Ask) -> None:
    server.run(
        "DROP TABLE IF EXISTS kept",
        "CREATE TABLE kept AS SELECT 1 AS contact_id",
        "CREATE OR REPLACE FUNCTION emptied() RETURNS SETOF kept LANGUAGE sql AS 'DELETE FROM kept RETURNING *'",
    )
    loaded = ask("contacts", "SELECT * FROM emptied()")
    assert loaded.problems == (
        "exports.yaml: datasets: contacts: sql: the database refuses this query (SQLSTATE 25006): try it with psql",
    )
    assert server.rows("SELECT count(*) FROM kept") == [(1,)]


def _exports(folder: Path, sql: str, top: str = "") -> Path:
    folder.mkdir()
    (folder / "exports.yaml").write_text(
        f"extracted_at: 2026-11-01T06:00:00+01:00\n{top}datasets:\n"
        f"  navigation_events: {{sql: {sql!r}, connection: {CONNECTION}}}\n",
        "utf-8",
    )
    return folder


def test_letters_are_the_same_in_a_database_that_knows_no_accents(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key_file: Path
) -> None:
    """Its `lower` leaves É as it is: twenty people of one class would be two classes of ten."""
    if not server.rows("SELECT 1 FROM pg_database WHERE datname = 'plain'"):
        server.run("CREATE DATABASE plain TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    monkeypatch.setenv(CONNECTION, f"{server.url.rpartition('/')[0]}/plain")
    exports = tmp_path / "exports"
    exports.mkdir()
    query = (
        "SELECT g::text AS event_id, timestamptz '2026-10-01' AS at, 'i' || g AS anonymous_id, 'FR' AS country, "
        "CASE WHEN g % 2 = 0 THEN 'ÉTOILE' ELSE 'étoile' END AS customer_domain FROM generate_series(1, 20) AS g"
    )
    (exports / "exports.yaml").write_text(
        f"extracted_at: 2026-11-01T06:00:00+01:00\ndatasets:\n"
        f"  usage_logs: {{sql: {query!r}, connection: {CONNECTION}}}\n",
        "utf-8",
    )
    done = audit("check", exports, "--out", tmp_path / "out", key=key_file)
    assert done.returncode == 0, done.stderr
    [folder] = (tmp_path / "out").iterdir()
    found = {one["id"]: one for one in json.loads((folder / "controls.json").read_text("utf-8"))}
    assert found["usage_logs_meet_k_anonymity"]["outcome"] == "compliant"


SLOW = (
    "SELECT g AS event_id, timestamptz '2026-10-01' AS event_at, pg_sleep(0.02)::text AS screen "
    "FROM generate_series(1, 60) AS g"
)


def test_a_query_that_takes_too_long_ends_the_run(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key_file: Path
) -> None:
    monkeypatch.setenv(CONNECTION, server.url)
    exports = _exports(tmp_path / "exports", SLOW, "statement_timeout: 500ms\n")
    done = audit("check", exports, "--out", tmp_path / "out", key=key_file)
    assert done.returncode == 3
    assert "a query took longer than statement_timeout" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("place", ["load", "check"])
def test_a_connection_that_is_cut_ends_the_run_and_publishes_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key_file: Path, place: str
) -> None:
    monkeypatch.setenv(CONNECTION, f"{server.url}?application_name=cut_{place}")
    exports = _exports(tmp_path / "exports", SLOW)
    wanted = "%" if place == "load" else "%dpo_told%"
    cut = threading.Event()

    def end_it() -> None:
        while not cut.is_set():
            ended = server.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' "
                f"AND application_name = 'cut_{place}' AND query LIKE '{wanted}' AND query LIKE '%generate_series%'"
            )
            if ended:
                cut.set()
            time.sleep(0.05)

    thread = threading.Thread(target=end_it, daemon=True)
    thread.start()
    done = audit("check", exports, "--out", tmp_path / "out", key=key_file)
    was_cut = cut.is_set()
    cut.set()
    thread.join()
    assert was_cut
    assert done.returncode == 3
    assert "the server ended the connection: run again when it answers" in done.stderr
    assert server.url not in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_server_that_does_not_answer_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key_file: Path
) -> None:
    monkeypatch.setenv(CONNECTION, "postgresql://nobody:secret@127.0.0.1:9/nothing")
    done = audit("check", _exports(tmp_path / "exports", "SELECT 1"), "--out", tmp_path / "out", key=key_file)
    assert done.returncode == 3
    assert "the connection was refused or lost: check that the database answers" in done.stderr
    assert "secret" not in done.stderr
    assert list((tmp_path / "out").iterdir()) == []
