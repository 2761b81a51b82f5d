"""Meeting: records that stand so close in time to one single event of another table that it names whose they are."""

import math
from dataclasses import dataclass

import duckdb

from audit_lib.sources.raw import one, quoted


@dataclass(frozen=True)
class Meeting:
    """Of the records with an instant, those that are within so many seconds of exactly one of the `events`.

    `by_chance`: how many would be if the events had nothing to do with the records and were spread evenly (Poisson).
    """

    records: int
    events: int
    met: int
    by_chance: float


def meeting(
    con: duckdb.DuckDBPyConnection, relation: str, at: str, other: str, other_at: str, *, seconds: int
) -> Meeting:
    """`at`, `other_at`: columns of instants. Events outside the time of the records do not count."""
    records, first, last = one(
        con,
        f"SELECT count({quoted(at)}), epoch(min({quoted(at)})), epoch(max({quoted(at)})) FROM {relation}",
    )
    if not records:
        return Meeting(0, 0, 0, 0.0)
    # An event is near the records of its own stretch of time and of the two beside it.
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE dpo_events AS SELECT e, floor(e / {seconds}) + s AS stretch FROM ("
        f"SELECT epoch({quoted(other_at)}) AS e FROM {other}), (SELECT unnest([-1, 0, 1]) AS s) "
        f"WHERE e BETWEEN {first - seconds} AND {last + seconds}"
    )
    events = one(con, "SELECT count(*) // 3 FROM dpo_events")[0]
    met = one(
        con,
        f"""
SELECT count(*) FROM (SELECT r FROM (SELECT row_number() OVER () AS r, epoch({quoted(at)}) AS t FROM {relation}
    WHERE {quoted(at)} IS NOT NULL) AS b
  JOIN dpo_events AS d ON d.stretch = floor(t / {seconds}) AND abs(d.e - t) <= {seconds}
  GROUP BY r HAVING count(*) = 1)""",
    )[0]
    near = events * 2 * seconds / (last - first + 2 * seconds)
    return Meeting(records, events, met, records * near * math.exp(-near))
