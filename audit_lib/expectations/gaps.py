"""Gaps: the runs of days that nothing covers, by how sure a cover has to be."""

from sqlglot import exp

from audit_lib.expectations.sql import select, union_all


def gaps(covers: str, keys: tuple[str, ...], levels: int = 3) -> exp.Select:
    """(keys…, sure, lo, hi): the runs of days that no cover of at most level `sure` covers.

    Reads two steps: `days` (keys…, s, e), the days to be covered, and `covers` (keys…, lo, hi, level), dates. A run can
    only begin on the first day or on the day after some cover ends.
    """

    def of(table: str) -> str:
        return ", ".join(f"{table}.{key}" for key in keys)

    def covering(table: str, sure: str) -> str:
        return " AND ".join([*(f"c.{key} = {table}.{key}" for key in keys), f"c.level <= {sure}"])

    sures = " UNION ALL ".join(f"SELECT {level} AS sure" for level in range(levels))
    points = union_all(
        [
            select(f"SELECT {of('d')}, l.sure, d.s AS day, d.e FROM days AS d CROSS JOIN ({sures}) AS l"),
            select(
                f"SELECT {of('d')}, l.sure, CAST(c.hi + INTERVAL '1' DAY AS DATE) AS day, d.e FROM days AS d "
                f"CROSS JOIN ({sures}) AS l JOIN {covers} AS c ON {covering('d', 'l.sure')} "
                "WHERE c.lo <= c.hi AND c.hi >= d.s AND c.hi < d.e"
            ),
        ]
    )
    return select(
        f"SELECT {', '.join(keys)}, sure, day AS lo, "
        "LEAST(e, COALESCE(CAST(next - INTERVAL '1' DAY AS DATE), e)) AS hi FROM ("
        f"SELECT {of('p')}, p.sure, p.day, p.e, "
        "MAX(CASE WHEN c.lo <= p.day AND c.hi >= p.day THEN 1 ELSE 0 END) AS held, "
        "MIN(CASE WHEN c.lo > p.day AND c.hi >= c.lo THEN c.lo END) AS next FROM :points AS p "
        f"LEFT JOIN {covers} AS c ON {covering('p', 'p.sure')} "
        f"GROUP BY {of('p')}, p.sure, p.day, p.e) AS g WHERE held = 0 AND day <= e",
        points=points.subquery(),
    )
