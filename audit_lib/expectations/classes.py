"""Equivalence classes: records that share their quasi-identifiers."""

from collections.abc import Iterable

from sqlglot import exp

from audit_lib.expectations.rule import Setting
from audit_lib.expectations.sql import all_of, filled, matches, negate, sql

# A suppressed value matches nothing, so it never makes one large safe class.
SUPPRESSED = "^[*]*$"

# What a statistic adds up over.
ADDED_UP = "(*)"


def keys(setting: Setting, quasi_identifiers: list[str]) -> dict[str, exp.Expression]:
    """q0, q1 …: the quasi-identifiers as text, in one case, so that classes join on plain equality.

    A column that no file has suppresses nothing: NotEvaluated.
    """
    setting.require(*quasi_identifiers)
    return {
        f"q{place}": sql("LOWER(CAST(:column AS TEXT))", column=setting.column(name))
        for place, name in enumerate(quasi_identifiers)
    }


def whole(named: Iterable[str]) -> exp.Expression:
    """No quasi-identifier of the class is blank or masked: asked of a class, not of each of its records."""
    columns = [exp.column(name) for name in named]
    return all_of(all_of([filled(column), negate(matches(column, SUPPRESSED))]) for column in columns)
