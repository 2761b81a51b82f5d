"""Difference: what became of the findings of one run in a later one, by control and by record."""

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from audit_lib.audit.lasting import ENDS, OPEN, before, instant
from audit_lib.policy import AcceptedException, load_policy
from audit_lib.sources.raw import literal

# What a finding may be in the later run, in the order in which it is told.
STATES = ("new", "reappeared", "open", *ENDS, "not_shown")
_RECORDS = (
    "control_id, state, record_ref, dataset, source_file, source_row, verdict, reason, open_since, days_open, "
    "closed_on, accepted_until"
)


class DifferenceError(Exception):
    """The two runs cannot be compared: says why and what to write."""


@dataclass(frozen=True)
class Changed:
    """What became of the findings of one control, in numbers of findings."""

    control_id: str
    outcome: tuple[str | None, str | None]
    states: Mapping[str, int]
    accepted: int
    expired: int
    oldest_days: int | None


@dataclass(frozen=True)
class Difference:
    """Two runs of one series; `con` has `changes`, a row a finding of either."""

    con: Any
    runs: tuple[Mapping[str, Any], Mapping[str, Any]]
    controls: tuple[Changed, ...]

    def records(self) -> list[dict[str, Any]]:
        """Every finding that is open in one of the runs, with its state; no value of a cell."""
        found = self.con.execute(f"SELECT {_RECORDS} FROM changes ORDER BY control_id, state, record_ref")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def as_data(self) -> dict[str, Any]:
        """The whole, for programs."""
        runs = [{name: run[name] for name in ("run_id", "as_of")} for run in self.runs]
        return {"runs": runs, "controls": [asdict(one) for one in self.controls], "records": self.records()}

    def write(self, target: Path) -> None:
        """The same as CSV, however many there are."""
        query = f"SELECT {_RECORDS} FROM changes ORDER BY control_id, state, record_ref"
        self.con.execute(f"COPY ({query}) TO {literal(os.fspath(target))} (FORMAT csv, HEADER)")


@contextmanager
def difference(earlier: Path, later: Path) -> Iterator[Difference]:
    """Raises DifferenceError. A finding is the same when its control and its record's reference are.

    A finding of the earlier run is `deleted`, `mended`, `resolved` or `withdrawn` as the later run, or one in between,
    found; `not_shown` when the later run could not judge it.
    """
    import duckdb

    runs = (_facts(earlier), _facts(later))
    if runs[0]["key"] != runs[1]["key"]:
        raise DifferenceError("their references have different keys: only runs of one key file can be compared")
    first, last = (_instant(run) for run in runs)
    if first >= last:
        raise DifferenceError("write the earlier run first, then a later one")
    with duckdb.connect() as con:
        stood = f"closed_on IS NULL AND seen_on = '{first}'"
        con.execute(f"CREATE TEMP VIEW a AS SELECT * FROM ({before(earlier)}) WHERE {stood}")
        con.execute(f"CREATE TEMP VIEW b AS {before(later)}")
        for name, run in (("found_a", earlier), ("found_b", later)):
            source = literal(os.fspath(run / "findings.parquet"))
            con.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet({source}) WHERE {OPEN}")
        _judged(con, later)
        _accepted(con, runs[1], later)
        con.execute(_CHANGES.replace("$first", f"'{first}'").replace("$last", f"'{last}'"))
        yield Difference(con, runs, tuple(_controls(con, earlier, later)))


_CHANGES = (
    "CREATE TEMP TABLE changes AS WITH joined AS ("
    "SELECT coalesce(b.control_id, a.control_id) AS control_id, coalesce(b.dataset, a.dataset) AS dataset, "
    "coalesce(b.record_ref, a.record_ref) AS record_ref, a.control_id IS NOT NULL AS was, "
    "coalesce(b.closed_on IS NULL AND b.seen_on = $last, false) AS stands, "
    "b.first_seen, coalesce(b.open_since, a.open_since) AS open_since, b.closed_on, b.closed_how, "
    "b.control_id IS NOT NULL AS known "
    "FROM a FULL JOIN b ON a.control_id = b.control_id AND a.record_ref = b.record_ref), told AS ("
    "SELECT j.*, CASE "
    "WHEN stands AND was THEN 'open' "
    "WHEN stands AND first_seen <= $first THEN 'reappeared' "
    "WHEN stands THEN 'new' "
    "WHEN closed_on IS NOT NULL THEN closed_how "
    "WHEN known OR j.control_id IN (SELECT control_id FROM judged) AND e.control_id IS NULL THEN 'not_shown' "
    "WHEN e.control_id IS NULL THEN 'withdrawn' ELSE 'resolved' END AS state "
    "FROM joined AS j LEFT JOIN (FROM judged WHERE NOT refused) AS e "
    "ON e.control_id = j.control_id AND e.dataset = j.dataset WHERE stands OR was) "
    "SELECT t.control_id, t.state, t.record_ref, t.dataset, coalesce(fb.source_file, fa.source_file) AS source_file, "
    "coalesce(fb.source_row, fa.source_row) AS source_row, coalesce(fb.verdict, fa.verdict) AS verdict, "
    "coalesce(fb.reason, fa.reason) AS reason, t.open_since, "
    "CASE WHEN stands THEN date_diff('day', CAST(t.open_since AS TIMESTAMPTZ), CAST($last AS TIMESTAMPTZ)) END "
    "AS days_open, "
    "t.closed_on, CASE WHEN stands THEN s.until END AS accepted_until, "
    "stands AND coalesce(s.expired, false) AND s.until IS NULL AS expired "
    "FROM told AS t "
    "LEFT JOIN found_b AS fb ON fb.control_id = t.control_id AND fb.record_ref = t.record_ref "
    "LEFT JOIN found_a AS fa ON fa.control_id = t.control_id AND fa.record_ref = t.record_ref "
    "LEFT JOIN accepted AS s ON s.control_id = t.control_id AND s.record_ref = t.record_ref"
)


