"""Remote: a query of exports.yaml as a dataset whose rows stay in their database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from audit_lib.datasets import cells, countries
from audit_lib.datasets.build import KEY_MISSING
from audit_lib.datasets.folding import fold
from audit_lib.datasets.plan import Plan, Rules
from audit_lib.datasets.quarantine import KEY_DUPLICATE
from audit_lib.datasets.schema import ROW_KEY, TIMES, TYPES, Column
from audit_lib.sources.postgres import Database
from audit_lib.sources.raw import SPACES, literal, quoted

# PostgreSQL's types as Arrow names them, to those that canonical columns may be made of.
_AWARE, _NAIVE, _DATE = "timestamp[us, tz=UTC]", "timestamp[us]", "date32[day]"
_INTEGERS = ("int16", "int32", "int64")

# Words that are no code, of one column: with more, the rows are read.
_MOST_WORDS = 1000


@dataclass(frozen=True)
class Remote:
    """Where the rows of a dataset stay. `select` gives them there in PostgreSQL's SQL, with `_file` and `_row`; both
    it and the `snapshot` are good while the reader holds its transaction. `connection` names an environment variable.
    """

    connection: str
    snapshot: str
    timeout: str
    select: str


@dataclass(frozen=True)
class Kept:
    """A query's rows, counted and left where they are. `aside`: rows that cannot be used, as (_row, column, reason)."""

    remote: Remote
    columns: tuple[str, ...]
    extras: tuple[str, ...]
    naive: frozenset[str]
    key: tuple[str, ...]
    rows_read: int
    rows_loaded: int
    aside: Sequence[tuple[int, str | None, str]]
    unknown_countries: Mapping[str, int] = field(default_factory=dict)
    # A database has types: no column stops for the order of its dates.
    stopped: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)


def numbered(query: str, names: Sequence[str], key: Iterable[int]) -> str:
    """The query with columns c0, c1 … and `_row`, by the key's columns or, without any, by what a row says."""
    named = ", ".join(f"{quoted(name)} AS c{place}" for place, name in enumerate(names))
    order = ", ".join(quoted(names[place]) for place in key) or "CAST(q AS TEXT)"
    return f"SELECT {named}, row_number() OVER (ORDER BY {order}) AS _row FROM ({query}\n) AS q"


def keep(
    database: Database, connection: str, timeout: str, plan: Plan, query: str, rules: Rules, index: int
) -> Kept | str:
    """The dataset in its database, or the column for which its rows have to be read. Raises QueryError."""
    odd = _odd(database, plan, query)
    values: dict[str, _Value] = {}
    for name, place in [*plan.canonical.items(), *plan.extras.items()]:
        column = _column(plan, name)
        words = plan.mapping.words(name) if name in plan.canonical else {}
        value = _value(database, query, _Cell(f"c{place}", plan.raw.types[place], name in odd), column, words, rules)
        if value is None:
            return name
        values[name] = value
    schema = plan.schema
    named = set(schema.key) <= plan.canonical.keys()
    blank = " OR ".join(f"{values[name].sql} IS NULL" for name in schema.key) if named else "FALSE"
    rows, unnamed = database.one(f"SELECT count(*), count(CASE WHEN {blank} THEN 1 END) FROM ({query}) AS q")
    key = schema.key if named and not (schema.row_number and unnamed) else ROW_KEY
    shown = [f"{value.sql} AS {quoted(name)}" for name, value in values.items()]
    shown += [
        f"CAST(NULL AS {TYPES[one.type]}) AS {quoted(name)}"
        for name, one in schema.columns.items()
        if name not in values
    ]
    naive = {name: value.naive for name, value in values.items() if value.naive}
    shown += [f"{sql} AS {quoted(f'{name}__naive')}" for name, sql in naive.items()]
    canonical = f"SELECT {', '.join(shown)}, CAST({index} AS INT) AS _file, _row, _row AS _at FROM ({query}) AS q"
    aside: list[tuple[int, str | None, str]] = []
    if named and not schema.row_number:
        aside, canonical = _without(database, canonical, schema.key)
    unknown = {name: database.one(value.unknown)[0] for name, value in values.items() if value.unknown}
    return Kept(
        remote=Remote(connection, database.snapshot, timeout, canonical),
        columns=tuple(plan.canonical),
        extras=tuple(plan.extras),
        naive=frozenset(naive),
        key=key,
        rows_read=rows,
        rows_loaded=database.one(f"SELECT count(*) FROM ({canonical}) AS d")[0],
        aside=aside,
        unknown_countries={name: count for name, count in unknown.items() if count},
    )


