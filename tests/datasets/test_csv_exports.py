"""CSV exports: every row is either loaded as it should be or set aside with its number and reason."""

import gzip

from audit_lib.datasets.schema import schemas
from audit_lib.policy import load_policy
from tests.datasets.conftest import Exports
from tests.judging import ROOT

HUBSPOT = "ID de fiche d'informations;Prénom;Phase du cycle de vie;Pays/Région;Date de création;Notes;Loisir\r\n"


def test_french_hubspot_export_in_cp1252(exports: Exports, utc) -> None:
    exports.write(
        "contacts.csv",
        HUBSPOT
        + "1;Zoé;Lead;Grèce;31/01/2024;« été »;\r\n"
        + "2;Anaïs;Client;Royaume-Uni;01/07/2024;a;vélo\r\n"
        + "3;Léa;Ancienne cliente;Atlantide;;N/A;\r\n",
        "cp1252",
    )
    loaded = exports.load()
    assert loaded.problems == ()
    assert exports.rows(
        "SELECT contact_id, first_name, status, country, collected_at, notes, Loisir, _file, _row "
        "FROM contacts ORDER BY ALL"
    ) == [
        ("1", "Zoé", "prospect", "GR", utc(2024, 1, 30, 23), "« été »", None, 0, 1),
        ("2", "Anaïs", "customer", "GB", utc(2024, 6, 30, 22), "a", "vélo", 0, 2),
        ("3", "Léa", "former_customer", None, None, None, None, 0, 3),
    ]
    dataset = loaded.datasets["contacts"]
    assert dataset.supplied == {"contact_id", "first_name", "status", "country", "collected_at", "notes"}
    assert dataset.extras == ("Loisir",)
    assert list(dataset.columns)[-2:] == ["notes", "Loisir"]
    assert dataset.naive == frozenset() and dataset.key == ("contact_id",)
    assert loaded.files[0].encoding == "cp1252" and loaded.files[0].mapping == "hubspot_contacts"
    assert loaded.files[0].notes == ("1 unknown country in country",)
    assert {one.code for one in loaded.assumptions} == {
        "dataset_detected",
        "encoding_detected",
        "date_order_detected",
    }


def test_codes_of_an_archive_in_other_spellings(exports: Exports) -> None:
    written = ["l123-22", "L. 110-4", "C.civ.2224", "LPF L102B", "Litigation hold", "L999"]
    rows = "".join(f"{n},a@b.example,{basis}\n" for n, basis in enumerate(written))
    exports.write("contacts.csv", f"contact_id,email,archive_basis\n{rows}")
    exports.load("datasets:\n  contacts: {file: contacts.csv}\n")
    assert [basis for (basis,) in exports.rows("SELECT archive_basis FROM contacts ORDER BY _row")] == [
        *("L123-22", "L110-4", "C. civ. 2224", "LPF L102 B", "litigation_hold", "L999")
    ]


def test_canonical_headers_with_the_words_of_an_export(exports: Exports) -> None:
    rows = "1,a,Licence\n2,a,License\n3,a,Bon de commande\n4,a,abonnement\n5,a,GARANTIE\n6,a,Contrat\n7,a,Bail\n"
    exports.write("contracts.csv", f"contract_id,company_id,kind\n{rows}")
    assert exports.load().files[0].mapping == "canonical_contracts"
    assert [kind for (kind,) in exports.rows("SELECT kind FROM contracts ORDER BY _row")] == [
        *("licence", "licence", "order", "subscription", "warranty", "contract", "Bail")
    ]


def test_codes_of_an_archive_are_those_of_the_law() -> None:
    law = [row["code"] for row in load_policy(ROOT / "expectations").law["archive_bases"]]
    for dataset in ("contacts", "other_records"):
        assert list(schemas()[dataset].columns["archive_basis"].values) == law


def test_rows_with_a_wrong_number_of_fields(exports: Exports) -> None:
    exports.write(
        "interactions.csv",
        "interaction_id,contact_id,at\n"
        "1,a,2024-01-31\n"
        "2,b\n"
        "3,c,2024-01-31,x\n"
        '4,"two\nlines, ""quoted""",2024-01-31\n'
        "\n"
        "5,d,2024-01-31,x,y,z\n"
        "6,e,\n",
    )
    loaded = exports.load()
    assert exports.rows("SELECT interaction_id, contact_id, _row FROM interactions ORDER BY _row") == [
        ("1", "a", 1),
        ("4", 'two\nlines, "quoted"', 4),
        ("6", "e", 6),
    ]
    assert exports.quarantine() == [
        ("interactions.csv", 2, None, "wrong_column_count"),
        ("interactions.csv", 3, None, "wrong_column_count"),
        ("interactions.csv", 5, None, "wrong_column_count"),
    ]
    [file] = loaded.files
    assert (file.rows_read, file.rows_loaded, file.rows_quarantined) == (6, 3, 3)


