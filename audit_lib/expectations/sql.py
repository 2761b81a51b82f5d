"""SQL: templates with named holes, filled with sqlglot nodes; no text is ever pasted into a query."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import TypeAlias

from sqlglot import exp, parse_one

Value: TypeAlias = exp.Expression | str | int | float | bool | dt.date | dt.datetime | None

BATCH = "b"
TRUE, FALSE, NULL = exp.true(), exp.false(), exp.null()

# A function of the engines' own: a text as a number of 64 bits, which n texts share with a chance of n²/2⁶⁵.
HASH = "dpo_hash"


_HOLE = re.compile(r"(?<![:\w]):([a-z_]\w*)")


@lru_cache(maxsize=1024)
def _parsed(template: str) -> exp.Expression:
    # A prefix keeps holes apart from SQL's own words: `:end` would not parse.
    parsed = parse_one(_HOLE.sub(r":hole_\1", template))
    # Where a word stands in a template is of no use, and costs a third of every copy.
    for part in parsed.walk():
        part._meta = None
    return parsed


def owned(expression: exp.Expression) -> exp.Expression:
    """The expression for a place in a tree: itself while it has none, else a copy.

    Copying at every step would take a time that grows with the square of a rule's depth.
    """
    return expression if expression.parent is None else expression.copy()


def node(value: Value) -> exp.Expression:
    """A value as an SQL node: dates and naive UTC instants become typed literals, None becomes NULL."""
    match value:
        case exp.Expression():
            return owned(value)
        case None:
            return exp.null()
        case bool():
            return exp.Boolean(this=value)
        case dt.datetime():
            return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "TIMESTAMP")
        case dt.date():
            return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
        case int() | float():
            return exp.Literal.number(value)
        case _:
            return exp.Literal.string(value)


def sql(template: str, **holes: Value) -> exp.Expression:
    """The parsed template with each `:hole` replaced. Operators around a hole keep their meaning."""

    def fill(part: exp.Expression) -> exp.Expression:
        if isinstance(part, exp.Placeholder):
            filled = node(holes[part.name.removeprefix("hole_")])
            return exp.paren(filled, copy=False) if isinstance(filled, exp.Binary | exp.Not) else filled
        return part

    return _parsed(template).copy().transform(fill, copy=False)


def query(template: str, **holes: Value) -> exp.Query:
    """The same for a whole query."""
    found = sql(template, **holes)
    if not isinstance(found, exp.Query):
        raise TypeError("the template is no query")
    return found


def select(template: str, **holes: Value) -> exp.Select:
    """The same for a whole SELECT."""
    found = sql(template, **holes)
    if not isinstance(found, exp.Select):
        raise TypeError("the template is no SELECT")
    return found


def col(name: str, table: str = BATCH) -> exp.Column:
    """A column of the dataset being judged, or of a lookup."""
    return exp.column(name, table=table, quoted=True)


def filled(expression: exp.Expression) -> exp.Expression:
    return sql(":x IS NOT NULL", x=expression)


def blank(expression: exp.Expression) -> exp.Expression:
    return sql(":x IS NULL", x=expression)


def holds(condition: exp.Expression) -> exp.Expression:
    """True or false, never unknown: a doubt is no proof."""
    return sql("COALESCE(:c, FALSE)", c=condition)


def folded(text: exp.Expression) -> exp.Expression:
    """A key as it is compared: without case and outer spaces."""
    return sql("LOWER(TRIM(:text))", text=text)


def is_in(expression: exp.Expression, values: Iterable[Value]) -> exp.Expression:
    nodes = [node(value) for value in values]
    return holds(exp.In(this=owned(expression), expressions=nodes)) if nodes else exp.false()


def any_of(conditions: Iterable[exp.Expression]) -> exp.Expression:
    found = [owned(condition) for condition in conditions]
    return exp.or_(*found, copy=False) if found else exp.false()


def all_of(conditions: Iterable[exp.Expression]) -> exp.Expression:
    found = [owned(condition) for condition in conditions]
    return exp.and_(*found, copy=False) if found else exp.true()


def negate(condition: exp.Expression) -> exp.Expression:
    return exp.not_(exp.paren(owned(condition), copy=False), copy=False)


def latest(values: list[exp.Expression]) -> exp.Expression:
    """The latest of the values that are not null; null if all are."""
    return _extreme("GREATEST", values)


def earliest(values: list[exp.Expression]) -> exp.Expression:
    """The earliest of the values that are not null; null if all are."""
    return _extreme("LEAST", values)


def _extreme(function: str, values: list[exp.Expression]) -> exp.Expression:
    # Of DuckDB, PostgreSQL and Spark none lets a null decide.
    return exp.func(function, *map(owned, values)) if len(values) > 1 else owned(values[0])


def matches(expression: exp.Expression, pattern: str) -> exp.Expression:
    """Pattern found anywhere; false for null. Patterns keep to what RE2, POSIX and Java share."""
    return holds(exp.RegexpLike(this=owned(expression), expression=exp.Literal.string(pattern)))


def found_in(expression: exp.Expression, pattern: str) -> exp.Expression:
    """The first match of the pattern."""
    return exp.RegexpExtract(this=owned(expression), expression=node(pattern), group=node(0))


def call(function: str, *arguments: exp.Expression) -> exp.Expression:
    """A function of the engines' own: see each engine's `FUNCTIONS`."""
    return exp.Anonymous(this=function, expressions=[argument.copy() for argument in arguments])


def replace_all(expression: exp.Expression, pattern: str, replacement: str) -> exp.Expression:
    """Every match of the pattern replaced."""
    return exp.RegexpReplace(
        this=owned(expression),
        expression=node(pattern),
        replacement=node(replacement),
        modifiers=node("g"),
    )


def union_all(selects: Sequence[exp.Query]) -> exp.Query:
    return selects[0] if len(selects) == 1 else exp.union(*selects, distinct=False, copy=False)


def graded(levels: Iterable[tuple[exp.Expression, IntEnum]], best: IntEnum) -> exp.Case:
    """The level of the first condition that holds; the best where none does."""
    ifs = [exp.If(this=owned(when), true=node(level.value)) for when, level in levels]
    return exp.Case(ifs=ifs, default=node(best.value))


def values_table(rows: Iterable[Iterable[Value]], columns: Sequence[str]) -> exp.Values:
    """Rows written out, as the table `t`."""
    values = [exp.Tuple(expressions=[node(value) for value in row]) for row in rows]
    named = exp.TableAlias(this=exp.to_identifier("t"), columns=[exp.to_identifier(c) for c in columns])
    return exp.Values(expressions=values, alias=named)


def text_list(values: Iterable[exp.Expression], separator: str = ", ") -> exp.Expression:
    """The texts that are not null, joined."""
    return exp.Anonymous(this="CONCAT_WS", expressions=[node(separator), *(owned(value) for value in values)])
