"""Made columns: what no header of an export holds, and what Azure's own exports become."""

import json
from pathlib import Path
from typing import Any

import pytest

from audit_lib.datasets.mappings import load_mappings
from tests.datasets.conftest import Exports

INVENTORY = "NAME,creation-time,BlobType,VersionId,Snapshot,IsCurrentVersion,Deleted,DeletionId"


def test_each_version_and_copy_of_a_blob_is_an_object_in_azure(exports: Exports) -> None:
    rows = [
        "calls/1.mp4,2026-09-01T08:00:00Z,BlockBlob,v1,,true,,",
        "calls/1.mp4,2026-09-01T08:00:00Z,BlockBlob,,s1,,,",
        "calls/1.mp4,2026-09-01T08:00:00Z,BlockBlob,v1,,false,true,d1",
        "calls/1.mp4,2026-09-01T08:00:00Z,BlockBlob,v1,,true,,",
        ",2026-09-01T08:00:00Z,BlockBlob,,,,,",
    ]
    exports.write("inventory.csv", "\n".join([INVENTORY, *rows]))
    loaded = exports.load()
    assert exports.rows(
        "SELECT object_id, name, store, version_id, snapshot, deleted FROM call_objects ORDER BY _row"
    ) == [
        ("calls/1.mp4/v1", "calls/1.mp4", "azure", "v1", None, None),
        ("calls/1.mp4/s1", "calls/1.mp4", "azure", None, "s1", None),
        ("calls/1.mp4/v1/d1", "calls/1.mp4", "azure", "v1", None, True),
    ]
    assert exports.quarantine() == [
        ("inventory.csv", 4, "object_id", "key_duplicate"),
        ("inventory.csv", 5, "object_id", "key_missing"),
    ]
    assert loaded.datasets["call_objects"].extras == ()


def test_a_parquet_inventory(exports: Exports) -> None:
    exports.rows(
        "COPY (SELECT 'calls/' || i AS \"Name\", TIMESTAMPTZ '2026-09-01 08:00:00Z' AS \"Creation-Time\", "
        f"'BlockBlob' AS \"BlobType\" FROM range(2) AS t(i)) TO '{exports.folder}/inventory.parquet' (FORMAT parquet)"
    )
    exports.load()
    assert exports.rows("SELECT object_id, name, store FROM call_objects ORDER BY _row") == [
        ("calls/0", "calls/0", "azure"),
        ("calls/1", "calls/1", "azure"),
    ]


def test_what_is_made_is_only_made_in_the_export_that_it_is_known_of(exports: Exports) -> None:
    exports.write("objects.csv", "object_id,name,region\n1,calls/1.mp4,francecentral\n")
    exports.load("datasets:\n  call_objects: {file: objects.csv}\n")
    assert exports.rows("SELECT object_id, store FROM call_objects") == [("1", None)]


def test_a_header_comes_before_what_is_made(exports: Exports) -> None:
    exports.write("inventory.csv", f"{INVENTORY},store\ncalls/1.mp4,2026-09-01T08:00:00Z,BlockBlob,,,,,,customer\n")
    exports.load()
    assert exports.rows("SELECT store FROM call_objects") == [("customer",)]


def _request(number: int, identity: object, **more: Any) -> str:
    said = {
        "time": "2026-09-16T08:00:00.1234567Z",
        "operationName": "GetBlob",
        "callerIpAddress": f"203.0.113.{number}:50443",
        "correlationId": f"c{number}",
        "identity": identity,
        "properties": {"accountName": "a", "objectKey": "/a/calls/1.mp4"},
        "uri": "https://a.blob.example/calls/1.mp4",
    }
    return json.dumps(said | more)


def test_requests_to_azure_as_they_are_archived(exports: Exports) -> None:
    lines = [
        _request(1, {"type": "OAuth", "requester": {"upn": " ines@company.example ", "objectId": "o-1"}}),
        _request(2, {"type": "OAuth", "requester": {"objectId": "o-2"}}, actorOrg="company", customer="Alborada"),
        _request(3, {"type": "AccountKey", "tokenHash": "key1(0)"}),
        _request(4, {"type": "SAS"}, properties=None),
        _request(5, "no object {"),
    ]
    exports.write("logs.jsonl", "\n".join(lines))
    loaded = exports.load()
    shown = 'access_id, principal, identity_type, object_id, actor_org, customer, ip, "at"::TEXT'
    at, key = "2026-09-16 08:00:00.123456", "/a/calls/1.mp4"
    assert exports.rows(f"SELECT {shown} FROM storage_access ORDER BY _row") == [
        ("c1", "ines@company.example", "OAuth", key, None, None, "203.0.113.1:50443", at),
        ("c2", "o-2", "OAuth", key, "company", "Alborada", "203.0.113.2:50443", at),
        ("c3", None, "shared_key", key, None, None, "203.0.113.3:50443", at),
        ("c4", None, "sas", None, None, None, "203.0.113.4:50443", at),
        ("c5", None, None, key, None, None, "203.0.113.5:50443", at),
    ]
    assert loaded.datasets["storage_access"].extras == ()


def test_requests_to_azure_in_log_analytics(exports: Exports) -> None:
    added = "RequesterUpn,RequesterObjectId,ObjectKey,Customer,ActorOrg"
    headers = f"TimeGenerated [UTC],CorrelationId,AuthenticationType,{added}"
    exports.write(
        "logs.csv",
        f"{headers}\n2026-09-16T08:00:00Z,c1,OAuth,ines@company.example,o-1,/a/1,Alborada,company\n"
        "2026-09-16T08:00:00Z,c2,OAuth,,o-2,/a/1,Alborada,company\n",
    )
    exports.load()
    assert exports.rows("SELECT access_id, principal, customer, actor_org FROM storage_access ORDER BY _row") == [
        ("c1", "ines@company.example", "Alborada", "company"),
        ("c2", "o-2", "Alborada", "company"),
    ]


@pytest.mark.parametrize(
    ("made", "line"),
    [
        ("{shop: {always: azure}}", "made: shop: call_objects has no such column"),
        ("{store: azure}", "made: store: write one of always, joins, first_of"),
        ("{store: {is: azure}}", "made: store: write one of always, joins, first_of"),
        ("{store: {always: azure, joins: [Name]}}", "made: store: write one of always, joins, first_of"),
        ("[store]", "made: write a mapping from canonical columns"),
    ],
)
def test_a_mapping_that_makes_what_it_cannot(tmp_path: Path, made: str, line: str) -> None:
    (tmp_path / "azure.yaml").write_text(f"dataset: call_objects\ncolumns: {{name: [Name]}}\nmade: {made}\n", "utf-8")
    assert [f"{tmp_path.name}/azure.yaml: {line}"] == load_mappings(tmp_path)[1]
