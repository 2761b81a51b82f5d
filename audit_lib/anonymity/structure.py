"""Structure: what the way an id is written tells, whoever it belongs to."""

from dataclasses import dataclass

import duckdb

from audit_lib.sources.raw import literal, one, quoted

# Letters of a ULID (Crockford's base 32).
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MILLISECONDS_A_DAY = 86_400_000


@dataclass(frozen=True)
class Structure:
    """Of the distinct ids of a column: how many are written in each way.

    `time_bearing`: ids that hold the instant when they were made, and it is within a day of when they were first
    seen: UUID of version 1, 6 or 7, ULID, ObjectId. `rank_correlation`: Spearman's, between ids and the instants when
    they were first seen, -1 to 1; none of fewer than three or of all alike. `lasting`: ids seen on more than one day.
    """

    ids: int
    uuid: int
    digest: int
    number: int
    other: int
    time_bearing: int
    rank_correlation: float | None
    lasting: int


def structure(
    con: duckdb.DuckDBPyConnection, relation: str, column: str, at: str | None, *, time_zone: str
) -> Structure:
    """`at`: the column of instants, naive in UTC; without it no id bears a time, and none lasts."""
    instant = quoted(at) if at else "CAST(NULL AS TIMESTAMP)"
    day = f"CAST(timezone({literal(time_zone)}, timezone('UTC', {instant})) AS DATE)"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE dpo_ids AS SELECT CAST({quoted(column)} AS VARCHAR) AS id, "
        f"min({instant}) AS first_at, count(DISTINCT {day}) AS days FROM {relation} "
        f"WHERE {quoted(column)} IS NOT NULL GROUP BY id"
    )
    ulid = " + ".join(
        f"CAST(strpos('{_CROCKFORD}', upper(id)[{place + 1}]) - 1 AS BIGINT) * {32 ** (9 - place)}"
        for place in range(10)
    )
    ids, uuid, digest, number, bearing, lasting = one(
        con,
        f"""
SELECT count(*), count(*) FILTER (is_uuid), count(*) FILTER (is_digest), count(*) FILTER (is_number),
  count(*) FILTER (abs(made - epoch_ms(first_at)) <= {_MILLISECONDS_A_DAY}), count(*) FILTER (days > 1)
FROM (SELECT *, CASE
    WHEN is_uuid AND version IN (1, 6, 7) THEN CASE version
      WHEN 7 THEN CAST('0x' || hex[1:12] AS BIGINT)
      WHEN 6 THEN (CAST('0x' || hex[1:12] || hex[14:16] AS BIGINT) - 122192928000000000) // 10000
      ELSE (CAST('0x' || hex[14:16] || hex[9:12] || hex[1:8] AS BIGINT) - 122192928000000000) // 10000 END
    WHEN is_object THEN CAST('0x' || hex[1:8] AS BIGINT) * 1000
    WHEN is_ulid THEN {ulid} END AS made
  FROM (SELECT id, first_at, days, replace(lower(id), '-', '') AS hex,
      regexp_full_match(lower(id), '[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}') AS is_uuid,
      regexp_full_match(lower(id), '[0-9a-f]*[a-f][0-9a-f]*') AND length(id) >= 8 AS is_digest,
      regexp_full_match(id, '[0-9]{{1,18}}') AS is_number,
      regexp_full_match(lower(id), '[0-9a-f]{{24}}') AS is_object,
      regexp_full_match(upper(id), '[0-7][{_CROCKFORD}]{{25}}') AS is_ulid,
      CASE WHEN is_uuid THEN try_cast('0x' || hex[13] AS INTEGER) END AS version FROM dpo_ids))""",
    )
    return Structure(
        ids=ids,
        uuid=uuid,
        digest=digest,
        number=number,
        other=ids - uuid - digest - number,
        time_bearing=bearing,
        rank_correlation=_correlation(con),
        lasting=lasting,
    )


def _correlation(con: duckdb.DuckDBPyConnection) -> float | None:
    """Numbers in their own order, other ids in that of their letters."""
    ids, found = one(
        con,
        """
SELECT count(*), corr(a, b) FROM (
  SELECT rank() OVER (ORDER BY length(id) * CAST(numbers AS INT), id) AS a, rank() OVER (ORDER BY first_at) AS b
  FROM dpo_ids, (SELECT bool_and(regexp_full_match(id, '[0-9]+')) AS numbers FROM dpo_ids) WHERE first_at IS NOT NULL)
""",
    )
    return None if ids < 3 or found is None or found != found else float(found)
