"""Training: who works for the company has learnt to protect personal data, lately enough."""

from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.declared_values import plain, plain_text
from audit_lib.expectations.periods import Moment, PeriodError, first_lawful, local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, NotEvaluated, Rule, Setting
from audit_lib.expectations.sql import all_of, any_of, blank, filled, folded, holds, negate, select, sql


class ExpectStaffTrained(RecordExpectation):
    """Each person in post has completed a course whose title holds one of `titles`; an old one is for REVIEW.

    It is old when `lasts` is over. Who started less than `within` ago has time left. Who has left, or starts later, is
    out of scope.
    """

    titles: list[str]
    within: str | dict[str, Any]
    lasts: str | dict[str, Any]

    def branches(self, setting: Setting) -> Rule:
        setting.require("user_id")
        start, end = setting.moment("start"), setting.moment("end")
        trained = self._trained(setting)
        done = Moment(trained["done"], trained["done_low"], trained["done_high"])
        starter = all_of([filled(start.at), negate(_before(setting, start.low, str(self.within), "within"))])
        untrained, old = blank(done.at), _before(setting, done.high, str(self.lasts), "lasts")
        perhaps_old = _before(setting, done.low, str(self.lasts), "lasts")
        unsure = [
            negate(_before(setting, start.high, str(self.within), "within")),
            holds(sql(":end < :now", end=end.low, now=setting.now)),
        ]
        to_come = all_of([any_of([untrained, perhaps_old]), holds(sql(":future = 1", future=trained["future"]))])
        return Rule(
            scope=sql(
                "COALESCE(:start <= :now, TRUE) AND COALESCE(:end >= :now, TRUE)",
                start=start.low,
                end=end.high,
                now=setting.now,
            ),
            branches=(
                Branch(starter, Verdict.PASS, "within_period"),
                Branch(to_come, Verdict.INDETERMINATE, "clock_in_future"),
                Branch(all_of([untrained, blank(start.at)]), Verdict.INDETERMINATE, "clock_missing"),
                Branch(all_of([untrained, any_of(unsure)]), Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(untrained, Verdict.FAIL, "not_trained"),
                Branch(old, Verdict.REVIEW, "training_old"),
                Branch(perhaps_old, Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            clock=sql("COALESCE(:done, :start)", done=done.at, start=start.at),
            due=sql(
                "COALESCE(:again, :first)",
                again=plus(local_date(done.at, setting.time_zone), str(self.lasts)),
                first=plus(local_date(start.at, setting.time_zone), str(self.within)),
            ),
            lookups=(trained,),
        )

    def _trained(self, setting: Setting) -> Lookup:
        """(k, done, done_low, done_high, future): the last course of each person, and whether one is still to come."""
        at = setting.other("training", "user_id", "course", "completed_at").moment("completed_at")
        title = plain(exp.column("course", quoted=True))
        past = sql(":at <= :now", at=at.at, now=setting.now)
        query = select(
            "SELECT :key AS k, MAX(CASE WHEN :past THEN :at END) AS done, "
            "MAX(CASE WHEN :past THEN :low END) AS done_low, MAX(CASE WHEN :past THEN :high END) AS done_high, "
            "MAX(CASE WHEN :past THEN 0 ELSE 1 END) AS future "
            "FROM training WHERE user_id IS NOT NULL AND :at IS NOT NULL AND :told GROUP BY :key",
            key=folded(exp.column("user_id", quoted=True)),
            past=past,
            at=at.at,
            low=at.low,
            high=at.high,
            told=any_of(sql("STRPOS(:title, :word) > 0", title=title, word=plain_text(word)) for word in self.titles),
        )
        return Lookup("trained", query, {"k": folded(setting.column("user_id"))})


def _before(setting: Setting, at: exp.Expression, period: str, name: str) -> exp.Expression:
    """The period that the instant starts is over."""
    try:
        boundary = setting.instant(first_lawful(setting.today, period))
    except PeriodError:
        raise NotEvaluated("control_invalid", name) from None
    return holds(sql(":at < :boundary", at=at, boundary=boundary))
