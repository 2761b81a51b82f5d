"""Recontact: what the single message sent at the end of a retention period changes."""

from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.periods import local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Setting
from audit_lib.expectations.sql import FALSE, NULL, all_of, any_of, blank, filled, holds, is_in, sql


@dataclass(frozen=True)
class Recontact:
    """`renewed_at`: the positive reply that restarts the clock, else null. `branches`: what is past the limit."""

    renewed_at: exp.Expression
    future: exp.Expression
    branches: tuple[Branch, ...]


def none() -> Recontact:
    """No recontact is foreseen: what is past the limit is kept too long."""
    return Recontact(NULL, FALSE, (Branch(exp.true(), Verdict.FAIL, "kept_too_long"),))


def recontact(setting: Setting, *, sent: str, replied: str, reply: str, window: str) -> Recontact:
    """Branches of LEGAL C-5.2-1c; `window` is the ISO period in which an answer may still come."""
    sent_at, replied_at, answer = setting.column(sent), setting.column(replied), setting.column(reply)
    positive = is_in(answer, ["positive"])
    confirmed = all_of([positive, sql(":replied >= :sent", replied=replied_at, sent=sent_at)])
    closes = plus(local_date(sent_at, setting.time_zone), window)
    branches = (
        Branch(holds(confirmed), Verdict.FAIL, "kept_too_long"),
        Branch(
            all_of([positive, any_of([blank(replied_at), blank(sent_at)])]),
            Verdict.INDETERMINATE,
            "reply_undated",
        ),
        Branch(positive, Verdict.INDETERMINATE, "reply_before_recontact"),
        Branch(blank(sent_at), Verdict.FAIL, "kept_too_long"),
        Branch(is_in(answer, ["negative"]), Verdict.FAIL, "recontact_refused"),
        Branch(sql(":closes >= :today", closes=closes, today=setting.today), Verdict.REVIEW, "recontact_pending"),
        Branch(filled(sent_at), Verdict.FAIL, "recontact_unanswered"),
    )
    return Recontact(
        renewed_at=sql("CASE WHEN :confirmed THEN :replied END", confirmed=holds(confirmed), replied=replied_at),
        future=holds(sql(":sent > :now OR :replied > :now", sent=sent_at, replied=replied_at, now=setting.now)),
        branches=branches,
    )