def _judged(con: Any, run: Path) -> None:
    """`judged`: each control of a run and the datasets of it, and whether it refused to judge them."""
    rows = [
        (one["control"], path.stem, one["not_evaluated"] is not None)
        for path in sorted((run / "validations").glob("*.json"))
        for one in _json(path)["results"]
    ]
    # A dataset that was not supplied has no validation.
    rows += [(one["id"], name, True) for one in _json(run / "controls.json") for name in one["judges"]]
    con.execute("CREATE TEMP TABLE told (control_id TEXT, dataset TEXT, refused BOOL)")
    con.executemany("INSERT INTO told VALUES (?, ?, ?)", rows)
    con.execute(
        "CREATE TEMP TABLE judged AS SELECT control_id, dataset, bool_and(refused) AS refused FROM told GROUP BY ALL"
    )


def _accepted(con: Any, facts: Mapping[str, Any], later: Path) -> None:
    """`accepted`: until when a finding is accepted on the later day, or that its exception has expired since."""
    rows = [
        (one.control, reference, one.expires_on if state == "in_force" else None, state == "expired")
        for one, state in _exceptions(later, facts)
        if state != "to_come"
        for reference in one.records
    ]
    con.execute("CREATE TEMP TABLE said (control_id TEXT, record_ref TEXT, until TEXT, expired BOOL)")
    if rows:
        con.executemany("INSERT INTO said VALUES (?, ?, ?, ?)", rows)
    con.execute(
        "CREATE TEMP TABLE accepted AS SELECT control_id, record_ref, max(until) AS until, bool_or(expired) AS expired "
        "FROM said GROUP BY ALL"
    )


def _exceptions(run: Path, facts: Mapping[str, Any]) -> Iterator[tuple[AcceptedException, str]]:
    folder = load_policy(run / "policy")
    day = dt.datetime.fromisoformat(facts["as_of"]).astimezone(ZoneInfo(folder.policy.time_zone)).date()
    yield from ((one, one.state(day)) for one in folder.exceptions)


def _controls(con: Any, earlier: Path, later: Path) -> Iterator[Changed]:
    """Every control of either run that has a finding in one of them, or whose outcome changed."""
    outcomes = [{one["id"]: one["outcome"] for one in _json(run / "controls.json")} for run in (earlier, later)]
    counts = ", ".join(f"count(*) FILTER (state = '{state}')" for state in STATES)
    query = (
        f"SELECT control_id, count(accepted_until), count(*) FILTER (expired), max(days_open), {counts} "
        "FROM changes GROUP BY ALL"
    )
    found = {row[0]: row[1:] for row in con.execute(query).fetchall()}
    for name in sorted(outcomes[0].keys() | outcomes[1].keys()):
        pair = (outcomes[0].get(name), outcomes[1].get(name))
        if name in found or pair[0] != pair[1]:
            accepted, expired, oldest, *states = found.get(name, (0, 0, None, *(0 for _ in STATES)))
            yield Changed(name, pair, dict(zip(STATES, states, strict=True)), accepted, expired, oldest)


def _instant(facts: Mapping[str, Any]) -> str:
    return instant(dt.datetime.fromisoformat(facts["as_of"]))


def _facts(run: Path) -> Mapping[str, Any]:
    if not (run / "run.json").is_file():
        raise DifferenceError(f"{run}: no run: write the folder of a finished run")
    facts: Mapping[str, Any] = _json(run / "run.json")
    return facts


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
