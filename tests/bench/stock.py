"""Stock: what Great Expectations' own expectations can say of the logs, on a pandas frame; prints counts as JSON."""

import json
import sys
from pathlib import Path

import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe

COLUMNS = ["at", "ip", "action", "anonymous_id", "country", "customer_domain"]
FULL_IP = r"^([0-9]{1,3}\.){3}[1-9][0-9]{0,2}$"


def main(pattern: str) -> None:
    frame = pd.concat((pd.read_parquet(path, columns=COLUMNS) for path in _files(pattern)), ignore_index=True)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("logs").add_dataframe_asset("logs")
    batch = asset.add_batch_definition_whole_dataframe("logs").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(
        name="logs",
        expectations=[
            gxe.ExpectColumnValuesToNotMatchRegex(column="ip", regex=FULL_IP),
            gxe.ExpectColumnValuesToBeUnique(column="anonymous_id"),
            gxe.ExpectColumnValuesToBeBetween(column="at", min_value="2024-10-31T23:00:00+00:00"),
            gxe.ExpectColumnValuesToNotBeNull(column="country"),
            gxe.ExpectCompoundColumnsToBeUnique(column_list=["customer_domain", "country"]),
        ],
    )
    found = batch.validate(suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
    print(
        json.dumps({one.expectation_config.type: (one.result or {}).get("unexpected_count") for one in found.results})
    )


def _files(pattern: str) -> list[Path]:
    return sorted(Path(pattern).parent.glob(Path(pattern).name))


if __name__ == "__main__":
    main(sys.argv[1])
