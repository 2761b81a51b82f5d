"""Singling out: how many people each record could be of."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from audit_lib.anonymity.table import ALONE, CLASSES, Table, find_classes, listed
from audit_lib.sources.raw import one, quoted


@dataclass(frozen=True)
class SinglingOut:
    """Of the people of a table; risks are probabilities, from 0 to 1.

    `k` is the smallest class (k-anonymity), `unique` the people whose class is themselves alone. `prosecutor` is the
    risk of someone known to be in the table, the largest and the average, which is also the share of all that an
    attacker who matches everybody gets right (marketer); `above` the people whose risk is above the threshold. None of
    nobody.
    """

    people: int
    classes: int
    k: int | None
    unique: int
    prosecutor: float | None
    prosecutor_average: float | None
    above: int


def singling_out(con: duckdb.DuckDBPyConnection, table: Table, *, threshold: float) -> SinglingOut:
    """k-anonymity and what follows from it (El Emam, Guide to the De-Identification of Personal Health Information).

    Leaves CLASSES and ALONE.
    """
    find_classes(con, table)
    sizes = f"(SELECT people FROM {CLASSES} UNION ALL SELECT people FROM {ALONE})"
    people, classes, least, unique, above = one(
        con,
        f"""
SELECT coalesce(sum(people), 0), count(*), min(people), count(*) FILTER (people = 1),
  coalesce(sum(people) FILTER (1 > {threshold!r} * people), 0) FROM {sizes}""",
    )
    return SinglingOut(
        people=int(people),
        classes=classes,
        k=least,
        unique=unique,
        prosecutor=1 / least if least else None,
        prosecutor_average=classes / people if people else None,
        above=int(above),
    )


@dataclass(frozen=True)
class Population:
    """What a class of the table is in everybody who could be in it (k-map).

    `k` is the smallest class of the population that a record of the table could be of; `journalist` the risk that this
    leaves, `marketer` the share that an attacker who matches the table with the population gets right. `missing`:
    classes of the table of which the population has fewer people; they count as large as they are. `small`: classes
    of the population with fewer people than asked, of whom any statistic tells; `small_people`: how many those are.
    """

    people: int
    classes: int
    k: int | None
    journalist: float | None
    marketer: float | None
    missing: int
    small: int
    small_people: int


def population(
    con: duckdb.DuckDBPyConnection, table: Table, relation: str, columns: Mapping[str, str], *, k: int
) -> Population:
    """`columns`: a quasi-identifier -> the same of the population; others tell nothing there. Reads CLASSES."""
    there = [
        (key, columns[name]) for key, name in zip(table.keys, table.quasi_identifiers, strict=True) if name in columns
    ]
    keys = listed(key for key, _ in there)
    named = listed(f"lower(CAST({quoted(column)} AS VARCHAR)) AS {key}" for key, column in there)
    base = f"SELECT {keys}, count(*) AS there FROM (SELECT {named} FROM {relation}) GROUP BY {keys}"
    everybody, classes, small, small_people = one(
        con,
        f"SELECT coalesce(sum(there), 0), count(*), count(*) FILTER (there < {k}), "
        f"coalesce(sum(there) FILTER (there < {k}), 0) FROM ({base})",
    )
    people, least, expected, missing = one(
        con,
        f"""
WITH base AS ({base}),
  matched AS (SELECT {keys}, sum(people) AS people FROM {CLASSES} GROUP BY {keys}),
  both_ AS (SELECT people, greatest(coalesce(there, 0), people) AS there, coalesce(there, 0) < people AS missing
    FROM matched LEFT JOIN base USING ({keys})
    UNION ALL SELECT people, people, false FROM {ALONE})
SELECT sum(people), min(there), sum(people / there), count(*) FILTER (missing) FROM both_""",
    )
    return Population(
        people=int(everybody),
        classes=classes,
        k=int(least) if least else None,
        journalist=1 / least if least else None,
        marketer=expected / people if people else None,
        missing=missing,
        small=small,
        small_people=int(small_people),
    )
