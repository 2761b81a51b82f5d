"""Dictionary: the identifiers that the company knows, in the ways they are commonly written before they are hashed."""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from audit_lib.expectations.rule import NotEvaluated, Setting, Step
from audit_lib.expectations.sql import call, replace_all, select, sql, union_all

KINDS = ("email", "login", "phone", "id", "name", "first_name", "last_name")
# What stands before the @: told only when no login is written the same way.
MAILBOX = "mailbox"
_SEPARATORS = ("' '", "'.'", "''", "'-'", "'_'")

# Functions of the engines' own, one name on all: see each engine's `FUNCTIONS`.
BARE = "dpo_bare"  # a text without accents
COMPOSED = "dpo_composed"  # a text whose accents are part of their letters (NFC)


def candidates(setting: Setting, known: Mapping[str, Mapping[str, str]], users: str) -> Step:
    """`candidates` (origin, kind, v): every known identifier in the ways it is commonly written; some more than once.

    `known`: dataset -> {column: kind}. Raises NotEvaluated.
    """
    return Step("candidates", union_all(list(_candidates(setting, known, users))), rows=True)


def _candidates(setting: Setting, known: Mapping[str, Mapping[str, str]], users: str) -> Iterator[exp.Select]:
    for dataset, columns in known.items():
        relation = setting.other(dataset)
        there = {name: kind for name, kind in columns.items() if name in relation.supplied or name in relation.extras}
        if unknown := [name for name, kind in columns.items() if kind not in KINDS]:
            raise NotEvaluated("control_invalid", f"known: {dataset}: {', '.join(unknown)}")
        if dataset == users and not {"email", "login"} & set(there.values()):
            wanted = [name for name, kind in columns.items() if kind in ("email", "login")]
            raise NotEvaluated("column_not_supplied", f"{dataset}: {', '.join(wanted)}")
        for kind, written in _raw(there).items():
            values = exp.Array(expressions=written)
            raw = select("SELECT UNNEST(:all) AS v FROM :it", all=values, it=exp.to_table(relation.name))
            for said, query in _ways(kind, raw):
                yield select(
                    "SELECT :origin AS origin, :kind AS kind, v FROM :ways AS w WHERE v IS NOT NULL",
                    origin=dataset,
                    kind=said,
                    ways=query.subquery(),
                )


def _raw(columns: Mapping[str, str]) -> dict[str, list[exp.Expression]]:
    """By kind, the identifiers of a record; a name is both parts in both orders."""
    parts: dict[str, exp.Expression] = {}
    found: dict[str, list[exp.Expression]] = {}
    for name, kind in columns.items():
        value = call(COMPOSED, sql("TRIM(:column)", column=exp.column(name, quoted=True)))
        if kind in ("first_name", "last_name"):
            parts[kind] = value
        else:
            found.setdefault(kind, []).append(value)
    if len(parts) == 2:
        first, last = parts["first_name"], parts["last_name"]
        for one, other in ((first, last), (last, first)):
            whole = [sql(f":one || {separator} || :other", one=one, other=other) for separator in _SEPARATORS]
            found.setdefault("name", []).extend(whole)
    return found


def _ways(kind: str, raw: exp.Select) -> Iterator[tuple[str, exp.Select]]:
    """(v) by kind: how the identifiers `raw` (v) are commonly written before they are hashed."""
    cased = "SELECT UNNEST(LIST_DISTINCT([v, LOWER(v), UPPER(v)])) AS v FROM :raw AS c"
    if kind == "phone":
        yield kind, _phones(raw)
        return
    yield kind, select(cased, raw=raw.subquery())
    if kind == "email":
        mailbox = select("SELECT SPLIT_PART(v, '@', 1) AS v FROM :raw AS m", raw=raw.subquery())
        yield MAILBOX, select(cased, raw=mailbox.subquery())
    if kind == "name":
        bare = select("SELECT :bare AS v FROM :raw AS n", bare=call(BARE, exp.column("v")), raw=raw.subquery())
        yield kind, select(cased, raw=bare.subquery())


def _phones(raw: exp.Select) -> exp.Select:
    """A number as written, national (by pairs too) and international, French prefixes read."""
    # One step a query: a text would be worked out as often as another one names it.
    digits = select(
        "SELECT v, :digits AS d FROM :raw AS r", digits=replace_all(exp.column("v"), "[^0-9+]", ""), raw=raw.subquery()
    )
    # 0033 6, +33 (0)6 and 06 are one number.
    read = digits
    for name, of, prefix, instead, rest in (
        ("w", "d", "00", "+", 3),
        ("x", "w", "+330", "+33", 5),
        ("n", "x", "+33", "0", 4),
        ("i", "n", "0", "+33", 2),
    ):
        other = f"CONCAT('{instead}', SUBSTRING({of}, {rest}))"
        read = select(
            f"SELECT *, CASE WHEN {of} LIKE '{prefix}%' THEN {other} ELSE {of} END AS {name} FROM :read AS {name}_",
            read=read.subquery(),
        )
    pairs = ", ".join(f"SUBSTRING(n, {place}, 2)" for place in (1, 3, 5, 7, 9))
    return select(
        "SELECT UNNEST(LIST_DISTINCT([v, d, REPLACE(d, '+', ''), n, i, REPLACE(i, '+', ''), "
        f"CONCAT('00', REPLACE(i, '+', '')), CONCAT_WS(' ', {pairs})])) AS v FROM :read AS p",
        read=read.subquery(),
    )
