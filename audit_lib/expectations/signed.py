"""Signed: a contract is signed before what it covers is used."""

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import Moment, local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Relation, Rule, Setting
from audit_lib.expectations.sql import any_of, blank, filled, folded, holds, select, sql


class ExpectSignedBeforeUse(RecordExpectation):
    """The earliest signature (`signed`) among the records of a domain (`domain`) is not later than its first use.

    `uses`: each `{dataset, domain, at}`; the first of them that knows an event of the domain tells the first use. They
    are compared as days. Records without a domain, or of a domain that nobody used, are out of scope.
    """

    domain: str
    signed: str
    uses: list[dict[str, str]]

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.domain, self.signed)
        key = folded(setting.column(self.domain))
        signature = _first("signature", setting.relation, self.domain, self.signed, key)
        found = [
            _first(
                f"use{place}",
                setting.other(use["dataset"], use["domain"], use["at"]),
                use["domain"],
                use["at"],
                key,
            )
            for place, use in enumerate(self.uses)
        ]
        signed = Moment(signature["at"], signature["low"], signature["high"])
        used = Moment(*(exp.func("COALESCE", *(one[end] for one in found)) for end in ("at", "low", "high")))

        def day(at: exp.Expression) -> exp.Expression:
            return local_date(at, setting.time_zone)

        late = holds(sql(":signed > :used", signed=day(signed.low), used=day(used.high)))
        perhaps = holds(sql(":signed > :used", signed=day(signed.high), used=day(used.low)))
        future = [setting.later(one.at) for one in (signed, used)]
        return Rule(
            scope=filled(used.at),
            branches=(
                Branch(blank(signed.at), Verdict.INDETERMINATE, "contract_unsigned"),
                Branch(any_of(future), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(late, Verdict.FAIL, "signed_after_use"),
                Branch(perhaps, Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            clock=used.at,
            due=sql("CASE WHEN :late THEN :day END", late=late, day=day(used.at)),
            ended=day(signed.at),
            lookups=(signature, *found),
        )


def _first(alias: str, relation: Relation, domain: str, at: str, of: exp.Expression) -> Lookup:
    """(k, at, low, high): the first instant of each domain."""
    name, moment = exp.column(domain, quoted=True), relation.moment(at)
    # Domains are folded once each, not once a row: logs have many.
    query = select(
        "SELECT :k AS k, MIN(at) AS at, MIN(low) AS low, MIN(high) AS high FROM "
        "(SELECT :name AS name, MIN(:at) AS at, MIN(:low) AS low, MIN(:high) AS high FROM :dataset AS d "
        "WHERE :known AND :dated GROUP BY :name) AS n GROUP BY :k",
        k=folded(exp.column("name")),
        name=name,
        at=moment.at,
        low=moment.low,
        high=moment.high,
        dataset=exp.to_table(relation.name),
        known=filled(name),
        dated=filled(moment.at),
    )
    return Lookup(alias, query, {"k": of})
