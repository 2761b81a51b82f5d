"""Cookies: whose they are, what they serve, and whether they waited for the visitor's choice."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Rule, Setting, Step, written
from audit_lib.expectations.sql import (
    all_of,
    any_of,
    blank,
    filled,
    holds,
    is_in,
    negate,
    replace_all,
    select,
    sql,
)

BEFORE_CHOICE, ACCEPTED, REFUSED = "before_choice", "accepted", "refused"

# What may stand around a host: a scheme, the dot of "this domain and those below it", a port, a path.
_AROUND_HOST = "^([a-z]+://)?[.]*|[:/].*$"

_PAIRS = "SELECT DISTINCT :name AS name, :domain AS domain, CONCAT('.', :host) AS host FROM :dataset AS b"
# `size`: how many letters of the name are told, -1 when all are. A blank name or domain is any.
_PLACES = """
SELECT p.name, p.domain, p.host, MIN(CASE WHEN t.name <> '' THEN t.place END) AS named,
  MIN(CASE WHEN t.name = '' THEN t.place END) AS hosted
FROM :pairs AS p LEFT JOIN law AS t ON RIGHT(p.host, LENGTH(t.domain)) = t.domain
  AND CASE WHEN t.size < 0 THEN p.name = t.name ELSE LEFT(p.name, t.size) = t.name END
GROUP BY p.name, p.domain, p.host"""
_KNOWN = """
SELECT m.name, m.domain, :own AS own, n.provider AS by_name, h.provider AS by_domain,
  COALESCE(NULLIF(n.tool, ''), NULLIF(h.tool, '')) AS tool,
  COALESCE(NULLIF(n.purpose, ''), NULLIF(h.purpose, '')) AS purpose
