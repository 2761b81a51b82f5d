"""Sources: what each file of a folder was recognised as, before anything is judged."""

import datetime as dt
import tempfile
from contextlib import closing
from pathlib import Path

from audit_lib.policy import PolicyError, load_policy


def described(exports: Path, policy: Path, as_of: dt.datetime | None) -> tuple[list[str], list[str]]:
    """Lines for a reader, and the problems met: names and counts, never a value."""
    if not exports.is_dir():
        return [], [f"{exports}: no such folder: write the folder that holds the exports"]
    try:
        folder = load_policy(policy)
    except PolicyError as error:
        return [], error.errors
    from audit_lib.datasets import DatabaseError, Databases, connect, load

    with (
        tempfile.TemporaryDirectory() as private,
        closing(Databases()) as databases,
        closing(connect(Path(private))) as con,
    ):
        try:
            loaded = load(
                exports,
                policy / "mappings",
                con,
                Path(private),
                time_zone=folder.policy.time_zone,
                as_of=as_of,
                databases=databases,
            )
        except DatabaseError as error:
            return [], [f"exports.yaml: connection: {error}"]
    lines = [f"extracted_at: {loaded.extracted_at.isoformat()}"]
    lines += [
        f"{one.file}: {one.dataset} · {one.mapping} · {one.rows_read} read = "
        f"{one.rows_loaded} loaded + {one.rows_quarantined} quarantined"
        for one in loaded.files
        if one.mapping
    ]
    lines += [f"note: {note}" for note in loaded.notes]
    wanted = sorted({dataset for control in folder.controls for dataset in control.datasets})
    missing = [name for name in wanted if name not in loaded.datasets]
    if missing:
        lines.append(f"not supplied: {', '.join(missing)}")
    for name in wanted:
        if name in loaded.datasets:
            dataset = loaded.datasets[name]
            absent = [column for column in dataset.columns if column not in {*dataset.supplied, *dataset.extras}]
            if absent:
                lines.append(f"{name}: columns not supplied: {', '.join(absent)}")
            if dataset.extras:
                lines.append(f"{name}: columns not in the schema: {', '.join(dataset.extras)}")
    return lines, list(loaded.problems)