def test_values_that_cannot_be_typed_set_their_row_aside(exports: Exports) -> None:
    exports.write(
        "contracts.csv",
        "contract_id\tstart\ttacit_renewal\n"
        "1\t2024-02-29\tOui\n2\t2024-02-30\tnon\n3\tsoon\tnon\n4\t2024-01-31\tperhaps\n\t2024-01-31\tx\n",
    )
    exports.write("usage.csv", "at;count;country;month\n2024-01-31T10:00:00Z;1 234;FR;2024-01\n;12,5;FR;2024-01\n")
    loaded = exports.load()
    assert exports.rows("SELECT contract_id, tacit_renewal FROM contracts") == [("1", True)]
    assert exports.rows("SELECT count, _row FROM usage_logs") == [(1234, 1)]
    assert exports.quarantine() == [
        ("contracts.csv", 2, "start", "bad_date"),
        ("contracts.csv", 3, "start", "bad_date"),
        ("contracts.csv", 4, "tacit_renewal", "bad_bool"),
        ("contracts.csv", 5, "contract_id", "key_missing"),
        ("usage.csv", 2, "count", "bad_number"),
    ]
    assert loaded.notes[0] == "contracts.csv: 1 row set aside: bad_bool in tacit_renewal"


def test_first_of_repeated_keys_is_kept_over_all_files(exports: Exports) -> None:
    exports.write("a.csv", "contact_id,email\n1,a\n2,b\n1,c\n")
    exports.write("b.csv", "contact_id,email\n3,d\n 2 ,e\n")
    loaded = exports.load("datasets:\n  contacts: {file: '*.csv'}\n")
    assert exports.rows("SELECT contact_id, email, _file, _row FROM contacts ORDER BY ALL") == [
        ("1", "a", 0, 1),
        ("2", "b", 0, 2),
        ("3", "d", 1, 1),
    ]
    assert exports.quarantine() == [
        ("a.csv", 3, "contact_id", "key_duplicate"),
        ("b.csv", 2, "contact_id", "key_duplicate"),
    ]
    assert [(f.rows_read, f.rows_loaded, f.rows_quarantined) for f in loaded.files] == [(3, 2, 1), (2, 1, 1)]


def test_byte_order_mark_blank_and_repeated_headers(exports: Exports) -> None:
    exports.write("c.csv", "\ufeffcontact_id,,Email,E-mail,Tag,tag\n1,x,a@b.example,c@d.example,t,u\n")
    loaded = exports.load("datasets:\n  contacts: {file: c.csv}\n")
    assert loaded.datasets["contacts"].extras == ("column_2", "E-mail", "Tag", "tag_2")
    assert exports.rows('SELECT contact_id, email, column_2, "E-mail", Tag, tag_2 FROM contacts') == [
        ("1", "a@b.example", "x", "c@d.example", "t", "u")
    ]


def test_rows_in_another_encoding_are_set_aside(exports: Exports) -> None:
    lines = [b"contact_id,first_name", "1,Zoé".encode(), "2,Zoé".encode("cp1252"), "3,Zoë".encode()]
    exports.write("contacts.csv", b"\n".join(lines) + b"\n")
    loaded = exports.load("datasets:\n  contacts: {file: contacts.csv}\n")
    assert exports.rows("SELECT contact_id, first_name, _row FROM contacts ORDER BY ALL") == [
        ("1", "Zoé", 1),
        ("3", "Zoë", 3),
    ]
    assert exports.quarantine() == [("contacts.csv", 2, None, "bad_encoding")]
    assert loaded.files[0].rows_read == 3


def test_bad_bytes_far_behind_the_sample_are_found(exports: Exports) -> None:
    rows = [f"{n},name {n}" for n in range(40_000)]
    plain = ("contact_id,first_name\n" + "\n".join(rows)).encode()
    exports.write("contacts.csv", plain + "\n40000,Zoé\n".encode("cp1252"))
    loaded = exports.load("datasets:\n  contacts: {file: contacts.csv}\n")
    assert loaded.files[0].encoding == "cp1252"
    assert exports.rows("SELECT first_name FROM contacts WHERE contact_id = '40000'") == [("Zoé",)]
    assert loaded.files[0].rows_loaded == 40_001


