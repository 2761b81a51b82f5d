"""Scanned columns: the text columns of a record in which an identifier could hide."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.rule import Lookup, Setting, Step
from audit_lib.expectations.sql import (
    all_of,
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

# A function of the engines' own: what a text says in a URL, in JSON or in base64; blank when it encodes nothing.
DECODED = "dpo_decoded"
# How ASCII text begins in base64: each of its bytes is between 0x20 and 0x7f, which few random ids imitate twice.
_TEXT = "([I-Za-f][C-HS-Xi-nyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]){2}"
# What may be encoded, and what is only digits.
_ENCODED = rf"%|=[^ ]*[+]|\\u|(^|[^A-Za-z0-9+_-]){_TEXT}[A-Za-z0-9+/_-]{{4}}"
_DIGITS = "^[0-9A-Fa-f-]*$"


@dataclass(frozen=True)
class Answers:
    """Questions asked of text columns: `any[question]` and `found[question][column]` are conditions on the record."""

    any: Mapping[str, exp.Expression]
    found: Mapping[str, Mapping[str, exp.Expression]]
    steps: tuple[Step, ...] = ()
    lookups: tuple[Lookup, ...] = ()


def ask(
    setting: Setting,
    names: Iterable[str],
    questions: Mapping[str, Question],
    listed: Mapping[str, exp.Query] | None = None,
) -> Answers:
    """Asks what the columns hold, and what that encodes; `names` are columns of the record.

    `listed`: more questions, whose answer is a query of the values (k) for which they hold.
    """
    names, listed = list(names), listed or {}
    asked = [*questions, *listed]
    if not names:
        return Answers(dict.fromkeys(asked, exp.false()), {one: {} for one in asked})
    # One query of all columns for the patterns, one of the records for the few values that say something: engines
    # spend longer on planning a column more, or on reading a pattern again, than on a thousand rows.
    texts = union_all([values(setting, names), _encoded(setting, names)])
    conditions = {one: holds(question(exp.column("text"))) for one, question in questions.items()}
    answers = exp.select("k", *(exp.alias_(_flag(it), one) for one, it in conditions.items()))
    answers = answers.from_(texts.subquery("t"))
    telling = exp.select("*").from_(answers.subquery("a")).where(exp.or_(*(sql(f"{one} = 1") for one in questions)))
    lists = [
        exp.select("k", *(exp.alias_(node(int(other == one)), other) for other in asked)).from_(query.subquery("l"))
        for one, query in listed.items()
    ]
    said = exp.select("k", *(exp.alias_(node(0), one) if one in listed else one for one in asked))
    every = union_all([said.from_(telling.subquery("y")), *lists])
    flags = exp.select("k", *(exp.alias_(sql(f"MAX({one})"), one) for one in asked))
    hits = Lookup("hits", exp.select("*").from_("hit"), {"f": sql("b._file"), "r": sql("b._row")})
    return Answers(
        {one: holds(sql(":it = 1", it=hits[one])) for one in asked},
        {
            one: {name: holds(sql(":it = 1", it=hits[f"{one}_{place}"])) for place, name in enumerate(names)}
            for one in asked
        },
        (
            Step("telling", flags.from_(every.subquery("e")).group_by("k")),
            Step("hit", _hits(setting, names, asked)),
        ),
        (hits,),
    )


def ask_cells(setting: Setting, name: str, questions: Mapping[str, Question], alias: str) -> Answers:
    """Asks each distinct value of one column where values recur, each record where they do not."""
    column = setting.column(name)
    if name not in setting.relation.repeated:
        said = {one: question(column) for one, question in questions.items()}
        return Answers(said, {})
    answers = (exp.alias_(holds(question(exp.column("text"))), one) for one, question in questions.items())
    query = exp.select("k", *answers).from_(values(setting, [name]).subquery("t"))
    answer = Lookup(alias, query, {"k": column})
    return Answers({one: holds(answer[one]) for one in questions}, {}, lookups=(answer,))


def _hits(setting: Setting, names: list[str], asked: list[str]) -> exp.Select:
    """(f, r): the records that hold such a value; for each question whether some column does, and which."""
    cells = union_all(
        [
            select(
                "SELECT _file AS f, _row AS r, :place AS place, :column AS k FROM :dataset AS b WHERE :known",
                place=place,
                column=setting.column(name),
                dataset=exp.to_table(setting.relation.name),
                known=filled(setting.column(name)),
            )
            for place, name in enumerate(names)
        ]
    )
    query = exp.select(
        "f",
        "r",
        *(exp.alias_(sql(f"MAX({one})"), one) for one in asked),
        *(
            exp.alias_(sql(f"MAX(CASE WHEN place = {place} THEN {one} ELSE 0 END)"), f"{one}_{place}")
            for one in asked
            for place in range(len(names))
        ),
    )
    found = select(
        "SELECT c.f, c.r, c.place, w.* FROM :cells AS c JOIN telling AS w ON c.k = w.k", cells=cells.subquery()
    )
    return query.from_(found.subquery("g")).group_by("f", "r")


def _flag(condition: exp.Expression) -> exp.Expression:
    return sql("CASE WHEN :it THEN 1 ELSE 0 END", it=condition)


def values(setting: Setting, names: Iterable[str], distinct: bool = False) -> exp.Query:
    """(k, text): the values of the columns, each once where they recur, or `distinct`."""
    return union_all(
        [
            select(
                f"SELECT {'DISTINCT' if distinct or name in setting.relation.repeated else ''} "
                ":column AS k, :column AS text FROM :dataset AS b WHERE :known",
                column=setting.column(name),
                dataset=exp.to_table(setting.relation.name),
                known=filled(setting.column(name)),
            )
            for name in names
        ]
    )


def _encoded(setting: Setting, names: Iterable[str]) -> exp.Select:
    """(k, text): the values that encode something, and what it is."""
    k = exp.column("k")
    return select(
        "SELECT k, said AS text FROM (SELECT k, :said AS said FROM "
        "(SELECT DISTINCT k FROM :values AS d WHERE :may) AS e) AS f WHERE said <> ''",
        said=call(DECODED, k),
        values=values(setting, names).subquery(),
        may=all_of([matches(k, _ENCODED), negate(matches(k, _DIGITS))]),
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
    """The condition, worked out only where the text occurs: a search is much cheaper than a pattern."""
    # A CASE, where engines work out both sides of an AND.
    return holds(
        sql("CASE WHEN STRPOS(:column, :text) > 0 THEN :c ELSE FALSE END", column=column, text=text, c=condition)
    )


def naming(found: Mapping[str, exp.Expression]) -> exp.Expression:
    """Names of the columns for which the condition holds: names, never values."""
    return text_list(
        sql("CASE WHEN :condition THEN :name END", condition=condition, name=node(name))
        for name, condition in found.items()
    )
