"""Disabled: the domain of a licence that has ended is disabled in time, unless its customer asked to keep it."""

from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.domains import DISABLED, last_day, licence, requests, state
from audit_lib.expectations.periods import local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Rule, Setting, Step, of_record
from audit_lib.expectations.sql import all_of, any_of, blank, filled, folded, holds, is_in, negate, select, sql


class ExpectDomainsDisabled(RecordExpectation):
    """The domain of each last licence is disabled at most `grace` after the licence ended; the last day is lawful.

    `contracts`: {on, kinds, among}: the record's column of the domain, the kinds that are licences, all kinds. Other
    contracts, earlier licences and domains under licence are out of scope; a kind that is blank or not `among` the
    known ones may be a licence. `directory_domains`: {on}, `customer_requests`: {on, among}: their column of the
    domain, all kinds of requests. A request to keep the domain, made in time, covers the days until its end.
    """

    contracts: dict[str, Any]
    directory_domains: dict[str, str]
    customer_requests: dict[str, Any]
    grace: str | dict[str, Any]

    def branches(self, setting: Setting) -> Rule:
        named, kinds, grace = self.contracts["on"], self.contracts["kinds"], str(self.grace)
        setting.require(named, "kind", "end")
        domain, kind = setting.column(named), setting.column("kind")
        covered = licence(setting, named, self.contracts)
        directory = state(setting, named, self.directory_domains["on"])
        asked = requests(setting, named, self.contracts, self.customer_requests, grace)
        zone, ended, disabled = setting.time_zone, covered.ended, directory.disabled_at
        is_disabled = directory.is_(DISABLED)

        def until(at: exp.Expression) -> exp.Expression:
            """The last day on which the domain was not disabled, or the day on which it was."""
            return sql(
                "CASE WHEN :disabled THEN :day ELSE :today END",
                disabled=is_disabled,
                day=local_date(at, zone),
                today=setting.today,
            )

        in_time, perhaps = (
            holds(sql(":until <= :due", until=until(at), due=last_day(setting, end, grace)))
            for at, end in ((disabled.high, ended.low), (disabled.low, ended.high))
        )
        kept, perhaps_kept = asked.kept(until(disabled.high)), asked.perhaps_kept(until(disabled.low))
        unclear = any_of([blank(kind), negate(is_in(kind, self.contracts["among"]))])
        last = of_record("last", "lasts")
        return Rule(
            scope=any_of(
                [
                    all_of([filled(last["f"]), negate(covered.open)]),
                    all_of([unclear, filled(domain), negate(covered.open)]),
                    all_of([is_in(kind, kinds), blank(domain)]),
                ]
            ),
            branches=(
                Branch(blank(domain), Verdict.INDETERMINATE, "domain_unknown"),
                Branch(
                    any_of([unclear, all_of([covered.unclear, covered.perhaps_open(setting)])]),
                    Verdict.INDETERMINATE,
                    "licence_end_unknown",
                ),
                Branch(covered.perhaps_open(setting), Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(
                    holds(sql(":due >= :today", due=last_day(setting, ended.low, grace), today=setting.today)),
                    Verdict.PASS,
                    "within_period",
                ),
                Branch(negate(directory.known), Verdict.INDETERMINATE, "domain_unknown"),
                Branch(all_of([is_disabled, blank(disabled.at)]), Verdict.INDETERMINATE, "clock_missing"),
                Branch(
                    all_of([is_disabled, sql(":at > :now", at=disabled.at, now=setting.now)]),
                    Verdict.INDETERMINATE,
                    "clock_in_future",
                ),
                Branch(in_time, Verdict.PASS, "disabled_in_time"),
                Branch(all_of([kept, asked.erased]), Verdict.INDETERMINATE, "requests_contradictory"),
                Branch(kept, Verdict.EXEMPT, "kept_on_request"),
                Branch(perhaps, Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(perhaps_kept, Verdict.INDETERMINATE, "request_incomplete"),
                Branch(is_disabled, Verdict.FAIL, "disabled_late"),
                Branch(exp.true(), Verdict.FAIL, "not_disabled"),
            ),
            clock=ended.at,
            due=last_day(setting, ended.at, grace),
            ended=sql("CASE WHEN :disabled THEN :day END", disabled=is_disabled, day=local_date(disabled.at, zone)),
            steps=(self._lasts(), asked.step),
            lookups=(last, covered.lookup, directory.lookup, asked.lookup),
        )

    def _lasts(self) -> Step:
        """(f, r): the last licence of each domain; of those that end together, the first by its key."""
        order = select(
            "SELECT _file AS f, _row AS r, ROW_NUMBER() OVER "
            '(PARTITION BY :key ORDER BY "end" DESC, contract_id, _file, _row) AS place '
            "FROM contracts WHERE :key IS NOT NULL AND :licence",
            key=folded(exp.column(self.contracts["on"], quoted=True)),
            licence=is_in(exp.column("kind", quoted=True), self.contracts["kinds"]),
        )
        return Step("lasts", select("SELECT f, r FROM :order AS o WHERE place = 1", order=order.subquery()))
