"""Diversity: knowing a person's class tells little about the sensitive value."""

from typing import Any

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.classes import ADDED_UP, keys, whole
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, Rule, Setting, Step
from audit_lib.expectations.sql import all_of, any_of, blank, filled, holds, node, select, sql


class ExpectSensitiveValuesDiverse(RecordExpectation):
    """Each class has at least `l` distinct values of `sensitive`, spread within `t` of the whole.

    `t` is half the L1 distance between the class's distribution and that of all records (t-closeness with equal
    distances), `l` is distinct l-diversity; a record with a `count` weighs that many. A suppressed quasi-identifier
    makes a class of one; that of a statistic, which has a `count` and no `individual`, is one that it adds up over: its
    class are the statistics with the same others. Records without the value are INDETERMINATE, unless they have a
    `count`: nothing to infer, out of scope.
    """

    quasi_identifiers: list[str] | dict[str, Any]
    sensitive: str | dict[str, Any]
    l: int | dict[str, Any] = pydantic.Field(ge=1)  # noqa: E741 - the statistic's own name
    t: float | dict[str, Any] = pydantic.Field(gt=0, le=1)
    count: str | None = None
    individual: str | None = None

    def branches(self, setting: Setting) -> Rule:
        setting.require(str(self.sensitive))
        value = setting.column(str(self.sensitive))
        named = self._named(setting)
        least, most = int(str(self.l)), float(str(self.t))
        classes = self._classes(setting, value, named, least, most)
        group = Lookup("diversity", exp.select("*").from_("classes"), named)
        # What is suppressed is in no class: a class of one, as far from the whole as it may be.
        values = sql("COALESCE(:values, 1)", values=group["values_"])
        anybody = sql("COALESCE(:weight, 1) > 0", weight=setting.column(self.count) if self.count else exp.null())
        narrow = all_of([anybody, sql("COALESCE(:narrow, :alone)", narrow=group["narrow"], alone=least > 1)])
        scope = any_of([filled(value), blank(setting.column(self.count))]) if self.count else exp.true()
        return Rule(
            scope=scope,
            branches=(
                Branch(blank(value), Verdict.INDETERMINATE, "value_missing"),
                Branch(narrow, Verdict.FAIL, "l_too_low"),
                Branch(holds(group["skewed"]), Verdict.FAIL, "t_too_high"),
            ),
            detail=sql(
                "CONCAT('l = ', CAST(:values AS TEXT), ', t = ', CAST(ROUND(:distance, 3) AS TEXT))",
                values=values,
                distance=_decimal(sql("COALESCE(:d, 0)", d=group["distance"])),
            ),
            steps=(Step("classes", classes, groups=(str(self.sensitive),)),),
            lookups=(group,),
            aggregates=(
                Aggregate(
                    "class_diversity",
                    ("distinct_values", "classes", "rows"),
                    select(
                        "SELECT values_ AS distinct_values, COUNT(*) AS classes, SUM(size) AS records "
                        "FROM classes GROUP BY values_"
                    ),
                ),
                Aggregate(
                    "class_closeness",
                    ("t", "classes"),
                    select(
                        "SELECT ROUND(:t, 2) AS t, COUNT(*) AS classes FROM classes GROUP BY ROUND(:t, 2)",
                        t=_decimal(exp.column("distance")),
                    ),
                ),
            ),
        )

    def _named(self, setting: Setting) -> dict[str, exp.Expression]:
        named = keys(setting, list(self.quasi_identifiers))
        if not self.count or self.count not in setting.relation.supplied:
            return named
        statistic = filled(setting.column(self.count))
        if self.individual:
            statistic = all_of([statistic, blank(setting.column(self.individual))])
        return {
            alias: sql(
                "CASE WHEN :statistic AND COALESCE(REPLACE(:q, '*', ''), '') = '' THEN :all ELSE :q END",
                statistic=statistic,
                q=q,
                all=ADDED_UP,
            )
            for alias, q in named.items()
        }

    def _classes(
        self, setting: Setting, value: exp.Expression, named: dict[str, exp.Expression], least: int, most: float
    ) -> exp.Select:
        """q…, values_, size, distance, narrow, skewed: of each class, in one pass over (class, value) counts."""
        weight = sql("COALESCE(:count, 1)", count=setting.column(self.count)) if self.count else node(1)
        counted = exp.select(
            *(exp.alias_(expression, alias) for alias, expression in named.items()),
            exp.alias_(value, "s"),
            exp.alias_(sql("SUM(:weight)", weight=weight), "m"),
        )
        counted = counted.from_(exp.alias_(exp.to_table(setting.relation.name), "b", table=True))
        counted = counted.where(all_of([filled(value), sql(":weight > 0", weight=weight)]))
        counted = counted.group_by(*named.values(), value)
        columns = [exp.column(alias) for alias in named]
        listed = ", ".join(named)
        shares = sql(
            f"SELECT {listed}, CAST(m AS DOUBLE PRECISION) AS m, "
            f"CAST(SUM(m) OVER (PARTITION BY {listed}) AS DOUBLE PRECISION) AS n, "
            "CAST(SUM(m) OVER (PARTITION BY s) AS DOUBLE PRECISION) / SUM(m) OVER () AS ps FROM :counted AS c",
            counted=counted.subquery(),
        )
        distance = sql("(SUM(ABS(m / n - ps)) + 1 - SUM(ps)) / 2")
        classes = exp.select(
            *columns,
            exp.alias_(sql("COUNT(*)"), "values_"),
            exp.alias_(sql("SUM(m)"), "size"),
            exp.alias_(distance, "distance"),
            exp.alias_(sql("COUNT(*) < :least", least=least), "narrow"),
            # Distances are sums of binary fractions: a class exactly at the threshold must not fail by one ulp.
            exp.alias_(sql(":distance > :most", distance=_decimal(distance), most=_decimal(node(most))), "skewed"),
        )
        # Suppressed records weigh in the whole, but are no class.
        classes = classes.from_(exp.Subquery(this=shares, alias=exp.to_identifier("w")))
        return classes.where(whole(named)).group_by(*columns)


def _decimal(distance: exp.Expression) -> exp.Expression:
    """Engines add in orders of their own, and round halves of binary fractions in their own ways."""
    return exp.cast(distance, "DECIMAL(18, 9)")
