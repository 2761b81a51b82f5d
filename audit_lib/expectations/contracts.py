"""Contracts: whether a relationship still runs, and when it ended."""

import datetime as dt
from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.periods import Moment, local_date
from audit_lib.expectations.rule import Lookup, Setting
from audit_lib.expectations.sql import any_of, blank, folded, holds, is_in, negate, select, sql

# The end of what has none, as an instant: a calendar period later it is still one.
ENDLESS = dt.datetime(9000, 1, 1)


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
    """Contracts of these kinds joined on `contracts.<contract> = <record>`; one is open that has not ended on the
    audit's day: see `terms`. `fold`: keys are compared without case and outer spaces.
    """
    own = setting.column(record)
    running = local_date(exp.column("ended_low"), setting.time_zone)
    query = select(
        "SELECT k, MAX(CASE WHEN chosen THEN 1 ELSE 0 END) AS known, "
        "MAX(CASE WHEN chosen AND :running >= :today THEN 1 ELSE 0 END) AS running, "
        "MAX(CASE WHEN unclear THEN 1 ELSE 0 END) AS unclear, "
        "MAX(CASE WHEN chosen THEN ended END) AS ended, MAX(CASE WHEN chosen THEN ended_low END) AS ended_low, "
        "MAX(ended_high) AS ended_high FROM :terms AS t GROUP BY k",
        running=running,
        today=setting.today,
        terms=terms(
            setting, contract=contract, kinds=kinds, ends_on_start=ends_on_start, among=among, fold=fold
        ).subquery(),
    )
    lookup = Lookup(alias, query, {"k": folded(own) if fold else own})
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


def terms(
    setting: Setting,
    *,
    contract: str,
    kinds: list[str],
    ends_on_start: list[str],
    among: list[str],
    fold: bool = False,
) -> exp.Select:
    """(k, chosen, unclear, began…, ended…): the term of each contract by its column `contract`.

    `chosen`: it is of these `kinds`; one whose kind is blank or not `among` the known ones may be. What is renewed
    tacitly or has no end is ENDLESS; without an end, a kind in `ends_on_start` ends on its start. An end that is not
    told is null, and ENDLESS as far as it may be.
    """
    contracts = setting.other("contracts", contract, "kind", "end")
    key = exp.column(contract, quoted=True)
    kind, end, start = exp.column("kind", quoted=True), contracts.moment("end"), contracts.moment("start")
    doubtful = any_of([blank(kind), negate(is_in(kind, among))]) if among else blank(kind)
    one_off = is_in(kind, ends_on_start)

    def ended(end: exp.Expression, start: exp.Expression) -> exp.Expression:
        return sql(
            'CASE WHEN "tacit_renewal" THEN :endless WHEN :end IS NULL AND :one_off THEN :start '
            "ELSE COALESCE(:end, :endless) END",
            end=end,
            one_off=one_off,
            start=start,
            endless=ENDLESS,
        )

    return select(
        "SELECT :key AS k, :chosen AS chosen, :doubtful OR (:one_off AND :ended IS NULL) AS unclear, "
        ":began_low AS began_low, :began_high AS began_high, :ended AS ended, :ended_low AS ended_low, "
        "COALESCE(:ended_high, :endless) AS ended_high FROM contracts "
        "WHERE :key IS NOT NULL AND (:chosen OR :doubtful)",
        key=folded(key) if fold else key,
        chosen=is_in(kind, kinds),
        doubtful=doubtful,
        one_off=one_off,
        began_low=start.low,
        began_high=start.high,
        ended=ended(end.at, start.at),
        ended_low=ended(end.low, start.low),
        ended_high=ended(end.high, start.high),
        endless=ENDLESS,
    )
