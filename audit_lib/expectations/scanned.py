"""Scanned columns: the text columns of a record in which an identifier could hide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.rule import Lookup, Setting
from audit_lib.expectations.sql import all_of, filled, holds, node, select, sql, text_list

Question = Callable[[exp.Expression], exp.Expression]


@dataclass(frozen=True)
class Answers:
    """Questions asked of a text column: `found[name]` is a condition on the record."""

    found: Mapping[str, exp.Expression]
    lookups: tuple[Lookup, ...] = ()


def ask(setting: Setting, name: str, questions: Mapping[str, Question], alias: str) -> Answers:
    """Asks each distinct value once where values recur, each record where they do not."""
    column = setting.column(name)
    if name not in setting.relation.repeated:
        return Answers({said: question(column) for said, question in questions.items()})
    value = exp.column("k", table="v")
    query = exp.select(value, *(exp.alias_(holds(question(value)), said) for said, question in questions.items()))
    values = select(
        "SELECT DISTINCT :column AS k FROM :dataset AS b WHERE :known",
        column=column,
        dataset=exp.to_table(setting.relation.name),
        known=filled(column),
    )
    lookup = Lookup(alias, query.from_(values.subquery("v")), {"k": column})
    return Answers({said: holds(lookup[said]) for said in questions}, (lookup,))


def scanned_columns(setting: Setting, leave: list[str]) -> dict[str, exp.Expression]:
    """Supplied text columns, undeclared ones included, by name; never the key of the record."""
    relation = setting.relation
    present = [*sorted(relation.supplied, key=list(relation.columns).index), *relation.extras]
    skipped = {*leave, *relation.key}
    return {
        name: setting.column(name)
        for name in present
        if relation.columns.get(name, "text") == "text" and name not in skipped
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
