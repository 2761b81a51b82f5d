"""Agreements: a contract that runs and gives access to users' data has a data processing agreement."""

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.declared_values import begun
from audit_lib.expectations.periods import local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Rule, Setting
from audit_lib.expectations.sql import all_of, blank, holds, is_in, negate, sql


class ExpectAgreementsSigned(RecordExpectation):
    """Each contract that runs and for which `applies` is true has an agreement, signed on `signed`.

    A blank `applies` is INDETERMINATE. A contract runs from `start` until the end of the day `end`, without end when
    that is blank; renewed tacitly (`renewed`) it goes on. One of the kinds `ends_on_start` (column `kind`) without an
    end is over with its start.
    """

    signed: str
    applies: str
    start: str
    end: str
    renewed: str
    kind: str
    ends_on_start: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.signed, self.applies, self.end)
        signed, applies = setting.column(self.signed), setting.column(self.applies)
        start, end = setting.moment(self.start), setting.moment(self.end)
        one_off = is_in(setting.column(self.kind), self.ends_on_start)
        surely_over, perhaps_over = (
            all_of(
                [
                    holds(
                        sql(
                            "CASE WHEN :end IS NULL AND :one_off THEN :started ELSE :ended END < :today",
                            end=end.at,
                            one_off=one_off,
                            started=local_date(begin, setting.time_zone),
                            ended=local_date(over, setting.time_zone),
                            today=setting.today,
                        )
                    ),
                    negate(holds(setting.column(self.renewed))),
                ]
            )
            for begin, over in ((start.high, end.high), (start.low, end.low))
        )
        return Rule(
            scope=all_of(
                [sql("COALESCE(:applies, TRUE)", applies=applies), begun(setting, self.start), negate(surely_over)]
            ),
            branches=(
                Branch(blank(applies), Verdict.INDETERMINATE, "scope_unknown"),
                Branch(setting.later(signed), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(all_of([blank(signed), perhaps_over]), Verdict.INDETERMINATE, "time_zone_unknown"),
                Branch(blank(signed), Verdict.FAIL, "agreement_missing"),
            ),
        )
