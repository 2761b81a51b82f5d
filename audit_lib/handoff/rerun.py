"""Rerun: the audit of a bundle, made again on the exports; whether every verdict agrees."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit_lib.audit import Request, check
from audit_lib.handoff import bag
from audit_lib.handoff.archive import Archive
from audit_lib.handoff.bundle import RUN
from audit_lib.history.whatif import as_in_the_run, asked_instant
from audit_lib.policy import digests, load_policy
from audit_lib.sources.raw import literal

# What a control showed, and from what: all but words.
_SHOWN = (
    *("outcome", "population", "pass", "fail", "exempt", "indeterminate", "review"),
    *("reason", "reasons", "about", "parameters", "earliest_due", "latest_due"),
)
_RECORD = (
    *("dataset", "source_file", "source_row", "verdict", "reason", "clock_at", "due_at", "days_overdue", "detail"),
)


@dataclass(frozen=True)
class Differing:
    """A control of which the two audits do not say the same: the fields, and how many findings only one has."""

    control_id: str
    fields: tuple[str, ...]
    only_before: int
    only_again: int


@dataclass(frozen=True)
class Rerun:
    """What was not the same. `inputs`, `policy`: file and what happened to it: changed, missing or added.

    `references`: whether records' references could be compared, that is whether the key is the same.
    """

    agreeing: int
    controls: tuple[Differing, ...]
    inputs: tuple[tuple[str, str], ...]
    policy: tuple[tuple[str, str], ...]
    packages: tuple[tuple[str, str, str], ...]
    references: bool
    problems: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Every control and finding is the same, of the same files."""
        return not (self.controls or self.inputs or self.policy)


def rerun(
    bundle: Path,
    exports: Path,
    work: Path,
    policy: Path | None,
    progress: Callable[[str], None] = lambda _: None,
) -> Rerun:
    """`work`: an empty private folder. `policy`: another folder than the bundle's own.

    The bundle was verified. Raises ConfigurationError and what else a check raises.
    """
    with closing(Archive(bundle)) as archive:
        archive.unpack(f"{bag.PAYLOAD}{RUN}", work / "bundle")
    before = work / "bundle"
    facts = _json(before / "run.json")
    used = policy or before / "policy"
    engine = None if facts["engine"] == "postgres" else "local"
    request = Request(
        exports=exports,
        out=work / "runs",
        policy=used,
        as_of=asked_instant(facts),
        language=facts["language"],
        engine=engine,
        changes=as_in_the_run(load_policy(used).policy, facts["parameters"]),
    )
    again, problems = check(request, progress)
    now = _json(again / "run.json")
    controls = tuple(_controls(before, again, same_key=facts["key"] == now["key"]))
    known = {one["id"] for folder in (before, again) for one in _json(folder / "controls.json")}
    return Rerun(
        agreeing=len(known) - len(controls),
        controls=controls,
        inputs=tuple(_files(_inputs(facts), _inputs(now))),
        policy=tuple(_files(facts["policy"]["files"], digests(used))),
        packages=tuple(_packages(facts, now)),
        references=facts["key"] == now["key"],
        problems=tuple(problems),
    )


def _inputs(facts: Mapping[str, Any]) -> dict[str, str]:
    files = [*facts["inputs"], *([facts["manifest"]] if facts["manifest"] else [])]
    return {one["file"]: one["sha256"] for one in files}


def _files(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            yield name, "missing"
        elif name not in before:
            yield name, "added"
        elif before[name] != now[name]:
            yield name, "changed"


def _packages(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Versions that differ, of what has a say in the verdicts."""
    for name in ("dpo-audit", "duckdb", "great-expectations", "sqlglot", "pyarrow"):
        one, other = (facts["packages"].get(name, "") for facts in (before, now))
        if one != other:
            yield name, one, other
    for name, version in before["environment"].items():
        if version != now["environment"].get(name):
            yield name, version, now["environment"].get(name, "")


def _controls(before: Path, again: Path, *, same_key: bool) -> Iterator[Differing]:
    shown = [{one["id"]: one for one in _json(folder / "controls.json")} for folder in (before, again)]
    found = _findings(before, again, ("record_ref", *_RECORD) if same_key else _RECORD)
    for name in sorted(shown[0].keys() | shown[1].keys()):
        one, other = (side.get(name) for side in shown)
        if one is None or other is None:
            fields: tuple[str, ...] = ("control",)
        else:
            fields = tuple(field for field in _SHOWN if one.get(field) != other.get(field))
        only = found.get(name, (0, 0))
        if fields or any(only):
            yield Differing(name, fields, *only)


def _findings(before: Path, again: Path, columns: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """By control, how many findings only one of the two has."""
    import duckdb

    told = ", ".join(("control_id", *columns))
    one, other = (
        f"SELECT {told} FROM read_parquet({literal(os.fspath(run / 'findings.parquet'))})" for run in (before, again)
    )
    query = (
        f"SELECT control_id, count(*) FILTER (side = 0), count(*) FILTER (side = 1) FROM ("
        f"SELECT control_id, 0 AS side FROM ({one} EXCEPT ALL {other}) UNION ALL "
        f"SELECT control_id, 1 FROM ({other} EXCEPT ALL {one})) GROUP BY 1"
    )
    with duckdb.connect() as con:
        return {control: (first, second) for control, first, second in con.execute(query).fetchall()}


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