def _column(plan: Plan, name: str) -> Column:
    return plan.column(name) if name in plan.canonical else Column(name, "text")


def _odd(database: Database, plan: Plan, query: str) -> set[str]:
    """The columns in which a cell says nothing in words of its own, has spaces around it, or holds a date that stands
    for none: the others are taken as they are, however often a rule names them.
    """
    doubts = {}
    for name, place in [*plan.canonical.items(), *plan.extras.items()]:
        x, type = f"c{place}", plan.raw.types[place]
        if type in (_AWARE, _NAIVE, _DATE):
            doubts[name] = f"NOT {_meant(x, type)}"
        elif _column(plan, name).type in ("text", "list", "country"):
            doubts[name] = f"{_said(_text(x, type))} IS DISTINCT FROM {_text(x, type)}"
    if not doubts:
        return set()
    marks = ", ".join(f"bool_or({doubt})" for doubt in doubts.values())
    found = database.one(f"SELECT {marks} FROM ({query}) AS q")
    return {name for name, odd in zip(doubts, found, strict=True) if odd}


def _said(text: str) -> str:
    """The text without spaces around it, null when it says nothing."""
    trimmed = f"btrim({text}, {literal(SPACES)})"
    return f"CASE WHEN {trimmed} NOT IN ({', '.join(map(literal, cells.NOTHING))}) THEN {trimmed} END"


def _meant(x: str, type: str) -> str:
    """Whether a time is one, and not a date that stands for none."""
    shown = f"({x} AT TIME ZONE 'UTC')" if type == _AWARE else x
    return f"(isfinite({x}) AND CAST({shown} AS DATE) NOT IN ({', '.join(cells.SENTINELS)}))"


def _without(database: Database, canonical: str, key: tuple[str, ...]) -> tuple[list[tuple[int, str | None, str]], str]:
    """The rows without a key or with one that an earlier row has, and the dataset without them."""
    listed, column = ", ".join(map(quoted, key)), key[0] if len(key) == 1 else None
    blank = " OR ".join(f"{quoted(name)} IS NULL" for name in key)
    aside: list[tuple[int, str | None, str]] = []
    for name in key:
        found = database.rows(f"SELECT _row FROM ({canonical}) AS d WHERE {quoted(name)} IS NULL ORDER BY _row")
        told = {row for row, *_ in aside}
        aside += [(row, name, KEY_MISSING) for (row,) in found if row not in told]
    if aside:
        canonical = f"SELECT * FROM ({canonical}) AS d WHERE NOT ({blank})"
    twice = f"SELECT 1 FROM ({canonical}) AS d GROUP BY {listed} HAVING count(*) > 1 LIMIT 1"
    if database.rows(twice):
        placed = f"SELECT *, row_number() OVER (PARTITION BY {listed} ORDER BY _row) AS _place FROM ({canonical}) AS d"
        found = database.rows(f"SELECT _row FROM ({placed}) AS p WHERE _place > 1 ORDER BY _row")
        aside += [(row, column, KEY_DUPLICATE) for (row,) in found]
        canonical = f"SELECT * FROM ({placed}) AS p WHERE _place = 1"
    return aside, canonical


@dataclass(frozen=True)
class _Cell:
    """A column of the query: its name there, its Arrow type, whether some cell of it has to be mended."""

    x: str
    type: str
    odd: bool


@dataclass(frozen=True)
class _Value:
    """SQL of a column; of the rows whose instant has no offset; a query that counts the countries not known."""

    sql: str
    naive: str | None = None
    unknown: str | None = None


