"""Reliance: how long the grounds that cover flows today will go on covering them."""

import datetime as dt

from sqlglot import exp

from audit_lib.expectations.rule import Aggregate, Setting
from audit_lib.expectations.safeguards import ALWAYS_TO, Flow
from audit_lib.expectations.sql import select, sql


def reliance(setting: Setting) -> Aggregate:
    """Flows that go on after the last day of a ground that covers them today, by that day (`until`).

    `tool` names the clauses; `uncovered`: how many flows no other proven ground covers on the day after. Reads the
    steps `days` and `grounds`.
    """
    flow = Flow(setting)
    each = select(
        "SELECT d.f, d.r, d.country AS country, c.basis AS basis, :tool AS tool, c.hi AS until, c.level AS level, "
        "MIN(CASE WHEN n.f IS NULL THEN 1 ELSE 0 END) AS bare "
        "FROM days AS d JOIN :dataset AS b ON b._file = d.f AND b._row = d.r "
        "JOIN grounds AS c ON c.f = d.f AND c.r = d.r AND c.lo <= :today AND c.hi >= :today AND c.hi < :always "
        "LEFT JOIN grounds AS n ON n.f = c.f AND n.r = c.r AND n.level = 0 "
        "AND n.lo <= CAST(c.hi + INTERVAL '1' DAY AS DATE) AND n.hi > c.hi "
        "WHERE d.e = :today AND COALESCE(:end > c.hi, TRUE) "
        "GROUP BY d.f, d.r, d.country, c.basis, :tool, c.hi, c.level",
        tool=sql("CASE WHEN c.basis = 'clauses' THEN :tool END", tool=flow.tool),
        dataset=exp.to_table(setting.relation.name),
        today=setting.today,
        always=dt.date.fromisoformat(ALWAYS_TO),
        end=flow.day("end"),
    )
    query = select(
        "SELECT country, basis, tool, until, "
        "CASE level WHEN 0 THEN 'PASS' WHEN 1 THEN 'REVIEW' ELSE 'INDETERMINATE' END AS verdict, "
        "COUNT(*) AS flows, CAST(SUM(bare) AS BIGINT) AS uncovered FROM :each AS a "
        "GROUP BY country, basis, tool, until, level",
        each=each.subquery(),
    )
    return Aggregate("reliance", ("country", "basis", "tool", "until", "verdict", "flows", "uncovered"), query)
