"""Covering: another dataset holds a record that covers this one, of the same key, in force at its time."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.declared_values import said
from audit_lib.expectations.periods import NEVER, Moment, local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Relation, Rule, Setting, Step, of_record
from audit_lib.expectations.sql import (
    all_of,
    any_of,
    blank,
    col,
    earliest,
    filled,
    folded,
    graded,
    holds,
    is_in,
    negate,
    node,
    owned,
    select,
    sql,
)

Words = dict[str, list[str]]


class _Level(IntEnum):
    """How well a record covers, best first."""

    COVERS = 0
    TO_JUDGE = 1
    TIME_UNKNOWN = 2
    UNCLEAR = 3
    TOO_LATE = 4
    ENDED = 5
    NOT_VALID = 6


_VERDICTS = (
    (_Level.TO_JUDGE, Verdict.REVIEW, "cover_to_review"),
    (_Level.TIME_UNKNOWN, Verdict.INDETERMINATE, "time_zone_unknown"),
    (_Level.UNCLEAR, Verdict.INDETERMINATE, "cover_unclear"),
    (_Level.TOO_LATE, Verdict.FAIL, "cover_too_late"),
    (_Level.ENDED, Verdict.FAIL, "cover_ended"),
    (_Level.NOT_VALID, Verdict.FAIL, "cover_not_valid"),
)


class ExpectCoveringRecord(RecordExpectation):
    """A record of `covering` covers each record: the same `by` (record's column -> its column, case and outer spaces
    apart), from `since` to `until` (its columns; a blank end is open), when the record happens.

    A record happens at the first of `at` that is filled, and lasts to the first of `through` that is, at most to now;
    without `through` it lasts no time. `by_day`: days are compared, first and last included; otherwise instants, and
    what ends at the record's instant no longer covers. `same`: record's column -> its column; where both are equal, it
    need not have begun before.

    `of`: column of the covering dataset -> the values that one must have to be looked at; `of_each`: the same where it
    depends on the record: its column -> its value -> `of`. `valid`: the values that make it cover, `to_judge`: those of
    which a person must say; a blank value may be any of them, and where `invalid` ones are given any other may too.
    `proofs`: its columns that must be filled. The best covering record decides.
    """

    covering: str
    by: dict[str, str]
    at: list[str]
    through: list[str] = []
    since: str
    until: str = ""
    by_day: bool = False
    of: Words = {}
    of_each: dict[str, dict[str, Words]] = {}
    same: dict[str, str] = {}
    valid: Words = {}
    to_judge: Words = {}
    invalid: Words = {}
    proofs: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        setting.require(*self.by)
        setting.require_any(*self.at)
        happens = first_of(setting, self.at)
        keys = [setting.column(name) for name in self.by]
        best = of_record("best", "covers")
        return Rule(
            branches=(
                Branch(any_of(blank(key) for key in keys), Verdict.INDETERMINATE, "cover_key_missing"),
                Branch(blank(happens.at), Verdict.INDETERMINATE, "clock_missing"),
                Branch(setting.later(happens.at), Verdict.INDETERMINATE, "clock_in_future"),
                *(
                    Branch(holds(sql(":best = :level", best=best["level"], level=level.value)), verdict, reason)
                    for level, verdict, reason in _VERDICTS
                    if not (level is _Level.TO_JUDGE and not self.to_judge)
                    and not (level is _Level.NOT_VALID and not self.valid)
                ),
                Branch(blank(best["level"]), Verdict.FAIL, "cover_missing"),
            ),
            clock=happens.at,
            steps=(Step("covers", self._covers(setting, happens), rows=True),),
            lookups=(best,),
        )

    def _covers(self, setting: Setting, happens: Moment) -> exp.Query:
        """(f, r, level): the best that each record finds; a record without a candidate is not there."""
        other = setting.other(self.covering, *self.by.values(), self.since, *self._named(), *self.valid)
        query = select(
            "SELECT b._file AS f, b._row AS r, MIN(:level) AS level FROM :dataset AS b GROUP BY b._file, b._row",
            level=graded(self._levels(setting, other, happens), _Level.COVERS),
            dataset=exp.to_table(setting.relation.name),
        )
        same = [
            sql(":mine = :theirs", mine=folded(setting.column(mine)), theirs=folded(col(theirs, "c")))
            for mine, theirs in self.by.items()
        ]
        candidate = [_may_say(self.of)]
        for mine, values in self.of_each.items():
            own = setting.column(mine)
            candidate.append(any_of(all_of([is_in(own, [value]), _may_say(of)]) for value, of in values.items()))
        return query.join(exp.to_table(self.covering).as_("c"), on=all_of([*same, *candidate]))

    def _named(self) -> list[str]:
        """The columns of the covering dataset that say whether a record of it is looked at."""
        each = (name for values in self.of_each.values() for of in values.values() for name in of)
        return list(dict.fromkeys([*self.of, *each]))

    def _levels(self, setting: Setting, other: Relation, happens: Moment) -> Iterator[tuple[exp.Expression, _Level]]:
        """What keeps a candidate from covering, worst first."""
        yield any_of(self._is_not(name, words) for name, words in self.valid.items()), _Level.NOT_VALID
        span = _Span(setting, happens, self._lasts(setting, happens), by_day=self.by_day)
        since = other.moment(self.since, "c")
        until = other.moment(self.until, "c") if self.until in other.supplied else NEVER
        same = any_of(
            holds(sql(":mine = :theirs", mine=setting.column(mine), theirs=col(theirs, "c")))
            for mine, theirs in self.same.items()
        )
        other_time = negate(same)
        yield holds(sql(":until < :since", until=until.high, since=since.low)), _Level.UNCLEAR
        yield span.ends_before(until.high), _Level.ENDED
        yield all_of([other_time, span.begins_after(since.low)]), _Level.TOO_LATE
        yield any_of(blank(col(name, "c")) for name in self._named()), _Level.UNCLEAR
        yield any_of(negate(self._may_be(name, words)) for name, words in self.valid.items()), _Level.UNCLEAR
        yield all_of([other_time, blank(since.at)]), _Level.UNCLEAR
        yield holds(sql(":since > :now", since=since.at, now=setting.now)), _Level.UNCLEAR
        yield span.may_end_before(until.low), _Level.TIME_UNKNOWN
        yield all_of([other_time, span.may_begin_after(since.high)]), _Level.TIME_UNKNOWN
        yield any_of(said(col(name, "c"), words) for name, words in self.to_judge.items()), _Level.TO_JUDGE
        yield any_of(blank(col(name, "c")) for name in self.proofs), _Level.UNCLEAR

    def _is_not(self, name: str, words: list[str]) -> exp.Expression:
        column = col(name, "c")
        if name in self.invalid:
            return said(column, self.invalid[name])
        return all_of([filled(column), negate(self._may_be(name, words))])

    def _may_be(self, name: str, words: list[str]) -> exp.Expression:
        return said(col(name, "c"), [*words, *self.to_judge.get(name, [])])

    def _lasts(self, setting: Setting, happens: Moment) -> Moment:
        if not self.through:
            return happens
        last = first_of(setting, self.through)
        return Moment(*(earliest([node(setting.now), end]) for end in (last.at, last.low, last.high)))


def _may_say(of: Words) -> exp.Expression:
    """Each of these columns of the covering record says one of its words, or nothing."""
    return all_of(any_of([blank(col(name, "c")), said(col(name, "c"), words)]) for name, words in of.items())


@dataclass(frozen=True)
class _Span:
    """The time of the record that must be covered, compared by day or by instant."""

    setting: Setting
    first: Moment
    last: Moment
    by_day: bool

    def begins_after(self, since: exp.Expression) -> exp.Expression:
        """The cover surely begins after the record, `since` being the earliest that it may begin."""
        return holds(sql(":since > :first", since=self._day(since), first=self._day(self.first.high)))

    def may_begin_after(self, since: exp.Expression) -> exp.Expression:
        return holds(sql(":since > :first", since=self._day(since), first=self._day(self.first.low)))

    def ends_before(self, until: exp.Expression) -> exp.Expression:
        """The cover surely ends before the record does, `until` being the latest that it may end."""
        return self._over(until, self.last.low)

    def may_end_before(self, until: exp.Expression) -> exp.Expression:
        return self._over(until, self.last.high)

    def _over(self, until: exp.Expression, last: exp.Expression) -> exp.Expression:
        sign = "<" if self.by_day else "<="
        return holds(sql(f":until {sign} :last", until=self._day(until), last=self._day(last)))

    def _day(self, at: exp.Expression) -> exp.Expression:
        return local_date(at, self.setting.time_zone) if self.by_day else at


def first_of(setting: Setting, names: list[str]) -> Moment:
    """The first of these columns that is filled, as a moment."""
    moments = [setting.moment(name) for name in names]
    if len(moments) == 1:
        return moments[0]
    ends = ([getattr(one, end) for one in moments] for end in ("at", "low", "high"))
    return Moment(*(exp.func("COALESCE", *map(owned, values)) for values in ends))
