"""The folder: what is declared, refused, detected or left alone."""

import datetime as dt
import gzip
import os
import unicodedata

import duckdb

from audit_lib.datasets import folding
from audit_lib.datasets.countries import codes_by_name
from audit_lib.datasets.schema import schemas
from tests.datasets.conftest import Exports

CONTACTS = "contact_id,email,first_name\n1,a@b.example,Zoé\n"


def test_every_mistake_of_the_manifest_is_told_at_once(exports: Exports) -> None:
    exports.write("c.csv", CONTACTS)
    loaded = exports.load(
        "extracted_at: 2026-11-01\nsource_zone: x\ndatasets:\n  contact: {file: c.csv}\n"
        "  contacts: {file: c.csv, dates: french}\n  staff: {file: absent.csv}\n"
        "  user_accounts: {sql: select 1}\n  ndas: {}\n  contracts: {connection: 'postgresql://a@b/c'}\n"
        "  interactions: {sql: select 1, connection: NOWHERE_SET}\n  transfers: {file: c.csv, sql: select 1}\n"
    )
    lines = [line.removeprefix("exports.yaml: ") for line in loaded.problems]
    assert lines[0] == "source_zone: no such key, write one of extracted_at, source_tz, statement_timeout, datasets"
    assert lines[1] == "extracted_at: write an instant with its offset, such as 2026-11-01T06:00:00+01:00"
    assert lines[2] == "datasets: contact: no such dataset, write contacts"
    assert lines[3:] == [
        "datasets: contacts: dates: write day_first or month_first",
        "datasets: user_accounts: connection: "
        "write the name of the environment variable that holds the connection's URL, not the URL",
        "datasets: ndas: file: write the name of the export, or sql: and connection:",
        "datasets: contracts: connection: "
        "write the name of the environment variable that holds the connection's URL, not the URL",
        "datasets: contracts: file: write the name of the export, or sql: and connection:",
        "datasets: transfers: write file: or sql:, not both",
        "datasets: staff: file: absent.csv: no such file in the folder, put it there or write its name",
        "datasets: transfers: file: c.csv is contacts already, name it once",
        "datasets: interactions: connection: the environment variable NOWHERE_SET is not set: write the URL in it",
    ]
    assert loaded.refused == {"staff": ("absent.csv",), "interactions": ("sql:interactions",)}
    assert exports.rows("SELECT count(*) FROM contacts") == [(1,)]


def test_a_repeated_key_is_refused(exports: Exports) -> None:
    exports.write("c.csv", CONTACTS)
    loaded = exports.load("source_tz: UTC\nsource_tz: Europe/Paris\n")
    assert loaded.problems == ("exports.yaml: line 2: source_tz: written twice, keep one",)


def test_files_that_cannot_be_read_are_refused_whole(exports: Exports) -> None:
    exports.write("a.csv", CONTACTS)
    exports.write("b.csv.gz", gzip.compress(CONTACTS.encode() * 2000)[:-30])
    exports.write("c.csv", b"")
    exports.write("d.csv", "name,colour\nx,red\n")
    exports.write("e.csv", "first_name,email\nx,y\n")
    loaded = exports.load("datasets:\n  contacts: {file: [a.csv, b.csv.gz, c.csv, d.csv, e.csv]}\n")
    assert loaded.problems == (
        "b.csv.gz: gzip: the file is cut or damaged, export it again",
        "c.csv: content: the file is empty: export it again, or take it out of the folder",
        "d.csv: header: no column of contacts is known in its first row: "
        "check file:, delimiter: and encoding: in exports.yaml",
        "e.csv: contact_id: no column holds it: name one contact_id, or add its header to the mappings",
    )
    assert loaded.datasets["contacts"].refused == ("b.csv.gz", "c.csv", "d.csv", "e.csv")
    assert [(f.rows_read, f.rows_loaded) for f in loaded.files] == [(1, 1), (0, 0), (0, 0), (0, 0), (0, 0)]
    assert [f.index for f in loaded.files] == [0, 1, 2, 3, 4]


