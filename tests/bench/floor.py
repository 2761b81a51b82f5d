"""Floor: the counts of the log controls as hand-written DuckDB queries; prints them as JSON.

    python -m tests.bench.floor PATTERN [once]

PATTERN names Parquet files or one CSV file. With `once` the file is read into a table first: a CSV file is otherwise
unpacked anew for each query.
"""

import json
import sys

import duckdb

from tests.bench import promises
from tests.bench.promises import SPECIAL, TWO_YEARS_AGO, ZONE, K, L, T

WHOLE = "customer_domain <> '*' AND country <> '*'"

FULL_IP = f"""
  (ip NOT LIKE '%.0' AND regexp_matches(ip, '{promises.ADDRESS_ALONE}') AND NOT regexp_matches(ip, '{SPECIAL}'))
  OR (ip LIKE '%:%' AND regexp_matches(ip, '{promises.ADDRESS_6}')
    AND NOT regexp_matches(ip, '{promises.ADDRESS_6_CUT}'))
  OR (action LIKE '%.%.%.%' AND regexp_matches(action, '{promises.ADDRESS_IN_TEXT}')
    AND action NOT LIKE '% 10.%')
  OR (action LIKE '%:%:%' AND regexp_matches(action, '{promises.ADDRESS_6_IN_TEXT}'))"""

PERSISTENT = f"""
SELECT coalesce(sum(records), 0) FROM (
  SELECT count(*) AS records FROM logs WHERE anonymous_id IS NOT NULL GROUP BY anonymous_id
  HAVING CAST(timezone('{ZONE}', min("at")) AS DATE) < CAST(timezone('{ZONE}', max("at")) AS DATE))"""

SMALL = f"""
SELECT (SELECT coalesce(sum(records), 0) FROM (
    SELECT count(*) AS records, count(DISTINCT anonymous_id) AS people FROM logs WHERE {WHOLE}
    GROUP BY customer_domain, country) WHERE people < {K})
  + (SELECT count(*) FROM logs WHERE NOT coalesce({WHOLE}, false) AND coalesce("count", 1) < {K})"""

TELLING = f"""
WITH pairs AS (
  SELECT customer_domain, country, action, count(*) AS m FROM logs WHERE action IS NOT NULL GROUP BY ALL
), shares AS (
  SELECT *, sum(m) OVER (PARTITION BY customer_domain, country) AS n,
    sum(m) OVER (PARTITION BY action) / sum(m) OVER () AS ps FROM pairs
), classes AS (
  SELECT sum(m) AS records, count(*) AS l, (sum(abs(m / n - ps)) + 1 - sum(ps)) / 2 AS t, bool_and({WHOLE}) AS whole
  FROM shares GROUP BY customer_domain, country
)
SELECT coalesce(sum(records) FILTER (coalesce(NOT whole, true) OR l < {L} OR round(t, 9) > {T}), 0) FROM classes"""

DETAILED = f"""
  coalesce("at" < TIMESTAMP '{TWO_YEARS_AGO}', month < '{TWO_YEARS_AGO[:7]}')
  AND (ip <> '0.0.0.0' OR action IS NOT NULL OR anonymous_id IS NOT NULL OR customer_domain IS NOT NULL)"""


def opened(pattern: str, *, once: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection whose `logs` are the files: a view, or with `once` a table."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    rows = f"SELECT * FROM read_parquet('{pattern}', union_by_name = true)"
    if not pattern.endswith(".parquet"):
        typed = 'CAST("at" AS TIMESTAMPTZ) AS "at", CAST("count" AS BIGINT) AS "count"'
        # Quotes are said: looking at the first rows, of which none has any, DuckDB would take them for text.
        rows = f"SELECT * REPLACE ({typed}) FROM read_csv('{pattern}', all_varchar = true, quote = '\"', escape = '\"')"
    con.execute(f"CREATE {'TABLE' if once else 'VIEW'} logs AS {rows}")
    return con


def undeclared(con: duckdb.DuckDBPyConnection) -> str:
    """The condition that a row fills a column which the policy does not declare."""
    columns = [row[0] for row in con.execute("DESCRIBE logs").fetchall()]
    return " OR ".join(f'"{name}" IS NOT NULL' for name in columns if name not in promises.DECLARED) or "false"


def main(pattern: str, *options: str) -> None:
    """One query a control."""
    con = opened(pattern, once="once" in options)
    queries = {
        promises.FULL_IP: f"SELECT count(*) FROM logs WHERE {FULL_IP}",
        promises.PERSISTENT: PERSISTENT,
        promises.SMALL: SMALL,
        promises.TELLING: TELLING,
        promises.UNDECLARED: f"SELECT count(*) FROM logs WHERE {undeclared(con)}",
        promises.DETAILED: f"SELECT count(*) FROM logs WHERE {DETAILED}",
    }
    print(json.dumps({name: int(con.execute(query).fetchall()[0][0]) for name, query in queries.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
