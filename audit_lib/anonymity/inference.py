"""Inference: what the class of a person tells of a sensitive value."""

import math
from dataclasses import dataclass

import duckdb

from audit_lib.anonymity.table import Table, listed, taken
from audit_lib.sources.raw import one, quoted

_COUNTS, _CELLS = "dpo_counts", "dpo_cells"


@dataclass(frozen=True)
class Inference:
    """The worst class of a table for one sensitive column; distances and risks need no unit. None of no class.

    - `l`: fewest distinct values (distinct l-diversity); `l_entropy`: exp of the least entropy; `c`: the least c for
      which every class is recursively (c, l)-diverse with that l, none when l is 1 (Machanavajjhala et al. 2007).
    - `t`: furthest from the whole (t-closeness, Li et al. 2007): half the L1 distance, or where the column holds
      numbers the earth mover's distance over their order.
    - `alpha`: largest share of one value ((alpha, k)-anonymity, Wong et al. 2006).
    - `beta`, `beta_enhanced`: largest relative gain (Cao and Karras 2012); `delta`: largest absolute logarithm of the
      ratio to the whole (Brickell and Shmatikov 2008).
    - `homogeneous`: records in a class where one value has more than a given share of all.
    """

    records: int
    classes: int
    l: int | None  # noqa: E741 - the statistic's own name
    l_entropy: float | None
    c: float | None
    t: float | None
    alpha: float | None
    beta: float | None
    beta_enhanced: float | None
    delta: float | None
    homogeneous: int


def inference(
    con: duckdb.DuckDBPyConnection, table: Table, sensitive: str, *, homogeneous: float, ordered: bool = False
) -> Inference:
    """Of the records that have a sensitive value, each weighing what its `count` says.

    A suppressed quasi-identifier makes a class of one; that of a statistic, which counts people and names none, is one
    that it adds up over: its class are the statistics with the same others. `homogeneous`: the share of one value
    beyond which a class gives it away. `ordered`: the column holds numbers.
    """
    _count(con, table, sensitive)
    keys = listed(table.keys)
    [classes, records, least, entropy, distance, alpha, gain, delta, surprise, told] = one(
        con,
        f"""
SELECT count(*), sum(n), min(l), min(e), max(t), max(a), max(b), max(d), max(s), sum(n) FILTER (a > {homogeneous!r})
FROM (SELECT max(n) AS n, count(*) AS l, -sum(m / n * ln(m / n)) AS e, (sum(abs(m / n - p)) + 1 - sum(p)) / 2 AS t,
  max(m / n) AS a, max(m / n / p - 1) AS b, max(abs(ln(m / n / p))) AS d, max(-ln(p)) AS s
  FROM {_CELLS} GROUP BY {keys})""",
    )
    if not classes:
        return Inference(0, 0, None, None, None, None, None, None, None, None, 0)
    return Inference(
        records=int(records),
        classes=classes,
        l=least,
        l_entropy=math.exp(entropy),
        c=_recursive(con, keys, least) if least > 1 else None,
        t=_ordered(con, table) if ordered else distance,
        alpha=alpha,
        beta=gain,
        beta_enhanced=min(gain, surprise),
        delta=delta,
        homogeneous=int(told or 0),
    )


def _count(con: duckdb.DuckDBPyConnection, table: Table, sensitive: str) -> None:
    """_CELLS (keys…, s, m, n, p): weight of a class's value and of the class, and the value's share of all."""
    keys, value = listed(table.keys), quoted(sensitive)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {_COUNTS} AS SELECT {listed(_key(table, key) for key in table.keys)}, s, "
        f"CAST(sum(w) AS DOUBLE) AS m FROM (SELECT {table.named()}, {value} AS s, {table.weight} AS w, "
        f"{table.statistic} AS statistic{', _file, _row' if table.suppressed else ''} "
        f"FROM {table.relation} WHERE {value} IS NOT NULL) WHERE w > 0 GROUP BY ALL"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {_CELLS} AS SELECT {keys}, s, m, "
        f"sum(m) OVER (PARTITION BY {keys}) AS n, sum(m) OVER (PARTITION BY s) / sum(m) OVER () AS p FROM {_COUNTS}"
    )


def _key(table: Table, key: str) -> str:
    if not table.suppressed:
        return key
    return f"CASE WHEN NOT {taken(key)} THEN {key} WHEN NOT statistic THEN concat('(', _file, ' ', _row) END AS {key}"


def _recursive(con: duckdb.DuckDBPyConnection, keys: str, least: int) -> float:
    """The largest ratio of the most frequent value of a class to all from the l-th most frequent on."""
    ranked = f"SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY m DESC) AS place FROM {_CELLS}"
    found: float = one(
        con,
        f"SELECT max(c) FROM (SELECT max(m) / sum(m) FILTER (place >= {least}) AS c FROM ({ranked}) GROUP BY {keys})",
    )[0]
    return found


def _ordered(con: duckdb.DuckDBPyConnection, table: Table) -> float:
    """The largest earth mover's distance, values being as far apart as their ranks.

    It adds up |Q - P| over the ranks, Q and P the shares of a class and of all up to a rank. From one value of a class
    to its next Q stays and P grows: where they cross is looked up, so that no class meets every value.
    """
    keys = listed(table.keys)
    con.execute(
        f"""
CREATE OR REPLACE TEMP TABLE dpo_ranks AS
SELECT s, r, least(cp, 1) AS cp, sum(cp) OVER (ORDER BY r) AS scp FROM (
  SELECT s, row_number() OVER (ORDER BY s) AS r, sum(p) OVER (ORDER BY s) AS cp
  FROM (SELECT s, sum(m) / (SELECT sum(m) FROM {_COUNTS}) AS p FROM {_COUNTS} GROUP BY s))"""
    )
    ranks = one(con, "SELECT count(*) FROM dpo_ranks")[0]
    if ranks < 2:
        return 0.0
    found: float = one(
        con,
        f"""
WITH held AS (
    SELECT {keys}, r, sum(m / n) OVER (PARTITION BY {keys} ORDER BY r) AS q,
      coalesce(lead(r) OVER (PARTITION BY {keys} ORDER BY r), {ranks} + 1) AS until
    FROM {_CELLS} JOIN dpo_ranks USING (s)),
  first AS (SELECT {keys}, 1 AS r, 0.0 AS q, min(r) AS until FROM held GROUP BY {keys}),
  runs AS (SELECT * FROM held UNION ALL SELECT * FROM first WHERE until > 1),
  crossed AS (SELECT runs.*, greatest(runs.r, least(runs.until, coalesce(x.r, 0) + 1)) AS middle
    FROM runs ASOF LEFT JOIN dpo_ranks AS x ON runs.q >= x.cp),
  sums AS (SELECT {listed(f"c.{key}" for key in table.keys)},
      q * (middle - c.r) - (coalesce(m.scp, 0) - coalesce(a.scp, 0))
      + (coalesce(z.scp, 0) - coalesce(m.scp, 0)) - q * (until - middle) AS work
    FROM crossed AS c LEFT JOIN dpo_ranks AS a ON a.r = c.r - 1
    LEFT JOIN dpo_ranks AS m ON m.r = middle - 1 LEFT JOIN dpo_ranks AS z ON z.r = until - 1)
SELECT max(work) FROM (SELECT sum(work) / {ranks - 1} AS work FROM sums GROUP BY {keys})""",
    )[0]
    return found
