"""Soda Core on DuckDB: a contract whose checks are SQL queries; prints counts as JSON.

A view of Parquet files was faster than a table of them, and a query for each check of rows than expressions, which it
counts in one pass over all rows without skipping any. Its own checks (missing, invalid, duplicate, freshness) say
none of the six: they look at one column, or count what is repeated.
"""

import json
import sys
import tempfile
from pathlib import Path

from soda_core.contracts import verify_contract_locally
from soda_duckdb import DuckDBDataSource

from tests.bench import floor, promises


def main(pattern: str) -> None:
    """The values that the checks of the contract compared with 0."""
    con = floor.opened(pattern, once=not pattern.endswith(".parquet"))
    rows = {
        promises.FULL_IP: floor.FULL_IP,
        promises.UNDECLARED: floor.undeclared(con),
        promises.DETAILED: floor.DETAILED,
    }
    groups = {promises.PERSISTENT: floor.PERSISTENT, promises.SMALL: floor.SMALL, promises.TELLING: floor.TELLING}
    checks = [_check("failed_rows", name, f"SELECT 1 FROM logs WHERE {where}") for name, where in rows.items()]
    checks += [_check("metric", name, query) for name, query in groups.items()]
    columns = [{"name": row[0]} for row in con.execute("DESCRIBE logs").fetchall()]
    with tempfile.TemporaryDirectory() as folder:
        contract = Path(folder, "logs.yaml")
        # JSON is YAML.
        contract.write_text(json.dumps({"dataset": "duckdb/main/logs", "columns": columns, "checks": checks}), "utf-8")
        source = DuckDBDataSource.from_existing_cursor(con, name="duckdb")
        session = verify_contract_locally(data_sources=[source], contract_file_path=str(contract))
    [verified] = session.contract_verification_results
    found = {one.check.name: int(one.threshold_value) for one in verified.check_results}
    print(json.dumps(found))


def _check(kind: str, control: str, query: str) -> dict[str, dict[str, object]]:
    """A check that no row, or a measure of 0, passes."""
    return {kind: {"name": control, "qualifier": control, "threshold": {"must_be": 0}, "query": query}}


if __name__ == "__main__":
    main(sys.argv[1])
