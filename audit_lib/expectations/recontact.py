"""Recontact: what the single message sent at the end of a retention period changes."""

from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.periods import NEVER, Moment, local_date, midnight, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Setting
from audit_lib.expectations.sql import FALSE, all_of, any_of, blank, filled, holds, is_in, sql


@dataclass(frozen=True)
class Recontact:
    """`renewed`: the positive reply that restarts the clock, else null. `branches`: what is past the limit."""

    renewed: Moment
    future: exp.Expression
    branches: tuple[Branch, ...]


def none() -> Recontact:
    """No recontact is foreseen: what is past the limit is kept too long."""
    return Recontact(NEVER, FALSE, (Branch(exp.true(), Verdict.FAIL, "kept_too_long"),))


def recontact(setting: Setting, *, sent: str, replied: str, reply: str, window: str) -> Recontact:
    """Branches of LEGAL C-5.2-1c; `window` is the ISO period in which an answer may still come."""
    sent_at, replied_at, answer = setting.moment(sent), setting.moment(replied), setting.column(reply)
    positive = is_in(answer, ["positive"])
    restarted = renewed(setting, sent=sent, replied=replied, reply=reply)

    def pending(at: exp.Expression) -> exp.Expression:
        closes = plus(local_date(at, setting.time_zone), window)
        return sql(":closes >= :today", closes=closes, today=setting.today)

    doubt = [] if sent_at.sure else [Branch(pending(sent_at.high), Verdict.INDETERMINATE, "time_zone_unknown")]
    branches = (
        Branch(filled(restarted.at), Verdict.FAIL, "kept_too_long"),
        Branch(
            all_of([positive, any_of([blank(replied_at.at), blank(sent_at.at)])]),
            Verdict.INDETERMINATE,
            "reply_undated",
        ),
        Branch(positive, Verdict.INDETERMINATE, "reply_before_recontact"),
        Branch(blank(sent_at.at), Verdict.FAIL, "kept_too_long"),
        Branch(is_in(answer, ["negative"]), Verdict.FAIL, "recontact_refused"),
        Branch(pending(sent_at.low), Verdict.REVIEW, "recontact_pending"),
        *doubt,
        Branch(exp.true(), Verdict.FAIL, "recontact_unanswered"),
    )
    return Recontact(
        renewed=restarted,
        future=holds(sql(":sent > :now OR :replied > :now", sent=sent_at.at, replied=replied_at.at, now=setting.now)),
        branches=branches,
    )


def renewed(setting: Setting, *, sent: str, replied: str, reply: str) -> Moment:
    """The positive reply to a recontact, else null; its high end is also there where it only may be one."""
    replied_at = setting.moment(replied)
    positive = is_in(setting.column(reply), ["positive"])
    surely, perhaps = (holds(all_of([positive, each])) for each in _follows(setting, replied_at, setting.moment(sent)))
    return Moment(
        *(
            sql("CASE WHEN :confirmed THEN :replied END", confirmed=confirmed, replied=at)
            for confirmed, at in ((surely, replied_at.at), (surely, replied_at.low), (perhaps, replied_at.high))
        )
    )


def _follows(setting: Setting, replied: Moment, sent: Moment) -> tuple[exp.Expression, exp.Expression]:
    """The reply is dated on or after the recontact: surely, and perhaps. One dated by its day alone is of that day."""

    def after(replied_at: exp.Expression, sent_at: exp.Expression) -> exp.Expression:
        days = [local_date(at, setting.time_zone) for at in (replied_at, sent_at)]
        same_day = sql(":replied >= :sent", replied=days[0], sent=days[1])
        return any_of(
            [
                sql(":replied >= :sent", replied=replied_at, sent=sent_at),
                all_of([midnight(replied.at, setting.time_zone), same_day]),
            ]
        )

    if replied.sure and sent.sure:
        return after(replied.at, sent.at), after(replied.at, sent.at)
    # Both without an offset: whatever the zone is, it is the same.
    alike = [sql(":low < :at", low=each.low, at=each.at) for each in (replied, sent)]
    surely = any_of([after(replied.low, sent.high), all_of([*alike, after(replied.at, sent.at)])])
    return surely, after(replied.high, sent.low)
