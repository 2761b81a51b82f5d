"""Storage access: who is not the customer reads the customer's objects as a secure admin, when the customer asked."""

from collections.abc import Iterator
from enum import IntEnum

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import Moment, local_date, midnight
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Rule, Setting, Step, of_record
from audit_lib.expectations.sql import (
    all_of,
    any_of,
    blank,
    col,
    filled,
    folded,
    graded,
    holds,
    is_in,
    negate,
    replace_all,
    select,
    sql,
)


class _Request(IntEnum):
    """What a request of the customer is worth for an access, best first."""

    COVERS = 0
    TIME_UNKNOWN = 1
    UNDATED = 2
    REQUESTER_UNKNOWN = 3
    OBJECT_UNKNOWN = 4
    NOT_AUTHORISED = 5
    OUT_OF_SCOPE = 6
    CLOSED = 7
    OPENED_AFTER = 8


_BREACHES = (
    (_Request.NOT_AUTHORISED, "requester_not_authorised"),
    (_Request.OUT_OF_SCOPE, "request_out_of_scope"),
    (_Request.CLOSED, "request_closed"),
    (_Request.OPENED_AFTER, "request_opened_after"),
)
_DOUBTS = (
    (_Request.TIME_UNKNOWN, "time_zone_unknown"),
    (_Request.UNDATED, "request_undated"),
    (_Request.REQUESTER_UNKNOWN, "requester_unknown"),
    (_Request.OBJECT_UNKNOWN, "object_missing"),
)


class SecureAdmins(pydantic.BaseModel):
    """Who may access: a dataset and its columns. Days, first and last included; a blank end is open."""

    dataset: str
    principal: str
    since: str
    until: str

    class Config:
        extra = pydantic.Extra.forbid


class CustomerRequests(pydantic.BaseModel):
    """What customers asked: a dataset and its columns. Separated by `;`, `scope` names what was asked for; blank or one
    of `everything`, it covers all. A request closed on a day without an hour is open that whole day.
    """

    dataset: str
    customer: str
    authorised: str
    opened: str
    closed: str
    scope: str
    everything: list[str] = []

    class Config:
        extra = pydantic.Extra.forbid


