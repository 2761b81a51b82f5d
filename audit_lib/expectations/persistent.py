"""Persistent ids: no id stays the same for one person from one day to another."""

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, Rule, Setting, Step
from audit_lib.expectations.sql import all_of, blank, filled, select


class ExpectIdsNotPersistent(RecordExpectation):
    """No value of `column` is seen on two calendar days of the policy's time zone.

    A record without id and without `count` is INDETERMINATE, and so is an id without an instant.
    """

    column: str
    at: str
    count: str | None = None

    def branches(self, setting: Setting) -> Rule:
        setting.require_any(self.column, *([self.count] if self.count else []))
        identifier, at = setting.column(self.column), setting.column(self.at)
        # The day of the earliest and of the latest instant: two conversions an id, not one a record. Only the ids
        # that persist are kept by name: in an honest log there are none.
        seen = select(
            "SELECT CASE WHEN first_day < last_day THEN k END AS k, last_day - first_day + 1 AS days, COUNT(*) AS ids "
            "FROM (SELECT k, :first AS first_day, :last AS last_day FROM (SELECT :id AS k, MIN(:at) AS first_at, "
            "MAX(:at) AS last_at FROM :dataset AS b WHERE :id IS NOT NULL GROUP BY :id) AS s) AS d "
            "GROUP BY CASE WHEN first_day < last_day THEN k END, last_day - first_day + 1",
            first=local_date(exp.column("first_at"), setting.time_zone),
            last=local_date(exp.column("last_at"), setting.time_zone),
            id=identifier,
            at=at,
            dataset=exp.to_table(setting.relation.name),
        )
        lasting = select("SELECT k FROM seen WHERE k IS NOT NULL")
        days = Lookup("lasting", lasting, {"k": identifier})
        missing = [blank(identifier)]
        if self.count:
            missing.append(blank(setting.column(self.count)))
        spans = select("SELECT days, SUM(ids) AS ids FROM seen WHERE days IS NOT NULL GROUP BY days")
        return Rule(
            branches=(
                Branch(all_of(missing), Verdict.INDETERMINATE, "id_missing"),
                Branch(filled(days["k"]), Verdict.FAIL, "persistent_id"),
                Branch(all_of([filled(identifier), blank(at)]), Verdict.INDETERMINATE, "clock_missing"),
            ),
            steps=(Step("seen", seen, apart=identifier),),
            lookups=(days,),
            aggregates=(Aggregate("days_per_id", ("days", "ids"), spans),),
        )
