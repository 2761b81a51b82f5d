"""Declared values: a column holds one of the values that the policy lists."""

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Rule, Setting
from audit_lib.expectations.sql import any_of, blank, is_in, negate, replace_all, sql


class ExpectPurposesDeclared(RecordExpectation):
    """`column` is one of `declared` (accents, case and punctuation apart); blank is INDETERMINATE.

    `declared`: code -> every way of writing it. What starts (`start`) after the audit's instant is out of scope.
    """

    column: str
    start: str | None = None
    declared: dict[str, list[str]]

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.column)
        column = setting.column(self.column)
        # Folding in SQL keeps one rule for all engines: letters with accents become plain, the rest a space.
        plain = sql("TRANSLATE(LOWER(:column), :accented, :plain)", column=column, accented=ACCENTED, plain=PLAIN)
        # macOS writes an accent as a sign of its own after the letter.
        whole = replace_all(plain, "[\u0300-\u036f]", "")
        folded = sql("TRIM(:words)", words=replace_all(whole, "[^a-z0-9]+", " "))
        ways = {_folded(way) for code, ways in self.declared.items() for way in (code, *ways)}
        return Rule(
            scope=begun(setting, self.start) if self.start else exp.true(),
            branches=(
                Branch(blank(column), Verdict.INDETERMINATE, "purpose_missing"),
                Branch(any_of([negate(is_in(folded, sorted(ways)))]), Verdict.FAIL, "purpose_undeclared"),
            ),
        )


def begun(setting: Setting, start: str) -> exp.Expression:
    """The record's start is not in the future; a blank one may have begun."""
    return sql("COALESCE(:start <= :now, TRUE)", start=setting.column(start), now=setting.now)


ACCENTED = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿ"
PLAIN = "aaaaaaceeeeiiiinooooouuuuyy"


def _folded(text: str) -> str:
    plain = text.lower().translate(str.maketrans(ACCENTED, PLAIN))
    return " ".join("".join(letter if letter.isascii() and letter.isalnum() else " " for letter in plain).split())
