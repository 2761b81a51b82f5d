"""Declared values: a column holds one of the values that the policy lists."""

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Rule, Setting
from audit_lib.expectations.sql import all_of, blank, is_in, negate, replace_all, sql


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
        return Rule(
            scope=begun(setting, self.start) if self.start else exp.true(),
            branches=(
                Branch(blank(column), Verdict.INDETERMINATE, "purpose_missing"),
                Branch(negate(_one_of(column, self.declared)), Verdict.FAIL, "purpose_undeclared"),
            ),
        )


class ExpectLegalBasesDeclared(RecordExpectation):
    """`column` is one of `declared`, as above; blank is INDETERMINATE.

    `proofs`: code -> column that a record with this basis must fill.
    """

    column: str
    declared: dict[str, list[str]]
    proofs: dict[str, str] = {}

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.column)
        column = setting.column(self.column)
        unproven = (
            Branch(
                all_of([_one_of(column, {code: self.declared.get(code, [])}), blank(setting.column(proof))]),
                setting.verdict_of_blank(proof),
                "balancing_test_missing",
            )
            for code, proof in self.proofs.items()
        )
        return Rule(
            branches=(
                Branch(blank(column), Verdict.INDETERMINATE, "basis_missing"),
                Branch(negate(_one_of(column, self.declared)), Verdict.FAIL, "basis_undeclared"),
                *unproven,
            ),
        )


def _one_of(column: exp.Expression, declared: Mapping[str, Sequence[str]]) -> exp.Expression:
    """The text is one of the codes or of their ways of writing."""
    return said(column, [way for code, ways in declared.items() for way in (code, *ways)])


def said(column: exp.Expression, words: Iterable[str]) -> exp.Expression:
    """The text is one of the words, accents, case and punctuation apart; false for null."""
    return is_in(plain(column), sorted({plain_text(word) for word in words}))


def plain(column: exp.Expression) -> exp.Expression:
    """The words of a text in small letters, a space between them: accents, case and punctuation apart."""
    # Folding in SQL keeps one rule for all engines: letters with accents become plain, the rest a space.
    letters = sql("TRANSLATE(LOWER(:column), :accented, :plain)", column=column, accented=ACCENTED, plain=PLAIN)
    # macOS writes an accent as a sign of its own after the letter.
    whole = replace_all(letters, "[\u0300-\u036f]", "")
    return sql("TRIM(:words)", words=replace_all(whole, "[^a-z0-9]+", " "))


def begun(setting: Setting, start: str) -> exp.Expression:
    """The record's start is not in the future; a blank one may have begun."""
    return sql("COALESCE(:start <= :now, TRUE)", start=setting.column(start), now=setting.now)


ACCENTED = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿ"
PLAIN = "aaaaaaceeeeiiiinooooouuuuyy"


def plain_text(text: str) -> str:
    """A word of the policy as `plain` writes it."""
    letters = text.lower().translate(str.maketrans(ACCENTED, PLAIN))
    return " ".join("".join(letter if letter.isascii() and letter.isalnum() else " " for letter in letters).split())
