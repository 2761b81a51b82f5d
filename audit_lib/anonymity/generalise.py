"""Generalise: the least that must be taken from a table before it hides people as well as asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import duckdb

from audit_lib.anonymity.inference import inference
from audit_lib.anonymity.table import Table, listed, taken
from audit_lib.sources.raw import literal, one, quoted

BASE = "dpo_base"
# What a column may be reduced to, from what it holds to nothing.
LEVELS = {
    "address": ("whole", "network", "provider", "removed"),
    "time": ("whole", "hour", "day", "month", "removed"),
    "country": ("whole", "region", "removed"),
    "text": ("whole", "removed"),
}
# More ways than a person would compare.
MOST_TRIED = 150
# Of more records some of the people are tried: each way takes seconds for every ten million.
MOST_RECORDS = 2_000_000


@dataclass(frozen=True)
class Asked:
    """How well people must hide: fewest in a class, fewest values in one, furthest from the whole.

    `suppression`: the largest share of people in smaller classes, who would be left out.
    """

    k: int
    l: int  # noqa: E741 - the statistic's own name
    t: float
    suppression: float


@dataclass(frozen=True)
class Tried:
    """One way to generalise: a level for each column, and what it leaves; `loss`: from 0, nothing, to 1, everything.

    `out`: people with a record in a class that is too small, which would be left out; `k`, `l` and `t` of the other
    classes, none where too many people would be out.
    """

    levels: Mapping[str, str]
    loss: float
    out: int
    classes: int
    k: int | None
    l: int | None  # noqa: E741
    t: float | None
    passes: bool


@dataclass(frozen=True)
class Advice:
    """The table as it is (`now`), and what was tried; `least`: those that pass and would not if a column kept more.

    `people`: those it was tried on, a `share` of all; among fewer people classes are smaller, never larger. `whole`:
    everything that could pass was tried.
    """

    people: int
    share: float
    now: Tried
    tried: tuple[Tried, ...]
    least: tuple[Tried, ...]
    whole: bool


def advice(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    sensitive: str | None,
    columns: Mapping[str, str],
    asked: Asked,
    *,
    time_zone: str,
    region: Sequence[str] = (),
) -> Advice:
    """`columns`: each with its kind, one of LEVELS; `region`: the countries that are told apart from the others.

    Hiding gets no worse as columns are reduced further: from the table with nothing left, only what keeps a little
    more than a table that passes is tried.
    """
    records = one(con, f"SELECT count(*) FROM {table.relation}")[0]
    parts = -(-records // MOST_RECORDS) or 1
    _base(con, table, sensitive, columns, parts=parts, time_zone=time_zone, region=region)
    people = int(one(con, f"SELECT coalesce(sum(w), 0) FROM (SELECT max(weight) AS w FROM {BASE} GROUP BY person)")[0])
    trial = _Trial(con, columns, asked, people)
    tried: dict[tuple[int, ...], Tried] = {}
    for node in _lattice(trial.heights):
        if all(above in tried and tried[above].passes for above in _above(node, trial.heights)):
            tried[node] = trial(node)
        if len(tried) == MOST_TRIED:
            break
    passing = {node for node, way in tried.items() if way.passes}
    ordered = sorted(tried, key=lambda node: (tried[node].loss, node))
    return Advice(
        people=people,
        share=1 / parts,
        now=trial(tuple(0 for _ in columns)),
        tried=tuple(tried[node] for node in ordered),
        least=tuple(tried[node] for node in ordered if node in passing and not passing & set(_below(node))),
        whole=len(tried) < MOST_TRIED,
    )


def _lattice(heights: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every node, those that take more before those that take less."""
    yield from sorted(product(*(range(height + 1) for height in heights)), key=lambda node: (-sum(node), node))


