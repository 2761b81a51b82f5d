"""Contracts: whether a relationship still runs, and when it ended."""

from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.periods import local_date
from audit_lib.expectations.rule import Lookup, Setting
from audit_lib.expectations.sql import Value, holds, is_in, negate, select, sql


@dataclass(frozen=True)
class Relationship:
    """What the contracts say of one record. `ended_at` is null while one is open or when none is known."""

    lookup: Lookup
    known: exp.Expression
    open: exp.Expression
    ended_at: exp.Expression


def relationship(
    setting: Setting, *, alias: str, record: str, contract: str, kinds: list[str], ends_on_start: list[str]
) -> Relationship:
    """Contracts of these kinds joined on `contracts.<contract> = <record>`.

    A contract is open when renewed tacitly, not ended on the audit's day, or without an end (of a kind in
    `ends_on_start`: it ends on its start instead).
    """
    setting.other("contracts", contract, "kind", "end")
    kind = exp.column("kind", quoted=True)
    instant: Value = sql(
        'CASE WHEN "end" IS NULL AND :one_off THEN "start" ELSE "end" END', one_off=is_in(kind, ends_on_start)
    )
    running = sql(
        '"tacit_renewal" OR ("end" IS NULL AND :lasting) OR :ended >= :today',
        lasting=negate(is_in(kind, ends_on_start)),
        ended=local_date(exp.column("end", quoted=True), setting.time_zone),
        today=setting.today,
    )
    query = select(
        "SELECT :key AS k, MAX(CASE WHEN :running THEN 1 ELSE 0 END) AS running, MAX(:ended) AS ended "
        "FROM contracts WHERE :key IS NOT NULL AND :chosen GROUP BY :key",
        key=exp.column(contract, quoted=True),
        running=holds(running),
        ended=instant,
        chosen=is_in(kind, kinds),
    )
    lookup = Lookup(alias, query, {"k": setting.column(record)})
    is_open = holds(sql(":running = 1", running=lookup["running"]))
    return Relationship(
        lookup=lookup,
        known=sql(":k IS NOT NULL", k=lookup["k"]),
        open=is_open,
        ended_at=sql("CASE WHEN NOT :open THEN :ended END", open=is_open, ended=lookup["ended"]),
    )
