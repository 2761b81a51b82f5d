"""Scanned columns: the text columns of a record in which an identifier could hide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.rule import Lookup, Setting, Step
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
    union_all,
)

Question = Callable[[exp.Expression], exp.Expression]


@dataclass(frozen=True)
class Answers:
    """Questions asked of text columns: `found[name][question]` is a condition on the record."""

    found: Mapping[str, Mapping[str, exp.Expression]]
    steps: tuple[Step, ...] = ()
    lookups: tuple[Lookup, ...] = ()


# A function of the engines' own: what a text says in a URL, in JSON or in base64; blank when it encodes nothing.
DECODED = "dpo_decoded"
# How ASCII text begins in base64: each of its bytes is between 0x20 and 0x7f, which few random ids imitate twice.
_TEXT = "([I-Za-f][C-HS-Xi-nyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]){2}"
# What may be encoded, and what is only digits.
_ENCODED = rf"%|=[^ ]*[+]|\\u|(^|[^A-Za-z0-9+/_-]){_TEXT}[A-Za-z0-9+/_-]{{4}}"
_DIGITS = "^[0-9A-Fa-f-]*$"


def ask(setting: Setting, names: Sequence[str], questions: Mapping[str, Question], alias: str) -> Answers:
    """Asks what text columns say, and what their texts encode."""
    plain = ask_plain(setting, names, questions, alias)
    if not names:
        return plain
    hidden = f"{alias}_hidden"
    said = exp.column("said", table="v")
    answers = _asked(questions, said).from_(_encoded(setting, names).subquery("v"))
    lookups = {name: _of(hidden, f"{hidden}{place}", setting.column(name)) for place, name in enumerate(names)}
    found = {
        name: {asked: any_of([plain.found[name][asked], holds(lookups[name][asked])]) for asked in questions}
        for name in names
    }
    return Answers(found, (*plain.steps, Step(hidden, answers)), (*lookups.values(), *plain.lookups))


def ask_plain(setting: Setting, names: Sequence[str], questions: Mapping[str, Question], alias: str) -> Answers:
    """Asks each distinct value of the columns once where values recur, each record where they do not."""
    recurring = [name for name in names if name in setting.relation.repeated]
    found = {name: {asked: question(setting.column(name)) for asked, question in questions.items()} for name in names}
    if not recurring:
        return Answers(found)
    answers = _asked(questions, exp.column("k", table="v")).from_(distinct_values(setting, recurring).subquery("v"))
    lookups = {name: _of(alias, f"{alias}{place}", setting.column(name)) for place, name in enumerate(recurring)}
    found |= {name: {asked: holds(lookups[name][asked]) for asked in questions} for name in recurring}
    return Answers(found, (Step(alias, answers),), tuple(lookups.values()))


def _of(step: str, alias: str, column: exp.Expression) -> Lookup:
    return Lookup(alias, exp.select("*").from_(step), {"k": column})


def _asked(questions: Mapping[str, Question], text: exp.Expression) -> exp.Select:
    answers = (exp.alias_(holds(question(text)), said) for said, question in questions.items())
    return exp.select(exp.column("k", table="v"), *answers)


def distinct_values(
    setting: Setting, names: Sequence[str], condition: Question = lambda column: filled(column)
) -> exp.Select:
    """(k): every value of the columns for which the condition holds, once."""
    each = [
        select(
            "SELECT DISTINCT :column AS k FROM :dataset AS b WHERE :condition",
            column=setting.column(name),
            dataset=exp.to_table(setting.relation.name),
            condition=condition(setting.column(name)),
        )
        for name in names
    ]
    return select("SELECT DISTINCT k FROM :each AS e", each=union_all(each).subquery())


def _encoded(setting: Setting, names: Sequence[str]) -> exp.Select:
    """(k, said): the distinct values that encode something."""

    def may(column: exp.Expression) -> exp.Expression:
        return all_of([matches(column, _ENCODED), negate(matches(column, _DIGITS))])

    return select(
        "SELECT k, said FROM (SELECT k, :said AS said FROM :values AS d) AS e WHERE said <> ''",
        said=call(DECODED, exp.column("k")),
        values=distinct_values(setting, names, may).subquery(),
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
