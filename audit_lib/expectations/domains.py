"""Domains: whether the last licence of a customer's domain has ended, and what the customer asked in time."""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from audit_lib.expectations.contracts import Relationship, relationship
from audit_lib.expectations.periods import Moment, PeriodError, local_date, plus
from audit_lib.expectations.rule import Lookup, NotEvaluated, Setting, Step
from audit_lib.expectations.sql import (
    FALSE,
    all_of,
    any_of,
    blank,
    filled,
    folded,
    holds,
    is_in,
    negate,
    node,
    select,
    sql,
    union_all,
)

ACTIVE, DISABLED = "active", "disabled"
KEEP, ERASE = "keep_domain", "erase_now"


@dataclass(frozen=True)
class State:
    """What the directory says of a record's domain; null when it does not know the domain."""

    lookup: Lookup

    @property
    def known(self) -> exp.Expression:
        return is_in(self.lookup["status"], [ACTIVE, DISABLED])

    def is_(self, status: str) -> exp.Expression:
        return is_in(self.lookup["status"], [status])

    @property
    def disabled_at(self) -> Moment:
        return Moment(self.lookup["disabled_at"], self.lookup["disabled_low"], self.lookup["disabled_high"])


def state(setting: Setting, domain: str, on: str, **more: exp.Expression) -> State:
    """`on`: the column of the domain in `directory_domains`; `more`: aggregates of it that the lookup shows too.

    Raises NotEvaluated.
    """
    at = setting.other("directory_domains", on, "status").moment("disabled_at")
    query = select(
        "SELECT :key AS k, MIN(status) AS status, MAX(:at) AS disabled_at, MAX(:low) AS disabled_low, "
        "MAX(:high) AS disabled_high FROM directory_domains WHERE :key IS NOT NULL GROUP BY :key",
        key=folded(exp.column(on, quoted=True)),
        at=at.at,
        low=at.low,
        high=at.high,
    )
    query = query.select(*(exp.alias_(found, name) for name, found in more.items()))
    return State(Lookup("state", query, {"k": folded(setting.column(domain))}))


def state_if_supplied(setting: Setting, domain: str, on: str) -> State | None:
    return state(setting, domain, on) if "directory_domains" in setting.others else None


def licence(setting: Setting, domain: str, contracts: dict[str, Any]) -> Relationship:
    """`contracts`: {on, kinds, among}: the column of the domain, the kinds that are licences, all kinds."""
    return relationship(
        setting,
        alias="licence",
        record=domain,
        contract=contracts["on"],
        kinds=contracts["kinds"],
        ends_on_start=[],
        among=contracts["among"],
        fold=True,
    )


def last_day(setting: Setting, ended: exp.Expression, grace: str) -> exp.Expression:
    """The last day that is in time after the end of a licence. Raises NotEvaluated."""
    try:
        return plus(local_date(ended, setting.time_zone), grace)
    except PeriodError:
        raise NotEvaluated("control_invalid", "grace") from None


@dataclass(frozen=True)
class Requests:
    """What the customer of a record's domain asked in time; `perhaps`, as far as an incomplete request may tell."""

    step: Step
    lookup: Lookup
    time_zone: str

    @property
    def erased(self) -> exp.Expression:
        return holds(sql(":it = 1", it=self.lookup["erased"]))

    @property
    def perhaps_erased(self) -> exp.Expression:
        return holds(sql(":it = 1", it=self.lookup["perhaps_erased"]))

    def kept(self, day: exp.Expression) -> exp.Expression:
        """The domain is to be kept on that day; the last one of the request counts."""
        return self._until("kept", day)

    def perhaps_kept(self, day: exp.Expression) -> exp.Expression:
        return self._until("perhaps_kept", day)

    def _until(self, name: str, day: exp.Expression) -> exp.Expression:
        return holds(sql(":last >= :day", last=local_date(self.lookup[name], self.time_zone), day=day))


