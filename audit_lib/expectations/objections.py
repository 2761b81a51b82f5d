"""Objections: nothing is sent to a person who has said no."""

from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Rule, Setting
from audit_lib.expectations.sql import (
    all_of,
    any_of,
    blank,
    earliest,
    filled,
    folded,
    holds,
    is_in,
    select,
    sql,
    union_all,
)


class ExpectNothingAfterObjection(RecordExpectation):
    """No record `at` an instant later than an objection of the person, known by `contact` or `email`.

    `objections`: each `{dataset, at, contact, email, where}`: the columns of another dataset, `contact` or `email` may
    be left out. Its records whose columns hold the values of `where` are objections, INDETERMINATE when undated;
    without `where`, those with an instant are.
    """

    at: str
    contact: str
    email: str
    objections: list[dict[str, Any]]

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.at)
        setting.require_any(self.contact, self.email)
        at = setting.moment(self.at)
        contact, email = setting.column(self.contact), setting.column(self.email)
        found = [
            Lookup(f"by_{key}", self._objections(setting, key), {"k": of})
            for key, of in (("contact", contact), ("email", folded(email)))
            if any(key in one for one in self.objections)
        ]

        def each(condition: str, **holes: Any) -> exp.Expression:
            return any_of(
                holds(sql(condition, **{name: one[name] for name in ("low", "high", "undated", "future")}, **holes))
                for one in found
            )

        return Rule(
            branches=(
                Branch(all_of([blank(contact), blank(email)]), Verdict.INDETERMINATE, "recipient_missing"),
                Branch(blank(at.at), Verdict.INDETERMINATE, "clock_missing"),
                Branch(setting.later(at.at), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(each(":at > :high", at=at.low), Verdict.FAIL, "sent_after_objection"),
                Branch(each(":undated = 1"), Verdict.INDETERMINATE, "objection_undated"),
                Branch(each(":future = 1"), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(each(":at > :low", at=at.high), Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            clock=earliest([one["at"] for one in found]),
            lookups=tuple(found),
        )

    def _objections(self, setting: Setting, key: str) -> exp.Select:
        """(k, at, low, high, undated, future): the first objection of each person known by this key."""
        every = union_all([self._said(setting, key, one) for one in self.objections if key in one])
        return select(
            "SELECT k, MIN(at) AS at, MIN(low) AS low, MIN(high) AS high, "
            "MAX(CASE WHEN at IS NULL THEN 1 ELSE 0 END) AS undated, "
            "MAX(CASE WHEN at > :now THEN 1 ELSE 0 END) AS future FROM :every AS o GROUP BY k",
            now=setting.now,
            every=every.subquery(),
        )

    @staticmethod
    def _said(setting: Setting, key: str, one: dict[str, Any]) -> exp.Select:
        where = one.get("where", {})
        relation = setting.other(one["dataset"], one["at"], one[key], *where)
        at, known = relation.moment(one["at"]), exp.column(one[key], quoted=True)
        conditions = [is_in(exp.column(name, quoted=True), values) for name, values in where.items()]
        return select(
            "SELECT :k AS k, :at AS at, :low AS low, :high AS high FROM :dataset AS d WHERE :known AND :objects",
            k=folded(known) if key == "email" else known,
            at=at.at,
            low=at.low,
            high=at.high,
            dataset=exp.to_table(relation.name),
            known=filled(known),
            objects=all_of(conditions) if where else filled(at.at),
        )
