"""Small cells: nobody and eleven people pass, one to ten are looked at."""

import pytest

from audit_lib.expectations import ExpectNoSmallCell
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, verdicts

ROWS = [{"country": "FR", "period": "2024", "users": users} for users in (0, 1, 10, 11, 12, None)]


def rule(k: int) -> ExpectNoSmallCell:
    return ExpectNoSmallCell(as_of=AS_OF, time_zone=PARIS, count="users", k=k)


def test_cells_below_k_are_looked_at() -> None:
    small, unsaid = "REVIEW small_cell", "INDETERMINATE count_missing"
    assert verdicts(rule(11), {"country_statistics": ROWS}) == ["PASS", small, small, "PASS", "PASS", unsaid]
    assert verdicts(rule(12), {"country_statistics": ROWS}) == ["PASS", small, small, small, "PASS", unsaid]


def test_statistics_without_counts_are_not_judged() -> None:
    with pytest.raises(NotEvaluated, match="column_not_supplied: country_statistics: users"):
        verdicts(rule(11), {"country_statistics": [{"country": "FR", "period": "2024"}]})