def test_cut_directories_and_logs_are_refused(exports: Exports) -> None:
    entries = "".join(f"dn: uid=u{n},dc=x\nobjectClass: person\nuid: u{n}\nsn: n{n * n}\n\n" for n in range(60_000))
    line = '192.0.2.7 - - [17/May/2015:10:05:03 +0200] "GET /{n} HTTP/1.1" 200 12\n'
    log = "".join(line.replace("{n}", str(n * n)) for n in range(20_000))
    exports.write("users.ldif.gz", gzip.compress(entries.encode())[:-5000])
    exports.write("access.log.gz", gzip.compress(log.encode())[:-5000])
    loaded = exports.load()
    assert loaded.problems == (
        "access.log.gz: gzip: the file is cut or damaged, export it again",
        "users.ldif.gz: gzip: the file is cut or damaged, export it again",
    )
    assert loaded.datasets == {}


def test_what_is_no_export_is_left_alone(exports: Exports) -> None:
    exports.write("c.csv", CONTACTS)
    exports.write("colours.csv", "name,colour\nx,red\n")
    exports.write("photo.bin", b"\x00\x01\x02")
    exports.write(".hidden.csv", CONTACTS)
    exports.write("README.md", "read me")
    exports.write("runs/1/run.json", "{}")
    exports.write("runs/1/contacts.csv", CONTACTS)
    loaded = exports.load()
    assert [f.file for f in loaded.files] == ["c.csv", "colours.csv", "photo.bin"]
    assert loaded.unrecognised == ("colours.csv", "photo.bin")
    assert loaded.problems == ()


def test_links_out_of_the_folder_are_refused(exports: Exports) -> None:
    outside = exports.folder.parent / "secret.csv"
    outside.write_text(CONTACTS, encoding="utf-8")
    (exports.folder / "contacts.csv").symlink_to(outside)
    loaded = exports.load()
    assert loaded.problems == ("contacts.csv: link: it leads out of the folder, put the file itself there",)
    assert loaded.files == () and loaded.datasets == {}


def test_links_that_lead_nowhere_and_names_that_are_no_text(exports: Exports) -> None:
    exports.write("c.csv", CONTACTS)
    (exports.folder / "a.csv").symlink_to("b.csv")
    (exports.folder / "b.csv").symlink_to("a.csv")
    (exports.folder / "d.csv").symlink_to("c.csv")
    (exports.folder / os.fsdecode(b"donn\xe9es.csv")).write_text(CONTACTS, "utf-8")
    exports.write("exports.yml", "source_tz: UTC\n")
    loaded = exports.load()
    assert loaded.problems == (
        "a.csv: link: it leads nowhere, put the file itself there",
        "b.csv: link: it leads nowhere, put the file itself there",
        "donn\ufffdes.csv: name: it is not plain UTF-8 text, rename the file",
        "exports.yml: name: rename it exports.yaml to have it followed",
    )
    assert [file.file for file in loaded.files] == ["c.csv", "d.csv"]


def test_names_as_systems_write_them(exports: Exports) -> None:
    """Accents in two characters, as macOS packs them; brackets, as browsers number downloads."""
    exports.write(unicodedata.normalize("NFD", "données [1].csv"), CONTACTS)
    loaded = exports.load(f"datasets:\n  contacts: {{file: '{unicodedata.normalize('NFC', 'données [1].csv')}'}}\n")
    assert loaded.problems == () and loaded.files[0].rows_loaded == 1


def test_why_a_file_is_no_export_is_told(exports: Exports) -> None:
    exports.write("c.csv", CONTACTS)
    exports.write("colours.csv", "name,colour\nx,red\n")
    exports.write("photo.bin", b"\x00\x01\x02")
    exports.write("settings.json", '{\n "a": 1\n}\n')
    exports.write("list.json", '[\n {"a": 1}\n]\n')
    loaded = exports.load()
    assert loaded.notes == (
        "colours.csv: not recognised: no known dataset has these columns: name its dataset in exports.yaml",
        "photo.bin: not recognised: this is no text: export CSV, XLSX, JSON Lines, Parquet or LDIF",
        "settings.json: not recognised: no line holds a JSON object: write one object a line (JSON Lines)",
    )
    assert loaded.problems == ("list.json: format: this is one JSON array: write one object a line (JSON Lines)",)


