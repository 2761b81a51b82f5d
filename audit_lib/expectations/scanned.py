"""Scanned columns: the text columns of a record in which an identifier could hide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.rule import Lookup, Setting
from audit_lib.expectations.sql import (
    all_of,
    any_of,
    call,
    filled,
    holds,
    matches,
    negate,
    node,
    select,
    sql,
    text_list,
)

Question = Callable[[exp.Expression], exp.Expression]


@dataclass(frozen=True)
class Answers:
    """Questions asked of a text column: `found[name]` is a condition on the record."""

    found: Mapping[str, exp.Expression]
    lookups: tuple[Lookup, ...] = ()


# A function of the engines' own: what a text says in a URL, in JSON or in base64; blank when it encodes nothing.
DECODED = "dpo_decoded"
# How ASCII text begins in base64: each of its bytes is between 0x20 and 0x7f, which few random ids imitate twice.
_TEXT = "([I-Za-f][C-HS-Xi-nyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]){2}"
# What may be encoded, and what is only digits.
_ENCODED = rf"%|=[^ ]*[+]|\\u|(^|[^A-Za-z0-9+/_-]){_TEXT}[A-Za-z0-9+/_-]{{4}}"
_DIGITS = "^[0-9A-Fa-f-]*$"


def ask(setting: Setting, name: str, questions: Mapping[str, Question], alias: str) -> Answers:
    """Asks what a text column says, and what its texts encode."""
    plain = ask_each(setting, name, questions, alias)
    column = setting.column(name)
    hidden = _asked(questions, exp.column("said", table="v")).from_(_encoded(setting, column).subquery("v"))
    encoded = Lookup(f"{alias}_encoded", hidden, {"k": column})
    found = {said: any_of([plain.found[said], holds(encoded[said])]) for said in questions}
    return Answers(found, (encoded, *plain.lookups))


def ask_each(setting: Setting, name: str, questions: Mapping[str, Question], alias: str) -> Answers:
    """Asks each distinct value of a column once where values recur, each record where they do not."""
    column = setting.column(name)
    if name not in setting.relation.repeated:
        return Answers({said: question(column) for said, question in questions.items()})
    values = _asked(questions, exp.column("k", table="v")).from_(_values(setting, column).subquery("v"))
    answer = Lookup(alias, values, {"k": column})
    return Answers({said: holds(answer[said]) for said in questions}, (answer,))


def _asked(questions: Mapping[str, Question], text: exp.Expression) -> exp.Select:
    answers = (exp.alias_(holds(question(text)), said) for said, question in questions.items())
    return exp.select(exp.column("k", table="v"), *answers)


def _values(setting: Setting, column: exp.Expression) -> exp.Select:
    return select(
        "SELECT DISTINCT :column AS k FROM :dataset AS b WHERE :known",
        column=column,
        dataset=exp.to_table(setting.relation.name),
        known=filled(column),
    )


def _encoded(setting: Setting, column: exp.Expression) -> exp.Select:
    """(k, said): the distinct values that encode something."""
    may = all_of([matches(column, _ENCODED), negate(matches(column, _DIGITS))])
    return select(
        "SELECT k, said FROM (SELECT k, :said AS said FROM :values AS d) AS e WHERE said <> ''",
        said=call(DECODED, exp.column("k")),
        values=_values(setting, column).where(may).subquery(),
    )


def scanned_columns(setting: Setting, leave: list[str]) -> dict[str, exp.Expression]:
    """Supplied text columns, undeclared ones and the key included, by name."""
    relation = setting.relation
    present = [*sorted(relation.supplied, key=list(relation.columns).index), *relation.extras]
    return {
        name: setting.column(name)
        for name in present
        if relation.columns.get(name, "text") == "text" and name not in leave
    }


def containing(column: exp.Expression, text: str, condition: exp.Expression) -> exp.Expression:
    """The condition, asked only where the text occurs: a search is much cheaper than a pattern."""
    return all_of([sql("COALESCE(STRPOS(:column, :text) > 0, FALSE)", column=column, text=text), condition])


def naming(found: dict[str, exp.Expression]) -> exp.Expression:
    """Names of the columns for which the condition holds: names, never values."""
    return text_list(
        sql("CASE WHEN :condition THEN :name END", condition=condition, name=node(name))
        for name, condition in found.items()
    )
