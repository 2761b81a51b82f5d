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
    told = inference(con, table, sensitive, homogeneous=0.9, ordered=str(kind) in NUMBERS)
    seconds = time.perf_counter() - start
    left_out = ("records", "classes")
    values = {"k": hidden.k, **{name: value for name, value in vars(told).items() if name not in left_out}}
    if told.c is not None:
        values["c_from_the_rarest"] = _from_the_rarest(con, table, told.l)
    print(json.dumps({"values": values, "seconds": seconds}))


def _from_the_rarest(con: duckdb.DuckDBPyConnection, table: Table, least: int | None) -> float:
    """Recursive diversity as pyCANON tells it: a whole number, from the rarest value of a class."""
    keys = ", ".join(table.keys)
    ranked = f"SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY m) AS place FROM dpo_cells"
    ratio = f"min(m) / sum(m) FILTER (place >= {least})"
    found = con.execute(f"SELECT floor(max(c) + 1) FROM (SELECT {ratio} AS c FROM ({ranked}) GROUP BY {keys})")
    return float(found.fetchall()[0][0])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","), sys.argv[3], *sys.argv[4:5])
