"""Scan: the one query that marks every record of a dataset for all its rules at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlglot import exp

from audit_lib.datasets.schema import ROW_KEY
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, Relation, Rule
from audit_lib.expectations.sql import NULL, col, node, owned, sql

PASS_MARK = 0
# How the names of the engines' own functions begin.
OWN = "dpo_"

Node = TypeVar("Node", bound=exp.Expression)


def together(rules: Mapping[str, Rule]) -> dict[str, Rule]:
    """The rules with lookups named each its own, so that they can share one query, and with steps of the same name
    where they work out the same.
    """
    known: dict[exp.Expression, str] = {}
    return {name: renamed(rule, f"r{place}_", known) for place, (name, rule) in enumerate(rules.items())}


def renamed(rule: Rule, prefix: str, known: dict[exp.Expression, str] | None = None) -> Rule:
    """The rule with its steps and lookups named its own. `known`: what the steps of other rules work out, and their
    names; these of the rule are added.
    """
    known = {} if known is None else known
    aliases = {lookup.alias: f"{prefix}{lookup.alias}" for lookup in rule.lookups}
    steps: dict[str, str] = {}

    def one(part: exp.Expression) -> exp.Expression:
        if isinstance(part, exp.Column) and part.table in aliases:
            part.set("table", exp.to_identifier(aliases[part.table]))
        elif isinstance(part, exp.TableAlias) and part.name in aliases:
            part.set("this", exp.to_identifier(aliases[part.name]))
        elif isinstance(part, exp.Table) and part.name in steps:
            part.set("this", exp.to_identifier(steps[part.name]))
        return part

    def move(node: Node) -> Node:
        moved: Node = node.copy().transform(one, copy=False)
        return moved

    moved = []
    for step in rule.steps:
        query = step.query if written_out(step.query) else move(step.query)
        steps[step.name] = known.setdefault(query, f"{prefix}{step.name}")
        moved.append(replace(step, name=steps[step.name], query=query))
    return Rule(
        branches=tuple(Branch(move(branch.when), branch.verdict, branch.reason) for branch in rule.branches),
        scope=move(rule.scope),
        clock=rule.clock and move(rule.clock),
        due=rule.due and move(rule.due),
        ended=rule.ended and move(rule.ended),
        detail=rule.detail and move(rule.detail),
        steps=tuple(moved),
        lookups=tuple(
            Lookup(aliases[lookup.alias], move(lookup.query), {k: move(v) for k, v in lookup.on.items()})
            for lookup in rule.lookups
        ),
        aggregates=tuple(Aggregate(one.name, one.columns, move(one.query)) for one in rule.aggregates),
    )


def expressions(rule: Rule) -> Iterator[exp.Expression]:
    """Every tree of the rule."""
    yield rule.scope
    yield from (branch.when for branch in rule.branches)
    yield from (one for one in (rule.clock, rule.due, rule.ended, rule.detail) if one)
    yield from (step.query for step in rule.steps)
    for lookup in rule.lookups:
        yield lookup.query
        yield from lookup.on.values()
    yield from (one.query for one in rule.aggregates)


def functions_of(rule: Rule) -> set[str]:
    """The functions of the engines' own that the rule calls."""
    calls = (part for one in expressions(rule) for part in one.find_all(exp.Anonymous))
    return {str(part.this).lower() for part in calls if str(part.this).lower().startswith(OWN)}


def mark(rule: Rule) -> exp.Expression:
    """Null out of scope; else the 1-based place of the branch that decides, as a negative number for PASS, or 0.

    What is above zero is a finding: one comparison, where a list of places would become a join. The rule's trees move
    into the mark: a rule whose branches share one is given as a copy (`renamed`).
    """
    # A condition that is unknown does not hold in a CASE; a COALESCE around it would make engines work out all of
    # its parts for every record, where they stop at the first that decides.
    ifs = [
        exp.If(this=_bare(owned(branch.when)), true=node(-place if branch.verdict is Verdict.PASS else place))
        for place, branch in enumerate(rule.branches, 1)
    ]
    decided = exp.Case(ifs=ifs, default=node(PASS_MARK)) if ifs else node(PASS_MARK)
    return exp.Case(ifs=[exp.If(this=_bare(owned(rule.scope)), true=decided)])


def _bare(condition: exp.Expression) -> exp.Expression:
    """The condition without what makes an unknown part of it false: as a WHEN it does not hold in either case.

    Of a scan over many records a third would be spent on it.
    """
    match condition:
        case exp.Coalesce(this=inner, expressions=[exp.Boolean(this=False)]):
            return _bare(inner.pop())
        case exp.And() | exp.Or() | exp.Paren():
            for name, part in list(condition.args.items()):
                if isinstance(part, exp.Expression):
                    condition.set(name, _bare(part))
    return condition


def shown_of(rule: Rule) -> Iterator[tuple[str, exp.Expression, str]]:
    """What is told of a record with a finding: a letter, the value and its type."""
    yield "c", rule.clock or NULL, "TIMESTAMP"
    yield "t", rule.detail or NULL, "TEXT"
    if rule.ended:
        yield "e", rule.ended, "DATE"


