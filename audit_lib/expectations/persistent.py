"""Persistent ids: no id stays the same for one person from one day to another."""

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, Rule, Setting, Step
from audit_lib.expectations.sql import all_of, blank, filled, node, select, sql


class ExpectIdsNotPersistent(RecordExpectation):
    """No value of `column` is seen on two calendar days of the policy's time zone.

    A record without id and without `count` is INDETERMINATE, and so is an id without an instant or with one in the
    future, which proves no day. Where no time zone is known, only an id seen more than a day apart is seen on two
    days, and only one seen at a single instant on one.
    """

    column: str
    at: str
    count: str | None = None

    def branches(self, setting: Setting) -> Rule:
        setting.require_any(self.column, *([self.count] if self.count else []))
        setting.require(self.at)
        identifier, moment = setting.column(self.column), setting.moment(self.at)
        at = moment.at
        # The day of the earliest and of the latest instant: two conversions an id, not one a record. Only the ids
        # that persist are kept by name: in an honest log there are none.
        seen = select(
            "SELECT CASE WHEN first_day < last_day OR vague = 1 THEN k END AS k, vague, "
            "last_day - first_day + 1 AS days, COUNT(*) AS ids FROM ("
            "SELECT k, :first AS first_day, :last AS last_day, CASE WHEN vague = 0 THEN 0 "
            "WHEN last_at > first_at + INTERVAL '25' HOUR THEN 0 WHEN last_at > first_at THEN 1 ELSE 0 END AS vague "
            "FROM (SELECT :id AS k, MIN(:at) AS first_at, MAX(:at) AS last_at, MAX(:vague) AS vague "
            "FROM :dataset AS b WHERE :id IS NOT NULL AND :at <= :now GROUP BY :id) AS s) AS d "
            "GROUP BY CASE WHEN first_day < last_day OR vague = 1 THEN k END, vague, last_day - first_day + 1",
            first=local_date(exp.column("first_at"), setting.time_zone),
            last=local_date(exp.column("last_at"), setting.time_zone),
            id=identifier,
            at=at,
            now=setting.now,
            # A day has at most 25 hours.
            vague=node(0) if moment.sure else sql("CASE WHEN :low < :at THEN 1 ELSE 0 END", low=moment.low, at=at),
            dataset=exp.to_table(setting.relation.name),
        )
        lasting = select("SELECT k, vague FROM seen WHERE k IS NOT NULL")
        days = Lookup("lasting", lasting, {"k": identifier})
        missing = [blank(identifier)]
        if self.count:
            missing.append(blank(setting.column(self.count)))
        spans = select("SELECT days, SUM(ids) AS ids FROM seen WHERE days IS NOT NULL GROUP BY days")
        return Rule(
            branches=(
                Branch(all_of(missing), Verdict.INDETERMINATE, "id_missing"),
                Branch(sql(":vague = 0", vague=days["vague"]), Verdict.FAIL, "persistent_id"),
                Branch(all_of([filled(identifier), blank(at)]), Verdict.INDETERMINATE, "clock_missing"),
                Branch(
                    all_of([filled(identifier), sql(":at > :now", at=at, now=setting.now)]),
                    Verdict.INDETERMINATE,
                    "clock_in_future",
                ),
                Branch(sql(":vague = 1", vague=days["vague"]), Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            steps=(Step("seen", seen, apart=identifier),),
            lookups=(days,),
            aggregates=(Aggregate("days_per_id", ("days", "ids"), spans),),
        )
