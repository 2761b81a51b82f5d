"""In place: a file whose types fit already, as a view; nothing is copied, however many rows there are."""

from collections.abc import Mapping, Sequence

import duckdb

from audit_lib.datasets import cells, countries
from audit_lib.datasets.folding import fold
from audit_lib.datasets.plan import Built, Plan
from audit_lib.datasets.schema import Column
from audit_lib.sources.raw import literal, one, quoted

# Words that a view may translate; with more, the file is read into a table.
_MOST_WORDS = 200

_AS_THEY_ARE = {
    ("bool", "BOOLEAN"),
    ("int", "BIGINT"),
    ("int", "INTEGER"),
    ("int", "UINTEGER"),
    ("date", "DATE"),
}


def in_place(con: duckdb.DuckDBPyConnection, plan: Plan, relation: str) -> Built | None:
    """The view, or None when a column has to be converted or a row set aside."""
    columns: dict[str, str] = {}
    plain: dict[str, str] = {}
    unknown: dict[str, int] = {}
    for name, place in [*plan.canonical.items(), *plan.extras.items()]:
        x, type = f"c{place}", plan.raw.types[place]
        column = plan.column(name) if name in plan.canonical else Column(name, "text")
        words = plan.mapping.words(name) if name in plan.canonical else {}
        if type == "VARCHAR" and (column.type == "country" or (column.type == "text" and words)):
            translated = _translated(con, plan, x, column, words)
            if translated is None:
                return None
            columns[name], missing = translated
            if missing:
                unknown[name] = missing
        elif type == "VARCHAR" and column.type == "text":
            columns[name] = plain[name] = x
        elif type == "TIMESTAMP WITH TIME ZONE" and column.type in ("instant", "end"):
            columns[name] = _instant(con, plan, x)
        elif (column.type, type) in _AS_THEY_ARE:
            columns[name] = x if column.type != "int" else f"CAST({x} AS BIGINT)"
        elif name in plan.extras:
            columns[name] = cells.as_text(x, type)
        else:
            return None
    columns |= _cleaned(con, plan, plain)
    rows, blank = one(con, f"SELECT count(*), count(*) FILTER ({_key_blank(plan)}) FROM ({plan.raw.select})")
    if blank:
        return None
    named = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    select = f"SELECT _row, _at, _index, {named} FROM ({plan.raw.select})"
    con.execute(f"CREATE OR REPLACE VIEW {relation} AS {select}")
    return Built(
        relation,
        True,
        tuple(plan.canonical),
        tuple(plan.extras),
        frozenset(),
        rows,
        unknown_countries=unknown,
        select=select,
        file=plan.raw.file,
    )


def _instant(con: duckdb.DuckDBPyConnection, plan: Plan, x: str) -> str:
    """The instant in UTC, null on the days by which some tools say that there is none."""
    at = "make_timestamp(epoch_us({}))".format
    # The statistics of the file answer at once.
    within = ", ".join(
        f"{day} BETWEEN CAST({at('first')} AS DATE) AND CAST({at('last')} AS DATE)" for day in cells.SENTINELS
    )
    span = f"SELECT min({x}) AS first, max({x}) AS last FROM ({plan.raw.select})"
    listed = ", ".join(
        day for day, met in zip(cells.SENTINELS, one(con, f"SELECT {within} FROM ({span})"), strict=True) if met
    )
    if listed and one(con, f"SELECT bool_or(CAST({at(x)} AS DATE) IN ({listed})) FROM ({plan.raw.select})")[0]:
        return f"CASE WHEN CAST({at(x)} AS DATE) NOT IN ({listed}) THEN {at(x)} END"
    return at(x)


def _key_blank(plan: Plan) -> str:
    if plan.schema.row_number:
        return "false"
    return " OR ".join(f"c{plan.canonical[name]} IS NULL" for name in plan.schema.key)


def _cleaned(con: duckdb.DuckDBPyConnection, plan: Plan, plain: Mapping[str, str]) -> dict[str, str]:
    """The text columns in which a cell says nothing or has spaces around it, with the SQL that mends them."""
    found: dict[str, str] = {}
    doubts: dict[str, tuple[str, list[str]]] = {}
    for name, x in plain.items():
        if plan.raw.dictionaries[int(x[1:])]:
            # DuckDB looks at each value of a dictionary once.
            doubt = f"bool_or({x} < '!' OR ends_with({x}, ' ') OR {_in(x, cells.NOTHING)})"
            if one(con, f"SELECT {doubt} FROM (SELECT DISTINCT {x} FROM ({plan.raw.select}))")[0]:
                found[name] = x
            continue
        # One column a query: the statistics of the file answer at once.
        least, most = one(con, f"SELECT min({x}), max({x}) FROM ({plan.raw.select})")
        if least is not None and least < "!":  # spaces and control characters come before
            found[name] = x
        elif least is not None:
            doubts[name] = x, [word for word in cells.NOTHING if least <= word <= most]
    if doubts:
        looks = ", ".join(f"bool_or(ends_with({x}, ' ')), min(strlen({x}))" for x, _ in doubts.values())
        seen = iter(one(con, f"SELECT {looks} FROM ({plan.raw.select})"))
        for (name, (x, words)), spaces, shortest in zip(doubts.items(), seen, seen, strict=True):
            met = [word for word in words if len(word) >= shortest]
            if spaces or (met and one(con, f"SELECT bool_or({_in(x, met)}) FROM ({plan.raw.select})")[0]):
                found[name] = x
    return {name: cells.said(x) for name, x in found.items()}


def _in(x: str, words: Sequence[str]) -> str:
    return f"{x} IN ({', '.join(map(literal, words))})"


def _translated(
    con: duckdb.DuckDBPyConnection, plan: Plan, x: str, column: Column, words: Mapping[str, str]
) -> tuple[str, int] | None:
    """SQL that replaces the words which are no code, and how many rows have an unknown country."""
    codes = set(countries.codes_by_name().values()) if column.type == "country" else set(column.values)
    listed = ", ".join(map(literal, sorted(codes))) or "''"
    odd = con.execute(
        f"SELECT {x}, count(*) FROM ({plan.raw.select}) WHERE {x} NOT IN ({listed}) "
        f"GROUP BY {x} LIMIT {_MOST_WORDS + 1}"
    ).fetchall()
    if len(odd) > _MOST_WORDS:
        return None
    known = countries.codes_by_name() if column.type == "country" else words
    cases: list[str] = []
    missing = 0
    for word, count in odd:
        said = word.strip()
        if said in cells.NOTHING:
            code = None
        elif column.type == "country":
            code = known.get(fold(said))
            missing += count if code is None else 0
        else:
            code = known.get(fold(said), said)
        if code != word:
            cases.append(f"WHEN {literal(word)} THEN {literal(code) if code is not None else 'NULL'}")
    return (f"CASE {x} {' '.join(cases)} ELSE {x} END" if cases else x), missing
