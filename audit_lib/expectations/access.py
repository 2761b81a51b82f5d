"""Access: who can reach personal data has a ground for it, and is of a department that may."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.declared_values import plain, said
from audit_lib.expectations.periods import NEVER, Moment, local_date, midnight
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Rule, Setting, Step, of_record
from audit_lib.expectations.sql import (
    all_of,
    any_of,
    blank,
    col,
    filled,
    folded,
    graded,
    holds,
    negate,
    node,
    select,
    sql,
)
from audit_lib.expectations.staff import person

Words = dict[str, list[str]]


class _Level(IntEnum):
    """How well an authorisation grounds a grant, best first."""

    VALID = 0
    TIME_UNKNOWN = 1
    UNCLEAR = 2
    IN_FUTURE = 3
    TOO_LATE = 4
    EXPIRED = 5
    BY_ONESELF = 6


_DOUBTS = (
    (_Level.TIME_UNKNOWN, "time_zone_unknown"),
    (_Level.UNCLEAR, "authorisation_unclear"),
    (_Level.IN_FUTURE, "clock_in_future"),
)
_WRONG = (
    (_Level.TOO_LATE, "authorisation_late"),
    (_Level.EXPIRED, "authorisation_expired"),
    (_Level.BY_ONESELF, "authorised_by_oneself"),
)


class ExpectAccessGrounded(RecordExpectation):
    """Each grant in effect follows from the person's department or job, or from an authorisation.

    Entitlements say what a department or a job opens; `departments`: code -> every way of writing one. An
    authorisation is of the same person and system, given by somebody else before the grant and not expired.
    `applies`: where this column is false the record is out of scope. Whether a person has left is not asked.
    """

    applies: str
    departments: Words = {}

    def branches(self, setting: Setting) -> Rule:
        setting.require("user_id", "system", "role", self.applies)
        applies, grant, owner = setting.column(self.applies), _Grant(setting), person(setting, "department")
        approval, entitled = (
            _Approval(setting, grant.granted),
            of_record("entitled", "entitled_grants"),
        )
        return Rule(
            scope=all_of([sql("COALESCE(:applies, TRUE)", applies=applies), grant.in_effect]),
            branches=(
                Branch(blank(applies), Verdict.INDETERMINATE, "scope_unknown"),
                Branch(grant.in_future, Verdict.INDETERMINATE, "clock_in_future"),
                Branch(blank(setting.column("user_id")), Verdict.FAIL, "account_without_owner"),
                Branch(blank(setting.column("system")), Verdict.INDETERMINATE, "system_missing"),
                Branch(filled(entitled["r"]), Verdict.PASS, "entitled"),
                Branch(approval.is_(_Level.VALID), Verdict.PASS, "authorised"),
                Branch(grant.perhaps_over, Verdict.INDETERMINATE, "time_zone_unknown"),
                *approval.doubts(),
                Branch(owner.nowhere, Verdict.INDETERMINATE, "department_missing"),
                Branch(all_of([owner.known, blank(setting.column("role"))]), Verdict.INDETERMINATE, "right_missing"),
                *(Branch(approval.is_(level), Verdict.FAIL, reason) for level, reason in _WRONG),
                Branch(negate(owner.known), Verdict.FAIL, "account_without_owner"),
                Branch(exp.true(), Verdict.FAIL, "access_without_ground"),
            ),
            clock=grant.granted.at,
            steps=(*self._entitled(setting), approval.step),
            lookups=(owner.lookup, approval.lookup, entitled),
        )

    def _entitled(self, setting: Setting) -> Iterator[Step]:
        """`entitled_grants`: (f, r), the records whose system and right the person's department or job opens."""
        setting.other("entitlements", "department", "system", "role")
        department = exp.column("department", quoted=True)
        yield Step(
            "opened",
            select(
                "SELECT DISTINCT :department AS department, :job AS job, :system AS system, :role AS role "
                "FROM entitlements",
                department=self._department(department),
                job=plain(department),
                system=folded(exp.column("system", quoted=True)),
                role=folded(exp.column("role", quoted=True)),
            ),
        )
        yield Step(
            "workers",
            select(
                "SELECT :user AS k, :department AS department, :job AS job FROM staff WHERE user_id IS NOT NULL",
                user=folded(exp.column("user_id", quoted=True)),
                department=self._department(department),
                job=plain(exp.column("job", quoted=True)),
            ),
        )
        yield Step(
            "entitled_grants",
            select(
                "SELECT DISTINCT b._file AS f, b._row AS r FROM :dataset AS b JOIN workers AS w ON w.k = :user "
                "JOIN opened AS o ON o.system = :system AND o.role = :role "
                "AND (o.department = w.department OR o.job = w.job)",
                dataset=exp.to_table(setting.relation.name),
                user=folded(setting.column("user_id")),
                system=folded(setting.column("system")),
                role=folded(setting.column("role")),
            ),
            rows=True,
        )

    def _department(self, text: exp.Expression) -> exp.Expression:
        """One way of writing for all those of a department."""
        ifs = [exp.If(this=said(text, [code, *ways]), true=node(code)) for code, ways in self.departments.items()]
        return exp.Case(ifs=ifs, default=plain(text)) if ifs else plain(text)


