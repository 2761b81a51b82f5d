"""Scanned columns: the text columns of a record in which an identifier could hide."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.rule import Lookup, Setting, Step, of_record
from audit_lib.expectations.sql import (
    all_of,
    any_of,
    call,
    filled,
    holds,
    is_in,
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
# How three bytes of ASCII, each between 0x20 and 0x7f, are written in base64: few random ids imitate two of them.
_ASCII = "[I-Za-f][C-HS-Xi-nyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
# The same where an accented letter begins at the first, the second or the third byte.
_ACCENTED = (
    "[wx][A-Za-z0-9+/_-]{3}|[I-Za-f][Mcs8][I-X][A-Za-z0-9+/_-]|[I-Za-f][C-HS-Xi-nyz0-3][DHLPTXbfjnrvz37/_][C-Fi]"
)
# What may be encoded, and what is only digits.
_ENCODED = rf"%|=[^ ]*[+]|\\u|(^|[^A-Za-z0-9+_-])({_ASCII}|{_ACCENTED}){_ASCII}[A-Za-z0-9+/_-]{{4}}"
# What engines decode is any text in base64.
BASE64_TEXT = f"(^|[^A-Za-z0-9+_-])({_ASCII}|{_ACCENTED})[A-Za-z0-9+/_-]{{8}}"
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
    counted: Mapping[str, Question] | None = None,
    *,
    signs: str,
    also: Iterable[str] = (),
) -> Answers:
    """Asks what the columns hold, and what that encodes; `names` are columns of the record.

    The values of those that recur are in the step `tally`, with those of `also`.

    `listed`: more questions, whose answer is a query of the values (k) for which they hold. `counted`: questions about
    what is written itself, for columns whose values do not recur: their answers are counted in the step `hit`.
    `signs`: a pattern found wherever a question may hold.
    """
    names, listed, counted = list(names), listed or {}, counted or {}
    found, asked = [*questions, *listed], [*questions, *listed, *counted]
    tally = _tally(setting, [*names, *also])
    if not names:
        return Answers(dict.fromkeys(asked, exp.false()), {one: {} for one in asked}, tally)
    # Only a value that says something goes further: most are ids and words, and there are as many as records.
    recurring = [name for name in names if name in setting.recurring()]
    texts = _texts(names, recurring)
    text = exp.column("text")
    conditions = {one: holds(question(text)) for one, question in questions.items()}
    # A CASE, where engines work out both sides of an AND.
    written = {one: sql("CASE WHEN text = k THEN :it ELSE FALSE END", it=it(text)) for one, it in counted.items()}
    conditions |= {one: holds(it) for one, it in written.items()}
    answers = exp.select("k", *(exp.alias_(_flag(it), one) for one, it in conditions.items()))
    answers = answers.from_(texts.subquery("t"))
    telling = exp.select("*").from_(answers.subquery("a")).where(any_of(sql(f"{one} = 1") for one in conditions))
    lists = [
        exp.select("k", *(exp.alias_(node(int(other == one)), other) for other in asked)).from_(query.subquery("l"))
        for one, query in listed.items()
    ]
    said = exp.select("k", *(exp.alias_(node(0), one) if one in listed else one for one in asked))
    every = union_all([said.from_(telling.subquery("y")), *lists])
    flags = exp.select("k", *(exp.alias_(sql(f"MAX({one})"), one) for one in asked))
    hits = of_record("hits", "hit")
    return Answers(
        {one: holds(sql(":it = 1", it=hits[one])) for one in asked},
        {
            one: {name: holds(sql(":it = 1", it=hits[f"{one}_{place}"])) for place, name in enumerate(names)}
            for one in asked
        },
        (
            *tally,
            *_cells(setting, names, recurring, signs),
            Step("telling", flags.from_(every.subquery("e")).group_by("k"), groups=tuple(names)),
            # What is listed may have no sign: it is looked for in every cell.
            Step(
                "hit",
                _hits(setting, names, names if listed else recurring, found, list(counted)),
                groups=tuple(names),
            ),
        ),
        (hits,),
    )


def _tally(setting: Setting, names: Iterable[str]) -> tuple[Step, ...]:
    """(name, f, k, n): how many records of each file have each value of the columns that recur."""
    recurring = tuple(name for name in names if name in setting.recurring())
    counted = [
        select(
            "SELECT :name AS name, _file AS f, :column AS k, COUNT(*) AS n FROM :dataset AS b WHERE :known "
            "GROUP BY _file, :column",
            name=name,
            column=setting.column(name),
            dataset=exp.to_table(setting.relation.name),
            known=filled(setting.column(name)),
        )
        for name in recurring
    ]
    return (Step("tally", union_all(counted), groups=recurring),) if counted else ()


def ask_cells(setting: Setting, name: str, questions: Mapping[str, Question], alias: str) -> Answers:
    """Asks each value of one column that is in `tally` where its values recur, each record where they do not."""
    column = setting.column(name)
    if name not in setting.recurring():
        said = {one: question(column) for one, question in questions.items()}
        return Answers(said, {})
    answers = (exp.alias_(holds(question(exp.column("text"))), one) for one, question in questions.items())
    values = select("SELECT DISTINCT k, k AS text FROM tally WHERE name = :name", name=name)
    query = exp.select("k", *answers).from_(values.subquery("t"))
    answer = Lookup(alias, query, {"k": column})
    return Answers({one: holds(answer[one]) for one in questions}, {}, lookups=(answer,))


def _cells(setting: Setting, names: list[str], recurring: list[str], signs: str) -> list[Step]:
    """(f, r, place, k): the cells of the columns that do not recur which have a sign, or may encode one.

    Most cells are ids and words, and there are as many as records: they are looked at once, with one pattern.
    """
    cells = [_placed(setting, names, name) for name in names if name not in recurring]
    if not cells:
        return []
    may = matches(exp.column("k"), f"{signs}|{_ENCODED}")
    query = select("SELECT f, r, place, k FROM :cells AS c WHERE :may", cells=union_all(cells).subquery(), may=may)
    return [Step("cells", query, rows=True)]


def _placed(setting: Setting, names: list[str], name: str) -> exp.Select:
    return select(
        "SELECT _file AS f, _row AS r, :place AS place, :column AS k FROM :dataset AS b WHERE :known",
        place=names.index(name),
        column=setting.column(name),
        dataset=exp.to_table(setting.relation.name),
        known=filled(setting.column(name)),
    )


def _hits(setting: Setting, names: list[str], read: list[str], found: list[str], counted: list[str]) -> exp.Select:
    """(f, r): the records that hold such a value; for each question whether some column does, and which.

    The columns `read` are read again, the others are in `cells`. What is only counted makes no hit of a value that
    recurs: all records may hold it.
    """
    asked = [*found, *counted]
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
    met = []
    if len(read) < len(names):
        met.append(select("SELECT c.f, c.r, c.place, w.* FROM cells AS c JOIN telling AS w ON c.k = w.k"))
    if read:
        cells = union_all([_placed(setting, names, name) for name in read])
        met.append(
            select(
                "SELECT c.f, c.r, c.place, w.* FROM :cells AS c JOIN telling AS w ON c.k = w.k WHERE :found",
                cells=cells.subquery(),
                found=any_of(sql(f"w.{one} = 1") for one in found),
            )
        )
    return query.from_(union_all(met).subquery("g")).group_by("f", "r")


def _flag(condition: exp.Expression) -> exp.Expression:
    return sql("CASE WHEN :it THEN 1 ELSE 0 END", it=condition)


def values(setting: Setting, names: Iterable[str]) -> exp.Query:
    """(k, text): the distinct values of each column."""
    return union_all(
        [
            select(
                "SELECT DISTINCT :column AS k, :column AS text FROM :dataset AS b WHERE :known",
                column=setting.column(name),
                dataset=exp.to_table(setting.relation.name),
                known=filled(setting.column(name)),
            )
            for name in names
        ]
    )


def _texts(names: list[str], recurring: list[str]) -> exp.Select:
    """(k, text): the values that recur or are in `cells`, and what the values that encode something say."""
    k, text = exp.column("k"), exp.column("text")
    looked = [select("SELECT k FROM cells")] if len(recurring) < len(names) else []
    if recurring:
        looked.append(select("SELECT DISTINCT k FROM tally WHERE :among", among=is_in(exp.column("name"), recurring)))
    # What is listed is worked out in a query of its own: Spark calls no function where it unnests.
    said = select(
        "SELECT k, UNNEST(texts) AS text FROM "
        "(SELECT k, CASE WHEN :encodes THEN :both ELSE :one END AS texts FROM :looked AS l) AS t",
        encodes=all_of([matches(k, _ENCODED), negate(matches(k, _DIGITS))]),
        both=exp.Array(expressions=[k, call(DECODED, k)]),
        one=exp.Array(expressions=[k.copy()]),
        looked=union_all(looked).subquery(),
    )
    return select("SELECT k, text FROM :said AS s WHERE :known", said=said.subquery(), known=filled(text))


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