def test_a_folder_without_an_export(exports: Exports) -> None:
    exports.write("colours.csv", "name,colour\nx,red\n")
    assert exports.load().problems == (
        "exports: no file of the folder is an export that is known: put some there, or write exports.yaml",
    )


def test_instant_of_extraction(exports: Exports) -> None:
    exports.write("contacts-2026-10-31.csv", CONTACTS)
    exports.write("staff.csv", "user_id,department,job\nu,R&D,x\n")
    os.utime(exports.folder / "staff.csv", (1_790_000_000, 1_790_000_000))
    loaded = exports.load(as_of=None)
    assert loaded.datasets["contacts"].extracted_at.isoformat() == "2026-10-31T23:59:59+01:00"
    assert loaded.datasets["staff"].extracted_at == loaded.extracted_at
    assert "extracted_at_from_file_name" in {one.code for one in loaded.assumptions}


def test_the_manifest_and_as_of_win(exports: Exports) -> None:
    exports.write("c.csv", CONTACTS)
    exports.write("staff.csv", "user_id,department,job\nu,R&D,x\n")
    manifest = (
        "extracted_at: 2026-11-01T06:00:00+01:00\n"
        "datasets:\n  contacts: {file: c.csv, extracted_at: 2026-10-01T00:00:00Z}\n"
    )
    loaded = exports.load(manifest, as_of=None)
    assert loaded.datasets["contacts"].extracted_at == dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    assert loaded.datasets["staff"].extracted_at.isoformat() == "2026-11-01T06:00:00+01:00"
    assert loaded.extracted_at.isoformat() == "2026-11-01T06:00:00+01:00"


def test_no_message_holds_a_value(exports: Exports) -> None:
    exports.write("c.csv", "contact_id,email,collected_at\n1,zqx@zqx.example,zqx\nzqx\nzqx,a,01/02/2024\nzqx,b,\n")
    exports.write("broken.parquet", b"PAR1 zqx zqx")
    exports.write("logs.jsonl", '{"at": "zqx", "ip": "zqx", "action": "zqx"}\n{zqx\n{"ip": "zqx"}\n')
    loaded = exports.load("datasets:\n  contacts: {file: c.csv}\n")
    assert loaded.problems == (
        "broken.parquet: format: the Parquet file is cut or damaged, export it again",
        "c.csv: collected_at was not read: no date shows whether the day or the month comes first; "
        "export ISO dates, or write dates: day_first or dates: month_first under contacts in exports.yaml",
    )
    assert "zqx" not in repr(loaded)
    assert [row[1:] for row in exports.quarantine()] == [
        (2, None, "wrong_column_count"),
        (4, "contact_id", "key_duplicate"),
        (1, "at", "bad_date"),
        (2, None, "broken_line"),
    ]


def test_folding_is_the_same_in_python_and_in_duckdb() -> None:
    words = [
        "ID de fiche d'informations",
        "Ambiguë",
        "N° contrat",
        "E-mail",
        "Œuvre",
        "ÇÉÀ",
        "Straße",
        "Ελλάδα",
        "a_b c",
    ]
    with duckdb.connect() as con:
        con.execute(folding.MACRO)
        folded = [con.execute("SELECT dpo_fold(?)", [word]).fetchall()[0][0] for word in words]
    assert folded == [folding.fold(word) for word in words]


def test_countries_in_both_languages() -> None:
    names = codes_by_name()
    wanted = {
        "UK": "GB",
        "EL": "GR",
        "Allemagne": "DE",
        "germany": "DE",
        "États-Unis d'Amérique": "US",
        "République Tchèque": "CZ",
        "Tchéquie": "CZ",
        "FRA": "FR",
        "XK": "XK",
        "EPO": "EPO",
        "Nouvelle-Calédonie": "NC",
        "Corée du Sud": "KR",
        "NO": "NO",
    }
    assert {name: names.get(folding.fold(name)) for name in wanted} == wanted


def test_schema_has_every_dataset() -> None:
    assert len(schemas()) == 33
    assert all(set(schema.key) <= schema.columns.keys() for schema in schemas().values())
