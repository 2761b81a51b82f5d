"""Persistent ids: no id stays the same for one person from one day to another."""

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import days_between
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, Rule, Setting, Step
from audit_lib.expectations.sql import HASH, all_of, blank, call, filled, node, select, sql


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
        # The ids that persist, by number, and how many were seen on so many days: in an honest log there is none to
        # keep. Numbers are grouped in a fraction of the time and memory of texts.
        number = call(HASH, identifier)
        # A day has at most 25 hours.
        vague = (
            node(0)
            if moment.sure
            else sql(
                "CASE WHEN MAX(CASE WHEN :low < :at THEN 1 ELSE 0 END) = 1 AND MAX(:at) > MIN(:at) "
                "AND MAX(:at) <= MIN(:at) + INTERVAL '25' HOUR THEN 1 ELSE 0 END",
                low=moment.low,
                at=at,
            )
        )
        seen = select(
            "SELECT CASE WHEN days > 0 OR vague = 1 THEN k END AS k, vague, days + 1 AS days, COUNT(*) AS ids "
            "FROM (SELECT k, vague, :days AS days FROM (SELECT :number AS k, MIN(:at) AS first_at, "
            "MAX(:at) AS last_at, :vague AS vague FROM :dataset AS b WHERE :known AND :at <= :now GROUP BY :number) "
            "AS s) AS d GROUP BY CASE WHEN days > 0 OR vague = 1 THEN k END, vague, days",
            days=days_between(exp.column("first_at"), exp.column("last_at"), setting.time_zone),
            number=number,
            at=at,
            vague=vague,
            dataset=exp.to_table(setting.relation.name),
            known=filled(identifier),
            now=setting.now,
        )
        lasting = select("SELECT k, vague FROM seen WHERE k IS NOT NULL")
        found = Lookup("lasting", lasting, {"k": number})
        missing = [blank(identifier)]
        if self.count:
            missing.append(blank(setting.column(self.count)))
        spans = select("SELECT days, SUM(ids) AS ids FROM seen WHERE days IS NOT NULL GROUP BY days")
        return Rule(
            branches=(
                Branch(all_of(missing), Verdict.INDETERMINATE, "id_missing"),
                Branch(sql(":vague = 0", vague=found["vague"]), Verdict.FAIL, "persistent_id"),
                Branch(all_of([filled(identifier), blank(at)]), Verdict.INDETERMINATE, "clock_missing"),
                Branch(
                    all_of([filled(identifier), sql(":at > :now", at=at, now=setting.now)]),
                    Verdict.INDETERMINATE,
                    "clock_in_future",
                ),
                Branch(sql(":vague = 1", vague=found["vague"]), Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            steps=(Step("seen", seen, groups=(self.column,)),),
            lookups=(found,),
            aggregates=(Aggregate("days_per_id", ("days", "ids"), spans),),
        )
