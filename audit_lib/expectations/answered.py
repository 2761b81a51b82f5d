"""Answered: who asks has an answer by the last lawful day, and is told in time of an extension."""

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import NEVER, Moment, PeriodError, local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, NotEvaluated, Rule, Setting, Step
from audit_lib.expectations.sql import all_of, any_of, blank, filled, holds, is_in, negate, sql
from audit_lib.expectations.working_days import moved, working


class _LastDays:
    """The last lawful days that a rule asks for; `roll`: to a working day."""

    def __init__(self, setting: Setting, *, roll: bool) -> None:
        self._setting = setting
        self._roll = roll
        self._found: dict[tuple[str, str], exp.Expression] = {}
        self.lookups: list[Lookup] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        return moved(self._setting) if self._roll else ()

    def __call__(self, at: exp.Expression, period: str) -> exp.Expression:
        """Of a period that an instant starts, whose own day is not counted (Reg. 1182/71, art. 3)."""
        asked = at.sql(), period
        if asked not in self._found:
            try:
                day = plus(self.day(at), period)
            except PeriodError:
                raise NotEvaluated("control_invalid", "period") from None
            self._found[asked] = self._rolled(day) if self._roll else day
        return self._found[asked]

    def _rolled(self, day: exp.Expression) -> exp.Expression:
        rolled, lookup = working(day, f"rolled{len(self.lookups)}")
        self.lookups.append(lookup)
        return rolled

    def day(self, at: exp.Expression) -> exp.Expression:
        return local_date(at, self._setting.time_zone)


class Deadline:
    """The last lawful day of a request at `received`, extended or not: see ExpectAnsweredInTime.

    `due` as read; `longest` and `shortest` differ where an hour without an offset, or half of what makes an extension
    count, leaves a doubt.
    """

    def __init__(
        self, setting: Setting, received: Moment, period: str, *, roll: bool, extension: Mapping[str, Any]
    ) -> None:
        self._days = _LastDays(setting, roll=roll)
        self._period = period
        self._extension = extension
        self._reason = setting.column(extension["reason"]) if extension else exp.null()
        self.told = told = setting.moment(extension["notified"]) if extension else NEVER
        self.longest = self._last(received.high, told.low, half_too=True)
        self.shortest = self._last(received.low, told.high, half_too=False)
        self.due = self._last(received.at, told.at, half_too=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        return self._days.steps

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        return tuple(self._days.lookups)

    def day(self, at: exp.Expression) -> exp.Expression:
        return self._days.day(at)

    def doubts(self, perhaps: exp.Expression) -> tuple[Branch, ...]:
        """Why a record that is late by the shortest day, and not by the longest, is in doubt."""
        near = Branch(perhaps, Verdict.INDETERMINATE, "time_zone_unknown")
        if not self._extension:
            return (near,)
        told = self.told.at
        no_reason, no_day = (
            all_of([perhaps, filled(one), blank(other)]) for one, other in ((told, self._reason), (self._reason, told))
        )
        return (
            Branch(no_reason, Verdict.INDETERMINATE, "extension_reason_missing"),
            Branch(no_day, Verdict.INDETERMINATE, "extension_undated"),
            near,
        )

    def _last(self, start: exp.Expression, notified: exp.Expression, *, half_too: bool) -> exp.Expression:
        first = self._days(start, self._period)
        if not self._extension:
            return first
        reason = self._reason
        in_time = holds(sql(":told <= :first", told=self.day(notified), first=first))
        valid = is_in(reason, self._extension["reasons"])
        sure = all_of([in_time, valid])
        half = [all_of([in_time, blank(reason)]), all_of([blank(notified), valid])]
        return sql(
            "CASE WHEN :counts THEN :extended ELSE :first END",
            counts=any_of([sure, *half]) if half_too else sure,
            extended=self._days(start, self._extension["period"]),
            first=first,
        )


class ExpectAnsweredInTime(RecordExpectation):
    """A request at `received` has its answer (`answered`) within `period`; its last day is lawful.

    `roll`: a last day that is no working day moves to the next one. `extension`: {notified, reason: columns; reasons:
    the valid ones; period: from receipt}; it counts when it was told within the first period for a valid reason; where
    one of both is blank and decides, the record is INDETERMINATE. A request that is open passes until its last day.
    """

    received: str
    answered: str
    period: str | dict[str, Any]
    roll: bool = False
    extension: dict[str, Any] = {}

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.received, self.answered)
        received, answered = setting.moment(self.received), setting.moment(self.answered)
        deadline = Deadline(setting, received, str(self.period), roll=self.roll, extension=self.extension)

        def late(end: exp.Expression, until: exp.Expression) -> exp.Expression:
            return holds(sql("COALESCE(:day, :today) > :last", day=deadline.day(end), today=setting.today, last=until))

        surely, perhaps = late(answered.low, deadline.longest), late(answered.high, deadline.shortest)
        return Rule(
            branches=(
                *clocks(setting, received, [answered, deadline.told]),
                Branch(all_of([surely, filled(answered.at)]), Verdict.FAIL, "answered_late"),
                Branch(surely, Verdict.FAIL, "not_answered"),
                *deadline.doubts(perhaps),
            ),
            clock=received.at,
            due=_unless_done(answered.at, perhaps, deadline.due),
            ended=deadline.day(answered.at),
            steps=deadline.steps,
            lookups=deadline.lookups,
        )


