"""Dates: the shapes in which exports write times, and the SQL that reads each.

Nothing is guessed from one value: the shapes of a whole column are counted first, and the order of day and
month is
settled for the file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit_lib.sources.raw import literal, quoted

if TYPE_CHECKING:
    import duckdb

DATE, NAIVE, AWARE = "date", "naive", "aware"
DAY_FIRST, MONTH_FIRST = "day_first", "month_first"
TWO_DATE_ORDERS, AMBIGUOUS_DATE_ORDER = "two_date_orders", "ambiguous_date_order"

# Digits become 9: all values of one shape have few such signatures.
SIGNATURE = "translate({x}, '012345678', '999999999')"

# Dates that tools write for "none": LEGAL says so of the first three, MySQL and Active Directory write the
# others.
_NONE = (
    "1900-01-01|1970-01-01|9999-12-31|0000-00-00|0?1[/.-]0?1[/.-](1900|1970)|31[/.-]12[/.-]9999|12[/.-]31[/.-]9999|"
    "(?i:-|—|na|none|nat|nan|never|jamais|néant|aucune?)$"
)
# FILETIME counts from 1601 and writes 0 or its largest number for "never".
_LDAP_NONE = "(0|9223372036854775807)$|19000101|19700101|99991231|16010101|000001010000"
# None of them begins with a 2, as most times do.
MACRO = (
    "CREATE OR REPLACE TEMP MACRO dpo_time(x) AS "
    f"CASE WHEN x >= '2' AND x < '3' THEN x WHEN NOT regexp_matches(x, '^({_NONE})') THEN x END"
)
LDAP_MACRO = (
    "CREATE OR REPLACE TEMP MACRO dpo_ldap_time(x) AS "
    f"CASE WHEN NOT regexp_matches(x, '^({_NONE}|{_LDAP_NONE})') THEN x END"
)


@dataclass(frozen=True)
class Shape:
    """`pattern` matches signatures; `sql` reads `{x}` into a wall time, or an instant in UTC when aware."""

    name: str
    pattern: re.Pattern[str]
    kind: str
    sql: str
    orders: bool = False  # its first two numbers are a day and a month, in either order
    formats: tuple[str, ...] = ()  # of the formats that must be asked for


_T = r"99:99(?::99(?:\.9{1,9})?)?"
_OFFSET = r"(?:Z|[+-]99(?::?99)?)"
_ISO = "9999-99-99"
_EPOCH = "TIMESTAMP '1970-01-01'"


def _iso(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_TIMES = (
    ("", "", DATE),
    ("minutes", " %H:%M", NAIVE),
    ("seconds", " %H:%M:%S", NAIVE),
    ("fraction", " %H:%M:%S.%f", NAIVE),
    ("minutes_pm", " %I:%M %p", NAIVE),
    ("seconds_pm", " %I:%M:%S %p", NAIVE),
    ("fraction_pm", " %I:%M:%S.%f %p", NAIVE),
)
_TIME_PATTERNS = {
    "": "",
    "minutes": ",? 9{1,2}:99",
    "seconds": ",? 9{1,2}:99:99",
    "fraction": r",? 9{1,2}:99:99\.9{1,6}",
    "minutes_pm": ",? 9{1,2}:99 ?[AaPp][Mm]",
    "seconds_pm": ",? 9{1,2}:99:99 ?[AaPp][Mm]",
    "fraction_pm": r",? 9{1,2}:99:99\.9{1,6} ?[AaPp][Mm]",
}


def _slashes() -> Iterable[Shape]:
    for separator in "/.-":
        for name, time, kind in _TIMES:
            pattern = rf"9{{1,2}}{re.escape(separator)}9{{1,2}}{re.escape(separator)}9999{_TIME_PATTERNS[name]}"
            # A space before AM or PM is optional, and so is a comma after the date.
            value = "replace({x}, ',', '')"
            if time.endswith("%p"):
                value = f"regexp_replace({value}, ' ?([AaPp][Mm])$', ' \\1')"
            date = separator.join(("{first}", "{second}", "%Y"))
            sql = f"try_strptime({value}, '{date}{time}')"
            yield Shape(f"slash{separator}{name}", re.compile(pattern), kind, sql, orders=True)


SHAPES = (
    Shape("iso_date", _iso(_ISO), DATE, "try_cast({x} AS TIMESTAMP)"),
    Shape("iso_naive", _iso(f"{_ISO}[T ]{_T}"), NAIVE, "try_cast({x} AS TIMESTAMP)"),
    Shape(
        "iso_aware",
        _iso(f"{_ISO}[T ]{_T}{_OFFSET}"),
        AWARE,
        "make_timestamp(epoch_us(try_cast({x} AS TIMESTAMPTZ)))",
    ),
    Shape(
        "iso_spaced",
        _iso(f"{_ISO}[T ]{_T} (?:Z|UTC|[+-]99(?::?99)?)"),
        AWARE,
        "make_timestamp(epoch_us(try_cast("
        "regexp_replace(replace({x}, 'UTC', 'Z'), ' ([Z+-])', '\\1') AS TIMESTAMPTZ)))",
    ),
    *_slashes(),
    Shape(
        "apache",
        re.compile(r"99/[A-Za-z]{3}/9999:99:99:99 [+-]9999"),
        AWARE,
        "make_timestamp(epoch_us(try_strptime({x}, '%d/%b/%Y:%H:%M:%S %z')))",
    ),
    Shape(
        "generalized",
        re.compile(r"9{14}(?:[.,]9{1,9})?Z"),
        AWARE,
        "try_strptime(left({x}, 14), '%Y%m%d%H%M%S')",
        formats=("ldif",),
    ),
    Shape(
        "generalized_minutes",
        re.compile(r"9{12}Z"),
        AWARE,
        "try_strptime(left({x}, 12), '%Y%m%d%H%M')",
        formats=("ldif",),
    ),
    Shape(
        "generalized_offset",
        re.compile(r"9{14}[+-]9999"),
        AWARE,
        "make_timestamp(epoch_us(try_strptime({x}, '%Y%m%d%H%M%S%z')))",
        formats=("ldif",),
    ),
    # 100 ns since 1601-01-01, UTC.
    Shape(
        "filetime",
        re.compile(r"9{17,18}"),
        AWARE,
        "make_timestamp(try_cast({x} AS BIGINT) // 10 - 11644473600000000)",
        formats=("ldif",),
    ),
    Shape(
        "epoch_seconds",
        re.compile(r"9{9,10}"),
        AWARE,
        f"{_EPOCH} + to_seconds(try_cast({{x}} AS BIGINT))",
        formats=("seconds",),
    ),
    Shape(
        "epoch_milliseconds",
        re.compile(r"9{12,13}"),
        AWARE,
        "make_timestamp(try_cast({x} AS BIGINT) * 1000)",
        formats=("milliseconds",),
    ),
)


def shape_of(signature: str, asked: frozenset[str]) -> Shape | None:
    for shape in SHAPES:
        if (not shape.formats or asked & set(shape.formats)) and shape.pattern.fullmatch(signature):
            return shape
    return None


@dataclass(frozen=True)
class Seen:
    """What a column shows: its shapes with their signatures, and how many values prove each order."""

    shapes: Mapping[Shape, tuple[str, ...]]
    day_first: int
    month_first: int
    ordered: bool  # some shape's order matters

    @property
    def proved(self) -> bool:
        return bool(self.day_first or self.month_first)

    @property
    def reads(self) -> dict[Shape, frozenset[str]]:
        """What is read: the signatures of each shape, in no order."""
        return {shape: frozenset(signatures) for shape, signatures in self.shapes.items()}


# (signature, values that prove day first, values that prove month first)
Counts = Sequence[tuple[str, int, int]]


def seen(counts: Counts, asked: frozenset[str]) -> Seen:
    shapes: dict[Shape, list[str]] = {}
    day = month = 0
    for signature, proves_day, proves_month in counts:
        shape = shape_of(signature, asked)
        if shape is None:
            continue
        shapes.setdefault(shape, []).append(signature)
        if shape.orders:
            day, month = day + proves_day, month + proves_month
    return Seen({s: tuple(found) for s, found in shapes.items()}, day, month, any(s.orders for s in shapes))


def settle(columns: Mapping[str, Seen], declared: str | None) -> tuple[dict[str, str], dict[str, str]]:
    """Order of day and month by column, and why the other columns stop."""
    orders: dict[str, str] = {}
    stopped: dict[str, str] = {}
    pending = []
    for name, one in columns.items():
        if not one.ordered:
            continue
        if declared:
            orders[name] = declared
        elif one.day_first and one.month_first:
            stopped[name] = TWO_DATE_ORDERS
        elif one.day_first or one.month_first:
            orders[name] = DAY_FIRST if one.day_first else MONTH_FIRST
        else:
            pending.append(name)
    settled = set(orders.values())
    for name in pending:
        if len(settled) == 1:
            orders[name] = next(iter(settled))
        else:
            stopped[name] = AMBIGUOUS_DATE_ORDER
    return orders, stopped


def counts(con: "duckdb.DuckDBPyConnection", relation: str, columns: Mapping[str, str]) -> dict[str, Counts]:
    """Those of columns of a relation (name -> its SQL), all of them text; MOST_SIGNATURES in all, the frequent ones."""
    found: dict[str, list[tuple[str, int, int]]] = {name: [] for name in columns}
    if columns:
        named = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
        for name, *count in con.execute(_count_query(f"(SELECT {named} FROM {relation})")).fetchall():
            found[name].append((count[0], count[1], count[2]))
    return dict(found)


def _count_query(relation: str) -> str:
    first = "try_cast(regexp_extract(x, '^(\\d{1,2})[/.-]\\d{1,2}[/.-]\\d{4}', 1) AS INTEGER)"
    second = "try_cast(regexp_extract(x, '^\\d{1,2}[/.-](\\d{1,2})[/.-]\\d{4}', 1) AS INTEGER)"
    return f"""
