"""Retention: records are kept no longer than a period after their clock started."""

from typing import Any, ClassVar

from sqlglot import exp

from audit_lib.expectations import archive as legal_archive
from audit_lib.expectations.archive import Archive
from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.clocks import CONTRACT_END, INBOUND, inbound_contacts
from audit_lib.expectations.contracts import Relationship, relationship
from audit_lib.expectations.periods import Moment, PeriodError, first_lawful, local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.recontact import none, recontact
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, NotEvaluated, Rule, Setting
from audit_lib.expectations.sql import (
    all_of,
    any_of,
    blank,
    earliest,
    filled,
    holds,
    latest,
    select,
    sql,
    union_all,
)


class ExpectRecordsWithinRetention(RecordExpectation):
    """Each record is within `period` of its clock on the audit's day; the last day is lawful.

    `clock` is `{latest_of: [...]}` or `{earliest_of: [...]}` over columns of the record and two names: `contract_end`
    (see `contracts`) and `inbound_contact` (see `inbound`). Blank sources are skipped; all blank is INDETERMINATE, and
    so is a source in the future, or a column of `earliest_of` that was not supplied where the others are in time.
    `contracts`: `{by, on, kinds, ends_on_start, among, unknown, otherwise, optional}`: an open contract of the
    record's `by` means no clock (PASS), unless the column `even_while_open` is filled; none known is INDETERMINATE for
    the reason `unknown`, if given, or uses the column `otherwise`; `optional`: without the dataset no record has a
    contract. One whose kind is blank or not `among` the known ones may be any: past the limit, INDETERMINATE.
    `inbound`: `{by, types, implied}`: interactions that count as a contact made by the person.
    `recontact`: `{sent, replied, reply}`, with `response_window`. `archive_access`: groups that may read an archive;
    given, a valid legal archive is EXEMPT. `archive_category`: the column of the category, in a dataset that tells no
    more of an archive than its basis, category and clock. `no_use`: columns of what is no use of the record; a clock of
    the same instant is that of no use, so it proves nothing.
    """

    limits_retention: ClassVar[bool] = True

    period: str | dict[str, Any]
    clock: dict[str, Any]
    contracts: dict[str, Any] | None = None
    even_while_open: str | None = None
    inbound: dict[str, Any] | None = None
    recontact: dict[str, str] | None = None
    response_window: str | dict[str, Any] | None = None
    archive_access: list[str] | None = None
    archive_category: str | None = None
    no_use: list[str] = []
    sensitivity: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        mode, names = self._clock_names()
        own = [name for name in names if name not in (CONTRACT_END, INBOUND)]
        if CONTRACT_END not in names:
            setting.require_any(*own)
        # An earlier start that nobody supplied may have expired what the others keep.
        blind = mode == "earliest_of" and not setting.relation.supplied.issuperset(own)
        contracts = self._contracts(setting)
        contacts = self._inbound(setting)
        sources = {name: self._source(name, setting, contracts, contacts) for name in names}
        after_expiry = none()
        if self.recontact:
            after_expiry = recontact(setting, window=str(self.response_window), **self.recontact)
            sources["recontact"] = after_expiry.renewed
        pick = latest if mode == "latest_of" else earliest
        clock = Moment(*(pick([getattr(one, end) for one in sources.values()]) for end in ("at", "low", "high")))
        archive = self._archive(setting)
        try:
            boundary = setting.instant(first_lawful(setting.today, str(self.period)))
            started = self._unless_open(setting, contracts, clock.at)
            due = plus(local_date(started, setting.time_zone), str(self.period))
        except PeriodError:
            raise NotEvaluated("control_invalid", "period") from None
        future = any_of(
            [
                after_expiry.future,
                *(sql(":at > :now", at=at, now=setting.now) for at in self._past(setting, contracts, sources)),
            ]
        )
        no_use = [holds(sql(":clock = :at", clock=clock.at, at=setting.column(name))) for name in self.no_use]
        in_time = sql(":clock >= :boundary", clock=clock.low, boundary=boundary)
        perhaps = sql(":clock >= :boundary", clock=clock.high, boundary=boundary)
        lookups = [contracts.lookup] if contracts else []
        lookups += [contacts] if contacts else []
        lookups += [legal_archive.CLAIM] if archive else []
        return Rule(
            branches=(
                *self._before_the_clock(setting, contracts, archive, blind=blind),
                Branch(holds(future), Verdict.INDETERMINATE, "clock_in_future"),
                *self._clockless(clock, sources, blind=blind),
                *(Branch(all_of([one, perhaps]), Verdict.INDETERMINATE, "use_unproven") for one in no_use),
                Branch(in_time, Verdict.INDETERMINATE, "clock_missing")
                if blind
                else Branch(in_time, Verdict.PASS, "within_period"),
                *self._in_doubt(setting, contracts, perhaps),
                *_past_archive(archive),
                *after_expiry.branches,
            ),
            clock=started,
            due=due,
            steps=(archive.step(setting),) if archive else (),
            lookups=tuple(lookups),
            aggregates=self._sensitivity(setting, contracts, boundary),
        )

    def _archive(self, setting: Setting) -> Archive | None:
        if self.archive_category:
            return legal_archive.archive(setting, None, self.archive_category)
        return legal_archive.archive(setting, self.archive_access) if self.archive_access else None

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
            among=self.contracts.get("among", []),
        )

    def _inbound(self, setting: Setting) -> Lookup | None:
        if self.inbound is None:
            return None
        query = select(
            "SELECT k, MAX(at) AS last, MAX(low) AS last_low, MAX(high) AS last_high FROM :contacts AS i GROUP BY k",
            contacts=inbound_contacts(setting, self.inbound["types"], self.inbound["implied"]).subquery(),
        )
        return Lookup("inbound", query, {"k": setting.column(self.inbound["by"])})

    def _source(self, name: str, setting: Setting, contracts: Relationship | None, contacts: Lookup | None) -> Moment:
        if name == CONTRACT_END and contracts and self.contracts:
            otherwise = self.contracts.get("otherwise")
            if not otherwise:
                return contracts.ended
            told = setting.moment(otherwise)
            pairs = ((contracts.ended.at, told.at), (contracts.ended.low, told.low), (contracts.ended.high, told.high))
            # Where no contract is known to be one, some row may be: its end counts in what is possible.
            return Moment(
                *(
                    sql(
                        "CASE WHEN :known THEN :ended ELSE :told END",
                        known=contracts.known,
                        ended=e,
                        told=latest([o, e]),
                    )
                    for e, o in pairs
                )
            )
        if name == INBOUND and contacts:
            return Moment(contacts["last"], contacts["last_low"], contacts["last_high"])
        if name in (CONTRACT_END, INBOUND):
            raise NotEvaluated("control_invalid", name)
        return setting.moment(name)

    def _past(
        self, setting: Setting, contracts: Relationship | None, sources: dict[str, Moment]
    ) -> list[exp.Expression]:
        """What cannot be later than the audit. A contract that ends later is open; the same told of a relationship
        without any contract is a contradiction.
        """
        found = [one.at for name, one in sources.items() if name != CONTRACT_END]
        otherwise = self.contracts.get("otherwise") if self.contracts else None
        if CONTRACT_END in sources and contracts and otherwise:
            told = setting.column(otherwise)
            found.append(sql("CASE WHEN NOT :known THEN :told END", known=contracts.known, told=told))
        return found

    def _before_the_clock(
        self, setting: Setting, contracts: Relationship | None, archive: Archive | None, *, blind: bool
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
            if not blind:
                found.append(Branch(self._stopped(setting, contracts), Verdict.PASS, "contract_open"))
        return tuple(found)

    def _stopped(self, setting: Setting, contracts: Relationship) -> exp.Expression:
        """No clock runs while a contract is open."""
        still = [blank(setting.column(self.even_while_open))] if self.even_while_open else []
        return all_of([contracts.open, *still])

    def _unless_open(self, setting: Setting, contracts: Relationship | None, at: exp.Expression) -> exp.Expression:
        if contracts is None:
            return at
        return sql("CASE WHEN NOT :stopped THEN :at END", stopped=self._stopped(setting, contracts), at=at)

    def _clockless(self, clock: Moment, sources: dict[str, Moment], *, blind: bool) -> tuple[Branch, ...]:
        """A relationship that ended without a date has no clock, whatever contact came later."""
        if not blind and self._surely_starts(sources):
            return ()
        needed = sources[CONTRACT_END] if CONTRACT_END in sources and "latest_of" in self.clock else clock
        return (Branch(blank(needed.at), Verdict.INDETERMINATE, "clock_missing"),)

    def _surely_starts(self, sources: dict[str, Moment]) -> bool:
        """The clock waits for the end of contracts, and all those that are known and not open have one."""
        if CONTRACT_END not in sources or self.contracts is None:
            return False
        known, told, undated = (self.contracts.get(name) for name in ("unknown", "otherwise", "ends_on_start"))
        removal = self.even_while_open
        stopped = removal is None or ("earliest_of" in self.clock and removal in sources)
        return bool(known) and not told and not undated and stopped

    def _in_doubt(
        self, setting: Setting, contracts: Relationship | None, perhaps: exp.Expression
    ) -> tuple[Branch, ...]:
        """Past the limit as read, but an hour without an offset or a contract that does not tell may change it."""
        found = [Branch(perhaps, Verdict.INDETERMINATE, "time_zone_unknown")]
        if contracts is None:
            return tuple(found)
        if not self.even_while_open:
            perhaps = any_of([perhaps, contracts.perhaps_open(setting)])
            found = [Branch(perhaps, Verdict.INDETERMINATE, "time_zone_unknown")]
        return (Branch(all_of([contracts.unclear, perhaps]), Verdict.INDETERMINATE, "clock_missing"), *found)

    def _sensitivity(self, setting: Setting, contracts: Relationship | None, boundary: Any) -> tuple[Aggregate, ...]:
        """How many records would be overdue under each start event that the clause leaves open."""
        if not self.sensitivity:
            return ()
        counts = []
        for name in self.sensitivity:
            start = self._source(name, setting, contracts, None).at
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
    possible = {branch.verdict for branch in archive.branches}
    reasons = {
        Verdict.FAIL: "archive_invalid",
        Verdict.INDETERMINATE: "archive_incomplete",
        Verdict.REVIEW: "archive_to_review",
    }
    return tuple(
        Branch(legal_archive.state(verdict), verdict, reason)
        for verdict, reason in reasons.items()
        if verdict in possible
    )