def verdict_of(rule: Rule, found: int) -> tuple[Verdict, str]:
    """Verdict and reason of a mark; PASS by default has no reason."""
    if found == PASS_MARK:
        return Verdict.PASS, ""
    branch = rule.branches[abs(found) - 1]
    return branch.verdict, branch.reason


def reported(rule: Rule) -> list[int]:
    """Marks that are findings: everything but PASS."""
    return [p for p, branch in enumerate(rule.branches, 1) if branch.verdict is not Verdict.PASS]


class Lent:
    """Expressions over a record and its lookups, moved to a query around the one that joins them.

    `columns`: what the inner query must show beside the record's own columns.
    """

    def __init__(self) -> None:
        self._named: dict[tuple[str, str], exp.Expression] = {}

    def __call__(self, expression: exp.Expression) -> exp.Expression:
        def one(part: exp.Expression) -> exp.Expression:
            if not isinstance(part, exp.Column) or not part.table:
                return part
            # A name of its own for the record's columns too: a file may have a column named like a mark.
            name = f"{part.table}__{part.name}"
            self._named[part.table, part.name] = exp.alias_(part.copy(), name, quoted=True)
            return exp.column(name, quoted=True)

        return expression.copy().transform(one, copy=False)

    @property
    def columns(self) -> list[exp.Expression]:
        return list(self._named.values())


def joined(query: exp.Select, lookups: Iterable[Lookup]) -> exp.Select:
    """The query with lookups joined to it: a whole step where it is, any other as a table of its own name."""
    for lookup in lookups:
        keys = (exp.EQ(this=col(key, lookup.alias), expression=owned(of)) for key, of in lookup.on.items())
        on = exp.and_(*keys, copy=False)
        table = exp.alias_(exp.to_table(whole_step(lookup) or lookup.alias), lookup.alias, table=True, copy=False)
        query = query.join(table, on=on, join_type="left", copy=False)
    return query


def key_text(relation: Relation, file: exp.Expression) -> exp.Expression:
    """What names a record: the dataset and its key columns, or the `file` and row."""
    parts = [
        sql("COALESCE(CAST(:part AS TEXT), '')", part=exp.column(name, table="b", quoted=True)) for name in relation.key
    ]
    if relation.key == ROW_KEY:
        parts = [file, sql("CAST(b._row AS TEXT)")]
    return exp.Anonymous(this="CONCAT_WS", expressions=[exp.Literal.string("\x1f"), node(relation.name), *parts])


def padded(key: bytes) -> tuple[str, str]:
    """The inner and the outer key of HMAC (RFC 2104) with a hash of 64-byte blocks, in hexadecimal digits."""
    whole = key.ljust(64, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in whole).hex() for pad in (0x36, 0x5C))
    return inner, outer


# A column recurs when a sample of this many rows has at least so many rows for each distinct value.
_SAMPLE, _RECURS = 20_000, 10


def sampled(relation: Relation) -> exp.Select:
    """How many rows a sample has, and how many distinct values each text column in it."""
    counts = [sql("COUNT(DISTINCT :column)", column=exp.column(name, quoted=True)) for name in texts(relation)]
    sample = exp.select("*").from_(exp.to_table(relation.name)).limit(_SAMPLE)
    names = [exp.alias_(count, f"n{place}") for place, count in enumerate(counts)]
    return exp.select(exp.alias_(sql("COUNT(*)"), "n"), *names).from_(sample.subquery("s"))


def shares(relation: Relation, row: Sequence[int]) -> dict[str, float]:
    """Distinct values a row of the text columns, from what `sampled` found."""
    rows, *distinct = row
    return {name: found / max(rows, 1) for name, found in zip(texts(relation), distinct, strict=True)}


def recurring(found: Mapping[str, float]) -> frozenset[str]:
    """The columns of few values: a pattern is asked once of each."""
    return frozenset(name for name, share in found.items() if share * _RECURS < 1)


def texts(relation: Relation) -> list[str]:
    return [name for name, kind in relation.columns.items() if kind == "text"]


def written_out(query: exp.Query) -> exp.Values | None:
    """The rows written out of which the query is all."""
    table = query.args["from_"].this if "from_" in query.args else None
    return table if isinstance(table, exp.Values) else None


def whole_step(lookup: Lookup) -> str | None:
    """The name of the step of which the lookup is every row and column."""
    parts = {name: part for name, part in lookup.query.args.items() if part}
    table = parts["from_"].this if parts.keys() == {"expressions", "from_"} else None
    return str(table.name) if isinstance(table, exp.Table) and lookup.query.is_star else None


def named_in(expressions: Iterable[exp.Expression], rules: Mapping[str, Rule]) -> list[Lookup]:
    """The lookups of the rules that the expressions read, in order."""
    aliases = {column.table for expression in expressions for column in expression.find_all(exp.Column)}
    return [lookup for rule in rules.values() for lookup in rule.lookups if lookup.alias in aliases]
