"""JSON Lines, Parquet, XLSX, LDIF and access logs as datasets."""

import base64
import datetime as dt
import gzip
import json
from pathlib import Path

import pytest
import xlsxwriter

from tests.datasets.conftest import Exports


def test_json_lines(exports: Exports, utc) -> None:
    lines = [
        json.dumps({"event_id": "e1", "at": "2026-10-01T10:00:00Z", "ip": "10.0.0.0", "action": "call", "count": 3}),
        "{broken",
        json.dumps({"event_id": "e2", "at": None, "ip": "10.0.0.0", "a/b": "late", "where": {"room": 2}}),
        "[1]",
    ]
    exports.write("logs.jsonl.gz", gzip.compress("\r\n".join(lines).encode()))
    loaded = exports.load()
    assert exports.rows('SELECT event_id, "at", count, "a/b", "where", _row FROM usage_logs ORDER BY _row') == [
        ("e1", utc(2026, 10, 1, 10), 3, None, None, 1),
        ("e2", None, None, "late", '{"room":2}', 3),
    ]
    assert exports.quarantine() == [
        ("logs.jsonl.gz", 2, None, "broken_line"),
        ("logs.jsonl.gz", 4, None, "broken_line"),
    ]
    assert set(loaded.datasets["usage_logs"].extras) == {"a/b", "where"}
    assert loaded.datasets["usage_logs"].key == ("event_id",)


def test_usage_logs_without_ids_are_named_by_their_row(exports: Exports) -> None:
    exports.write("a.csv", "event_id,at,action,country\ne1,2026-10-01T10:00:00Z,x,FR\n,2026-10-01T10:00:00Z,x,FR\n")
    loaded = exports.load()
    assert loaded.datasets["usage_logs"].key == ("_file", "_row")
    assert exports.rows("SELECT count(*) FROM usage_logs") == [(2,)]


def _parquet(exports: Exports, select: str, name: str = "usage.parquet") -> None:
    exports.rows(f"COPY ({select}) TO '{exports.folder / name}' (FORMAT parquet)")


def test_typed_parquet_is_not_copied(exports: Exports, utc) -> None:
    _parquet(
        exports,
        "SELECT 'e' || i AS event_id, TIMESTAMPTZ '2026-10-01 10:00:00Z' AS \"at\", "
        "'10.0.0.0' AS ip, 'a' AS action, "
        "CASE i WHEN 1 THEN 'Grèce' WHEN 2 THEN 'Atlantis' ELSE 'FR' END AS country, 1 AS count, 'x' AS seat "
        "FROM range(3) AS t(i)",
    )
    loaded = exports.load()
    assert exports.rows('SELECT event_id, "at", country, count, seat, _row FROM usage_logs ORDER BY _row') == [
        ("e0", utc(2026, 10, 1, 10), "FR", 1, "x", 1),
        ("e1", utc(2026, 10, 1, 10), "GR", 1, "x", 2),
        ("e2", utc(2026, 10, 1, 10), None, 1, "x", 3),
    ]
    assert exports.rows("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'dpo_file%'") == [(0,)]
    assert loaded.files[0].notes == ("1 unknown country in country",)


def test_parquet_with_repeated_keys_sentinels_and_blanks(exports: Exports, utc) -> None:
    _parquet(
        exports,
        "SELECT * FROM (VALUES ('e2', TIMESTAMPTZ '1970-01-01 00:00:00Z', ' '), "
        "('e1', TIMESTAMPTZ '2026-10-01 10:00:00Z', "
        "' b '), ('e2', TIMESTAMPTZ '2026-10-01 10:00:00Z', 'N/A')) AS t(event_id, \"at\", action)",
    )
    loaded = exports.load()
    assert exports.rows('SELECT event_id, "at", action FROM usage_logs ORDER BY ALL') == [
        ("e1", utc(2026, 10, 1, 10), "b"),
        ("e2", None, None),
    ]
    assert exports.quarantine() == [("usage.parquet", 3, "event_id", "key_duplicate")]
    assert loaded.files[0].rows_loaded == 2