class ExpectAccessOnCustomerRequest(RecordExpectation):
    """An access at `at` by a `principal` that is not the customer's is one of a secure admin on that day, while a
    request of the same `customer` is open. Names and ids are compared apart from case and outer spaces.

    `organisation`: column with whose principal it is; one of `customers` is out of scope. `identity`: column with how
    the principal was known; `keys` name nobody, `tokens` name nobody where no principal is written. `gap`: true where
    the log itself has a hole. `object`: column with what was accessed.
    Of several requests the best decides.
    """

    at: str
    principal: str
    organisation: str
    customers: list[str]
    identity: str
    keys: list[str]
    tokens: list[str] = []
    customer: str
    object: str
    gap: str
    admins: SecureAdmins
    requests: CustomerRequests

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.at, self.principal)
        at, principal = setting.moment(self.at), setting.column(self.principal)
        organisation, identity = setting.column(self.organisation), setting.column(self.identity)
        gap = holds(setting.column(self.gap))
        admin, request = of_record("admin", "admins"), of_record("request", "requests")
        nobody = any_of([is_in(identity, self.keys), all_of([is_in(identity, self.tokens), blank(principal)])])
        return Rule(
            scope=any_of([gap, negate(is_in(organisation, self.customers))]),
            branches=(
                Branch(gap, Verdict.INDETERMINATE, "log_gap"),
                Branch(setting.later(at.at), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(nobody, Verdict.FAIL, "shared_key_used"),
                Branch(blank(principal), Verdict.FAIL, "principal_unknown"),
                Branch(blank(organisation), Verdict.INDETERMINATE, "organisation_missing"),
                Branch(blank(at.at), Verdict.INDETERMINATE, "clock_missing"),
                Branch(blank(admin["perhaps"]), Verdict.FAIL, "not_secure_admin"),
                Branch(blank(setting.column(self.customer)), Verdict.INDETERMINATE, "customer_missing"),
                Branch(blank(request["level"]), Verdict.FAIL, "request_missing"),
                *(Branch(_is(request, level), Verdict.FAIL, reason) for level, reason in _BREACHES),
                Branch(
                    holds(sql(":perhaps = 1", perhaps=admin["perhaps"])), Verdict.INDETERMINATE, "time_zone_unknown"
                ),
                *(Branch(_is(request, level), Verdict.INDETERMINATE, reason) for level, reason in _DOUBTS),
            ),
            clock=at.at,
            steps=(
                Step("admins", self._admins(setting, at), rows=True),
                Step("requests", self._requests(setting, at), rows=True),
            ),
            lookups=(admin, request),
        )

    def _admins(self, setting: Setting, at: Moment) -> exp.Select:
        """(f, r, perhaps): the accesses by a secure admin of that day; perhaps 1: only if an unknown offset says so."""
        said = self.admins
        other = setting.other(said.dataset, said.principal, said.since, said.until)
        first, last = other.moment(said.since, "a"), other.moment(said.until, "a")

        def outside(
            early: exp.Expression, late: exp.Expression, first: exp.Expression, last: exp.Expression
        ) -> exp.Expression:
            days = {"early": early, "late": late, "first": first, "last": last}
            local = {name: local_date(one, setting.time_zone) for name, one in days.items()}
            return holds(sql(":early < :first OR :late > :last", **local))

        query = select(
            "SELECT b._file AS f, b._row AS r, MIN(CASE WHEN :perhaps THEN 1 ELSE 0 END) AS perhaps "
            "FROM :dataset AS b GROUP BY b._file, b._row",
            perhaps=outside(at.low, at.high, first.high, last.low),
            dataset=exp.to_table(setting.relation.name),
        )
        same = _same(setting.column(self.principal), col(said.principal, "a"))
        inside = negate(outside(at.high, at.low, first.low, last.high))
        return query.join(exp.to_table(said.dataset).as_("a"), on=all_of([same, inside]))

    def _requests(self, setting: Setting, at: Moment) -> exp.Select:
        """(f, r, level): the best request of the customer for each access by a secure admin."""
        query = select(
            "SELECT b._file AS f, b._row AS r, MIN(:level) AS level FROM :dataset AS b "
            "JOIN admins AS a ON a.f = b._file AND a.r = b._row GROUP BY b._file, b._row",
            level=graded(self._levels(setting, at), _Request.COVERS),
            dataset=exp.to_table(setting.relation.name),
        )
        same = _same(setting.column(self.customer), col(self.requests.customer, "q"))
        return query.join(exp.to_table(self.requests.dataset).as_("q"), on=same)

    def _levels(self, setting: Setting, at: Moment) -> Iterator[tuple[exp.Expression, _Request]]:
        """What keeps a request from covering an access, worst first."""
        said = self.requests
        other = setting.other(said.dataset, said.customer, said.authorised, said.opened, said.closed, said.scope)
        authorised, scope = col(said.authorised, "q"), col(said.scope, "q")
        opened, closed = other.moment(said.opened, "q"), other.moment(said.closed, "q")
        target = setting.column(self.object)
        narrow = all_of([filled(scope), negate(is_in(folded(scope), said.everything))])
        whole_day = midnight(closed.at, setting.time_zone)

        def after(end: exp.Expression, at: exp.Expression) -> exp.Expression:
            days = {"day": local_date(at, setting.time_zone), "last": local_date(end, setting.time_zone)}
            return holds(
                sql(
                    "CASE WHEN :whole_day THEN :day > :last ELSE :at > :end END",
                    whole_day=whole_day,
                    at=at,
                    end=end,
                    **days,
                )
            )

        def before(start: exp.Expression, at: exp.Expression) -> exp.Expression:
            return holds(sql(":at < :start", at=at, start=start))

        yield before(opened.low, at.high), _Request.OPENED_AFTER
        yield after(closed.high, at.low), _Request.CLOSED
        yield all_of([narrow, filled(target), negate(_names(scope, target))]), _Request.OUT_OF_SCOPE
        yield holds(negate(authorised)), _Request.NOT_AUTHORISED
        yield all_of([narrow, blank(target)]), _Request.OBJECT_UNKNOWN
        yield blank(authorised), _Request.REQUESTER_UNKNOWN
        yield blank(opened.at), _Request.UNDATED
        yield any_of([before(opened.high, at.low), after(closed.low, at.high)]), _Request.TIME_UNKNOWN


def _is(request: Lookup, level: _Request) -> exp.Expression:
    return holds(sql(":level = :worth", level=request["level"], worth=level.value))


def _same(one: exp.Expression, other: exp.Expression) -> exp.Expression:
    return sql(":one = :other", one=folded(one), other=folded(other))


def _names(scope: exp.Expression, target: exp.Expression) -> exp.Expression:
    """The list, separated by `;`, has the id."""
    listed = sql("CONCAT(';', :items, ';')", items=replace_all(folded(scope), " *; *", ";"))
    return holds(sql("STRPOS(:listed, :id) > 0", listed=listed, id=sql("CONCAT(';', :one, ';')", one=folded(target))))