FROM :places AS m LEFT JOIN law AS n ON n.place = m.named LEFT JOIN law AS h ON h.place = m.hosted"""


def _known(setting: Setting, name: str, domain: str, own: Iterable[str] = ()) -> tuple[tuple[Step, ...], Lookup]:
    """What the law's table says of a record: `own` domain or not, the providers `by_name` and `by_domain`, the tool
    and the purpose by name, else by domain; null when the table knows nothing.
    """
    pairs = select(
        _PAIRS,
        name=setting.column(name),
        domain=setting.column(domain),
        host=replace_all(sql("LOWER(:domain)", domain=setting.column(domain)), _AROUND_HOST, ""),
        dataset=exp.to_table(setting.relation.name),
    )
    places = select(_PLACES, pairs=pairs.subquery())
    ours = any_of(sql("RIGHT(m.host, :size) = :domain", size=len(one) + 1, domain=f".{one.lower()}") for one in own)
    query = select(_KNOWN, places=places.subquery(), own=ours)
    lookup = Lookup(
        "known",
        exp.select("*").from_("cookies"),
        {"name": setting.column(name), "domain": setting.column(domain)},
    )
    return (_law(setting), Step("cookies", query, groups=(name, domain))), lookup


def _exactness(row: dict[str, str]) -> tuple[bool, bool, int, int]:
    """The row that says most of a cookie comes first."""
    return (not row["domain"], row["name"].endswith("*"), -len(row["name"]), -len(row["domain"]))


def _law(setting: Setting) -> Step:
    values = []
    for place, row in enumerate(sorted(setting.table("cookies"), key=_exactness)):
        start = row["name"].removesuffix("*")
        size = -1 if start and start == row["name"] else len(start)
        domain = row["domain"] and f".{row['domain']}"
        values.append((place, start, size, domain, row["provider"], row["tool"], row["purpose"]))
    return written("law", ("place", "name", "size", "domain", "provider", "tool", "purpose"), values)


@dataclass(frozen=True)
class _Owner:
    """Whether those to whom a cookie belongs are declared. `stranger`: the provider that is not, null if unknown."""

    declared: exp.Expression
    to_review: exp.Expression
    stranger: exp.Expression


def _owner(known: Lookup, providers: list[str], reviewed: dict[str, list[str]]) -> _Owner:
    """A name may be a third party's in the company's own domain, and a domain another's: both must be declared.

    `reviewed`: provider -> those in whose domains its cookies are for REVIEW.
    """
    by_name, by_domain = known["by_name"], known["by_domain"]
    name_declared = any_of([blank(by_name), is_in(by_name, providers)])
    domain_declared = any_of([holds(known["own"]), is_in(by_domain, providers)])
    to_review = any_of(
        all_of([is_in(by_name, [provider]), is_in(by_domain, hosts)]) for provider, hosts in reviewed.items()
    )
    return _Owner(
        declared=all_of([name_declared, domain_declared]),
        to_review=all_of([domain_declared, to_review]),
        stranger=sql(
            "CASE WHEN :name_declared THEN :by_domain ELSE :by_name END",
            name_declared=name_declared,
            by_domain=by_domain,
            by_name=by_name,
        ),
    )


def _future(setting: Setting, names: Iterable[str]) -> Branch:
    """What is said to have happened and has not yet proves nothing."""
    later = [setting.later(setting.column(name)) for name in names]
    return Branch(any_of(later), Verdict.INDETERMINATE, "clock_in_future")


class ExpectCookieProvidersDeclared(RecordExpectation):
    """A cookie belongs to the company (domains `own`) or to one of `providers`, by its name and by its domain.

    `name`, `domain`: columns, looked up in the law's table `cookies`; a domain that is nobody's fails. `reviewed`:
    provider -> those in whose domains its cookies are for REVIEW. `past`: columns of what has happened.
    """

    name: str
    domain: str
    own: list[str]
    providers: list[str]
    reviewed: dict[str, list[str]] = {}
    past: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.name, self.domain)
        steps, known = _known(setting, self.name, self.domain, self.own)
        owner = _owner(known, self.providers, self.reviewed)
        return Rule(
            branches=(
                _future(setting, self.past),
                Branch(owner.to_review, Verdict.REVIEW, "provider_to_review"),
                Branch(negate(owner.declared), Verdict.FAIL, "provider_undeclared"),
            ),
            detail=owner.stranger,
            steps=steps,
            lookups=(known,),
        )


class ExpectTrackingToolsDeclared(RecordExpectation):
    """A tracker is of one of `tools`; of another tool of `providers` it is for REVIEW, of anyone else it fails.

    The company's own fails too. The other kwargs are those of the providers; `where` says which purposes track.
    """

    name: str
    domain: str
    own: list[str]
    providers: list[str]
    tools: list[str]
    reviewed: dict[str, list[str]] = {}
    past: list[str] = []

    def doubt_reason(self) -> str:
        return "purpose_missing"

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.name, self.domain)
        steps, known = _known(setting, self.name, self.domain, self.own)
        owner = _owner(known, self.providers, self.reviewed)
        tool = known["tool"]
        return Rule(
            branches=(
                _future(setting, self.past),
                Branch(owner.to_review, Verdict.REVIEW, "tool_to_review"),
                Branch(any_of([negate(owner.declared), blank(tool)]), Verdict.FAIL, "tool_undeclared"),
                Branch(negate(is_in(tool, self.tools)), Verdict.REVIEW, "tool_to_review"),
            ),
            detail=tool,
            steps=steps,
            lookups=(known,),
        )


class ExpectTrackersAfterChoice(RecordExpectation):
    """A tracker that is not strictly necessary is set (`set`) after the visitor's choice (`choice`) to accept.

    `state`: before_choice, accepted or refused. Whether it is `necessary` is told by this column, else by `purpose`,
    else by the purpose that the law's table gives to the cookie's `name` or `domain`: `needed` purposes are out of
    scope, `consented` ones are in it. Said necessary with a purpose of `never`: INDETERMINATE, as when nothing tells.
    `past`: columns of what has happened.
    """

    name: str
    domain: str
    set: str
    choice: str
    state: str
    necessary: str
    purpose: str
    needed: list[str]
    consented: list[str]
    never: list[str]
    past: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        setting.require_any(self.state, self.choice)
        steps, known = _known(setting, self.name, self.domain)
        asks = self._asks_consent(setting, known["purpose"])
        state, made, placed = setting.column(self.state), setting.moment(self.choice), setting.moment(self.set)
        early, perhaps = (
            holds(sql(":set < :choice", set=first, choice=last))
            for first, last in ((placed.high, made.low), (placed.low, made.high))
        )
        before, refused = is_in(state, [BEFORE_CHOICE]), is_in(state, [REFUSED])
        chosen = all_of([filled(placed.at), filled(made.at), negate(perhaps)])
        return Rule(
            scope=sql("COALESCE(:asks, TRUE)", asks=asks),
            branches=(
                Branch(blank(asks), Verdict.INDETERMINATE, "necessity_unknown"),
                _future(setting, [self.set, self.choice, *self.past]),
                Branch(all_of([before, chosen]), Verdict.INDETERMINATE, "consent_contradictory"),
                Branch(any_of([before, early]), Verdict.FAIL, "set_before_choice"),
                Branch(refused, Verdict.FAIL, "set_after_refusal"),
                Branch(negate(is_in(state, [ACCEPTED])), Verdict.INDETERMINATE, "consent_state_missing"),
                Branch(any_of([blank(placed.at), blank(made.at)]), Verdict.INDETERMINATE, "consent_undated"),
                Branch(perhaps, Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            clock=placed.at,
            steps=steps,
            lookups=(known,),
        )

    def _asks_consent(self, setting: Setting, known_purpose: exp.Expression) -> exp.Expression:
        """Whether the tracker needs consent; null when nothing tells, or what tells is contradictory."""
        said, told = setting.column(self.necessary), setting.column(self.purpose)
        purpose = sql(
            "CASE WHEN :known THEN :told ELSE :known_purpose END",
            known=is_in(told, [*self.needed, *self.consented]),
            told=told,
            known_purpose=known_purpose,
        )
        return sql(
            "CASE WHEN :said AND :never THEN NULL WHEN :said IS NOT NULL THEN NOT :said "
            "WHEN :needed THEN FALSE WHEN :consented THEN TRUE END",
            said=said,
            never=any_of([is_in(told, self.never), is_in(known_purpose, self.never)]),
            needed=is_in(purpose, self.needed),
            consented=is_in(purpose, self.consented),
        )
