"""By hand: the floor's counts as SQL that a person would write for PostgreSQL; prints them as JSON.

python -m tests.bench.by_hand URL
"""

import json
import sys

import adbc_driver_postgresql.dbapi as driver

from tests.bench import promises
from tests.bench.promises import SPECIAL, TWO_YEARS_AGO, ZONE, K, L, T

WHOLE = "customer_domain <> '*' AND country <> '*'"
QUERIES = {
    promises.FULL_IP: f"""
SELECT count(*) FROM logs WHERE
  (ip NOT LIKE '%.0' AND ip ~ '{promises.ADDRESS_ALONE}' AND NOT ip ~ '{SPECIAL}')
  OR (ip LIKE '%:%' AND ip ~ '{promises.ADDRESS_6}' AND NOT ip ~ '{promises.ADDRESS_6_CUT}')
  OR (action LIKE '%.%.%.%' AND action ~ '{promises.ADDRESS_IN_TEXT}' AND action NOT LIKE '% 10.%')
  OR (action LIKE '%:%:%' AND action ~ '{promises.ADDRESS_6_IN_TEXT}')""",
    promises.PERSISTENT: f"""
SELECT coalesce(sum(records), 0)::bigint FROM (
  SELECT count(*) AS records FROM logs WHERE anonymous_id IS NOT NULL GROUP BY anonymous_id
  HAVING (min("at") AT TIME ZONE '{ZONE}')::date < (max("at") AT TIME ZONE '{ZONE}')::date) AS p""",
    promises.SMALL: f"""
SELECT (SELECT coalesce(sum(records), 0) FROM (
    SELECT count(*) AS records, count(DISTINCT anonymous_id) AS people FROM logs WHERE {WHOLE}
    GROUP BY customer_domain, country) AS s WHERE people < {K})::bigint
  + (SELECT count(*) FROM logs WHERE NOT coalesce({WHOLE}, false) AND coalesce("count", 1) < {K})""",
    promises.TELLING: f"""
WITH pairs AS (
  SELECT customer_domain, country, action, count(*) AS m FROM logs WHERE action IS NOT NULL GROUP BY 1, 2, 3
), shares AS (
  SELECT *, sum(m) OVER (PARTITION BY customer_domain, country) AS n,
    sum(m) OVER (PARTITION BY action) / sum(m) OVER () AS ps FROM pairs
), classes AS (
  SELECT sum(m) AS records, count(*) AS l, (sum(abs(m / n - ps)) + 1 - sum(ps)) / 2 AS t, bool_and({WHOLE}) AS whole
  FROM shares GROUP BY customer_domain, country
)
SELECT coalesce(sum(records) FILTER (WHERE coalesce(NOT whole, true) OR l < {L} OR round(t, 9) > {T}), 0)::bigint
FROM classes""",
    promises.DETAILED: f"""
SELECT count(*) FROM logs
WHERE coalesce("at" < timestamptz '{TWO_YEARS_AGO}+00', month < '{TWO_YEARS_AGO[:7]}')
  AND (ip <> '0.0.0.0' OR action IS NOT NULL OR anonymous_id IS NOT NULL OR customer_domain IS NOT NULL)""",
}


def main(url: str) -> None:
    """One query a control."""
    with driver.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'logs'")
        names = [name for (name,) in cursor.fetchall() if name not in promises.DECLARED]
        filled = " OR ".join(f'"{name}" IS NOT NULL' for name in names) or "false"
        queries = QUERIES | {promises.UNDECLARED: f"SELECT count(*) FROM logs WHERE {filled}"}
        found = {}
        for name, query in queries.items():
            cursor.execute(query)
            found[name] = int(cursor.fetchall()[0][0])
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
