"""Breaches: who must be told of a personal data breach is told in time, and something was done."""

from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, NotEvaluated, Rule, Setting
from audit_lib.expectations.sql import all_of, any_of, blank, filled, holds, is_in, negate, sql
from audit_lib.policy.periods import PeriodError, hours

CONTROLLER, PROCESSOR = "controller", "processor"
UNLIKELY, RISK, HIGH = "unlikely", "risk", "high"


class ExpectBreachesNotified(RecordExpectation):
    """A controller tells the authority `within` hours of awareness, on instants, unless a risk is unlikely and it is
    written why; of a high risk it also tells the people. A processor tells its customer.

    Columns: `role`, `aware`, `risk`, `rationale`, `authority`, `people`, `customer`. While the hours run, a breach that
    the authority has not been told of passes.
    """

    role: str
    aware: str
    within: str | dict[str, Any]
    risk: str
    rationale: str
    authority: str
    people: str
    customer: str

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.role, self.aware, self.risk, self.authority)
        role, risk = setting.column(self.role), setting.column(self.risk)
        aware, told = setting.moment(self.aware), setting.moment(self.authority)
        people, customer = setting.column(self.people), setting.column(self.customer)
        processor, controller = is_in(role, [PROCESSOR]), is_in(role, [CONTROLLER])
        try:
            span = f"INTERVAL '{hours(str(self.within))}' HOUR"
        except PeriodError:
            raise NotEvaluated("control_invalid", "within") from None

        def late(start: exp.Expression, end: exp.Expression) -> exp.Expression:
            """Told too late; or, of nobody told, too late by now."""
            return holds(sql(f"COALESCE(:told, :now) > :aware + {span}", told=end, now=setting.now, aware=start))

        surely, perhaps = late(aware.high, told.low), late(aware.low, told.high)
        runs = all_of([blank(told.at), negate(surely)])
        notifiable = all_of([controller, is_in(risk, [RISK, HIGH])])
        future = [setting.later(at) for at in (aware.at, told.at, people)]
        limit = sql(f":aware + {span}", aware=aware.at)
        return Rule(
            branches=(
                Branch(negate(any_of([processor, controller])), Verdict.INDETERMINATE, "company_role_missing"),
                Branch(
                    all_of([processor, blank(customer)]), setting.verdict_of_blank(self.customer), "customer_not_told"
                ),
                Branch(
                    all_of([processor, sql(":at > :now", at=customer, now=setting.now)]),
                    Verdict.INDETERMINATE,
                    "clock_in_future",
                ),
                Branch(processor, Verdict.PASS, "customer_told"),
                Branch(blank(aware.at), Verdict.INDETERMINATE, "clock_missing"),
                Branch(any_of(future), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(
                    holds(sql(":told < :aware", told=told.high, aware=aware.low)),
                    Verdict.INDETERMINATE,
                    "dated_before_awareness",
                ),
                Branch(negate(is_in(risk, [UNLIKELY, RISK, HIGH])), Verdict.INDETERMINATE, "risk_missing"),
                Branch(
                    all_of([is_in(risk, [UNLIKELY]), blank(setting.column(self.rationale))]),
                    setting.verdict_of_blank(self.rationale),
                    "risk_rationale_missing",
                ),
                Branch(all_of([notifiable, surely, filled(told.at)]), Verdict.FAIL, "authority_told_late"),
                Branch(all_of([notifiable, surely]), Verdict.FAIL, "authority_not_told"),
                Branch(
                    all_of([is_in(risk, [HIGH]), blank(people), negate(runs)]),
                    setting.verdict_of_blank(self.people),
                    "people_not_told",
                ),
                Branch(all_of([notifiable, perhaps]), Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            clock=aware.at,
            due=sql(
                "CASE WHEN :notifiable AND (:told IS NULL OR :perhaps) THEN :day END",
                notifiable=notifiable,
                told=told.at,
                perhaps=perhaps,
                day=local_date(limit, setting.time_zone),
            ),
            ended=local_date(told.at, setting.time_zone),
        )


class ExpectActionTaken(RecordExpectation):
    """Something was done: `action` has an instant, not before that of `since`."""

    action: str
    since: str

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.action, self.since)
        action, since = setting.moment(self.action), setting.moment(self.since)
        future = [setting.later(one.at) for one in (since, action)]
        return Rule(
            branches=(
                Branch(any_of(future), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(blank(action.at), Verdict.FAIL, "action_missing"),
                Branch(blank(since.at), Verdict.INDETERMINATE, "clock_missing"),
                Branch(
                    holds(sql(":act < :since", act=action.high, since=since.low)),
                    Verdict.INDETERMINATE,
                    "dated_before_awareness",
                ),
                Branch(
                    holds(sql(":act < :since", act=action.low, since=since.high)),
                    Verdict.INDETERMINATE,
                    "time_zone_unknown",
                ),
            ),
            clock=since.at,
        )
