"""Extraction: the instant at which the exports show what is stored."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from pathlib import Path

from audit_lib.datasets.folder import day_in
from audit_lib.datasets.loaded import Assumption
from audit_lib.datasets.manifest import Manifest


def instants(
    files: Mapping[str, list[Path]],
    manifest: Manifest,
    zone: str,
    as_of: dt.datetime | None,
    seen_at: dt.datetime | None,
) -> tuple[dict[str, dt.datetime], dt.datetime, list[Assumption]]:
    """Instant by dataset, instant of the run, and what was assumed.

    `as_of` wins; then exports.yaml; then a date in the names of the files (its last second, in the policy's
    zone);
    then the time of the newest file. What a database shows is of the instant `seen_at`.
    """
    everything = [path for paths in files.values() for path in paths]
    told = {name: entry.extracted_at for name, entry in manifest.entries.items() if entry.extracted_at}
    found: dict[str, dt.datetime] = {}
    guessed: dict[str, list[str]] = {}
    for name, paths in files.items():
        if known := as_of or told.get(name) or manifest.extracted_at:
            found[name] = known
            continue
        if not paths and seen_at:
            found[name], source = seen_at, "database"
        else:
            found[name], source = _guessed(paths, everything, zone)
        guessed.setdefault(source, []).append(name)
    assumptions = [
        Assumption(
            f"extracted_at_from_{source}",
            {"datasets": ", ".join(names), "at": max(found[name] for name in names).isoformat()},
        )
        for source, names in guessed.items()
    ]
    run = as_of or manifest.extracted_at or max(found.values(), default=None)
    return found, run or _guessed([], [], zone)[0], assumptions


def _guessed(paths: Iterable[Path], everything: Iterable[Path], zone: str) -> tuple[dt.datetime, str]:
    for some in (paths, everything):
        if days := sorted(day for path in some if (day := day_in(path.name))):
            last_second = dt.time(23, 59, 59)
            return dt.datetime.combine(days[-1], last_second, zoneinfo.ZoneInfo(zone)), "file_name"
    newest = max((path.stat().st_mtime for path in [*paths, *everything]), default=0.0)
    return dt.datetime.fromtimestamp(int(newest), dt.UTC), "file_time"