class ExpectAccessWithinDepartments(RecordExpectation):
    """Each grant in effect on one of `systems` is held by a person of `departments` (code -> ways of writing each).

    `also`: more ways of writing one. `to_judge`: departments or jobs of which a person must say. Somebody else with an
    authorisation (see `ExpectAccessGrounded`) is for REVIEW.
    """

    systems: Words
    departments: Words
    also: list[str] | dict[str, Any] = []
    to_judge: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        setting.require("user_id", "system")
        grant, owner = _Grant(setting), person(setting, "department")
        approval = _Approval(setting, grant.granted)
        judged = any_of(said(of, self.to_judge) for of in (owner.department, owner.job))
        declared = said(owner.department, [*_written(self.departments), *self.also])
        system = setting.column("system")
        return Rule(
            scope=all_of([any_of([blank(system), said(system, _written(self.systems))]), grant.in_effect]),
            branches=(
                Branch(blank(system), Verdict.INDETERMINATE, "system_missing"),
                Branch(grant.in_future, Verdict.INDETERMINATE, "clock_in_future"),
                Branch(all_of([negate(judged), declared]), Verdict.PASS, "department_declared"),
                Branch(grant.perhaps_over, Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(judged, Verdict.REVIEW, "department_to_judge"),
                Branch(owner.nowhere, Verdict.INDETERMINATE, "department_missing"),
                Branch(approval.is_(_Level.VALID), Verdict.REVIEW, "authorised_elsewhere"),
                *approval.doubts(),
                Branch(negate(owner.known), Verdict.FAIL, "account_without_owner"),
                Branch(exp.true(), Verdict.FAIL, "department_undeclared"),
            ),
            clock=grant.granted.at,
            steps=(approval.step,),
            lookups=(owner.lookup, approval.lookup),
        )


def _written(words: Words) -> list[str]:
    return [way for code, ways in words.items() for way in (code, *ways)]


class _Grant:
    """When the record's grant begins and whether it is in effect."""

    def __init__(self, setting: Setting) -> None:
        self.granted, revoked = setting.moment("granted_at"), setting.moment("revoked_at")
        self.in_effect = negate(holds(sql(":at <= :now", at=revoked.high, now=setting.now)))
        self.perhaps_over = holds(sql(":at <= :now", at=revoked.low, now=setting.now))
        self.in_future = any_of(setting.later(at) for at in (self.granted.at, revoked.at))


class _Approval:
    """The best authorisation of the record's person on its system."""

    def __init__(self, setting: Setting, granted: Moment) -> None:
        self._setting = setting
        self._granted = granted
        other = setting.other("authorisations", "user_id", "system", "approved_at")
        self._approved = other.moment("approved_at", "a")
        self._expires = other.moment("expires_at", "a") if "expires_at" in other.supplied else NEVER
        self.lookup = of_record("approval", "approvals")

    def is_(self, level: _Level) -> exp.Expression:
        return holds(sql(":found = :level", found=self.lookup["level"], level=level.value))

    def doubts(self) -> Iterator[Branch]:
        for level, reason in _DOUBTS:
            yield Branch(self.is_(level), Verdict.INDETERMINATE, reason)

    @property
    def step(self) -> Step:
        """(f, r, level); a record without any authorisation is not there."""
        query = select(
            "SELECT b._file AS f, b._row AS r, MIN(:level) AS level FROM :dataset AS b "
            "JOIN authorisations AS a ON :user = :of AND :system = :on GROUP BY b._file, b._row",
            level=graded(self._levels(), _Level.VALID),
            dataset=exp.to_table(self._setting.relation.name),
            user=folded(self._setting.column("user_id")),
            of=folded(col("user_id", "a")),
            system=folded(self._setting.column("system")),
            on=folded(col("system", "a")),
        )
        return Step("approvals", query, rows=True)

    def _levels(self) -> Iterator[tuple[exp.Expression, _Level]]:
        """What keeps an authorisation from being valid, worst first."""
        now, approver = self._setting.now, col("approved_by", "a")
        approved, expires, granted = self._approved, self._expires, self._granted
        yield holds(sql(":by = :of", by=folded(approver), of=folded(col("user_id", "a")))), _Level.BY_ONESELF
        yield holds(sql(":at <= :now", at=expires.high, now=now)), _Level.EXPIRED
        yield self._setting.later(approved.at), _Level.IN_FUTURE
        yield self._after_the_grant(approved.low, granted.high), _Level.TOO_LATE
        yield any_of(map(blank, (approved.at, granted.at, approver))), _Level.UNCLEAR
        late = self._after_the_grant(approved.high, granted.low)
        yield any_of([late, holds(sql(":at <= :now", at=expires.low, now=now))]), _Level.TIME_UNKNOWN

    def _after_the_grant(self, approved: exp.Expression, granted: exp.Expression) -> exp.Expression:
        """A grant dated by its day alone may have been made at any hour of it."""
        zone = self._setting.time_zone
        same_day = sql(":approved = :granted", approved=local_date(approved, zone), granted=local_date(granted, zone))
        on_its_day = all_of([midnight(self._granted.at, zone), same_day])
        return holds(all_of([sql(":approved > :granted", approved=approved, granted=granted), negate(on_its_day)]))
