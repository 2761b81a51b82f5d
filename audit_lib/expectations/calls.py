"""Calls: recordings are stored where the policy says, and gone once their user asked for it."""

from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import Moment, PeriodError, local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, NotEvaluated, Rule, Setting, Step
from audit_lib.expectations.sql import all_of, any_of, blank, filled, holds, is_in, negate, select, sql


class ExpectStoredWherePromised(RecordExpectation):
    """`store` is one of `promised`, or one of `on_request` with a reference in the column `request`.

    A blank store is INDETERMINATE.
    """

    store: str
    promised: list[str]
    on_request: list[str] = []
    request: str

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.store)
        store = setting.column(self.store)
        unasked = all_of([is_in(store, self.on_request), blank(setting.column(self.request))])
        return Rule(
            branches=(
                Branch(blank(store), Verdict.INDETERMINATE, "store_missing"),
                Branch(negate(is_in(store, [*self.promised, *self.on_request])), Verdict.FAIL, "store_not_promised"),
                Branch(unasked, setting.verdict_of_blank(self.request), "storage_request_missing"),
            ),
        )


class ExpectGoneAfterRequest(RecordExpectation):
    """A record is no longer there once `within` has passed since its deletion was asked for (`requested`); the last
    day is lawful.

    A request on one record covers all of the same `name`, and the earliest counts; records that nobody asked to delete
    are out of scope. `deleted`: true for a copy that can still be restored, however long: it is still there. `past`:
    columns of what has happened; in the future they prove nothing.
    """

    requested: str
    within: str | dict[str, Any]
    name: str
    deleted: str
    past: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.requested, self.name)
        asked = Lookup("asked", select("SELECT * FROM requests"), {"k": setting.column(self.name)})
        requested = self._earliest(setting, asked)
        try:
            due, first, last = (plus(local_date(at, setting.time_zone), str(self.within)) for at in _ends(requested))
        except PeriodError:
            raise NotEvaluated("control_invalid", "within") from None
        surely, perhaps = (holds(sql(":today > :day", today=setting.today, day=day)) for day in (last, first))
        deleted = holds(setting.column(self.deleted))
        future = [requested.at, *map(setting.column, self.past)]
        return Rule(
            scope=filled(requested.at),
            branches=(
                Branch(
                    any_of(setting.later(at) for at in future),
                    Verdict.INDETERMINATE,
                    "clock_in_future",
                ),
                Branch(all_of([surely, deleted]), Verdict.FAIL, "deleted_copy_kept"),
                Branch(surely, Verdict.FAIL, "kept_after_request"),
                Branch(perhaps, Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            clock=requested.at,
            due=due,
            steps=(Step("requests", self._requests(setting), groups=(self.name,)),),
            lookups=(asked,),
        )

    def _earliest(self, setting: Setting, asked: Lookup) -> Moment:
        own = setting.moment(self.requested)
        return Moment(
            *(
                sql("COALESCE(:of_name, :own)", of_name=asked[end], own=at)
                for end, at in zip(_ENDS, _ends(own), strict=True)
            )
        )

    def _requests(self, setting: Setting) -> exp.Select:
        """(k, at, low, high): the earliest request on each name."""
        name, requested = setting.column(self.name), setting.moment(self.requested)
        return select(
            "SELECT :name AS k, MIN(:at) AS at, MIN(:low) AS low, MIN(:high) AS high FROM :dataset AS b "
            "WHERE :name IS NOT NULL AND :at IS NOT NULL GROUP BY :name",
            name=name,
            at=requested.at,
            low=requested.low,
            high=requested.high,
            dataset=exp.to_table(setting.relation.name),
        )


_ENDS = ("at", "low", "high")


def _ends(moment: Moment) -> tuple[exp.Expression, exp.Expression, exp.Expression]:
    return moment.at, moment.low, moment.high
