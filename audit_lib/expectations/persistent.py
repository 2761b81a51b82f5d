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
        # A day has at most 25 hours.
        vague = node(0) if moment.sure else sql("CASE WHEN :low < :at THEN 1 ELSE 0 END", low=moment.low, at=at)

        def seen(key: exp.Expression, *conditions: exp.Expression) -> exp.Select:
            """(k, vague, days, ids): the keys seen on two days, and how many were seen on so many days."""
            return select(
                "SELECT CASE WHEN days > 0 OR vague = 1 THEN k END AS k, vague, days + 1 AS days, COUNT(*) AS ids "
                "FROM (SELECT k, :days AS days, "
                "CASE WHEN vague = 1 AND last_at > first_at AND last_at <= first_at + INTERVAL '25' HOUR THEN 1 ELSE 0 "
                "END AS vague FROM (SELECT :key AS k, MIN(:at) AS first_at, MAX(:at) AS last_at, MAX(:vague) AS vague "
                "FROM :dataset AS b WHERE :seen GROUP BY :key) AS s) AS d "
                "GROUP BY CASE WHEN days > 0 OR vague = 1 THEN k END, vague, days",
                days=days_between(exp.column("first_at"), exp.column("last_at"), setting.time_zone),
                key=key,
                at=at,
                vague=vague,
                dataset=exp.to_table(setting.relation.name),
                seen=all_of([filled(identifier), sql(":at <= :now", at=at, now=setting.now), *conditions]),
            )

        # Numbers are grouped in a fraction of the time and memory of texts, and only the ids that seem to persist are
        # looked at by name: in an honest log there are none.
        hashed = call(HASH, identifier)
        suspect = seen(hashed)
        named = seen(identifier, sql(":hash IN (SELECT k FROM suspect WHERE k IS NOT NULL)", hash=hashed))
        lasting = select("SELECT k, vague FROM lasting WHERE k IS NOT NULL")
        found = Lookup("days", lasting, {"k": identifier})
        missing = [blank(identifier)]
        if self.count:
            missing.append(blank(setting.column(self.count)))
        spans = select(
            "SELECT days, SUM(ids) AS ids FROM (SELECT days, ids FROM suspect WHERE k IS NULL "
            "UNION ALL SELECT days, ids FROM lasting) AS s WHERE days IS NOT NULL GROUP BY days"
        )
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
            steps=(
                Step("suspect", suspect, apart=identifier),
                Step("lasting", named, apart=identifier, groups=select("SELECT COUNT(k) FROM suspect")),
            ),
            lookups=(found,),
            aggregates=(Aggregate("days_per_id", ("days", "ids"), spans),),
        )
