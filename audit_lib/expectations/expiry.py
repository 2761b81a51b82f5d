"""Expiry: once a person may no longer be kept, they are asked once whether they want to stay, and sent nothing else."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.clocks import CONTRACT_END, INBOUND, inbound_contacts
from audit_lib.expectations.contracts import terms
from audit_lib.expectations.periods import Moment, PeriodError, local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.recontact import renewed
from audit_lib.expectations.rule import Branch, NotEvaluated, Rule, Setting, Step, of_record
from audit_lib.expectations.sql import (
    all_of,
    any_of,
    blank,
    col,
    filled,
    folded,
    holds,
    is_in,
    latest,
    negate,
    node,
    select,
    sql,
    union_all,
)

# What no date says when it began had begun.
_EVER = dt.datetime(1900, 1, 1)


class ExpectNoMailingAfterExpiry(RecordExpectation):
    """After the last lawful day of `period` a person gets no mailing but one recontact, until a clock starts again.

    Each mailing is judged by the clock as it stood when it was sent: what happened later cures nothing. Records whose
    columns hold the values of `prospects` follow `prospect_clock`, the others `customer_clock`: `{latest_of: [...]}` as
    in ExpectRecordsWithinRetention, and so are `contracts`, `inbound` and `recontact`; datasets that were not supplied
    tell of no contract and no contact made. Mailings are those of the record's `contact`, or of its `email` where they
    name no contact; `purposes`: {prospecting, recontact, other}, any other word may be prospecting.
    """

    prospects: dict[str, list[str]]
    prospect_clock: dict[str, Any]
    customer_clock: dict[str, Any]
    period: str | dict[str, Any]
    contact: str
    email: str
    purposes: dict[str, list[str]]
    contracts: dict[str, Any]
    inbound: dict[str, Any]
    recontact: dict[str, str]

    def branches(self, setting: Setting) -> Rule:
        if any(clock.keys() != {"latest_of"} for clock in (self.prospect_clock, self.customer_clock)):
            raise NotEvaluated("control_invalid", "clock")
        sent = of_record("found", "sent")

        def said(name: str) -> exp.Expression:
            return holds(sql(":flag = 1", flag=sent[name]))

        late = any_of([said("breach"), said("again")])
        return Rule(
            branches=(
                Branch(
                    all_of([any_of([said("clockless"), said("perhaps")]), said("future")]),
                    Verdict.INDETERMINATE,
                    "clock_in_future",
                ),
                Branch(all_of([said("clockless"), self._ends(setting)]), Verdict.INDETERMINATE, "no_contract_known"),
                Branch(said("clockless"), Verdict.INDETERMINATE, "clock_missing"),
                Branch(said("breach"), Verdict.FAIL, "sent_after_expiry"),
                Branch(said("again"), Verdict.FAIL, "recontacted_again"),
                Branch(said("undated"), Verdict.INDETERMINATE, "mailing_undated"),
                Branch(said("ahead"), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(said("unknown"), Verdict.INDETERMINATE, "purpose_missing"),
                Branch(all_of([said("perhaps"), said("unclear")]), Verdict.INDETERMINATE, "clock_missing"),
                Branch(said("perhaps"), Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            clock=sent["clock"],
            due=sql("CASE WHEN :late THEN :due END", late=late, due=self._last_day(setting, sent["clock"])),
            ended=local_date(sent["last"], setting.time_zone),
            steps=(
                Step("line", union_all(list(self._line(setting))), rows=True),
                Step("mailed", self._mailed(setting), rows=True),
                Step("sent", self._sent(setting), rows=True),
            ),
            lookups=(sent,),
        )

    def _ends(self, setting: Setting) -> exp.Expression:
        """The clock of the record waits for its contracts to end."""
        return self._counts(setting, CONTRACT_END)

    def _counts(self, setting: Setting, name: str) -> exp.Expression:
        """This is a source of the record's clock."""
        prospect = all_of(is_in(setting.column(column), values) for column, values in self.prospects.items())
        sides = ((self.prospect_clock, prospect), (self.customer_clock, negate(prospect)))
        return any_of(side for clock, side in sides if name in clock["latest_of"])

    def _last_day(self, setting: Setting, clock: exp.Expression) -> exp.Expression:
        try:
            return plus(local_date(clock, setting.time_zone), str(self.period))
        except PeriodError:
            raise NotEvaluated("control_invalid", "period") from None

    def _line(self, setting: Setting) -> Iterator[exp.Select]:
        """(f, r, ends, what, early, late, lo, hi): what happened to each record, mailings among it.

        From `early` on it may have happened, from `late` on it surely had. `lo` and `hi` are the earliest and latest
        that it may be: the clock that it starts, the end of a contract, when a mailing was sent. A mailing is late
        where what happened is early, so that each of two orders gives one side every benefit of a doubt.
        """
        own = {*self.prospect_clock["latest_of"], *self.customer_clock["latest_of"]} - {CONTRACT_END, INBOUND}
        for name in sorted(own):
            yield self._contact(setting, setting.moment(name), self._counts(setting, name))
        yield self._contact(setting, renewed(setting, **self.recontact), exp.true())
        if "interactions" in setting.others:
            yield self._made(setting)
        if "contracts" in setting.others:
            yield self._terms(setting)
        if otherwise := self.contracts.get("otherwise"):
            told = setting.moment(otherwise)
            since = Moment(*map(node, (_EVER,) * 3))
            yield self._event(setting, node("told"), since, told).where(all_of([filled(told.at), self._ends(setting)]))
        yield from self._mailings(setting)

    def _contact(self, setting: Setting, at: Moment, counts: exp.Expression) -> exp.Select:
        return self._event(setting, node("contact"), at, at).where(all_of([filled(at.high), counts]))

    def _event(self, setting: Setting, what: exp.Expression, since: Moment, of: Moment) -> exp.Select:
        return select(
            "SELECT b._file AS f, b._row AS r, :ends AS ends, :what AS what, COALESCE(:early, :late) AS early, "
            ":late AS late, :lo AS lo, :hi AS hi FROM :dataset AS b",
            ends=self._ends(setting),
            what=what,
            early=since.low,
            late=since.high,
            lo=of.low,
            hi=of.high,
            dataset=exp.to_table(setting.relation.name),
        )

    def _made(self, setting: Setting) -> exp.Select:
        made = inbound_contacts(setting, self.inbound["types"], self.inbound["implied"]).subquery("i")
        at = Moment(col("at", "i"), col("low", "i"), col("high", "i"))
        event = self._contact(setting, at, self._counts(setting, INBOUND))
        return event.join(made, on=sql("i.k = :by", by=setting.column(self.inbound["by"])))

    def _terms(self, setting: Setting) -> exp.Select:
        known = terms(
            setting,
            contract=self.contracts["on"],
            kinds=self.contracts["kinds"],
            ends_on_start=self.contracts.get("ends_on_start", []),
            among=self.contracts.get("among", []),
        ).subquery("t")
        began = (sql("COALESCE(:at, :ever)", at=col(f"began_{end}", "t"), ever=_EVER) for end in ("low", "low", "high"))
        event = self._event(
            setting,
            sql("CASE WHEN t.unclear THEN 'unclear' ELSE 'contract' END"),
            Moment(*began),
            Moment(col("ended", "t"), col("ended_low", "t"), col("ended_high", "t")),
        )
        return event.join(known, on=sql("t.k = :by", by=setting.column(self.contracts["by"])))

    def _mailings(self, setting: Setting) -> Iterator[exp.Select]:
        mailings = setting.other("mailings", "purpose", "sent_at")
        purpose, sent = col("purpose", "m"), mailings.moment("sent_at", "m")
        what = sql(
            "CASE WHEN :prospecting THEN 'prospecting' WHEN :recontact THEN 'recontact' ELSE 'unknown' END",
            prospecting=is_in(purpose, self.purposes["prospecting"]),
            recontact=is_in(purpose, self.purposes["recontact"]),
        )
        contact, email = col(self.contact, "m"), col(self.email, "m")
        pairs = (
            (sql(":theirs = :own", theirs=contact, own=setting.column(self.contact)), self.contact, exp.true()),
            (
                sql(":theirs = :own", theirs=folded(email), own=folded(setting.column(self.email))),
                self.email,
                blank(contact),
            ),
        )
        found = [(on, only) for on, name, only in pairs if name in mailings.supplied]
        if not found:
            raise NotEvaluated("column_not_supplied", f"mailings: {self.contact}, {self.email}")
        for on, only in found:
            event = self._event(setting, what, Moment(sent.at, sent.high, sent.low), sent)
            concerns = all_of([only, negate(is_in(purpose, self.purposes["other"]))])
            yield event.join(exp.to_table("mailings").as_("m"), on=on).where(concerns)

    @staticmethod
    def _mailed(setting: Setting) -> exp.Select:
        """(f, r, ends, what, lo, hi, …): the mailings, each with what had happened when it was sent."""
        seen = select(
            "SELECT f, r, ends, what, lo, hi, "
            "MAX(CASE WHEN what = 'contact' THEN hi END) OVER (PARTITION BY f, r ORDER BY early) AS contact_hi, "
            "MAX(CASE WHEN what = 'contact' THEN lo END) OVER (PARTITION BY f, r ORDER BY late) AS contact_lo, "
            "MAX(CASE WHEN what IN ('contract', 'unclear') THEN hi END) OVER (PARTITION BY f, r ORDER BY early) "
            "AS contract_hi, "
            "MAX(CASE WHEN what = 'contract' THEN lo END) OVER (PARTITION BY f, r ORDER BY late) AS contract_lo, "
            "MAX(CASE WHEN what = 'told' THEN hi END) OVER (PARTITION BY f, r) AS told_hi, "
            "MAX(CASE WHEN what = 'told' THEN lo END) OVER (PARTITION BY f, r) AS told_lo, "
            "MAX(CASE WHEN what = 'contract' THEN 1 ELSE 0 END) OVER (PARTITION BY f, r) AS known, "
            "MAX(CASE WHEN what = 'unclear' THEN 1 ELSE 0 END) OVER (PARTITION BY f, r) AS unclear, "
            "MAX(CASE WHEN what = 'contact' AND lo > :now THEN 1 ELSE 0 END) OVER (PARTITION BY f, r) AS future, "
            "MAX(CASE WHEN what IN ('contract', 'unclear') AND ends "
            "OR what = CASE WHEN ends THEN 'told' ELSE 'contact' END AND COALESCE(lo <= :now, TRUE) "
            "THEN 1 ELSE 0 END) OVER (PARTITION BY f, r) AS clocked FROM line",
            now=setting.now,
        )
        return select(
            "SELECT f, r, ends, what, lo, hi, contact_hi, contact_lo, unclear, clocked, "
            "CASE WHEN known = 0 AND told_lo > :now THEN 1 ELSE future END AS future, "
            "CASE WHEN known = 1 THEN contract_hi ELSE :either END AS open_hi, "
            "CASE WHEN known = 1 THEN contract_lo ELSE told_lo END AS open_lo "
            "FROM :seen AS s WHERE what IN ('prospecting', 'recontact', 'unknown')",
            now=setting.now,
            either=latest([exp.column("contract_hi"), exp.column("told_hi")]),
            seen=seen.subquery(),
        )

    def _sent(self, setting: Setting) -> exp.Select:
        """(f, r, …): what the mailings of each record show. Recontacts are counted for each clock that they follow."""
        judged = select(
            "SELECT f, r, what, lo, hi, unclear, future, clocked, :clock AS clock, "
            ":surely AS surely, :perhaps AS perhaps FROM mailed",
            clock=_clock("hi"),
            surely=self._over(setting, "hi", exp.column("lo")),
            perhaps=self._over(setting, "lo", exp.column("hi")),
        )
        flags = {
            "breach": sql("surely AND what = 'prospecting'"),
            "unknown": sql("perhaps AND what = 'unknown'"),
            "later": sql("perhaps AND what = 'prospecting'"),
            "undated": sql("lo IS NULL"),
            "ahead": sql("lo > :now", now=setting.now),
            "unclear": sql("unclear = 1"),
            "future": sql("future = 1"),
            "clockless": sql("clocked = 0"),
        }
        each = exp.select(
            "f",
            "r",
            "clock",
            *(exp.alias_(sql("MAX(CASE WHEN :it THEN 1 ELSE 0 END)", it=it), name) for name, it in flags.items()),
            "SUM(CASE WHEN surely AND what = 'recontact' THEN 1 ELSE 0 END) AS asked",
            "SUM(CASE WHEN perhaps AND what = 'recontact' THEN 1 ELSE 0 END) AS maybe_asked",
            "MAX(CASE WHEN surely THEN lo END) AS last",
        )
        each = each.from_(judged.subquery("j")).group_by("f", "r", "clock")
        return (
            exp.select(
                "f",
                "r",
                *(f"MAX({name}) AS {name}" for name in flags if name != "later"),
                "MAX(CASE WHEN asked > 1 THEN 1 ELSE 0 END) AS again",
                "MAX(CASE WHEN later = 1 OR unknown = 1 OR maybe_asked > 1 THEN 1 ELSE 0 END) AS perhaps",
                "MAX(CASE WHEN breach = 1 OR asked > 1 THEN clock END) AS clock",
                "MAX(CASE WHEN breach = 1 OR asked > 1 THEN last END) AS last",
            )
            .from_(each.subquery("e"))
            .group_by("f", "r")
        )

    def _over(self, setting: Setting, end: str, sent: exp.Expression) -> exp.Expression:
        """The mailing was sent after the last lawful day of its clock, while no contract ran, and not in the future."""
        day = local_date(sent, setting.time_zone)
        open_ = sql(":until >= :day", until=local_date(exp.column(f"open_{end}"), setting.time_zone), day=day)
        past = sql(":day > :last", day=day, last=self._last_day(setting, _clock(end)))
        return all_of([holds(past), negate(holds(open_)), holds(sql("lo <= :now", now=setting.now))])


def _clock(end: str) -> exp.Expression:
    """The clock of a mailing: a relationship that had not begun has none, whatever contact there was."""
    contact, ended = exp.column(f"contact_{end}"), exp.column(f"open_{end}")
    return sql(
        "CASE WHEN NOT ends THEN :contact WHEN :ended IS NOT NULL THEN :either END",
        contact=contact,
        ended=ended,
        either=latest([ended, contact]),
    )