class ExpectExtensionsToldInTime(RecordExpectation):
    """An extension is told at `notified` within `period` of `received`, for one of the `reasons` (column `reason`).

    Records without an extension are out of scope. `roll`: a last day that is no working day moves to the next one.
    """

    received: str
    notified: str
    reason: str
    reasons: list[str]
    period: str | dict[str, Any]
    roll: bool = False

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.received, self.notified, self.reason)
        days = _LastDays(setting, roll=self.roll)
        received, notified = setting.moment(self.received), setting.moment(self.notified)
        reason = setting.column(self.reason)

        def late(start: exp.Expression, told: exp.Expression) -> exp.Expression:
            return holds(sql(":day > :last", day=days.day(told), last=days(start, str(self.period))))

        return Rule(
            scope=any_of([filled(notified.at), filled(reason)]),
            branches=(
                *clocks(setting, received, [notified]),
                Branch(blank(notified.at), Verdict.INDETERMINATE, "extension_undated"),
                Branch(late(received.high, notified.low), Verdict.FAIL, "extension_late"),
                Branch(
                    all_of([filled(reason), negate(is_in(reason, self.reasons))]),
                    Verdict.FAIL,
                    "extension_reason_invalid",
                ),
                Branch(late(received.low, notified.high), Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(blank(reason), Verdict.INDETERMINATE, "extension_reason_missing"),
            ),
            clock=received.at,
            due=_unless_done(notified.at, late(received.low, notified.high), days(received.at, str(self.period))),
            ended=days.day(notified.at),
            steps=days.steps,
            lookups=tuple(days.lookups),
        )


def _unless_done(act: exp.Expression, late: exp.Expression, due: exp.Expression) -> exp.Expression:
    """The last lawful day while it matters: what was done in time is due no more."""
    return sql("CASE WHEN :act IS NULL OR :late THEN :due END", act=act, late=late, due=due)


def clocks(setting: Setting, received: Moment, acts: list[Moment]) -> tuple[Branch, ...]:
    """What the dates themselves leave open: none, one that is to come, an act before what it answers."""
    future = [sql(":at > :now", at=one.at, now=setting.now) for one in (received, *acts)]
    before = [holds(sql(":act < :start", act=one.high, start=received.low)) for one in acts]
    return (
        Branch(blank(received.at), Verdict.INDETERMINATE, "clock_missing"),
        Branch(any_of(map(holds, future)), Verdict.INDETERMINATE, "clock_in_future"),
        Branch(any_of(before), Verdict.INDETERMINATE, "dated_before_request"),
    )