def test_parquet_files_that_are_alike_are_read_together(exports: Exports) -> None:
    """Each row keeps its file and its place, whatever stands between the files that are alike."""
    day = "TIMESTAMPTZ '2026-10-01 10:00:00+00' AS \"at\""
    for name, select in {
        "a.parquet": f"SELECT 'a' || i AS event_id, {day} FROM range(2) AS r(i)",
        "b 'quoted'.parquet": f"SELECT 'b' || i AS event_id, {day}, 'x' AS room FROM range(1) AS r(i)",
        "c.parquet": f"SELECT 'c' || i AS event_id, {day} FROM range(3) AS r(i)",
        "d.parquet": f"SELECT CASE WHEN i = 1 THEN 'a0' ELSE 'd' || i END AS event_id, {day} FROM range(3) AS r(i)",
        "e.parquet": f"SELECT 'e' || i AS event_id, {day} FROM range(1) AS r(i)",
    }.items():
        _parquet(exports, select, name.replace("'", "''"))
    exports.write("f.csv", "event_id,at,action\nf0,2026-10-01T10:00:00Z,open\n")
    loaded = exports.load("datasets:\n  usage_logs: {file: '*'}\n")
    [[view]] = exports.rows("SELECT sql FROM duckdb_views() WHERE view_name = 'usage_logs'")
    assert view.count("read_parquet(") == 1
    names = [file.file for file in loaded.files]
    rows = exports.rows("SELECT _file, _row, event_id FROM usage_logs ORDER BY ALL")
    assert [(names[file], row, key) for file, row, key in rows] == [
        ("a.parquet", 1, "a0"),
        ("a.parquet", 2, "a1"),
        ("b 'quoted'.parquet", 1, "b0"),
        ("c.parquet", 1, "c0"),
        ("c.parquet", 2, "c1"),
        ("c.parquet", 3, "c2"),
        ("d.parquet", 1, "d0"),
        ("d.parquet", 3, "d2"),
        ("e.parquet", 1, "e0"),
        ("f.csv", 1, "f0"),
    ]
    assert exports.quarantine() == [("d.parquet", 2, "event_id", "key_duplicate")]


def test_parquet_with_instants_without_a_zone(exports: Exports, utc) -> None:
    _parquet(exports, "SELECT 'e1' AS event_id, TIMESTAMP '2026-10-01 10:00:00' AS \"at\", 'a' AS action")
    loaded = exports.load()
    assert exports.rows('SELECT "at", at__naive FROM usage_logs') == [(utc(2026, 10, 1, 8), True)]
    assert loaded.datasets["usage_logs"].naive == {"at"}


def test_workbook_with_titles_above_the_header(exports: Exports, utc) -> None:
    path = exports.folder / "registre.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Lisez-moi").write(0, 0, "Registre tenu par le DPO")
        sheet, day = book.add_worksheet("Transferts"), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.merge_range(0, 0, 0, 4, "Registre des transferts")
        sheet.write_row(2, 0, ["N°", "Destinataire", "Pays", "Début", "Type de garanties", "Données RH"])
        sheet.write_row(3, 0, [1, "Alpha", "États-Unis"])
        sheet.write_datetime(3, 3, dt.datetime(2024, 7, 1), day)
        sheet.write_row(3, 4, ["CCT 2021", "Oui"])
        sheet.write_row(5, 0, ["T2", "Beta", "OEB", "31/12/2023", "aucun"])
    loaded = exports.load()
    assert loaded.problems == () and loaded.unrecognised == ()
    assert exports.rows("SELECT transfer_id, country, start, tool, is_hr, _row FROM transfers ORDER BY _row") == [
        ("1", "US", utc(2024, 6, 30, 22), "scc_2021", True, 1),
        ("T2", "EPO", utc(2023, 12, 30, 23), "none", None, 3),
    ]


