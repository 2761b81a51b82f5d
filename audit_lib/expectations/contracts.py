"""Contracts: whether a relationship still runs, and when it ended."""

from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.periods import Moment, local_date
from audit_lib.expectations.rule import Lookup, Setting
from audit_lib.expectations.sql import all_of, any_of, blank, folded, holds, is_in, negate, select, sql


@dataclass(frozen=True)
class Relationship:
    """What the contracts say of one record. `ended` is null while one is open or when none is known.

    `open` holds when one surely runs. `ended.high` reaches the audit instant when one may run: its kind is blank or
    unknown, it tells neither start nor end (`unclear`), or it ended within a day at an hour whose offset is unknown.
    """

    lookup: Lookup
    known: exp.Expression
    open: exp.Expression
    unclear: exp.Expression
    ended: Moment

    def perhaps_open(self, setting: Setting) -> exp.Expression:
        """One may run on the audit's day."""
        last = local_date(self.ended.high, setting.time_zone)
        return holds(sql(":last >= :today", last=last, today=setting.today))


def relationship(
    setting: Setting,
    *,
    alias: str,
    record: str,
    contract: str,
    kinds: list[str],
    ends_on_start: list[str],
    among: list[str],
    fold: bool = False,
) -> Relationship:
    """Contracts of these kinds joined on `contracts.<contract> = <record>`; those outside `among` may be of them.

    A contract is open when renewed tacitly, not ended on the audit's day, or without an end (of a kind in
    `ends_on_start`: it ends on its start instead). `fold`: keys are compared without case and outer spaces.
    """
    contracts = setting.other("contracts", contract, "kind", "end")
    key, of = exp.column(contract, quoted=True), setting.column(record)
    if fold:
        key, of = folded(key), folded(of)
    kind, end, start = exp.column("kind", quoted=True), contracts.moment("end"), contracts.moment("start")
    chosen, one_off = is_in(kind, kinds), is_in(kind, ends_on_start)
    doubtful = any_of([blank(kind), negate(is_in(kind, among))]) if among else blank(kind)

    def ended(end: exp.Expression, start: exp.Expression) -> exp.Expression:
        return sql(
            "CASE WHEN :end IS NULL AND :one_off THEN :start ELSE :end END", end=end, one_off=one_off, start=start
        )

    running = sql(
        '"tacit_renewal" OR (:end IS NULL AND :lasting) OR :ended >= :today',
        end=end.at,
        lasting=negate(one_off),
        ended=local_date(ended(end.low, start.low), setting.time_zone),
        today=setting.today,
    )
    query = select(
        "SELECT :key AS k, MAX(CASE WHEN :chosen THEN 1 ELSE 0 END) AS known, "
        "MAX(CASE WHEN :running THEN 1 ELSE 0 END) AS running, "
        "MAX(CASE WHEN :doubtful OR (:one_off AND :at IS NULL) THEN 1 ELSE 0 END) AS unclear, "
        "MAX(CASE WHEN :chosen THEN :at END) AS ended, MAX(CASE WHEN :chosen THEN :low END) AS ended_low, "
        'MAX(CASE WHEN "tacit_renewal" THEN :now ELSE COALESCE(:high, :now) END) AS ended_high '
        "FROM contracts WHERE :key IS NOT NULL AND (:chosen OR :doubtful) GROUP BY :key",
        key=key,
        chosen=chosen,
        running=all_of([chosen, holds(running)]),
        doubtful=doubtful,
        one_off=one_off,
        at=ended(end.at, start.at),
        low=ended(end.low, start.low),
        high=ended(end.high, start.high),
        now=setting.now,
    )
    lookup = Lookup(alias, query, {"k": of})
    is_open = holds(sql(":running = 1", running=lookup["running"]))
    over = [
        sql("CASE WHEN NOT :open THEN :at END", open=is_open, at=lookup[f"ended{end}"]) for end in ("", "_low", "_high")
    ]
    return Relationship(
        lookup=lookup,
        known=holds(sql(":known = 1", known=lookup["known"])),
        open=is_open,
        unclear=holds(sql(":unclear = 1", unclear=lookup["unclear"])),
        ended=Moment(*over),
    )
