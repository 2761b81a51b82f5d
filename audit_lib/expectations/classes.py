"""Equivalence classes: records that share their quasi-identifiers."""

from sqlglot import exp

from audit_lib.expectations.rule import Setting
from audit_lib.expectations.sql import any_of, blank, matches, negate, sql

# A suppressed value matches nothing, so it never makes one large safe class.
SUPPRESSED = "^[*]*$"


def suppressed(setting: Setting, quasi_identifiers: list[str]) -> exp.Expression:
    """Some quasi-identifier of the record is blank or masked. A column that no file has suppresses nothing:
    NotEvaluated.
    """
    setting.require(*quasi_identifiers)
    columns = [setting.column(name) for name in quasi_identifiers]
    return any_of([*(blank(column) for column in columns), *(hidden(column) for column in columns)])


def hidden(column: exp.Expression) -> exp.Expression:
    return matches(sql("CAST(:column AS TEXT)", column=column), SUPPRESSED)


def complete(setting: Setting, quasi_identifiers: list[str]) -> exp.Expression:
    return negate(suppressed(setting, quasi_identifiers))


def keys(setting: Setting, quasi_identifiers: list[str]) -> dict[str, exp.Expression]:
    """q0, q1 …: the quasi-identifiers as text, in one case, so that classes join on plain equality."""
    return {
        f"q{place}": sql("LOWER(CAST(:column AS TEXT))", column=setting.column(name))
        for place, name in enumerate(quasi_identifiers)
    }
