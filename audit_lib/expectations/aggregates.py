"""Aggregates: after a period only counts by a few coarse columns are kept."""

from typing import Any, ClassVar

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import PeriodError, first_lawful, local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, NotEvaluated, Rule, Setting
from audit_lib.expectations.scanned import naming
from audit_lib.expectations.sql import all_of, any_of, blank, earliest, filled, holds, is_in, matches, negate, sql

_MONTH = "^[0-9]{4}-(0[1-9]|1[0-2])$"


class ExpectOnlyAggregatesAfter(RecordExpectation):
    """A record older than `period` holds nothing but the `allowed` columns, and stands for at least `k` people.

    The record is as old as its instant `at` or the last day of its `month` (YYYY-MM), whichever is older. An instant
    that is no first instant of a month is itself a detail. `masks`: values of a column that hold nothing. `count`
    below `k` is REVIEW.
    """

    limits_retention: ClassVar[bool] = True

    period: str | dict[str, Any]
    at: str
    month: str
    count: str
    k: int | dict[str, Any] = pydantic.Field(ge=1)
    allowed: list[str]
    masks: dict[str, list[str]] = {}

    def branches(self, setting: Setting) -> Rule:
        setting.require_any(self.at, self.month)
        moment, month = setting.moment(self.at), setting.column(self.month)
        at = moment.at
        try:
            first = first_lawful(setting.today, str(self.period))
            boundary = setting.instant(first)
        except PeriodError:
            raise NotEvaluated("control_invalid", "period") from None
        is_month = matches(month, _MONTH)
        starts = sql("CASE WHEN :is_month THEN CAST(CONCAT(:month, '-01') AS DATE) END", is_month=is_month, month=month)
        ends = sql("CAST(:next - INTERVAL '1' DAY AS DATE)", next=plus(starts, "P1M"))
        # Months are compared as they are written; a month is over before a day when it is before that day's month.
        over, ahead = (
            holds(
                sql(f"CASE WHEN :month {sign} :limit THEN :is_month END", month=month, limit=limit, is_month=is_month)
            )
            for sign, limit in (("<", f"{first:%Y-%m}"), (">", f"{setting.today:%Y-%m}"))
        )
        old = any_of([holds(sql(":at < :boundary", at=moment.high, boundary=boundary)), over])
        near = holds(sql(":at < :boundary", at=moment.low, boundary=boundary))
        future = any_of([setting.later(at), ahead])
        undated = all_of([blank(at), negate(is_month)])
        kept = self._kept(setting, at)
        small = holds(sql(":count < :k", count=setting.column(self.count), k=int(str(self.k))))
        return Rule(
            scope=any_of([undated, future, near, old]),
            branches=(
                Branch(undated, Verdict.INDETERMINATE, "clock_missing"),
                Branch(all_of([negate(old), future]), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(negate(old), Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(any_of(kept.values()), Verdict.FAIL, "not_aggregated"),
                Branch(small, Verdict.REVIEW, "small_cell"),
            ),
            clock=earliest([at, sql("CAST(:ends AS TIMESTAMP)", ends=ends)]),
            due=plus(earliest([local_date(at, setting.time_zone), ends]), str(self.period)),
            detail=naming(kept),
        )

    def _kept(self, setting: Setting, at: exp.Expression) -> dict[str, exp.Expression]:
        """Columns that hold a detail, by name."""
        relation = setting.relation
        allowed = {*self.allowed, *relation.key, self.at}
        present = [*(name for name in relation.columns if name in relation.supplied), *relation.extras]
        kept = {}
        for name in present:
            if name in allowed:
                continue
            column = setting.column(name)
            held = [filled(column)]
            if name in self.masks:
                held.append(negate(is_in(column, self.masks[name])))
            kept[name] = all_of(held)
        local = sql(":at AT TIME ZONE 'UTC' AT TIME ZONE :zone", at=at, zone=setting.time_zone)
        exact = sql(":local <> DATE_TRUNC('MONTH', :local)", local=local)
        return {self.at: holds(exact), **kept}
