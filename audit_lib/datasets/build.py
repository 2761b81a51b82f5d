"""Build: one file as a typed relation, and the rows that could not be typed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb

from audit_lib.datasets import cells
from audit_lib.datasets.cells import Typed
from audit_lib.datasets.dates import Reading, Seen, count_query, reading, seen, settle
from audit_lib.datasets.inplace import in_place
from audit_lib.datasets.opening import Opened
from audit_lib.datasets.plan import Built, Plan, Rules, plan
from audit_lib.datasets.schema import TIMES
from audit_lib.sources.raw import literal, one, quoted, trimmed

KEY_MISSING = "key_missing"

_ROWS = "dpo_rows"
_WIDE_COLUMNS = 24


def build(con: duckdb.DuckDBPyConnection, opened: Opened, relation: str, rules: Rules) -> Built:
    """Makes `relation`; rows with a `_why` in it are still there, for the quarantine to take."""
    planned = plan(opened)
    if opened.raw.typed and (built := in_place(con, planned, relation)):
        return built
    # Read once: DuckDB would work out an expression as often as another one names it.
    with _planned_plainly(con, planned):
        con.execute(f"CREATE OR REPLACE TABLE {_ROWS} AS {_cleaned(planned, planned.raw.select)}")
    times = _times(con, planned)
    orders, stopped = settle(times, rules.dates or planned.mapping.dates)
    typed = _typed(planned, rules, times, orders, stopped)
    with _planned_plainly(con, planned):
        _create(con, planned, relation, typed)
    con.execute(f"DROP TABLE {_ROWS}")
    return Built(
        relation=relation,
        view=False,
        columns=tuple(planned.canonical),
        extras=tuple(planned.extras),
        naive=_flagged(con, relation, typed, rules),
        rows_read=one(con, f"SELECT count(*) FROM {relation}")[0],
        stopped=stopped,
        orders=orders,
        unknown_countries=_unknown(con, planned, relation),
    )


@contextmanager
def _planned_plainly(con: duckdb.DuckDBPyConnection, plan: Plan) -> Iterator[None]:
    """Without DuckDB's rewriting of expressions: its time grows with the square of the columns, 10 s for
    HubSpot's 182.
    """
    if len(plan.raw.headers) > _WIDE_COLUMNS:
        con.execute("SET disabled_optimizers = 'expression_rewriter'")
    try:
        yield
    finally:
        con.execute("RESET disabled_optimizers")


def _times(con: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, Seen]:
    """The shapes of every column of times."""
    places = {f"c{plan.canonical[name]}": name for name in plan.times()}
    counts: dict[str, list[tuple[str, int, int]]] = {name: [] for name in places.values()}
    if places:
        relation = f"(SELECT {', '.join(places)} FROM {_ROWS} WHERE _bad IS NULL)"
        for place, *count in con.execute(count_query(relation)).fetchall():
            counts[places[place]].append((count[0], count[1], count[2]))
    return {name: seen(some, _asked(plan, name)) for name, some in counts.items()}


def _asked(plan: Plan, name: str) -> frozenset[str]:
    """The formats of times that this file may hold beside the ordinary ones."""
    epoch = plan.mapping.epoch.get(name)
    return frozenset(one for one in (plan.raw.format, epoch) if one)


def _cleaned(plan: Plan, source: str) -> str:
    """The rows with cells as trimmed text, null where they say nothing; columns that the file types stay as
    they are.
    """
    columns: list[str] = []
    for name, place in [*plan.canonical.items(), *plan.extras.items()]:
        x = f"c{place}"
        if name in plan.canonical and not _as_text(plan, name):
            columns.append(x)
            continue
        text = cells.as_text(x, plan.raw.types[place])
        cell = f"dpo_cell({text if plan.raw.trimmed else trimmed(text)})"
        if name in plan.canonical and plan.column(name).type in TIMES:
            cell = f"dpo_ldap_time({cell})" if plan.raw.format == "ldif" else f"dpo_time({cell})"
        elif name in plan.schema.key and plan.dn:
            cell = f"coalesce({cell}, {plan.dn})"
        columns.append(f"{cell} AS {x}")
    return f"SELECT _row, _bad, {', '.join(columns)} FROM ({source})"


def _typed(
    plan: Plan,
    rules: Rules,
    times: Mapping[str, Seen],
    orders: Mapping[str, str],
    stopped: Mapping[str, str],
) -> dict[str, Typed]:
    source_tz = rules.source_tz or rules.zone
    found: dict[str, Typed] = {}
    for name, place in plan.canonical.items():
        column = plan.column(name)
        x = f"c{place}"
        if name in stopped:
            found[name] = Typed(cells.null_of(column))
            continue
        typed = cells.physical(x, plan.raw.types[place], column, zone=rules.zone, source_tz=source_tz)
        if typed is None:
            how: Reading | None = None
            if column.type in TIMES:
                shown = times.get(name) or seen((), frozenset())
                how = reading(x, column.type, shown, orders.get(name), zone=rules.zone, source_tz=source_tz)
            typed = cells.from_text(x, column, plan.mapping.words(name), how)
        found[name] = typed
    return found


def _create(con: duckdb.DuckDBPyConnection, plan: Plan, relation: str, typed: Mapping[str, Typed]) -> None:
    """The table, with `_why` as reason|column on rows that cannot be used."""
    names = {name: quoted(name) for name in [*typed, *plan.extras]}
    values = [f"{each.value} AS {names[name]}" for name, each in typed.items()]
    naive = {f"{name}__naive": each.naive for name, each in typed.items() if each.naive}
    values += [f"{sql} AS {quoted(name)}" for name, sql in naive.items()]
    values += [f"c{place} AS {names[name]}" for name, place in plan.extras.items()]
    values += [f"c{place}" for place in plan.canonical.values()]
    unknown = {
        f"{name}__unknown": f"c{plan.canonical[name]} IS NOT NULL AND {names[name]} IS NULL"
        for name in typed
        if plan.column(name).type == "country"
    }
    kept = [
        *names.values(),
        *map(quoted, naive),
        *(f"{sql} AS {quoted(name)}" for name, sql in unknown.items()),
    ]
    whys = ["WHEN _bad IS NOT NULL THEN _bad"]
    if not plan.schema.row_number:
        whys += [
            f"WHEN {names[name]} IS NULL THEN {literal(f'{KEY_MISSING}|{name}')}"
            for name in plan.schema.key
            if name in typed and not typed[name].strict
        ]
    for name, each in typed.items():
        if each.strict:
            reason = cells.BAD[plan.column(name).type]
            cell = f"c{plan.canonical[name]}"
            whys.append(f"WHEN {cell} IS NOT NULL AND {names[name]} IS NULL THEN {literal(f'{reason}|{name}')}")
            if name in plan.schema.key:
                whys.append(f"WHEN {cell} IS NULL THEN {literal(f'{KEY_MISSING}|{name}')}")
    joins = " ".join(each.join for each in typed.values() if each.join)
    con.execute(
        f"""
