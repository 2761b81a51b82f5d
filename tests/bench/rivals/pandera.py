"""Pandera on a Polars frame: every check, all failures gathered; prints counts as JSON.

A frame, not a lazy one, of which Pandera would check the columns alone. Its own checks (`str_matches`, `ge`, `unique`)
say none of the six: each looks at one column and counts what does not match, where an address is what matches.
"""

import json
import sys
from collections.abc import Callable

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from tests.bench.promises import TELLING
from tests.bench.rivals import frame


def main(pattern: str) -> None:
    """The failure cases of a schema whose checks are the controls."""
    logs = frame.read(pattern)
    rules = frame.in_order(logs.columns)
    checks = [pa.Check(_check(control, rule), name=control, ignore_na=False) for control, rule in rules.items()]
    found = dict.fromkeys(rules, 0)
    try:
        pa.DataFrameSchema(checks=checks).validate(logs, lazy=True)
    except SchemaErrors as broken:
        for error in broken.schema_errors:
            found[error.check.name] = error.failure_cases.height
    print(json.dumps(found))


def _check(control: str, rule: pl.Expr) -> Callable[[pa.PolarsData], pl.LazyFrame]:
    """The rule as Pandera wants it: a function of the frame to a column of booleans."""
    if control == TELLING:
        return lambda data: frame.with_spread(data.lazyframe).select(rule)
    return lambda data: data.lazyframe.select(rule)


if __name__ == "__main__":
    main(sys.argv[1])