def _above(node: tuple[int, ...], heights: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The nodes that take one level more."""
    for place, height in enumerate(heights):
        if node[place] < height:
            yield (*node[:place], node[place] + 1, *node[place + 1 :])


def _below(node: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for place, level in enumerate(node):
        if level:
            yield (*node[:place], level - 1, *node[place + 1 :])


@dataclass(frozen=True)
class _Trial:
    """Tries one node of the lattice: a level for each column, in order. Reads BASE."""

    con: duckdb.DuckDBPyConnection
    columns: Mapping[str, str]
    asked: Asked
    people: int

    @property
    def heights(self) -> list[int]:
        return [len(LEVELS[kind]) - 1 for kind in self.columns.values()]

    def __call__(self, node: tuple[int, ...]) -> Tried:
        kept = tuple(_level(place, level) for place, level in enumerate(node) if level < self.heights[place])
        out, classes, least = self._hide(kept)
        enough = bool(classes) and out <= self.asked.suppression * self.people
        told = inference(self.con, self._hidden(kept), "sensitive", homogeneous=1.0) if enough else None
        narrow = told is not None and told.l is not None and told.l < self.asked.l
        far = told is not None and told.t is not None and round(told.t, 9) > self.asked.t
        named = zip(self.columns.items(), node, strict=True)
        return Tried(
            levels={name: LEVELS[kind][level] for (name, kind), level in named},
            loss=sum(level / height for level, height in zip(node, self.heights, strict=True)) / len(node),
            out=int(out),
            classes=classes,
            k=least if enough else None,
            l=told.l if told else None,
            t=told.t if told else None,
            passes=enough and not narrow and not far,
        )

    def _hide(self, kept: tuple[str, ...]) -> tuple[int, int, int | None]:
        """People with a record in a class that is too small, how many classes are not, and the smallest of these.

        Leaves `dpo_hiding` (the columns, people).
        """
        small = f"people < {self.asked.k}"
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE dpo_pairs AS "
            f"SELECT {listed((*kept, 'person'))}, max(weight) AS w FROM {BASE} GROUP BY ALL"
        )
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE dpo_hiding AS "
            f"SELECT {listed((*kept, 'CAST(sum(w) AS BIGINT) AS people'))} FROM dpo_pairs GROUP BY ALL"
        )
        classes, least = one(
            self.con, f"SELECT count(*) FILTER (NOT {small}), min(people) FILTER (NOT {small}) FROM dpo_hiding"
        )
        out = one(
            self.con,
            "SELECT coalesce(sum(w), 0) FROM (SELECT max(w) AS w FROM dpo_pairs AS p "
            f"SEMI JOIN (SELECT * FROM dpo_hiding WHERE {small}) AS h ON {_same('p', 'h', kept)} GROUP BY person)",
        )[0]
        return out, classes, least

    def _hidden(self, kept: tuple[str, ...]) -> Table:
        """The records of a class large enough."""
        large = f"(SELECT * FROM dpo_hiding WHERE people >= {self.asked.k})"
        records = f"(SELECT b.* FROM {BASE} AS b SEMI JOIN {large} AS h ON {_same('b', 'h', kept)})"
        return Table(records, kept, individual="person", suppressed=False)


def _same(one_: str, other: str, columns: tuple[str, ...]) -> str:
    return " AND ".join(f"{one_}.{column} = {other}.{column}" for column in columns) or "true"


def _level(place: int, level: int) -> str:
    return f"g{place}_{level}"


def _base(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    sensitive: str | None,
    columns: Mapping[str, str],
    *,
    parts: int,
    time_zone: str,
    region: Sequence[str],
) -> None:
    """BASE (person, weight, sensitive, a column a level), of one person in `parts`.

    Levels are numbers, which group in a fraction of the time of texts. A value that was taken away is a number of the
    person's own: it matches nobody else's.
    """
    person = f"hash({quoted(table.individual)})" if table.individual else "hash(_file, _row)"
    alone = f"hash('', {person})"
    levels = []
    for place, (name, kind) in enumerate(columns.items()):
        column = quoted(name)
        gone = f"{column} IS NULL" if kind == "time" else taken(f"CAST({column} AS VARCHAR)")
        for level, value in enumerate(_values(column, kind, time_zone=time_zone, region=region)):
            levels.append(f"CASE WHEN {gone} THEN {alone} ELSE hash({value}) END AS {_level(place, level)}")
    # What counts people without naming any is a statistic already.
    known = f"{quoted(table.individual)} IS NOT NULL" if table.individual else "true"
    con.execute(
        f"CREATE OR REPLACE TABLE {BASE} AS SELECT {person} AS person, {table.weight} AS weight, "
        f"{quoted(sensitive) if sensitive else 'NULL'} AS sensitive, {listed(levels)} FROM {table.relation} "
        f"WHERE {known} AND {person} % {parts} = 0"
    )


def _values(column: str, kind: str, *, time_zone: str, region: Sequence[str]) -> list[str]:
    """What each level keeps of a column, from all to little; nothing is no level of its own."""
    text = f"lower(CAST({column} AS VARCHAR))"
    if kind == "address":
        return [text, _network(text, 3, 3), _network(text, 2, 2)]
    if kind == "time":
        local = f"timezone({literal(time_zone)}, timezone('UTC', CAST({column} AS TIMESTAMP)))"
        return [column, *(f"date_trunc('{unit}', {local})" for unit in ("hour", "day", "month"))]
    if kind == "country":
        inside = listed(literal(country.lower()) for country in region) or "''"
        return [text, f"{text} IN ({inside})"]
    return [text]


def _network(text: str, bytes_: int, groups: int) -> str:
    """The first bytes of an IPv4 address (192.0.2.7: /24 is three), the first groups of an IPv6 one (/48 is three)."""
    dotted = f"array_to_string(list_slice(string_split({text}, '.'), 1, {bytes_}), '.')"
    colons = f"array_to_string(list_slice(string_split(split_part({text}, '::', 1), ':'), 1, {groups}), ':')"
    plain = f"regexp_replace({colons}, '(^|:)0+', '\\1', 'g')"
    return f"CASE WHEN contains({text}, '.') THEN {dotted} ELSE rtrim({plain}, ':') END"