REGISTER = [
    # instrument, exporter, importer, module, HR scope, as registers write them; then the codes
    ("Clauses contractuelles types", "Responsable de traitement", "ST", "RT vers ST", "hors RH"),
    ("SCCs", "Data controller", "Data processor", "Module Two", "HR; non-HR"),
    ("CCT 2010/87/UE", "RT", "sous traitant", "", ""),
    ("Règles d’entreprise contraignantes", "", "", "", ""),
    ("Décision d’adéquation", "", "", "", ""),
    ("Contrat de services", "vendeur", "", "C2P", ""),
]
CODES = [
    ("scc_2021", "controller", "processor", "2", "non_hr"),
    ("scc_2021", "controller", "processor", "2", "hr;non_hr"),
    ("scc_2010", "controller", "processor", None, None),
    ("bcr_c", None, None, None, None),
    ("adequacy", None, None, None, None),
    # What is not understood stays as it is: the control says so.
    ("Contrat de services", "vendeur", None, "C2P", None),
]


@pytest.mark.parametrize(
    "headers",
    [
        "N°,Pays,Garanties appropriées,Rôle de l’exportateur,Rôle du destinataire,Module des CCT,Périmètre DPF",
        "Reference,Recipient country,Safeguards,Exporter role,Importer role,SCC module,DPF coverage",
        "transfer_id,country,tool,role_exporter,role_importer,module,dpf_scope",
    ],
)
def test_words_of_a_register_of_transfers(exports: Exports, headers: str) -> None:
    recipient = "Destinataire" if headers.startswith("N°") else "recipient"
    lines = [f"{place},Inde,{','.join(words)},X" for place, words in enumerate(REGISTER)]
    exports.write("register.csv", "\n".join([f"{headers},{recipient}", *lines]))
    loaded = exports.load()
    assert loaded.problems == () and [file.mapping for file in loaded.files] == ["registre_transferts"]
    assert (
        exports.rows("SELECT tool, role_exporter, role_importer, module, dpf_scope FROM transfers ORDER BY _row")
        == CODES
    )


def test_directory_in_ldif(exports: Exports, utc) -> None:
    name = base64.b64encode("Aurélie".encode()).decode()
    exports.write(
        "users.ldif",
        "# extended LDIF\nversion: 1\n\n"
        "dn: ou=people,dc=x\nobjectClass: organizationalUnit\nou: people\n\n"
        f"dn: uid=a,ou=people,dc=x\nobjectClass: inetOrgPerson\nuid: a\nGivenName:: {name}\nsn: Long\n Name\n"
        "mail: a@x.example\nmail: b@x.example\ncreateTimestamp: 20230420023801Z\n"
        "lastLogonTimestamp: 134284193498605360\n\n"
        "# a comment\nobjectClass: person\nuid: lost\nsn: X\n\n"
        "dn: uid=c,dc=x\nobjectclass: person\nuid: c\nsn: C\nlastLogonTimestamp: 0\naccountActive: FALSE\n\n"
        "search: 2\nresult: 0 Success\n",
    )
    loaded = exports.load()
    assert exports.rows(
        "SELECT user_id, login, first_name, last_name, email, active, created_at, last_login_at, _row "
        "FROM user_accounts ORDER BY _row"
    ) == [
        (
            *("uid=a,ou=people,dc=x", "a", "Aurélie", "LongName", "a@x.example;b@x.example", None),
            *(utc(2023, 4, 20, 2, 38, 1), utc(2026, 7, 13, 12, 29, 9, 860536), 2),
        ),
        ("uid=c,dc=x", "c", None, "C", None, False, None, None, 4),
    ]
    assert exports.quarantine() == [("users.ldif", 3, None, "missing_dn")]
    assert loaded.files[0].notes == (
        "1 row set aside: missing_dn",
        "1 entry left out: not about people",
    )
    assert loaded.datasets["user_accounts"].extras == ("ou",)