def test_compressed_and_utf16_files(exports: Exports) -> None:
    exports.write("contacts.csv.gz", gzip.compress(b"contact_id|email\n1|a\n"))
    exports.write("staff.csv", "user_id\tdepartment\tjob\nu1\tR&D\tDév\n", "utf-16")
    loaded = exports.load("datasets:\n  contacts: {file: contacts.csv.gz}\n")
    assert loaded.problems == ()
    assert exports.rows("SELECT contact_id, email FROM contacts") == [("1", "a")]
    assert exports.rows("SELECT user_id, department, job FROM staff") == [("u1", "R&D", "Dév")]


def test_hubspot_header_with_182_columns_and_a_custom_status(exports: Exports) -> None:
    header = ["Record ID", "Status", "Lifecycle Stage", "Create Date", *(f"Property {n}" for n in range(178))]
    exports.write(
        "c.csv",
        ",".join(header) + "\n" + ",".join(["7", "odd", "Subscriber", "2024-03-12 09:14", *["x"] * 178]),
    )
    loaded = exports.load("source_tz: Europe/Paris\n")
    assert exports.rows('SELECT contact_id, status, "Status_2", "Property 177" FROM contacts') == [
        ("7", "prospect", "odd", "x")
    ]
    assert len(loaded.datasets["contacts"].extras) == 179


def test_lists_and_words_in_them(exports: Exports) -> None:
    exports.write("c.csv", "contact_id,archive_access_groups,status\n1, Juridique ;DPO;; autre,CUSTOMER\n2,;,Martian\n")
    exports.load("datasets:\n  contacts: {file: c.csv}\n")
    assert exports.rows("SELECT archive_access_groups, status FROM contacts ORDER BY contact_id") == [
        ("legal;dpo;autre", "customer"),
        (None, "Martian"),
    ]


def test_rows_that_are_no_records(exports: Exports) -> None:
    """Rows of blank cells, as spreadsheets leave them under a table, and the header of a file added at the end."""
    header = "Contact ID;Email;Create Date\n"
    exports.write("c.csv", header + "1;a;2024-01-31\n;;\n ; ;\n2;b;2024-01-31\n" + header + "3;c;\n;;;\n;\n")
    loaded = exports.load()
    assert exports.rows("SELECT contact_id, _row FROM contacts ORDER BY _row") == [("1", 1), ("2", 4), ("3", 6)]
    assert exports.quarantine() == [("c.csv", 5, None, "header_repeated")]
    [file] = loaded.files
    assert (file.rows_read, file.rows_loaded, file.rows_quarantined) == (4, 3, 1)


def test_rows_that_end_with_a_delimiter(exports: Exports) -> None:
    exports.write("c.csv", "contact_id;email\n1;a;\n2;;\n")
    exports.write("d.csv", "contact_id;email\n3;a;\n4;b\n5;c\n")
    exports.load("datasets:\n  contacts: {file: '*.csv'}\n")
    assert exports.rows("SELECT contact_id FROM contacts ORDER BY ALL") == [("1",), ("2",), ("4",), ("5",)]
    assert exports.quarantine() == [("d.csv", 1, None, "wrong_column_count")]


def test_a_quote_that_is_not_closed_refuses_the_file(exports: Exports) -> None:
    """The rows it swallows would be missing without a word."""
    exports.write("c.csv", 'contact_id;email;notes\n1;a;x\n2;"b;y\n3;c;z\n4;d;x\n')
    exports.write("d.csv", 'contact_id;email;notes\n5;"two\nlines";x\n6;"two\nlines"\n7;c;d\n')
    loaded = exports.load("datasets:\n  contacts: {file: '*.csv'}\n")
    assert loaded.problems == (
        "c.csv: row 2: a quote is not closed and swallows the rows below: close it or double it, or export again",
    )
    assert loaded.datasets["contacts"].refused == ("c.csv",)
    assert exports.quarantine() == [("d.csv", 2, None, "wrong_column_count")]
    assert exports.rows("SELECT contact_id FROM contacts ORDER BY ALL") == [("5",), ("7",)]


def test_a_file_without_a_row_that_can_be_used_is_refused(exports: Exports) -> None:
    exports.write("c.csv", "contact_id,email,collected_at\n1,a,soon\n2,b,later\n,c,\n")
    loaded = exports.load("datasets:\n  contacts: {file: c.csv}\n")
    assert loaded.problems == (
        "c.csv: rows: none of the 3 can be used (bad_date in collected_at): export it again, "
        "or check what exports.yaml says of contacts",
    )
    assert loaded.refused == {"contacts": ("c.csv",)}
    assert exports.quarantine() == []


