"""Declared columns: only what the policy announces is stored."""

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Rule, Setting
from audit_lib.expectations.scanned import naming
from audit_lib.expectations.sql import any_of, filled


class ExpectOnlyDeclaredColumns(RecordExpectation):
    """No column outside `declared` holds a value; a record that fills one FAILs, or is for REVIEW if `review`.

    A column of `forbidden` FAILs in any case. Names are compared without case, spaces, hyphens and underscores.
    """

    declared: list[str]
    forbidden: list[str] = []
    review: bool = False

    def branches(self, setting: Setting) -> Rule:
        forbidden, undeclared = beyond(setting, self.declared, self.forbidden)
        return Rule(
            branches=(
                Branch(any_of(forbidden.values()), Verdict.FAIL, "forbidden_column"),
                Branch(
                    any_of(undeclared.values()),
                    Verdict.REVIEW if self.review else Verdict.FAIL,
                    "undeclared_column",
                ),
            ),
            detail=naming({**forbidden, **undeclared}) if forbidden or undeclared else None,
        )


def beyond(
    setting: Setting, declared: list[str], forbidden: list[str], prefix: str = ""
) -> tuple[dict[str, exp.Expression], dict[str, exp.Expression]]:
    """The supplied columns that are `forbidden`, and the others that are neither `declared` nor begin with `prefix`.

    By name, whether the record fills them.
    """
    relation = setting.relation
    allowed, refused = set(map(_folded, declared)), set(map(_folded, forbidden))
    present = [*(name for name in relation.columns if name in relation.supplied), *relation.extras]
    fill = {name: filled(setting.column(name)) for name in present}
    begun = {name for name in present if prefix and name.lower().startswith(prefix.lower())}
    return (
        {name: it for name, it in fill.items() if _folded(name) in refused},
        {name: it for name, it in fill.items() if _folded(name) not in allowed | refused and name not in begun},
    )


def _folded(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
