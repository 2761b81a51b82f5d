"""Series: the runs that one folder receives, one after the other."""

import datetime as dt
import glob
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from audit_lib.audit import Earlier, Read
from audit_lib.audit.lasting import instant
from audit_lib.audit.publish import digest as inputs_digest
from audit_lib.datasets import sha256
from audit_lib.history.store import Store
from audit_lib.policy import whole_digest
from audit_lib.policy.periods import parts

_COUNTS = ("population", "pass", "fail", "exempt", "indeterminate", "review")
_CHANGES = (
    *("new", "open", "reappeared", "deleted", "mended", "resolved", "withdrawn", "not_shown", "accepted", "expired"),
)
_DAYS_OF_A_MONTH = 365.2425 / 12


class Series:
    """The runs of a folder, in a store. Methods raise HistoryError."""

    def __init__(self, store: Store, out: Path, every: str | None = None) -> None:
        """`every`: the ISO 8601 period after which a run should follow, when one is promised."""
        self._store = store
        self.folder = out.resolve()
        self._every = every

    @property
    def name(self) -> str:
        return str(self.folder)

    def follows(self, read: Read) -> Earlier:
        """The last run before this instant that is still there and whose references have the same key; and what there
        is to say of runs that failed, were killed or are missing.
        """
        runs = self.runs()
        before = [one for one in runs if one["instant"] < instant(read.as_of)]
        there = [
            one for one in before if one["key_id"] == read.key and (self.folder / one["run_id"] / "run.json").is_file()
        ]
        notes = [*_unfinished(read.killed, self._failures())]
        if self._every:
            notes += _expected(runs, before, read, self._every)
        if before and not there:
            notes.append(f"{before[-1]['run_id']}: its files are gone or have another key: nothing is compared with it")
        return Earlier(self.folder / there[-1]["run_id"] if there else None, tuple(notes))

    def runs(self) -> list[dict[str, Any]]:
        """In the order of the instants that they judge."""
        return self._store.rows("SELECT * FROM runs WHERE series = ? ORDER BY instant, place", self.name)

    def outcomes(self, run_id: str) -> list[dict[str, Any]]:
        """What each control showed, by id."""
        query = "SELECT * FROM outcomes WHERE series = ? AND run_id = ? ORDER BY control_id"
        return self._store.rows(query, self.name, run_id)

    def purged(self, run_id: str) -> None:
        """The run's files are gone."""
        self._store.change("UPDATE runs SET purged = 1 WHERE series = ? AND run_id = ?", self.name, run_id)

    def bundle_files(self, run_id: str) -> list[str]:
        """The files of the run's bundle that are beside the runs: the bundle, its signatures, its time-stamp."""
        query = "SELECT name FROM bundles WHERE series = ? AND run_id = ?"
        names = [str(one["name"]) for one in self._store.rows(query, self.name, run_id)]
        return sorted(path.name for name in names for path in self.folder.glob(f"{glob.escape(name)}*"))

    def bundle(self, run_id: str) -> dict[str, Any] | None:
        """The bundle that was made of a run: its name, its SHA-256 and those of the one before; None when none was."""
        rows = self._store.rows("SELECT * FROM bundles WHERE series = ? AND run_id = ?", self.name, run_id)
        return rows[0] if rows else None

    def bundle_before(self, run_id: str) -> dict[str, Any] | None:
        """The bundle of the last run before this one of which one was made."""
        query = (
            "SELECT b.* FROM bundles AS b JOIN runs AS r ON r.series = b.series AND r.run_id = b.run_id "
            "WHERE b.series = ? AND r.instant < (SELECT instant FROM runs WHERE series = ? AND run_id = ?) "
            "ORDER BY r.instant DESC, r.place DESC"
        )
        rows = self._store.rows(query, self.name, self.name, run_id)
        return rows[0] if rows else None

    def bundled(self, run_id: str, name: str, sha256: str, previous: tuple[str, str] | None) -> None:
        """A bundle was made of a run, after the one of this name and SHA-256."""
        row = {"series": self.name, "run_id": run_id, "name": name, "sha256": sha256}
        name_before, sha256_before = previous or (None, None)
        self._store.put("bundles", [{**row, "previous_name": name_before, "previous_sha256": sha256_before}])

    def failed(self, status: int) -> None:
        """A run ended with this status and left nothing."""
        [last] = self._store.rows("SELECT max(number) AS number FROM failures WHERE series = ?", self.name)
        row = {"series": self.name, "number": (last["number"] or 0) + 1, "status": status, "told": 0}
        self._store.put("failures", [row])

    def record(self, run: Path) -> None:
        """A run that was published: what it showed, and the hash of its files after those of all runs before it."""
        facts, controls, changes = (_json(run / f"{name}.json") for name in ("run", "controls", "changes"))
        last: Mapping[str, Any] = max(self.runs(), key=lambda one: int(one["place"]), default={"chain": "", "place": 0})
        digest = digest_of(run)
        row = {
            "series": self.name,
            "run_id": facts["run_id"],
            "as_of": facts["as_of"],
            "instant": instant(dt.datetime.fromisoformat(facts["as_of"])),
            "company": facts["policy"]["id"],
            "policy_sha256": facts["policy"]["sha256"],
            "inputs_sha256": inputs_digest(facts["inputs"]),
            "engine": facts["engine"],
            "tool_version": facts["tool_version"],
            "key_id": facts["key"],
            "previous": (changes["previous"] or {}).get("run_id"),
            "digest": digest,
            "chain": chained(last["chain"], facts["run_id"], digest),
            "place": int(last["place"]) + 1,
            "purged": 0,
        }
        self._store.put("outcomes", [*self._outcomes(facts["run_id"], controls, changes["controls"])])
        self._store.put("runs", [row])
        self._store.change("UPDATE failures SET told = 1 WHERE series = ?", self.name)

    def _outcomes(
        self, run_id: str, controls: list[dict[str, Any]], changes: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        for control in controls:
            changed = changes.get(control["id"], {})
            yield {
                "series": self.name,
                "run_id": run_id,
                "control_id": control["id"],
                **{name: control[name] for name in ("clause", "severity", "outcome", *_COUNTS)},
                **{name: changed.get(name, 0) for name in _CHANGES},
            }

    def _failures(self) -> list[int]:
        query = "SELECT status FROM failures WHERE series = ? AND told = 0 ORDER BY number"
        return [int(one["status"]) for one in self._store.rows(query, self.name)]


def digest_of(run: Path) -> str:
    """SHA-256 of the list that `sha256sum` would write of the run's files, in the order of their names."""
    files = {path.relative_to(run).as_posix(): path for path in run.rglob("*") if path.is_file()}
    return whole_digest({name: sha256(path) for name, path in sorted(files.items())})


def chained(before: str, run_id: str, digest: str) -> str:
    """The link of a run: SHA-256 of the link before it (nothing for the first), its name and its digest, a line."""
    return hashlib.sha256(f"{before} {run_id} {digest}\n".encode()).hexdigest()


def _unfinished(killed: int, failures: list[int]) -> Iterator[str]:
    if killed:
        runs, their = ("an earlier run", "it") if killed == 1 else (f"{killed} earlier runs", "they")
        yield f"{runs} stopped half-way, without a word: what {their} had read is deleted"
    for status in sorted(set(failures)):
        times = failures.count(status)
        runs = "an earlier run" if times == 1 else f"{times} earlier runs"
        yield f"{runs} since the last one ended with status {status}"


def _expected(runs: list[dict[str, Any]], before: list[dict[str, Any]], read: Read, every: str) -> Iterator[str]:
    """What is not as a schedule has it: the same exports again, or audits that nobody made."""
    if same := [one["run_id"] for one in runs if one["inputs_sha256"] == read.inputs]:
        yield f"{same[-1]}: it judged the same exports: nothing was exported since"
    if before and (missed := _missed(dt.datetime.fromisoformat(before[-1]["as_of"]), read.as_of, every)):
        audits = "1 audit is" if missed == 1 else f"{missed} audits are"
        days = f"{before[-1]['as_of'][:10]} and {read.as_of.date().isoformat()}"
        yield f"{audits} missing between {days}: one was due every {every}"


def _missed(last: dt.datetime, now: dt.datetime, every: str) -> int:
    """How many audits should have been in between: periods to the nearest whole, for no two exports are as late."""
    months, days = parts(every)
    period = months * _DAYS_OF_A_MONTH + days
    return max(round((now - last).total_seconds() / 86400 / period) - 1, 0)


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