CREATE OR REPLACE TABLE {relation} AS
SELECT _row, CASE {" ".join(whys)} END AS _why, {", ".join(kept)}
FROM (SELECT _row, _bad, {", ".join(values)} FROM {_ROWS} {joins})"""
    )


def _as_text(plan: Plan, name: str) -> bool:
    """Whether a canonical column is read from text rather than typed by the file."""
    type = plan.raw.types[plan.canonical[name]]
    return cells.physical("c", type, plan.column(name), zone="UTC", source_tz="UTC") is None


def _flagged(con: duckdb.DuckDBPyConnection, relation: str, typed: Mapping[str, Typed], rules: Rules) -> frozenset[str]:
    """Columns with instants in a time zone that nobody told."""
    names = [name for name, each in typed.items() if each.naive]
    if rules.source_tz or not names:
        return frozenset()
    marks = ", ".join(f"bool_or({quoted(f'{name}__naive')})" for name in names)
    flags = one(con, f"SELECT {marks} FROM {relation} WHERE _why IS NULL")
    return frozenset(name for name, flag in zip(names, flags, strict=True) if flag)


def _unknown(con: duckdb.DuckDBPyConnection, plan: Plan, relation: str) -> dict[str, int]:
    """How many rows have a country that is not known, by column."""
    names = [name for name in plan.canonical if plan.column(name).type == "country"]
    if not names:
        return {}
    marks = ", ".join(f"count(*) FILTER ({quoted(f'{name}__unknown')})" for name in names)
    counts = one(con, f"SELECT {marks} FROM {relation} WHERE _why IS NULL")
    return {name: count for name, count in zip(names, counts, strict=True) if count}
