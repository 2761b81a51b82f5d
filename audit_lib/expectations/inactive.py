"""Inactive accounts: an account that nobody uses and no contract covers is looked at."""

from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.contracts import relationship
from audit_lib.expectations.periods import PeriodError, first_lawful, local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, NotEvaluated, Rule, Setting
from audit_lib.expectations.sql import all_of, any_of, blank, negate, sql


class ExpectInactiveAccountsReviewed(RecordExpectation):
    """An account marked active has an open contract, or was used within `period`; else a person must look at it.

    Activity is the last login, else the creation. `contracts`: each `{by, on, kinds, ends_on_start, among}`, any open
    one counts.
    """

    period: str | dict[str, Any]
    contracts: list[dict[str, Any]]

    def branches(self, setting: Setting) -> Rule:
        setting.require("active")
        setting.require_any("last_login_at", "created_at")
        found = [
            relationship(
                setting,
                alias=f"by_{one['by']}",
                record=one["by"],
                contract=one["on"],
                kinds=one["kinds"],
                ends_on_start=one.get("ends_on_start", []),
                among=one.get("among", []),
            )
            for one in self.contracts
        ]
        active = setting.column("active")
        login, created = setting.moment("last_login_at"), setting.moment("created_at")
        clock, earliest, latest = (
            sql("COALESCE(:login, :created)", login=one, created=other)
            for one, other in ((login.at, created.at), (login.low, created.low), (login.high, created.high))
        )
        try:
            boundary = setting.instant(first_lawful(setting.today, str(self.period)))
        except PeriodError:
            raise NotEvaluated("control_invalid", "period") from None
        future = sql(":clock > :now", clock=clock, now=setting.now)
        used = sql(":earliest >= :boundary", earliest=earliest, boundary=boundary)
        near = any_of(
            [
                sql(":latest >= :boundary", latest=latest, boundary=boundary),
                *(all_of([one.perhaps_open(setting), negate(one.unclear)]) for one in found),
            ]
        )
        return Rule(
            scope=sql("COALESCE(:active, TRUE)", active=active),
            branches=(
                Branch(blank(active), Verdict.INDETERMINATE, "active_flag_missing"),
                Branch(any_of(one.open for one in found), Verdict.PASS, "contract_open"),
                Branch(blank(clock), Verdict.INDETERMINATE, "clock_missing"),
                Branch(future, Verdict.INDETERMINATE, "clock_in_future"),
                Branch(used, Verdict.PASS, "within_period"),
                Branch(near, Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(exp.true(), Verdict.REVIEW, "account_inactive"),
            ),
            clock=clock,
            due=plus(local_date(clock, setting.time_zone), str(self.period)),
            lookups=tuple(one.lookup for one in found),
        )
