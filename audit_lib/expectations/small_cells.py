"""Small cells: no statistic stands for so few people that one could be told."""

from typing import Any

from great_expectations.compatibility import pydantic

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Rule, Setting
from audit_lib.expectations.sql import all_of, blank, holds, sql


class ExpectNoSmallCell(RecordExpectation):
    """A record whose `count` is below `k` is for REVIEW; nobody is no small cell, a blank count is INDETERMINATE."""

    count: str
    k: int | dict[str, Any] = pydantic.Field(ge=1)

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.count)
        count = setting.column(self.count)
        small = [holds(sql(":count < :k", count=count, k=int(str(self.k)))), holds(sql(":count <> 0", count=count))]
        return Rule(
            branches=(
                Branch(blank(count), Verdict.INDETERMINATE, "count_missing"),
                Branch(all_of(small), Verdict.REVIEW, "small_cell"),
            ),
        )