def requests(setting: Setting, domain: str, contracts: dict[str, Any], asked: dict[str, Any], grace: str) -> Requests:
    """A request counts when an authorised person made it at most `grace` after the last licence ended.

    `asked`: {on, among}: the column of the domain in `customer_requests`, all kinds of requests. One of no known kind
    may be of any; one without a domain may be of any domain of its company. Raises NotEvaluated.
    """
    last = licence(setting, domain, contracts)
    in_time, late = (
        sql(
            f":day {sign} :limit",
            day=local_date(exp.column(received, "q"), setting.time_zone),
            limit=last_day(setting, end, grace),
        )
        for received, sign, end in (
            ("received_high", "<=", last.ended.low),
            ("received_low", ">", last.ended.high),
        )
    )
    # Where no licence has ended, every request is in time.
    counts = holds(
        sql("q.told AND q.authorised AND q.received <= :now AND COALESCE(:it, TRUE)", now=setting.now, it=in_time)
    )
    may_count = negate(any_of([holds(sql("NOT q.authorised")), holds(late)]))
    kind = exp.column("kind", "q")
    keeps, erases = is_in(kind, [KEEP]), is_in(kind, [ERASE])
    unknown = negate(is_in(kind, asked["among"]))
    query = select(
        "SELECT q.k AS k, MAX(CASE WHEN :counts AND :keeps THEN q.until_low END) AS kept, "
        "MAX(CASE WHEN :may AND (:keeps OR :unknown) THEN COALESCE(q.until_high, :now) END) AS perhaps_kept, "
        "MAX(CASE WHEN :counts AND :erases THEN 1 ELSE 0 END) AS erased, "
        "MAX(CASE WHEN :may AND (:erases OR :unknown) THEN 1 ELSE 0 END) AS perhaps_erased "
        "FROM :every AS q LEFT JOIN :ended AS licence ON licence.k = q.k GROUP BY q.k",
        counts=counts,
        may=may_count,
        keeps=keeps,
        erases=erases,
        unknown=unknown,
        now=setting.now,
        every=_requested(setting, asked["on"], contracts["on"]).subquery(),
        ended=last.lookup.query.subquery(),
    )
    lookup = Lookup("request", exp.select("*").from_("asked"), {"k": folded(setting.column(domain))})
    return Requests(Step("asked", query), lookup, setting.time_zone)


def _requested(setting: Setting, on: str, contract: str) -> exp.Query:
    """(k, told, kind, authorised, received…, until…): each request and domain; `told`: it names the domain itself."""
    relation = setting.other("customer_requests", on, "kind", "requester_authorised", "received_at", "until")
    received, until = relation.moment("received_at", "r"), relation.moment("until", "r")
    facts = {
        "kind": sql("r.kind"),
        "authorised": sql("r.requester_authorised"),
        "received": received.at,
        "received_low": received.low,
        "received_high": received.high,
        "until_low": until.low,
        "until_high": until.high,
    }

    def each(key: exp.Expression, *, told: bool) -> exp.Select:
        columns = {"k": folded(key), "told": node(told), **facts}
        return exp.select(*(exp.alias_(it, name) for name, it in columns.items())).from_("customer_requests AS r")

    own, of_company = exp.column(on, "r", quoted=True), exp.column(contract, "c", quoted=True)
    elsewhere = each(of_company, told=False).join("contracts AS c", on=sql("c.company_id = r.company_id"))
    return union_all(
        [
            each(own, told=True).where(filled(own)),
            elsewhere.where(all_of([blank(own), filled(of_company)])),
        ]
    )


@dataclass(frozen=True)
class Residues:
    """What is left of a domain. `is_one`: its last licence has surely ended, or the directory says it is disabled.

    `live`: a licence surely runs or, where no contract was supplied, the directory says that the domain is active.
    """

    is_one: exp.Expression
    live: exp.Expression
    licence: Relationship | None
    state: State | None
    requests: Requests | None

    @property
    def scope(self) -> exp.Expression:
        return any_of([self.is_one, negate(self.live)])

    @property
    def steps(self) -> tuple[Step, ...]:
        return (self.requests.step,) if self.requests else ()

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        found = (self.licence, self.state, self.requests)
        return tuple(one.lookup for one in found if one)


def residues(
    setting: Setting,
    domain: str,
    contracts: dict[str, Any],
    directory: State | None,
    asked: dict[str, Any] | None = None,
    grace: str = "",
) -> Residues:
    """`domain`: column of the record. `asked`: customers' requests count, if any are supplied (see `requests`).

    Contracts, or what the directory says of its domains, may not have been supplied; raises NotEvaluated when neither
    was.
    """
    if "contracts" not in setting.others:
        if directory is None:
            raise NotEvaluated("dataset_not_supplied", "contracts, directory_domains")
        return Residues(directory.is_(DISABLED), directory.is_(ACTIVE), None, directory, None)
    last = licence(setting, domain, contracts)
    told = None
    if asked and "customer_requests" in setting.others:
        told = requests(setting, domain, contracts, asked, grace)
    ended = all_of([filled(last.ended.at), negate(last.perhaps_open(setting))])
    disabled = directory.is_(DISABLED) if directory else FALSE
    return Residues(any_of([ended, disabled]), last.open, last, directory, told)
