"""Rivals: other tools for checking data, each doing what it can of the same controls in an environment of its own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rival:
    """A tool: its package, its module here, which is also the name of its pins, and how it was asked."""

    name: str
    package: str
    module: str
    how: str
    holds_all: bool


RIVALS = (
    Rival(
        "Soda Core",
        "soda-core",
        "soda",
        "a contract on DuckDB, all six in SQL written by hand (the floor's), in checks `failed_rows` and `metric`",
        holds_all=False,
    ),
    Rival(
        "Pandera",
        "pandera",
        "pandera",
        "a schema on Polars, all six in expressions written by hand, every failure gathered",
        holds_all=True,
    ),
    Rival(
        "Pointblank",
        "pointblank",
        "pointblank",
        "a plan on Polars, all six in expressions written by hand, extracts of failing rows off",
        holds_all=True,
    ),
)
