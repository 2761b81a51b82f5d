"""Frame: the logs as a Polars frame, and the controls as expressions that are true of a row in order."""

from pathlib import Path

import polars as pl

from tests.bench.promises import (
    ADDRESS_6,
    ADDRESS_6_CUT,
    ADDRESS_6_IN_TEXT,
    ADDRESS_ALONE,
    ADDRESS_IN_TEXT,
    DECLARED,
    DETAILED,
    FULL_IP,
    PERSISTENT,
    SMALL,
    SPECIAL,
    TELLING,
    TWO_YEARS_AGO,
    UNDECLARED,
    ZONE,
    K,
    L,
    T,
)

IP, AT, ACTION, PERSON = pl.col("ip"), pl.col("at"), pl.col("action"), pl.col("anonymous_id")
CLASS = ["customer_domain", "country"]
WHOLE = ((pl.col("customer_domain") != "*") & (pl.col("country") != "*")).fill_null(False)
# Of the class of a row: how many actions differ, and how far their spread is from the whole's.
DIFFERENT, DISTANCE = pl.col("different_actions"), pl.col("distance")


def read(pattern: str) -> pl.DataFrame:
    """The logs in memory, from Parquet files or from one CSV file."""
    if pattern.endswith(".parquet"):
        files = sorted(Path(pattern).parent.glob(Path(pattern).name))
        return pl.concat([pl.scan_parquet(path) for path in files], how="diagonal").collect()
    instant = AT.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")
    return pl.read_csv(pattern, infer_schema=False).with_columns(instant, pl.col("count").cast(pl.Int64))


def in_order(columns: list[str]) -> dict[str, pl.Expr]:
    """For each control, an expression that is true of a row that keeps the promise; TELLING needs `with_spread`."""
    broken = {
        FULL_IP: _full_ip(),
        PERSISTENT: _persistent(),
        SMALL: _small(),
        TELLING: ACTION.is_not_null() & (~WHOLE | (DIFFERENT < L) | (DISTANCE.round(9) > T)),
        UNDECLARED: pl.any_horizontal(pl.col(name).is_not_null() for name in columns if name not in DECLARED),
        DETAILED: _detailed(),
    }
    return {control: ~expression.fill_null(False) for control, expression in broken.items()}


def with_spread(logs: pl.LazyFrame) -> pl.LazyFrame:
    """The logs, and of the class of each row what TELLING asks."""
    pairs = logs.filter(ACTION.is_not_null()).group_by(*CLASS, "action").agg(m=pl.len())
    shares = pairs.with_columns(
        n=pl.col("m").sum().over(CLASS), ps=pl.col("m").sum().over("action") / pl.col("m").sum()
    )
    apart = (pl.col("m") / pl.col("n") - pl.col("ps")).abs().sum()
    classes = shares.group_by(CLASS).agg(different_actions=pl.len(), distance=(apart + 1 - pl.col("ps").sum()) / 2)
    return logs.join(classes, on=CLASS, how="left", nulls_equal=True, maintain_order="left")


def _full_ip() -> pl.Expr:
    """A whole public address, alone or in a text."""
    return (
        (~IP.str.ends_with(".0") & IP.str.contains(ADDRESS_ALONE) & ~IP.str.contains(SPECIAL))
        | (IP.str.contains(ADDRESS_6) & ~IP.str.contains(ADDRESS_6_CUT))
        | (ACTION.str.contains(ADDRESS_IN_TEXT) & ~ACTION.str.contains(" 10.", literal=True))
        | ACTION.str.contains(ADDRESS_6_IN_TEXT)
    )


def _persistent() -> pl.Expr:
    """An id that lasts beyond a day."""
    day = AT.dt.convert_time_zone(ZONE).dt.date()
    return PERSON.is_not_null() & (day.min().over(PERSON) < day.max().over(PERSON))


def _small() -> pl.Expr:
    """A group of too few people, or masked rows of too few."""
    people = PERSON.drop_nulls().n_unique().over(CLASS)
    return (WHOLE & (people < K)) | (~WHOLE & (pl.col("count").fill_null(1) < K))


def _detailed() -> pl.Expr:
    """A row older than two years that holds more than aggregates."""
    limit = pl.lit(TWO_YEARS_AGO).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", time_zone="UTC")
    old = pl.coalesce(AT.lt(limit), pl.col("month") < TWO_YEARS_AGO[:7])
    return old & (
        (IP != "0.0.0.0")
        | pl.any_horizontal(pl.col(n).is_not_null() for n in ("action", "anonymous_id", "customer_domain"))
    )
