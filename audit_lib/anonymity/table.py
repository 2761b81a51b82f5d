"""Table: a relation of DuckDB to measure, its people, and the classes that they hide in."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from audit_lib.sources.raw import quoted

# A value that a mask took away is written with nothing but these, if at all.
STARS = "*"

CLASSES, ALONE = "dpo_classes", "dpo_alone"


@dataclass(frozen=True)
class Table:
    """A relation, and how it is read.

    `individual`: the column that tells people apart; without it each record is a person. A record with a `count`
    stands for that many, and the records of one person for the largest of theirs. A quasi-identifier that is
    `suppressed`, null or nothing but stars, matches nothing; where none is, each is a value like another, null too.
    """

    relation: str
    quasi_identifiers: tuple[str, ...]
    individual: str | None = None
    count: str | None = None
    suppressed: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """What the quasi-identifiers are called in a table of classes; without one all records are one class."""
        return tuple(f"q{place}" for place in range(len(self.quasi_identifiers) or 1))

    def named(self) -> str:
        """The quasi-identifiers as `keys`: texts in one case where a value may be suppressed."""
        written = "lower(CAST({} AS VARCHAR))" if self.suppressed else "{}"
        columns = [written.format(quoted(name)) for name in self.quasi_identifiers] or ["''"]
        return listed(f"{column} AS {key}" for column, key in zip(columns, self.keys, strict=True))

    def whole(self) -> str:
        """The condition that no key was taken away."""
        if not self.suppressed or not self.quasi_identifiers:
            return "true"
        return " AND ".join(f"NOT {taken(key)}" for key in self.keys)

    @property
    def weight(self) -> str:
        """How many people a record stands for."""
        return f"coalesce({quoted(self.count)}, 1)" if self.count else "1"

    @property
    def statistic(self) -> str:
        """The condition that a record counts people and names none."""
        if not self.count:
            return "false"
        unnamed = f"{quoted(self.individual)} IS NULL AND " if self.individual else ""
        return f"{unnamed}{quoted(self.count)} IS NOT NULL"


def taken(text: str) -> str:
    """The condition that the text was taken away."""
    return f"coalesce(trim({text}, '{STARS}') = '', true)"


def listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def find_classes(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """CLASSES (keys…, people), and ALONE (people): who is in no class, a record or a person a row.

    A record that names nobody and counts nobody is in neither.
    """
    keys, people = listed(table.keys), _people(table)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {CLASSES} AS SELECT {keys}, CAST(sum(people) AS BIGINT) AS people "
        f"FROM ({people}) WHERE people > 0 AND {table.whole()} GROUP BY {keys}"
    )
    alone = f"SELECT people FROM ({people}) WHERE people > 0 AND NOT ({table.whole()})"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {ALONE} AS {alone}")


def _people(table: Table) -> str:
    """(keys…, people): a row for each person in each class."""
    keys, named, weight = listed(table.keys), table.named(), table.weight
    if table.individual is None:
        return f"SELECT {named}, {weight} AS people FROM {table.relation}"
    person = quoted(table.individual)
    each = f"SELECT {{}}{named}, hash({person}) AS person{{}} FROM {table.relation} WHERE {person} IS NOT NULL"
    if table.count is None:
        return f"SELECT *, 1 AS people FROM ({each.format('DISTINCT ', '')})"
    weighed = each.format("", f", {weight} AS people")
    return (
        f"SELECT {keys}, max(people) AS people FROM ({weighed}) GROUP BY {keys}, person "
        f"UNION ALL SELECT {named}, {weight} AS people FROM {table.relation} WHERE {table.statistic}"
    )
