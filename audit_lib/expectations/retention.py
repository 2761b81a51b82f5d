"""Retention: records are kept no longer than a period after their clock started."""

from typing import Any

from sqlglot import exp

from audit_lib.expectations import archive as legal_archive
from audit_lib.expectations.archive import Archive
from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.contracts import Relationship, relationship
from audit_lib.expectations.periods import PeriodError, first_lawful, local_date, naive_flag, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.recontact import none, recontact
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, NotEvaluated, Rule, Setting
from audit_lib.expectations.sql import (
    NULL,
    all_of,
    any_of,
    blank,
    earliest,
    filled,
    holds,
    is_in,
    latest,
    select,
    sql,
    union_all,
)

CONTRACT_END, INBOUND = "contract_end", "inbound_contact"


class ExpectRecordsWithinRetention(RecordExpectation):
    """Each record is within `period` of its clock on the audit's day; the last day is lawful.

    `clock` is `{latest_of: [...]}` or `{earliest_of: [...]}` over columns of the record and two names: `contract_end`
    (see `contracts`) and `inbound_contact` (see `inbound`). Blank sources are skipped; all blank is INDETERMINATE, and
    so is a source in the future.
    `contracts`: `{by, on, kinds, ends_on_start, unknown, otherwise, optional}`: an open contract of the record's `by`
    means no clock (PASS), unless the column `even_while_open` is filled; none known is INDETERMINATE for the reason
    `unknown`, if given, or uses the column `otherwise`; `optional`: without the dataset no record has a contract.
    `inbound`: `{by, types, implied}`: interactions that count as a contact made by the person.
    `recontact`: `{sent, replied, reply}`, with `response_window`. `archive_access`: groups that may read an archive;
    given, a valid legal archive is EXEMPT.
    """

    period: str | dict[str, Any]
    clock: dict[str, Any]
    contracts: dict[str, Any] | None = None
    even_while_open: str | None = None
    inbound: dict[str, Any] | None = None
    recontact: dict[str, str] | None = None
    response_window: str | dict[str, Any] | None = None
    archive_access: list[str] | None = None
    sensitivity: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        mode, names = self._clock_names()
        setting.require_any(*(name for name in [*names, INBOUND] if name not in (CONTRACT_END, INBOUND)))
        contracts = self._contracts(setting)
        contacts = self._inbound(setting)
        sources = {name: self._source(name, setting, contracts, contacts) for name in names}
        after_expiry = none()
        if self.recontact:
            after_expiry = recontact(setting, window=str(self.response_window), **self.recontact)
            sources["recontact"] = after_expiry.renewed_at
        pick = latest if mode == "latest_of" else earliest
        clock = pick([value for value in sources.values() if value != NULL])
        archive = legal_archive.archive(setting, self.archive_access) if self.archive_access else None
        try:
            boundary = setting.instant(first_lawful(setting.today, str(self.period)))
            due = plus(local_date(clock, setting.time_zone), str(self.period))
        except PeriodError:
            raise NotEvaluated("control_invalid", "period") from None
        future = any_of(
            [
                after_expiry.future,
                # A contract that ends later is open; what a person wrote as an end to come is a contradiction.
                *(sql(":at > :now", at=value, now=setting.now) for value in sources.values()),
            ]
        )
        in_time = sql(":clock >= :boundary", clock=clock, boundary=boundary)
        lookups = [contracts.lookup] if contracts else []
        lookups += [contacts] if contacts else []
        lookups += [legal_archive.CLAIM] if archive else []
        return Rule(
            branches=(
                *self._before_the_clock(setting, contracts, archive),
                Branch(holds(future), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(self._clock_blank(clock, sources), Verdict.INDETERMINATE, "clock_missing"),
                Branch(self._near(setting, names, boundary), Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(in_time, Verdict.PASS, "within_period"),
                *_past_archive(archive),
                *after_expiry.branches,
            ),
            clock=clock,
            due=due,
            steps=(archive.step(setting),) if archive else (),
            lookups=tuple(lookups),
            aggregates=self._sensitivity(setting, contracts, boundary),
        )

    def _clock_names(self) -> tuple[str, list[str]]:
        if len(self.clock) != 1 or not self.clock.keys() <= {"latest_of", "earliest_of"}:
            raise NotEvaluated("control_invalid", "clock")
        [(mode, names)] = self.clock.items()
        return mode, list(names)

    def _contracts(self, setting: Setting) -> Relationship | None:
        if self.contracts is None or (self.contracts.get("optional") and "contracts" not in setting.others):
            return None
        return relationship(
            setting,
            alias="ended",
            record=self.contracts["by"],
            contract=self.contracts["on"],
            kinds=self.contracts["kinds"],
            ends_on_start=self.contracts.get("ends_on_start", []),
        )

    def _inbound(self, setting: Setting) -> Lookup | None:
        if self.inbound is None:
            return None
        setting.other("interactions", "contact_id", "at", "type")
        direction, kind = exp.column("direction", quoted=True), exp.column("type", quoted=True)
        counts = all_of(
            [
                is_in(kind, self.inbound["types"]),
                any_of(
                    [
                        is_in(direction, ["inbound"]),
                        all_of([blank(direction), is_in(kind, self.inbound["implied"])]),
                    ]
                ),
            ]
        )
        query = select(
            'SELECT contact_id AS k, MAX("at") AS last FROM interactions WHERE contact_id IS NOT NULL AND :counts '
            "GROUP BY contact_id",
            counts=counts,
        )
        return Lookup("inbound", query, {"k": setting.column(self.inbound["by"])})

    def _source(
        self, name: str, setting: Setting, contracts: Relationship | None, contacts: Lookup | None
    ) -> exp.Expression:
        if name == CONTRACT_END and contracts and self.contracts:
            otherwise = self.contracts.get("otherwise")
            if not otherwise:
                return contracts.ended_at
            return sql(
                "CASE WHEN :known THEN :ended ELSE :otherwise END",
                known=contracts.known,
                ended=contracts.ended_at,
                otherwise=setting.column(otherwise),
            )
        if name == INBOUND and contacts:
            return contacts["last"]
        if name in (CONTRACT_END, INBOUND):
            raise NotEvaluated("control_invalid", name)
        return setting.column(name)

    def _before_the_clock(
        self, setting: Setting, contracts: Relationship | None, archive: Archive | None
    ) -> tuple[Branch, ...]:
        found = []
        if archive:
            found.append(Branch(legal_archive.state(Verdict.PASS), Verdict.EXEMPT, "in_legal_archive"))
        if contracts and self.contracts:
            unknown = self.contracts.get("unknown")
            if unknown:
                otherwise = self.contracts.get("otherwise")
                told = filled(setting.column(otherwise)) if otherwise else exp.false()
                doubt = all_of([exp.not_(exp.paren(contracts.known.copy())), exp.not_(exp.paren(told))])
                found.append(Branch(doubt, Verdict.INDETERMINATE, unknown))
            stopped = blank(setting.column(self.even_while_open)) if self.even_while_open else exp.true()
            found.append(Branch(all_of([contracts.open, stopped]), Verdict.PASS, "contract_open"))
        return tuple(found)

    def _clock_blank(self, clock: exp.Expression, sources: dict[str, exp.Expression]) -> exp.Expression:
        """A relationship that ended without a date has no clock, whatever contact came later."""
        if CONTRACT_END in sources and next(iter(self.clock)) == "latest_of":
            return blank(sources[CONTRACT_END])
        return blank(clock)

    @staticmethod
    def _near(setting: Setting, names: list[str], boundary: Any) -> exp.Expression:
        """Within a day of the boundary, while the offset of the value is not known."""
        return any_of(
            all_of(
                [
                    naive_flag(name, setting.relation.naive),
                    holds(
                        sql(
                            ":at >= :boundary - INTERVAL '1' DAY AND :at < :boundary + INTERVAL '1' DAY",
                            at=setting.column(name),
                            boundary=boundary,
                        )
                    ),
                ]
            )
            for name in names
            if name in setting.relation.naive
        )

    def _sensitivity(self, setting: Setting, contracts: Relationship | None, boundary: Any) -> tuple[Aggregate, ...]:
        """How many records would be overdue under each start event that the clause leaves open."""
        if not self.sensitivity:
            return ()
        counts = []
        for name in self.sensitivity:
            start = self._source(name, setting, contracts, None)
            query = select(
                "SELECT CAST(:name AS TEXT) AS start_event, "
                "COUNT(CASE WHEN :start < :boundary THEN 1 END) AS overdue FROM :dataset AS b",
                name=name,
                start=start,
                boundary=boundary,
                dataset=exp.to_table(setting.relation.name),
            )
            if name == CONTRACT_END and contracts:
                query = query.join(
                    contracts.lookup.query.subquery("ended"),
                    on=sql(":k = :key", k=contracts.lookup["k"], key=contracts.lookup.on["k"]),
                    join_type="left",
                )
            counts.append(query)
        return (Aggregate("sensitivity", ("start_event", "overdue"), union_all(counts)),)


def _past_archive(archive: Archive | None) -> tuple[Branch, ...]:
    """Past its period, a record that claims an archive takes the archive's verdict."""
    if archive is None:
        return ()
    return (
        Branch(legal_archive.state(Verdict.FAIL), Verdict.FAIL, "archive_invalid"),
        Branch(legal_archive.state(Verdict.INDETERMINATE), Verdict.INDETERMINATE, "archive_incomplete"),
        Branch(legal_archive.state(Verdict.REVIEW), Verdict.REVIEW, "archive_to_review"),
    )
