"""Measures: what must be in place on each record, and seen lately enough to be believed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import PeriodError, first_lawful, local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, NotEvaluated, Rule, Setting
from audit_lib.expectations.scanned import naming
from audit_lib.expectations.sql import FALSE, TRUE, any_of, blank, holds, matches, negate, replace_all, sql

# Of what is asked, in the order in which a record is told of it.
_WRONG = ("measure_missing", "version_too_low", "certificate_expired", "not_seen_lately")
_UNKNOWN = ("clock_in_future", "time_zone_unknown", "measure_unknown")


@dataclass(frozen=True)
class _Asked:
    """One thing that is asked of a column: a reason and whether it holds, surely wrong or not to be told."""

    column: str
    reason: str
    holds: exp.Expression


class ExpectMeasuresInPlace(RecordExpectation):
    """Each column of `measures` is true; a blank one is INDETERMINATE, and so is a blank one of `told`.

    `applies`: where this column is false the record is out of scope. `accepts`: a column with the oldest version that
    is accepted, a number in a text such as TLS 1.2, which is `oldest` or newer; a text with a word of `older` is too
    old. `expires`: a column later than the audit's instant. `seen`: a column of which the last lawful day is `within`
    later. `past`: columns of what has happened; in the future they prove nothing.
    """

    measures: list[str]
    told: list[str] = []
    applies: str = ""
    accepts: str = ""
    oldest: float | dict[str, Any] = 0
    older: list[str] = []
    expires: str = ""
    seen: str = ""
    within: str | dict[str, Any] = ""
    past: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        setting.require(*self.measures, *([self.applies] if self.applies else []))
        asked = [
            *self._measures(setting),
            *(self._version(setting) if self.accepts else ()),
            *(self._expiry(setting) if self.expires else ()),
            *(self._sighting(setting) if self.seen else ()),
        ]
        applies = setting.column(self.applies) if self.applies else TRUE
        return Rule(
            scope=sql("COALESCE(:applies, TRUE)", applies=applies),
            branches=(
                Branch(blank(applies) if self.applies else FALSE, Verdict.INDETERMINATE, "scope_unknown"),
                *(Branch(_any(asked, reason), Verdict.FAIL, reason) for reason in _WRONG),
                *(Branch(_any(asked, reason), Verdict.INDETERMINATE, reason) for reason in _UNKNOWN),
            ),
            detail=naming({name: any_of(one.holds for one in asked if one.column == name) for name in _names(asked)}),
        )

    def _measures(self, setting: Setting) -> Iterator[_Asked]:
        for name in self.measures:
            yield _Asked(name, "measure_missing", holds(negate(setting.column(name))))
        for name in (*self.measures, *self.told):
            yield _Asked(name, "measure_unknown", blank(setting.column(name)))
        for name in self.past:
            yield _Asked(name, "clock_in_future", setting.later(setting.column(name)))

    def _version(self, setting: Setting) -> Iterator[_Asked]:
        told = setting.column(self.accepts)
        number = replace_all(replace_all(told, "^[^0-9]*", ""), "[^0-9.].*$", "")
        version = sql(
            "CASE WHEN :number_ THEN CAST(:number AS DECIMAL(9, 3)) END",
            number_=matches(number, "^[0-9]+([.][0-9]+)?$"),
            number=number,
        )
        low = sql(":version < CAST(:oldest AS DECIMAL(9, 3))", version=version, oldest=str(self.oldest))
        worded = [sql("STRPOS(LOWER(:told), :word) > 0", told=told, word=word) for word in self.older]
        yield _Asked(self.accepts, "version_too_low", any_of(map(holds, [low, *worded])))
        yield _Asked(self.accepts, "measure_unknown", blank(version))

    def _expiry(self, setting: Setting) -> Iterator[_Asked]:
        end = setting.moment(self.expires)
        over, perhaps = (holds(sql(":end <= :now", end=at, now=setting.now)) for at in (end.high, end.low))
        yield _Asked(self.expires, "certificate_expired", over)
        yield _Asked(self.expires, "time_zone_unknown", perhaps)
        yield _Asked(self.expires, "measure_unknown", blank(end.at))

    def _sighting(self, setting: Setting) -> Iterator[_Asked]:
        seen = setting.moment(self.seen)
        try:
            first = first_lawful(setting.today, str(self.within))
        except PeriodError:
            raise NotEvaluated("control_invalid", "within") from None
        old, perhaps = (
            holds(sql(":day < :first", day=local_date(at, setting.time_zone), first=first))
            for at in (seen.high, seen.low)
        )
        yield _Asked(self.seen, "not_seen_lately", old)
        yield _Asked(self.seen, "clock_in_future", setting.later(setting.column(self.seen)))
        yield _Asked(self.seen, "time_zone_unknown", perhaps)
        yield _Asked(self.seen, "measure_unknown", blank(seen.at))


def _any(asked: list[_Asked], reason: str) -> exp.Expression:
    return any_of(one.holds for one in asked if one.reason == reason)


def _names(asked: list[_Asked]) -> list[str]:
    return list(dict.fromkeys(one.column for one in asked))
