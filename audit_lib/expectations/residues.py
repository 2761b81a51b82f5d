"""Residues: what the directory still holds of a domain that ended is little, encrypted, and not kept for long."""

from typing import Any, ClassVar

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.declared_columns import beyond
from audit_lib.expectations.declared_values import said
from audit_lib.expectations.domains import Residues, residues, state, state_if_supplied
from audit_lib.expectations.periods import PeriodError, first_lawful, local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, NotEvaluated, Rule, Setting
from audit_lib.expectations.scanned import naming
from audit_lib.expectations.sql import FALSE, all_of, any_of, blank, holds, negate, node, sql


class ExpectResiduesLimited(RecordExpectation):
    """A residue fills only the columns `allowed` and those whose name begins with `usage`, and is encrypted.

    `identifiers`: columns that name or reach a person. `directory_domains`: {on, encrypted, algorithm, named}: its
    columns, and the algorithms that count as named. What a residue is and what its customer asked: see
    ExpectResiduesWithinRetention; contracts and customers' requests may not have been supplied.
    """

    domain: str
    contracts: dict[str, Any]
    directory_domains: dict[str, Any]
    customer_requests: dict[str, Any]
    grace: str | dict[str, Any]
    allowed: list[str]
    usage: str
    identifiers: list[str]

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.domain)
        asked = self.directory_domains
        relation = setting.other("directory_domains", asked["encrypted"])
        encrypted, algorithm = (exp.column(asked[name], quoted=True) for name in ("encrypted", "algorithm"))
        directory = state(
            setting,
            self.domain,
            asked["on"],
            encrypted=sql("MIN(CASE WHEN :it THEN 1 WHEN NOT :it THEN 0 END)", it=encrypted),
            named=sql(
                "MIN(CASE WHEN :named THEN 1 WHEN :it IS NOT NULL THEN 0 END)",
                named=said(algorithm, asked["named"]),
                it=algorithm,
            ),
        )
        told = directory.lookup
        left = residues(setting, self.domain, self.contracts, directory, self.customer_requests, str(self.grace))
        identifying, undeclared = beyond(setting, self.allowed, self.identifiers, self.usage)
        untold = Verdict.FAIL if asked["algorithm"] in relation.supplied else Verdict.INDETERMINATE
        wrong = (
            Branch(any_of(identifying.values()), Verdict.FAIL, "identifier_left"),
            Branch(any_of(undeclared.values()), Verdict.FAIL, "undeclared_column"),
            Branch(holds(sql(":it = 0", it=told["encrypted"])), Verdict.FAIL, "not_encrypted"),
            Branch(blank(told["encrypted"]), Verdict.INDETERMINATE, "encryption_unknown"),
            Branch(blank(told["named"]), untold, "algorithm_missing"),
            Branch(holds(sql(":it = 0", it=told["named"])), Verdict.FAIL, "algorithm_not_named"),
        )
        kept, perhaps_kept = _kept(setting, left)
        return Rule(
            scope=left.scope,
            branches=(
                Branch(negate(left.is_one), Verdict.INDETERMINATE, "licence_end_unknown"),
                *_contradiction(left, kept),
                Branch(kept, Verdict.EXEMPT, "kept_on_request"),
                Branch(
                    all_of([perhaps_kept, any_of(one.when for one in wrong)]),
                    Verdict.INDETERMINATE,
                    "request_incomplete",
                ),
                *wrong,
            ),
            detail=naming({**identifying, **undeclared}) if identifying or undeclared else None,
            steps=left.steps,
            lookups=left.lookups,
        )


class ExpectResiduesWithinRetention(RecordExpectation):
    """A residue is kept at most `period` after the last licence of its `domain` ended; the last day is lawful.

    A residue is a record of a domain whose last licence has ended, or that the directory, where its domains were
    supplied, says is disabled. `contracts`: {on, kinds, among}: their column of the domain, the kinds that are
    licences, all kinds. `directory_domains`: {on}: its column of the domain.
    `customer_requests`: {on, among}: its column of the domain, all kinds of requests. One to keep the domain, made at
    most `grace` after the licence ended, covers the days until its end; one to erase at once leaves no residue.
    """

    limits_retention: ClassVar[bool] = True

    domain: str
    period: str | dict[str, Any]
    contracts: dict[str, Any]
    directory_domains: dict[str, str]
    customer_requests: dict[str, Any]
    grace: str | dict[str, Any]

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.domain)
        left = residues(
            setting,
            self.domain,
            self.contracts,
            state_if_supplied(setting, self.domain, self.directory_domains["on"]),
            self.customer_requests,
            str(self.grace),
        )
        licence, asked = left.licence, left.requests
        if licence is None or asked is None:
            raise NotEvaluated("dataset_not_supplied", "contracts" if licence is None else "customer_requests")
        try:
            boundary = setting.instant(first_lawful(setting.today, str(self.period)))
            due = plus(local_date(licence.ended.at, setting.time_zone), str(self.period))
        except PeriodError:
            raise NotEvaluated("control_invalid", "period") from None
        in_time, perhaps = (
            holds(sql(":end >= :boundary", end=end, boundary=boundary))
            for end in (licence.ended.low, licence.ended.high)
        )
        kept, perhaps_kept = _kept(setting, left)
        return Rule(
            scope=left.scope,
            branches=(
                Branch(negate(left.is_one), Verdict.INDETERMINATE, "licence_end_unknown"),
                *_contradiction(left, kept),
                Branch(asked.erased, Verdict.FAIL, "kept_despite_erasure"),
                Branch(asked.perhaps_erased, Verdict.INDETERMINATE, "request_incomplete"),
                Branch(licence.open, Verdict.PASS, "contract_open"),
                Branch(in_time, Verdict.PASS, "within_period"),
                Branch(kept, Verdict.EXEMPT, "kept_on_request"),
                Branch(blank(licence.ended.at), Verdict.INDETERMINATE, "licence_end_unknown"),
                Branch(all_of([licence.unclear, perhaps]), Verdict.INDETERMINATE, "licence_end_unknown"),
                Branch(perhaps, Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(perhaps_kept, Verdict.INDETERMINATE, "request_incomplete"),
                Branch(exp.true(), Verdict.FAIL, "kept_too_long"),
            ),
            clock=licence.ended.at,
            due=due,
            steps=left.steps,
            lookups=left.lookups,
        )


def _kept(setting: Setting, left: Residues) -> tuple[exp.Expression, exp.Expression]:
    """Its customer asked to keep the domain until today or later: surely, and perhaps."""
    if left.requests is None:
        return FALSE, FALSE
    today = node(setting.today)
    return left.requests.kept(today), left.requests.perhaps_kept(today)


def _contradiction(left: Residues, kept: exp.Expression) -> tuple[Branch, ...]:
    """Its customer asked to erase it too."""
    if left.requests is None:
        return ()
    return (Branch(all_of([kept, left.requests.erased]), Verdict.INDETERMINATE, "requests_contradictory"),)