def test_nul_bytes_are_text_like_another(exports: Exports) -> None:
    rows = "".join(f"{n};name {n}\n" for n in range(99))
    exports.write("c.csv", f"contact_id;first_name\n{rows}99;na\0me\n")
    loaded = exports.load("datasets:\n  contacts: {file: c.csv}\n")
    assert (loaded.problems, loaded.files[0].rows_loaded) == ((), 100)


def test_a_row_longer_than_any_real_one(exports: Exports) -> None:
    exports.write("c.csv", "contact_id,first_name\n1,a\n2," + "b" * (17 << 20) + "\n3,c\n")
    loaded = exports.load("datasets:\n  contacts: {file: c.csv}\n")
    assert loaded.problems == (
        "c.csv: content: a row is longer than 16 MB: close its quotes, or export it again without that field",
    )


def test_directories_as_powershell_and_the_portal_export_them(exports: Exports) -> None:
    exports.write(
        "graph.csv",
        '\ufeff"Id";"UserPrincipalName";"AccountEnabled";"LastSignInDateTime"\r\n"i1";"a@x.example";"True";""\r\n',
    )
    exports.write(
        "portal.csv",
        "userPrincipalName,displayName,surname,mail,givenName,objectId,userType,accountEnabled,usageLocation\n"
        "b@x.example,B,B,,B,i2,Member,False,FR\n",
    )
    loaded = exports.load()
    assert exports.rows("SELECT user_id, login, active FROM user_accounts ORDER BY ALL") == [
        ("i1", "a@x.example", True),
        ("i2", "b@x.example", False),
    ]
    assert loaded.problems == ()
    assert not {"created_at", "removed_at"} & loaded.datasets["user_accounts"].supplied


def test_salesforce_as_exported_and_as_a_warehouse_stores_it(exports: Exports, utc) -> None:
    at = "2017-08-24T12:51:56.000Z"
    exports.write(
        "Contact.csv",
        f'"Id","AccountId","LastName","MailingCountryCode","LeadSource","CreatedDate"\n"003A","001A","N","FR","Web","{at}"\n',
    )
    exports.write(
        "lead.csv",
        "id,last_name,company,status,lead_source,created_date\n00QA,N,C,Closed - Converted,,2017-08-24 12:00:00\n",
    )
    exports.write(
        "Task.csv", f"Id,WhoId,CallType,TaskSubtype,ActivityDate,CreatedDate\n00TA,003A,Inbound,Call,2017-08-24,{at}\n"
    )
    exports.write("User.csv", "Id,Username,LastName,ContactId,CreatedDate\n005A,u,N,,2017-08-24\n")
    loaded = exports.load("source_tz: UTC\n")
    assert exports.rows("SELECT contact_id, status, company_id, country, collected_at FROM contacts ORDER BY 1") == [
        ("003A", None, "001A", "FR", utc(2017, 8, 24, 12, 51, 56)),
        ("00QA", "customer", None, None, utc(2017, 8, 24, 12)),
    ]
    assert exports.rows('SELECT contact_id, direction, type, "at" FROM interactions') == [
        ("003A", "inbound", "call", utc(2017, 8, 23, 22))
    ]
    assert (loaded.problems, loaded.unrecognised) == ((), ("User.csv",))


def test_a_header_that_is_a_value_is_told_by_its_place(exports: Exports) -> None:
    values = ["jean.dupont@example.com", "+33 6 39 98 12 34", "90.63.250.17", "2026-10-01T10:00:00Z", "d41d8cd9" * 4]
    names = ["@version", "hs_date_entered_12345678", "Q1 2026"]
    exports.write("interactions.csv", ",".join(["interaction_id", "contact_id", "at", *values, *names]) + "\n")
    loaded = exports.load("datasets: {interactions: {file: interactions.csv}}")
    assert loaded.datasets["interactions"].extras == (*(f"column_{place}" for place in range(4, 9)), *names)


def test_a_file_without_header_is_refused_in_silence_about_its_cells(exports: Exports) -> None:
    exports.write("logs.csv", "e1,2026-10-01T10:00:00Z,90.63.250.17,call,jean.dupont@example.com\n" * 2)
    loaded = exports.load("datasets: {usage_logs: {file: logs.csv}}")
    assert loaded.problems == (
        "logs.csv: header: no column of usage_logs is known in its first row: "
        "check file:, delimiter: and encoding: in exports.yaml",
    )
    assert not loaded.datasets
