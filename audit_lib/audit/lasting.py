"""Lasting: since when each finding is open, and what became of those of the previous run."""

import datetime as dt
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

from audit_lib.audit.outcome import Tallies
from audit_lib.datasets.quarantine import unread
from audit_lib.policy import AcceptedException, PolicyFolder
from audit_lib.policy.periods import parts
from audit_lib.sources.raw import literal

FILE = "history.parquet"
# A record kept on a proven ground is no open finding.
OPEN = "verdict IN ('FAIL', 'INDETERMINATE', 'REVIEW')"
# How a finding ends.
ENDS = ("deleted", "mended", "resolved", "withdrawn")


@dataclass(frozen=True)
class Now:
    """The run that is being written, in the run's database."""

    con: Any
    draft: Path
    as_of: dt.datetime
    folder: PolicyFolder
    parameters: Mapping[str, Any]
    tallies: Tallies
    references: Callable[[str], str | None]

    @property
    def instant(self) -> str:
        return instant(self.as_of)

    @property
    def day(self) -> dt.date:
        return self.as_of.astimezone(ZoneInfo(self.folder.policy.time_zone)).date()


def instant(moment: dt.datetime) -> str:
    """The moment as the history writes it: UTC, whose texts are in the order of time."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write(now: Now, previous: Path | None) -> None:
    """history.parquet, when there is a previous run to follow, and changes.json.

    A row of history.parquet is a finding, open or not: control_id, dataset, record_ref; first_seen, open_since (its
    present or last opening) and seen_on (when it was last seen open); closed_on, null while it is open, and closed_how:
    `deleted` (the record is in no export any more), `mended` (it is there, and no finding any more), `withdrawn` (the
    control is gone) or `resolved` (whether the record is there cannot be told: its reference is its place in a file, or
    rows were set aside whose keys are unknown). Instants of audits, in UTC. A finding of what was not evaluated this
    time, or of a record that was set aside, stays as it was: nothing was shown.
    """
    findings = f"read_parquet({_text(now.draft / 'findings.parquet')})"
    now.con.execute(
        f"CREATE OR REPLACE TEMP VIEW found AS SELECT control_id, dataset, record_ref, verdict FROM {findings} "
        f"WHERE {OPEN}"
    )
    if previous is not None:
        _follow(now, previous)
    _accepted(now)
    content = {
        "previous": _named(previous) if previous else None,
        "controls": _counted(now, followed=previous is not None),
        "exceptions": _exceptions(now),
    }
    (now.draft / "changes.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _follow(now: Now, previous: Path) -> None:
    con = now.con
    _evaluated(now)
    con.execute(f"CREATE OR REPLACE TEMP VIEW before AS {before(previous)}")
    con.execute(
        "CREATE OR REPLACE TEMP VIEW gone AS SELECT * FROM before AS b ANTI JOIN found USING (control_id, record_ref) "
        "WHERE b.closed_on IS NULL AND (b.control_id, b.dataset) IN (FROM evaluated)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE ended AS SELECT control_id, record_ref, 'withdrawn' AS how "
        "FROM before ANTI JOIN asked USING (control_id) WHERE closed_on IS NULL"
    )
    for (dataset,) in con.execute("SELECT DISTINCT dataset FROM gone ORDER BY 1").fetchall():
        _end(now, dataset)
    con.execute(_HISTORY.replace("$now", literal(now.instant)))
    con.execute(
        f"COPY (SELECT * FROM history WHERE closed_on IS NULL OR closed_on >= {literal(_kept_since(now))} "
        f"ORDER BY control_id, record_ref) TO {_text(now.draft / FILE)} (FORMAT parquet)"
    )
    con.execute(f"CREATE OR REPLACE TEMP VIEW history AS FROM read_parquet({_text(now.draft / FILE)})")


_HISTORY = (
    "CREATE OR REPLACE TEMP VIEW history AS SELECT coalesce(f.control_id, b.control_id) AS control_id, "
    "coalesce(f.dataset, b.dataset) AS dataset, coalesce(f.record_ref, b.record_ref) AS record_ref, "
    "coalesce(b.first_seen, $now) AS first_seen, "
    "CASE WHEN f.control_id IS NULL OR b.closed_on IS NULL THEN coalesce(b.open_since, $now) ELSE $now END "
    "AS open_since, "
    "CASE WHEN f.control_id IS NULL THEN b.seen_on ELSE $now END AS seen_on, "
    "CASE WHEN f.control_id IS NULL THEN coalesce(b.closed_on, CASE WHEN e.how IS NOT NULL THEN $now END) END "
    "AS closed_on, "
    "CASE WHEN f.control_id IS NULL THEN coalesce(b.closed_how, e.how) END AS closed_how "
    "FROM before AS b FULL JOIN found AS f ON f.control_id = b.control_id AND f.record_ref = b.record_ref "
    "LEFT JOIN ended AS e ON e.control_id = b.control_id AND e.record_ref = b.record_ref"
)


def before(run: Path) -> str:
    """A query of the findings that a run knew, with their history; open since that run when it followed no other."""
    if (run / FILE).is_file():
        return f"FROM read_parquet({_text(run / FILE)})"
    seen = literal(instant(dt.datetime.fromisoformat(_facts(run)["as_of"])))
    return (
        f"SELECT control_id, dataset, record_ref, {seen} AS first_seen, {seen} AS open_since, {seen} AS seen_on, "
        "CAST(NULL AS TEXT) AS closed_on, CAST(NULL AS TEXT) AS closed_how "
        f"FROM read_parquet({_text(run / 'findings.parquet')}) WHERE {OPEN}"
    )


def _evaluated(now: Now) -> None:
    """`asked`: each control and the datasets that it judges; `evaluated`: those of which it could."""
    pairs = [
        (control, dataset, "not_evaluated" in tally)
        for control, parts in now.tallies.items()
        for dataset, tally in parts.items()
    ]
    controls, datasets, refused = ([*column] for column in zip(*pairs, strict=True)) if pairs else ([], [], [])
    now.con.execute(
        "CREATE OR REPLACE TEMP TABLE asked AS SELECT unnest($1::TEXT[]) AS control_id, unnest($2::TEXT[]) AS dataset, "
        "unnest($3::BOOL[]) AS refused",
        [controls, datasets, refused],
    )
    now.con.execute("CREATE OR REPLACE TEMP VIEW evaluated AS SELECT control_id, dataset FROM asked WHERE NOT refused")


def _end(now: Now, dataset: str) -> None:
    """Adds to `ended` how the findings of a dataset ended; not those of records that were set aside."""
    gone = f"(FROM gone WHERE dataset = {literal(dataset)})"
    there = now.references(dataset)
    if there is None:
        now.con.execute(f"INSERT INTO ended SELECT control_id, record_ref, 'resolved' FROM {gone}")
        return
    absent = "resolved" if unread(now.con, dataset) else "deleted"
    now.con.execute(
        f"INSERT INTO ended SELECT control_id, record_ref, CASE WHEN ref IS NULL THEN '{absent}' ELSE 'mended' END "
        f"FROM {gone} LEFT JOIN (SELECT ref, bool_or(read) AS read FROM ({there}) "
        "WHERE ref IN (SELECT record_ref FROM gone) GROUP BY 1) ON ref = record_ref WHERE coalesce(read, true)"
    )


def _kept_since(now: Now) -> str:
    """The instant since which closed findings are kept; the first of all where the policy does not say."""
    period = now.parameters.get("closed_findings_kept")
    if period is None:
        return ""
    months, days = parts(str(period))
    return instant(now.as_of - relativedelta(months=months, days=days))


def _accepted(now: Now) -> None:
    """`accepted`: the references that exceptions name, and what each is on the day of the audit."""
    rows = [
        (one.id, one.control, reference, one.state(now.day))
        for one in now.folder.exceptions
        for reference in one.records
    ]
    columns = [[*column] for column in zip(*rows, strict=True)] if rows else [[], [], [], []]
    names = ("id", "control_id", "record_ref", "state")
    listed = ", ".join(f"unnest(${place}::TEXT[]) AS {name}" for place, name in enumerate(names, 1))
    now.con.execute(f"CREATE OR REPLACE TEMP TABLE accepted AS SELECT {listed}", columns)


def _counted(now: Now, *, followed: bool) -> dict[str, dict[str, Any]]:
    """By control, how many findings: those with none are left out."""
    seen = "$now AS first_seen, $now AS open_since, $now AS seen_on, NULL AS closed_on, NULL AS closed_how"
    known = "history" if followed else f"(SELECT control_id, record_ref, {seen} FROM found)"
    joins, force, over, fails = "", "false", "false", "false"
    if now.folder.exceptions:
        force, over, fails = "in_force", "expired AND NOT in_force", "f.verdict = 'FAIL'"
        joins = (
            "LEFT JOIN (SELECT control_id, record_ref, bool_or(state = 'in_force') AS in_force, "
            "bool_or(state = 'expired') AS expired FROM accepted GROUP BY ALL) AS s "
            "ON s.control_id = h.control_id AND s.record_ref = h.record_ref "
            "LEFT JOIN found AS f ON f.control_id = h.control_id AND f.record_ref = h.record_ref "
        )
    stands = "closed_on IS NULL AND seen_on = $now"
    fresh = "open_since = $now" if followed else "false"
    counts = {
        "new": f"{stands} AND {fresh} AND first_seen = $now",
        "open": f"{stands} AND NOT ({fresh})",
        "reappeared": f"{stands} AND {fresh} AND first_seen < $now",
        **{how: f"closed_on = $now AND closed_how = '{how}'" for how in ENDS},
        "not_shown": "closed_on IS NULL AND seen_on < $now",
        "accepted": f"{stands} AND {force}",
        "accepted_fail": f"{stands} AND {force} AND {fails}",
        "expired": f"{stands} AND {over}",
    }
    told = [f"count(*) FILTER ({condition}) AS {name}" for name, condition in counts.items()]
    query = (
        f"SELECT h.control_id, {', '.join(told)}, min(open_since) FILTER ({stands}) AS oldest "
        f"FROM {known} AS h {joins}GROUP BY ALL ORDER BY ALL"
    )
    rows = now.con.execute(query.replace("$now", literal(now.instant))).fetchall()
    return {
        control: {**dict(zip(counts, found, strict=True)), "oldest": oldest}
        for control, *found, oldest in rows
        if any(found)
    }


def _exceptions(now: Now) -> list[dict[str, Any]]:
    """Each exception, what it is on the day, and how many of its records have an open finding."""
    query = (
        "SELECT a.id, count(f.record_ref) FROM accepted AS a LEFT JOIN found AS f "
        "ON f.control_id = a.control_id AND f.record_ref = a.record_ref GROUP BY 1"
    )
    still = dict(now.con.execute(query).fetchall())
    return [_said(one, now.day, still.get(one.id, 0)) for one in now.folder.exceptions]


def _said(one: AcceptedException, day: dt.date, still: int) -> dict[str, Any]:
    said: dict[str, Any] = one.model_dump(exclude={"records"})
    return {**said, "records": len(one.records), "open": still, "state": one.state(day)}


def _named(run: Path) -> dict[str, str]:
    facts = _facts(run)
    return {"run_id": facts["run_id"], "as_of": facts["as_of"]}


def _facts(run: Path) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = json.loads((run / "run.json").read_text("utf-8"))
    return facts


def _text(path: Path) -> str:
    return literal(os.fspath(path))
