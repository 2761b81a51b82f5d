"""Measured: the measures of anonymity of a table; prints values and seconds as JSON.

python -m tests.bench.measured RELATION QUASI_IDENTIFIERS SENSITIVE [INDIVIDUAL]
"""

import json
import sys
import time

import duckdb

from audit_lib.anonymity.inference import inference
from audit_lib.anonymity.singling_out import singling_out
from audit_lib.anonymity.table import Table

NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE")


def main(relation: str, quasi_identifiers: list[str], sensitive: str, individual: str | None = None) -> None:
    """Without an individual each row is one, and each value one like another, as statistics tools take them."""
    con = duckdb.connect()
    kind = con.sql(f'SELECT any_value("{sensitive}") FROM {relation}').types[0]
    con.execute("SET threads = 2")
    if not individual:
        # As pyCANON: the table is there before the clock starts.
        con.execute(f"CREATE TABLE held AS FROM {relation}")
        relation = "held"
    start = time.perf_counter()
    table = Table(relation, tuple(quasi_identifiers), individual=individual, suppressed=False)
    hidden = singling_out(con, table, threshold=0.09)
    told = inference(con, table, sensitive, ordered=str(kind) in NUMBERS)
    seconds = time.perf_counter() - start
    values = {
        "k": hidden.k,
        **{name: value for name, value in vars(told).items() if name not in ("records", "classes")},
    }
    print(json.dumps({"values": values, "seconds": seconds}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","), sys.argv[3], *sys.argv[4:5])
