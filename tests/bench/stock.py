"""Stock: what Great Expectations' own expectations can say of the logs, on a pandas frame; prints counts as JSON."""

import json
import sys
from collections import Counter
from pathlib import Path

import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe

from tests.bench.promises import DECLARED, DETAILED, FULL_IP, PERSISTENT, UNDECLARED

# Of one column at a time, without exceptions.
WHOLE_ADDRESS = r"^([0-9]{1,3}\.){3}[1-9][0-9]{0,2}$"


def main(pattern: str) -> None:
    """The unexpected values of a suite, summed by the control that an expectation comes near to."""
    frame = _read(pattern)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("logs").add_dataframe_asset("logs")
    batch = asset.add_batch_definition_whole_dataframe("logs").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name="logs", expectations=_expectations(list(frame.columns)))
    found = batch.validate(suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
    counts: Counter[str] = Counter()
    for one in found.results:
        counts[(one.expectation_config.meta or {}).get("control", "")] += one.result["unexpected_count"]
    print(json.dumps(counts))


def _expectations(columns: list[str]) -> list[gxe.Expectation]:
    """Nothing counts the people of a group, or weighs the actions of one against the whole."""
    undeclared = [name for name in columns if name not in DECLARED]
    return [
        gxe.ExpectColumnValuesToNotMatchRegex(column="ip", regex=WHOLE_ADDRESS, meta={"control": FULL_IP}),
        gxe.ExpectColumnValuesToBeUnique(column="anonymous_id", meta={"control": PERSISTENT}),
        gxe.ExpectColumnValuesToBeBetween(
            column="at", min_value="2024-10-31T23:00:00+00:00", meta={"control": DETAILED}
        ),
        *(gxe.ExpectColumnValuesToBeNull(column=name, meta={"control": UNDECLARED}) for name in undeclared),
        gxe.ExpectColumnValuesToNotBeNull(column="country"),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["customer_domain", "country"]),
    ]


def _read(pattern: str) -> pd.DataFrame:
    """The logs in memory, from Parquet files or from one CSV file."""
    if pattern.endswith(".parquet"):
        files = sorted(Path(pattern).parent.glob(Path(pattern).name))
        return pd.concat((pd.read_parquet(path) for path in files), ignore_index=True)
    return pd.read_csv(pattern, dtype=str, parse_dates=["at"])


if __name__ == "__main__":
    main(sys.argv[1])
