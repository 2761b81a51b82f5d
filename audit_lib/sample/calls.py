"""Calls: the recordings that Azure and others store, and what is left of those that their users asked to delete."""

from collections.abc import Iterator
from dataclasses import replace

from audit_lib.sample import canaries
from audit_lib.sample.expected import (
    CLEAN,
    DELETED,
    HOSTING,
    STORED,
    UNDECLARED,
    Expected,
    Row,
    fail,
    just,
    outside,
    unsure,
)

_NOWHERE = unsure("region_unknown", "région inconnue ou absente", "region unknown or blank")
_LATE = "2026-09-01T08:15:00Z"


def inventory() -> Iterator[Row]:
    """What Azure's inventory lists, joined to the register of deletions. Instants in UTC, as Azure writes them."""
    for number, row in enumerate(_blobs(), 1):
        usual = {
            "name": f"appels/2026/appel-{number:02d}.mp4",
            "created_at": "2026-08-20T13:05:41Z",
            "modified": "2026-08-20T13:05:41Z",
            "type": "BlockBlob",
            "region": "francecentral",
            "customer": "Armor Optique",
            "owner_user_id": f"u-{number:03d}",
        }
        yield Row(usual | row.values, {STORED: CLEAN, HOSTING: CLEAN} | row.judged)


def _blob(judged: Expected | None = None, /, **columns: str) -> Row:
    return Row(columns, {} if judged is None else {DELETED: judged})


def _elsewhere(row: Row, judged: dict[str, Expected]) -> Row:
    """The row, of whose place this must be said."""
    return replace(row, judged=row.judged | judged)


def _blobs() -> list[Row]:
    canary = {
        "name": canaries.CALL,
        "version_id": canaries.CALL_VERSION,
        "snapshot": canaries.CALL_SNAPSHOT,
        "region": canaries.CALL_REGION,
        "customer": canaries.CALL_CUSTOMER,
        "owner_user_id": canaries.CALL_USER,
        "tags": f'{{"sujet": "{canaries.CALL_TAG}"}}',
    }
    kept = fail("kept_after_request", "toujours là", "still there")
    to_come = unsure("clock_in_future", "suppression à venir", "deletion to come")
    return [
        _elsewhere(_blob(kept, delete_requested_at=_LATE, **canary), {HOSTING: _NOWHERE, UNDECLARED: _NOWHERE}),
        _blob(),
        _blob(
            just("trentième jour après la demande", "thirtieth day after the request"),
            delete_requested_at="2026-10-01T22:00:00Z",
        ),
        _blob(
            fail("kept_after_request", "trente et unième jour après la demande", "thirty-first day after the request"),
            delete_requested_at="2026-10-01T21:59:00Z",
        ),
        *_versions(kept),
        *_copies(),
        _blob(
            outside("même début de nom, sans demande", "a name that begins alike, no request"), name="appels/a.mp4.txt"
        ),
        _blob(
            unsure("clock_in_future", "demande à venir", "request to come"), delete_requested_at="2026-11-03T09:00:00Z"
        ),
        _elsewhere(
            _blob(to_come, delete_requested_at=_LATE, deleted="true", deleted_at="2026-11-02T09:00:00Z"),
            {HOSTING: to_come},
        ),
    ]


def _versions(kept: Expected) -> list[Row]:
    """One name: the request is written on one row and holds for all."""
    name = {"name": "appels/a.mp4"}
    version = fail("kept_after_request", "version du même nom", "version of the same name")
    snapshot = fail("kept_after_request", "instantané du même nom", "snapshot of the same name")
    copy = fail("deleted_copy_kept", "copie supprimée du même nom", "deleted copy of the same name")
    deleted = {"deleted": "true", "deleted_at": "2026-10-28T07:00:00Z", "remaining_retention_days": "3"}
    return [
        _blob(kept, **name, version_id="2026-08-20T13:05:41.0000001Z", delete_requested_at=_LATE),
        _blob(version, **name, version_id="2026-08-20T13:05:41.0000002Z"),
        _blob(snapshot, **name, snapshot="2026-08-21T02:00:00.0000000Z"),
        _blob(copy, **name, version_id="2026-08-20T13:05:41.0000003Z", **deleted),
    ]


def _copies() -> list[Row]:
    return [
        _blob(
            just("copie supprimée, délai en cours", "deleted copy, time not over"),
            delete_requested_at="2026-10-20T10:00:00Z",
            deleted="true",
            deleted_at="2026-10-20T10:05:00Z",
            remaining_retention_days="2",
        ),
        _blob(
            fail(
                "deleted_copy_kept", "copie supprimée, dernier jour de rétention", "deleted copy, last day of retention"
            ),
            delete_requested_at=_LATE,
            deleted="true",
            deleted_at="2026-10-25T10:05:00Z",
            remaining_retention_days="0",
        ),
    ]


def elsewhere() -> Iterator[Row]:
    """Recordings that are not where Azure would list them."""
    rows: list[tuple[dict[str, str], Expected]] = [
        ({"object_id": canaries.CALL_ID, "storage_request_ref": canaries.STORAGE_REQUEST}, CLEAN),
        (
            {"store": "third_party", "storage_request_ref": "D-118"},
            just("chez un tiers, sur demande", "third party, asked"),
        ),
        ({"store": "azure"}, just("dans Azure, sans demande à fournir", "in Azure, no request needed")),
        ({}, fail("storage_request_missing", "chez le client, sans demande", "with the customer, nothing asked")),
        (
            {"store": "third_party"},
            fail("storage_request_missing", "chez un tiers, sans demande", "third party, nothing asked"),
        ),
        (
            {"store": "Serveur interne", "storage_request_ref": "D-119"},
            fail(
                "store_not_promised", "stockage que la politique n’annonce pas", "a store that the policy does not name"
            ),
        ),
        ({"store": ""}, unsure("store_missing", "stockage non renseigné", "store not told")),
    ]
    for number, (values, judged) in enumerate(rows, 1):
        usual = {
            "object_id": f"A-{number:02d}",
            "name": f"appel-{number:02d}.webm",
            "store": "customer",
            "customer": "Alborada",
            "created_at": "2026-07-22T11:20:00",
        }
        yield Row(usual | values, {STORED: judged, HOSTING: _NOWHERE, UNDECLARED: _NOWHERE})