def _value(
    database: Database, query: str, cell: _Cell, column: Column, words: Mapping[str, str], rules: Rules
) -> _Value | None:
    """None: it takes more than the database can do of it."""
    if column.type in TIMES:
        return _time(cell, column.type, rules)
    if column.type == "bool":
        return _Value(cell.x) if cell.type == "bool" else None
    if column.type == "int":
        return _Value(f"CAST({cell.x} AS BIGINT)") if cell.type in _INTEGERS else None
    text = _text(cell.x, cell.type)
    said = _said(text) if cell.odd else text
    if column.type == "list":
        items = f"SELECT unnest(string_to_array({said}, ';')) AS one FROM ({query}) AS q"
        cases = _cases(database, f"SELECT DISTINCT btrim(one) FROM ({items}) AS l", words)
        return None if cases is None else _Value(_list(said, cases))
    known = countries.codes_by_name() if column.type == "country" else words
    if not known:
        return _Value(said)
    distinct = f"SELECT DISTINCT {said} FROM ({query}) AS q"
    if column.type == "text":
        cases = _cases(database, distinct, known)
        return None if cases is None else _Value(_coded(said, cases, said))
    found = _cases(database, distinct, known, lambda _: None)
    if found is None:
        return None
    unknown = ", ".join(literal(word) for word, code in found.items() if code is None)
    return _Value(
        _coded(said, found, said),
        unknown=f"SELECT count(*) FROM ({query}) AS q WHERE {said} IN ({unknown})" if unknown else None,
    )


def _cases(
    database: Database,
    distinct: str,
    known: Mapping[str, str],
    otherwise: Callable[[str], str | None] = lambda word: word,
) -> dict[str, str | None] | None:
    """The code of each word that is not its own; None: too many words."""
    if not known:
        return {}
    rows = database.rows(f"{distinct} LIMIT {_MOST_WORDS + 1}")
    if len(rows) > _MOST_WORDS:
        return None
    codes = {word: known.get(fold(word)) or otherwise(word) for (word,) in rows if word is not None}
    return {word: code for word, code in sorted(codes.items()) if code != word}


def _coded(x: str, cases: Mapping[str, str | None], otherwise: str) -> str:
    if not cases:
        return x
    whens = " ".join(
        f"WHEN {literal(word)} THEN {'NULL' if code is None else literal(code)}" for word, code in cases.items()
    )
    return f"CASE {x} {whens} ELSE {otherwise} END"


def _list(text: str, cases: Mapping[str, str | None]) -> str:
    one = "btrim(one)"
    return (
        f"NULLIF(array_to_string(ARRAY(SELECT {_coded(one, cases, one)} FROM unnest(string_to_array({text}, ';')) "
        f"WITH ORDINALITY AS l(one, place) WHERE {one} <> '' ORDER BY place), ';'), '')"
    )


def _text(x: str, type: str) -> str:
    return f"array_to_string({x}, ';')" if type.startswith("list") else f"CAST({x} AS TEXT)"


def _time(cell: _Cell, wanted: str, rules: Rules) -> _Value | None:
    """An instant, naive and in UTC, or a day in the policy's zone; null on the dates that stand for none."""
    x, zone = cell.x, literal(rules.zone)
    if cell.type == _AWARE:
        at = f"({x} AT TIME ZONE 'UTC')"
        value = f"CAST({x} AT TIME ZONE {zone} AS DATE)" if wanted == "date" else at
    elif cell.type == _NAIVE:
        at = f"({x} AT TIME ZONE {literal(rules.source_tz or rules.zone)})"
        value = f"CAST({at} AT TIME ZONE {zone} AS DATE)" if wanted == "date" else f"({at} AT TIME ZONE 'UTC')"
    elif cell.type == _DATE:
        value = x
        if wanted != "date":
            value = f"(CAST({x} AS TIMESTAMP) AT TIME ZONE {zone} AT TIME ZONE 'UTC')"
        if wanted == "end":
            next_day = f"(CAST({x} + 1 AS TIMESTAMP) AT TIME ZONE {zone} AT TIME ZONE 'UTC')"
            value = f"({next_day} - INTERVAL '1 microsecond')"
    else:
        return None
    naive = f"({x} IS NOT NULL)" if cell.type == _NAIVE and wanted != "date" and rules.source_tz is None else None
    return _Value(f"CASE WHEN {_meant(x, cell.type)} THEN {value} END" if cell.odd else value, naive=naive)
