"""Floor: the counts of the log controls as hand-written DuckDB queries; prints them as JSON."""

import json
import sys

import duckdb

# What the policy folder says, written out: a floor reads nothing.
TWO_YEARS_AGO, K, L, T = "2024-10-31 23:00:00", 11, 3, 0.2
DECLARED = {"ip", "at", "action", "anonymous_id", "event_id", "country", "month", "count", "customer_domain"}
WHOLE = "customer_domain <> '*' AND country <> '*'"
ADDRESS = r"([0-9]{1,3}\.){3}[1-9][0-9]{0,2}($|[^0-9.])"
SPECIAL = r"^(10|127|192\.168|172\.(1[6-9]|2[0-9]|3[01])|169\.254|0|192\.0\.2|198\.51\.100|203\.0\.113)\."

FULL_IP = f"""
SELECT count(*) FROM logs WHERE
  (ip NOT LIKE '%.0' AND regexp_matches(ip, '(^|[^0-9.]){ADDRESS}') AND NOT regexp_matches(ip, '{SPECIAL}'))
  OR (ip LIKE '%:%' AND regexp_matches(ip, '^[23][0-9a-f]{{3}}:|::ffff:')
    AND NOT regexp_matches(ip, '^[0-9a-f]*(:[0-9a-f]*){{1,2}}::$'))
  OR (action LIKE '%.%.%.%' AND regexp_matches(action, '(^|[^0-9A-Za-z._/-]|//){ADDRESS}')
    AND action NOT LIKE '% 10.%')
  OR (action LIKE '%:%:%' AND regexp_matches(action, '[23][0-9a-f]{{3}}:[0-9a-f:]+::?[0-9a-f]+'))"""

PERSISTENT = """
SELECT coalesce(sum(records), 0) FROM (
  SELECT count(*) AS records FROM logs WHERE anonymous_id IS NOT NULL GROUP BY anonymous_id
  HAVING CAST(timezone('Europe/Paris', min("at")) AS DATE) < CAST(timezone('Europe/Paris', max("at")) AS DATE))"""

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
SELECT sum(records) FILTER (coalesce(NOT whole, true) OR l < {L} OR round(t, 9) > {T}) FROM classes"""

DETAILED = f"""
SELECT count(*) FROM logs WHERE coalesce("at" < TIMESTAMP '{TWO_YEARS_AGO}', month < '{TWO_YEARS_AGO[:7]}')
  AND (ip <> '0.0.0.0' OR action IS NOT NULL OR anonymous_id IS NOT NULL OR customer_domain IS NOT NULL)"""


def main(pattern: str) -> None:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute(f"CREATE VIEW logs AS SELECT * FROM read_parquet('{pattern}', union_by_name = true)")
    columns = [row[0] for row in con.execute("DESCRIBE logs").fetchall()]
    undeclared = " OR ".join(f'"{name}" IS NOT NULL' for name in columns if name not in DECLARED) or "false"
    queries = {
        "usage_logs_hold_no_full_ip_address": FULL_IP,
        "usage_log_ids_do_not_persist": PERSISTENT,
        "usage_logs_meet_k_anonymity": SMALL,
        "usage_logs_resist_inference": TELLING,
        "usage_logs_hold_only_declared_fields": f"SELECT count(*) FROM logs WHERE {undeclared}",
        "ip_country_kept_alone_after_2_years": DETAILED,
    }
    print(json.dumps({name: int(con.execute(query).fetchall()[0][0] or 0) for name, query in queries.items()}))


if __name__ == "__main__":
    main(sys.argv[1])
