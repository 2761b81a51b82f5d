"""Departures: the access of who has left ends in time, and is used no more."""

from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import PeriodError, local_date, midnight, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, NotEvaluated, Rule, Setting
from audit_lib.expectations.sql import all_of, any_of, blank, filled, holds, negate, sql
from audit_lib.expectations.staff import person


class ExpectAccessEndedAtDeparture(RecordExpectation):
    """Each grant of a person who has left is revoked `within` a period of their last day, and not used afterwards.

    Grants of people in post, or not in the list of staff, are out of scope. Inside the period a grant may be in effect
    and used. `applies`: where this column is false the record is out of scope.
    """

    applies: str
    within: str | dict[str, Any]

    def branches(self, setting: Setting) -> Rule:
        setting.require("user_id", self.applies)
        applies, user, owner = setting.column(self.applies), setting.column("user_id"), person(setting, "end")
        end, revoked, used = owner.end, setting.moment("revoked_at"), setting.moment("last_used_at")

        def day(at: exp.Expression) -> exp.Expression:
            return local_date(at, setting.time_zone)

        def last(left: exp.Expression) -> exp.Expression:
            try:
                return plus(day(left), str(self.within))
            except PeriodError:
                raise NotEvaluated("control_invalid", "within") from None

        def late(at: exp.Expression, left: exp.Expression) -> exp.Expression:
            return holds(sql(":day > :last", day=day(at), last=last(left)))

        def kept(until: exp.Expression, left: exp.Expression) -> exp.Expression:
            """Revoked too late; or, not at all, too late by now."""
            return late(sql("COALESCE(:until, :now)", until=until, now=setting.now), left)

        def again(at: exp.Expression, over: exp.Expression) -> exp.Expression:
            """Used after it was revoked; one revoked on a day without an hour may be used all that day."""
            its_day = all_of([midnight(revoked.at, setting.time_zone), sql(":a = :b", a=day(at), b=day(over))])
            return holds(all_of([sql(":at > :over", at=at, over=over), negate(its_day)]))

        surely, perhaps = kept(revoked.low, end.high), kept(revoked.high, end.low)
        return Rule(
            scope=all_of(
                [
                    sql("COALESCE(:applies, TRUE)", applies=applies),
                    any_of([blank(user), holds(sql(":end < :now", end=end.low, now=setting.now))]),
                ]
            ),
            branches=(
                Branch(blank(applies), Verdict.INDETERMINATE, "scope_unknown"),
                Branch(blank(user), Verdict.INDETERMINATE, "account_without_owner"),
                Branch(setting.later(used.at), Verdict.INDETERMINATE, "clock_in_future"),
                # A use that has been is proven, whatever revocation is to come.
                Branch(late(used.low, end.high), Verdict.FAIL, "used_after_leaving"),
                Branch(again(used.low, revoked.high), Verdict.FAIL, "used_after_revocation"),
                Branch(setting.later(revoked.at), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(all_of([surely, filled(revoked.at)]), Verdict.FAIL, "access_revoked_late"),
                Branch(surely, setting.verdict_of_blank("revoked_at"), "access_not_revoked"),
                Branch(
                    any_of([perhaps, late(used.high, end.low), again(used.high, revoked.low)]),
                    Verdict.INDETERMINATE,
                    "time_zone_unknown",
                ),
            ),
            clock=end.at,
            due=sql(
                "CASE WHEN :revoked IS NULL OR :late THEN :last END",
                revoked=revoked.at,
                late=perhaps,
                last=last(end.at),
            ),
            ended=day(revoked.at),
            lookups=(owner.lookup,),
        )
