"""Pointblank on a Polars frame, without the extracts of failing rows; prints counts as JSON.

DuckDB through Ibis took as long for five of the six, and needs a DuckDB older than 2.
"""

import json
import sys

import pointblank as pb
import polars as pl

from tests.bench.promises import TELLING
from tests.bench.rivals import frame


def main(pattern: str) -> None:
    """The failing units of a validation whose steps are the controls."""
    logs = frame.read(pattern)
    rules = frame.in_order(logs.columns)
    plan = pb.Validate(data=logs)
    for control, rule in rules.items():
        plan = plan.col_vals_expr(rule, pre=_with_spread if control == TELLING else None)
    failed = plan.interrogate(collect_extracts=False, collect_tbl_checked=False).n_failed()
    found = {control: failed[step] for step, control in enumerate(rules, 1)}
    print(json.dumps(found))


def _with_spread(logs: pl.DataFrame) -> pl.DataFrame:
    """The frame that the step on TELLING looks at."""
    return frame.with_spread(logs.lazy()).collect()


if __name__ == "__main__":
    main(sys.argv[1])