SELECT name, signature, count(*) FILTER (a BETWEEN 13 AND 31 AND b BETWEEN 1 AND 12),
  count(*) FILTER (b BETWEEN 13 AND 31 AND a BETWEEN 1 AND 12)
FROM (SELECT name, {SIGNATURE.format(x="x")} AS signature,
    CASE WHEN x[3] IN ('/', '.', '-') OR x[2] IN ('/', '.', '-') THEN {first} END AS a,
    CASE WHEN a IS NOT NULL THEN {second} END AS b
  FROM (UNPIVOT {relation} ON COLUMNS(*) INTO NAME name VALUE x))
GROUP BY name, signature ORDER BY count(*) DESC, name, signature LIMIT {MOST_SIGNATURES}"""


# Of columns of dates; a column of anything else has many more, and its rows are set aside anyway.
MOST_SIGNATURES = 5000


@dataclass(frozen=True)
class Reading:
    """The SQL of one column: `value` and, when values without an offset may occur, `naive`."""

    value: str
    naive: str | None


def reading(x: str, kind: str, one: Seen, order: str | None, *, zone: str, source_tz: str) -> Reading:
    """How to read text column `x` as a date, an instant or an end. A value of another shape becomes NULL."""
    cases, naive = [], []
    for shape, signatures in one.shapes.items():
        guard = f"regexp_full_match({x}, {literal(_any_of(signatures))})"
        first, second = ("%m", "%d") if order == MONTH_FIRST else ("%d", "%m")
        parsed = shape.sql.replace("{x}", x).replace("{first}", first).replace("{second}", second)
        cases.append(f"WHEN {guard} THEN {placed(parsed, shape.kind, kind, zone=zone, source_tz=source_tz)}")
        if shape.kind == NAIVE:
            naive.append(guard)
    target = "DATE" if kind == "date" else "TIMESTAMP"
    value = f"CASE {' '.join(cases)} END" if cases else f"CAST(NULL AS {target})"
    return Reading(value, f"coalesce({' OR '.join(naive)}, false)" if naive else None)


def _any_of(signatures: Iterable[str]) -> str:
    """A regular expression of the values that have one of these signatures; four times as fast as making their own."""
    return "|".join(re.escape(signature).replace("9", "[0-9]") for signature in signatures)


def placed(parsed: str, written: str, kind: str, *, zone: str, source_tz: str) -> str:
    """A parsed time (`written`: date, naive or aware) as the canonical type `kind`, instants naive in UTC."""
    if kind == "date":
        if written == AWARE:
            return f"CAST(timezone({literal(zone)}, make_timestamptz(epoch_us({parsed}))) AS DATE)"
        if written == NAIVE and source_tz != zone:
            return f"CAST(timezone({literal(zone)}, timezone({literal(source_tz)}, {parsed})) AS DATE)"
        return f"CAST({parsed} AS DATE)"
    if written == AWARE:
        return parsed
    if written == NAIVE:
        return in_utc(parsed, source_tz)
    if kind == "end":
        return f"{in_utc(f'({parsed} + INTERVAL 1 DAY)', zone)} - INTERVAL 1 MICROSECOND"
    return in_utc(parsed, zone)


def in_utc(wall: str, zone: str) -> str:
    return wall if zone == "UTC" else f"make_timestamp(epoch_us(timezone({literal(zone)}, {wall})))"