def test_access_log_keeps_line_numbers(exports: Exports, utc) -> None:
    line = '192.0.2.7 - {user} [17/May/2015:10:05:03 +0200] "GET /a?q=b HTTP/1.1" 200 12 "-" "agent \\"x\\""\n'
    exports.write("access.log", line.format(user="-") + "\n" + line.format(user="zoe") + "no line of a log\n")
    loaded = exports.load()
    assert exports.rows('SELECT "at", ip, action, anonymous_id, user_agent, _row FROM usage_logs ORDER BY _row') == [
        (utc(2015, 5, 17, 8, 5, 3), "192.0.2.7", "GET /a?q=b HTTP/1.1", None, 'agent \\"x\\"', 1),
        (utc(2015, 5, 17, 8, 5, 3), "192.0.2.7", "GET /a?q=b HTTP/1.1", "zoe", 'agent \\"x\\"', 3),
    ]
    assert exports.quarantine() == [("access.log", 4, None, "unreadable_line")]
    assert loaded.datasets["usage_logs"].key == ("_file", "_row")


def test_a_damaged_workbook_is_refused(exports: Exports, tmp_path: Path) -> None:
    exports.write("registre.xlsx", b"PK\x03\x04" + b"x" * 50)
    loaded = exports.load("datasets:\n  transfers: {file: registre.xlsx}\n")
    assert loaded.problems == ("registre.xlsx: format: the workbook or archive is cut or damaged, export it again",)
    assert loaded.refused == {"transfers": ("registre.xlsx",)} and loaded.datasets == {}


def test_directories_in_other_encodings(exports: Exports) -> None:
    entry = "dn: CN={name},DC=x\r\nobjectClass: user\r\nsAMAccountName: {name}\r\nsn: S\r\n\r\n"
    exports.write("told.ldif", entry.format(name="Zoé"), "cp1252")
    exports.write("untold.ldif", entry.format(name="Anaïs") + entry.format(name="Al"), "cp1252")
    exports.write("windows.ldif", entry.format(name="Léa"), "utf-16")
    exports.load("datasets:\n  user_accounts: {file: told.ldif, encoding: cp1252}\n")
    assert exports.rows("SELECT login FROM user_accounts ORDER BY ALL") == [("Al",), ("Léa",), ("Zoé",)]
    assert exports.quarantine() == [("untold.ldif", 1, None, "bad_encoding")]


def test_logs_of_microsoft_and_of_nginx(exports: Exports, utc) -> None:
    at = "2026-10-01T10:00:00.1234567Z"
    requests = {"TimeGenerated": at, "ClientIP": "0.0.0.0", "UserId": "u1", "Name": "GET /", "Url": "/a", "Type": "x"}
    signin = {"time": at, "callerIpAddress": "192.0.2.7", "identity": "Zoé", "operationName": "in", "location": "FR"}
    nginx = {"ip": "192.0.2.7", "date": "2013-10-10T12:52:06+02:00", "path": "/b", "status": "301", "user": "-"}
    for name, line in (("a.jsonl", requests), ("b.jsonl", signin), ("c.json", nginx)):
        exports.write(name, json.dumps(line) + "\n" + json.dumps(line) + "\n")
    loaded = exports.load()
    assert [file.mapping for file in loaded.files] == ["app_insights", "entra_signins", "access_log_json"]
    assert exports.rows(
        'SELECT "at", ip, action, anonymous_id, country FROM usage_logs WHERE _row = 2 ORDER BY _file'
    ) == [
        (utc(2026, 10, 1, 10, 0, 0, 123456), "0.0.0.0", "GET /", "u1", None),
        (utc(2026, 10, 1, 10, 0, 0, 123456), "192.0.2.7", "in", "Zoé", "FR"),
        (utc(2013, 10, 10, 10, 52, 6), "192.0.2.7", "/b", None, None),
    ]
    assert loaded.datasets["usage_logs"].extras == ("Url", "status")
