"""Build: one file as a typed relation, and the rows that could not be typed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType

import duckdb

from audit_lib.datasets import cells
from audit_lib.datasets.cells import Typed
from audit_lib.datasets.dates import MOST_SIGNATURES, Counts, Reading, Seen, counts, reading, seen, settle
from audit_lib.datasets.inplace import in_place
from audit_lib.datasets.opening import Opened
from audit_lib.datasets.plan import Built, Plan, Rules, plan
from audit_lib.datasets.schema import TIMES
from audit_lib.datasets.stream import HEAD, ROWS, streamed
from audit_lib.sources.raw import literal, one, quoted, trimmed

KEY_MISSING = "key_missing"

_ROWS = "dpo_rows"
_WIDE_COLUMNS = 24


def build(con: duckdb.DuckDBPyConnection, opened: Opened, relation: str, rules: Rules) -> Built:
    """Makes `relation`; rows with a `_why` in it are still there, for the quarantine to take."""
    planned = plan(opened)
    if opened.raw.typed and (built := in_place(con, planned, relation)):
        return built
    if planned.raw.source:
        with suppress(duckdb.Error, OSError):  # reading again tells of it in DuckDB's own words
            return _streamed(con, planned, relation, rules)
    # Stored once: DuckDB would work out an expression as often as another one names it.
    _store(con, planned, planned.raw.select)
    return _from_text(con, planned, relation, rules)


def _streamed(con: duckdb.DuckDBPyConnection, plan: Plan, relation: str, rules: Rules) -> Built:
    if built := _at_once(con, plan, relation, rules):
        return built
    with streamed(con, plan.raw):
        _store(con, plan, plan.raw.over(ROWS))
    return _from_text(con, plan, relation, rules)


def _store(con: duckdb.DuckDBPyConnection, plan: Plan, source: str) -> None:
    with _planned_plainly(con, plan):
        con.execute(f"CREATE OR REPLACE TABLE {_ROWS} AS {_cleaned(plan, source)}")


def _from_text(con: duckdb.DuckDBPyConnection, plan: Plan, relation: str, rules: Rules) -> Built:
    """From the rows stored as text: how all times are written decides how they are read."""
    times = _seen(plan, _counts(con, plan, _ROWS))
    orders, stopped = settle(times, rules.dates or plan.mapping.dates)
    typed = _typed(plan, rules, times, orders, stopped)
    _create(con, plan, relation, _ROWS, typed)
    con.execute(f"DROP TABLE {_ROWS}")
    return _built(con, plan, relation, rules, typed, orders, stopped)


def _at_once(con: duckdb.DuckDBPyConnection, plan: Plan, relation: str, rules: Rules) -> Built | None:
    """Without storing text: times as the first rows write them. None when these do not tell, or others differ."""
    declared = rules.dates or plan.mapping.dates
    with streamed(con, plan.raw) as whole:
        expected = _counts(con, plan, f"({_cleaned(plan, plan.raw.over(HEAD))})")
        times = _seen(plan, expected)
        orders, stopped = settle(times, declared)
        if not whole and any(one.ordered and not (declared or one.proved) for one in times.values()):
            return None
        typed = _typed(plan, rules, times, orders, stopped)
        unread = {name: f"c{plan.canonical[name]}" for name in plan.times() if name not in stopped}
        _create(con, plan, relation, f"({_cleaned(plan, plan.raw.over(ROWS))})", typed, unread)
    if not whole and not _as_expected(con, plan, relation, expected, declared):
        return None
    return _built(con, plan, relation, rules, typed, orders, stopped)


def _built(
    con: duckdb.DuckDBPyConnection,
    plan: Plan,
    relation: str,
    rules: Rules,
    typed: Mapping[str, Typed],
    orders: Mapping[str, str],
    stopped: Mapping[str, str],
) -> Built:
    return Built(
        relation=relation,
        view=False,
        columns=tuple(plan.canonical),
        extras=tuple(plan.extras),
        naive=_flagged(con, relation, typed, rules),
        rows_read=one(con, f"SELECT count(*) FROM {relation}")[0],
        stopped=stopped,
        orders=orders,
        unknown_countries=_unknown(con, plan, relation),
    )


@contextmanager
def _planned_plainly(con: duckdb.DuckDBPyConnection, plan: Plan) -> Iterator[None]:
    """Without what DuckDB does badly here."""
    # Of a stream it expects one row, and would hold all of them in memory to look the countries up among them.
    without = ["build_side_probe_side"]
    if len(plan.raw.headers) > _WIDE_COLUMNS:
        # Its time grows with the square of the columns, 10 s for HubSpot's 182.
        without.append("expression_rewriter")
    con.execute(f"SET disabled_optimizers = {literal(','.join(without))}")
    try:
        yield
    finally:
        con.execute("RESET disabled_optimizers")


def _counts(con: duckdb.DuckDBPyConnection, plan: Plan, relation: str) -> dict[str, Counts]:
    """The signatures of every column of times in a relation of cleaned rows."""
    columns = {name: f"c{plan.canonical[name]}" for name in plan.times()}
    return counts(con, f"(FROM {relation} WHERE _bad IS NULL)", columns)


def _seen(plan: Plan, counts: Mapping[str, Counts]) -> dict[str, Seen]:
    return {name: seen(some, _asked(plan, name)) for name, some in counts.items()}


def _as_expected(
    con: duckdb.DuckDBPyConnection,
    plan: Plan,
    relation: str,
    expected: Mapping[str, Counts],
    declared: str | None,
) -> bool:
    """Whether the times that could not be read would be read no more if the whole file had been looked at first."""
    known = _seen(plan, expected)
    orders, stopped = settle(known, declared)
    unread = counts(con, relation, {name: _unread(name) for name in expected if name not in stopped})
    if sum(map(len, [*expected.values(), *unread.values()])) >= MOST_SIGNATURES:
        return False
    found = _seen(plan, {name: [*some, *unread.get(name, [])] for name, some in expected.items()})
    return settle(found, declared) == (orders, stopped) and all(
        found[name].reads == known[name].reads for name in found
    )


def _unread(name: str) -> str:
    return quoted(f"{name}__unread")


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


def _create(
    con: duckdb.DuckDBPyConnection,
    plan: Plan,
    relation: str,
    rows: str,
    typed: Mapping[str, Typed],
    unread: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """The table, with `_why` as reason|column on rows that cannot be used.

    `unread` are columns whose cells without a value are kept, as `<column>__unread`.
    """
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
        *(
            f"CASE WHEN _bad IS NULL AND {names[name]} IS NULL THEN {cell} END AS {_unread(name)}"
            for name, cell in unread.items()
        ),
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
    with _planned_plainly(con, plan):
        con.execute(
            f"""
CREATE OR REPLACE TABLE {relation} AS
SELECT _row, CASE {" ".join(whys)} END AS _why, {", ".join(kept)}
FROM (SELECT _row, _bad, {", ".join(values)} FROM {rows} {joins})"""
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
