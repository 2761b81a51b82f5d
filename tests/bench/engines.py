"""Engines: the same logs checked in PostgreSQL beside SQL by hand, and by Spark, alone and as a cluster."""

import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb

from tests.bench import data, tables
from tests.bench.asked import Asked
from tests.bench.contestant import ENVIRON, PROGRAM, Contestant, race
from tests.bench.logs import of_check
from tests.engines.servers import Server, postgres, postgres_programs, spark

ROWS = 1_000_000
CONNECTION = "DPO_BENCH_DATABASE"


def section(asked: Asked) -> Iterator[str]:
    """Checks of a million rows on each engine that is there."""
    rows = min([*asked.rows, ROWS])
    logs = data.parquet(asked.data, rows)
    here = Contestant(
        "dpo-audit check, Parquet", [PROGRAM, "check", logs.folder, "--out", asked.scratch / "o"], of_check
    )
    yield from ["## Engines", ""]
    if postgres_programs():
        yield from _in_postgres(asked, logs, rows, here)
    else:
        yield from ["No PostgreSQL on this machine: `make engines`.", ""]
    if find_spec("pyspark"):
        yield from _on_spark(asked, logs, rows)
    else:
        yield from ["No Spark on this machine: `make engines`.", ""]


def _in_postgres(asked: Asked, logs: data.Logs, rows: int, here: Contestant) -> Iterator[str]:
    """In place, and the floor's counts as PostgreSQL says them."""
    with postgres(asked.scratch / "postgres") as server:
        exports = _table(server, logs, asked.scratch / "queries")
        ENVIRON[CONNECTION] = server.url
        by_hand = [sys.executable, "-m", "tests.bench.by_hand", server.url]
        everyone = [
            Contestant("PostgreSQL, SQL by hand", by_hand, json.loads, is_floor=True),
            Contestant(
                "dpo-audit check, in place", [PROGRAM, "check", exports, "--out", asked.scratch / "o"], of_check
            ),
            here,
        ]
        race(everyone, asked.runs)
    yield from [f"### PostgreSQL, {rows:,} rows", ""]
    yield from tables.times_and_counts(everyone)
    yield from ["Seconds of the server's own processes are not among the CPU seconds.", ""]


def _table(server: Server, logs: data.Logs, folder: Path) -> Path:
    """The logs as a table, and the exports that ask for it."""
    source = f"read_parquet('{logs.pattern}', union_by_name = true)"
    with duckdb.connect() as con:
        server.fill("logs", con.sql(f"FROM {source}").to_arrow_reader(100_000))
    server.run("ANALYZE logs")
    folder.mkdir()
    entry = f"usage_logs: {{sql: SELECT * FROM logs, connection: {CONNECTION}}}"
    (folder / "exports.yaml").write_text(
        f"extracted_at: 2026-11-01T06:00:00+01:00\nsource_tz: Europe/Paris\ndatasets:\n  {entry}\n", "utf-8"
    )
    return folder


def _on_spark(asked: Asked, logs: data.Logs, rows: int) -> Iterator[str]:
    """On this machine's cores in one process, and as a master with two workers."""

    def check(name: str, master: str) -> Contestant:
        command = [PROGRAM, "check", logs.folder, "--out", asked.scratch / "o", "--engine", "spark", "--master", master]
        return Contestant(name, command, of_check)

    with spark(asked.scratch / "cluster") as cluster:
        everyone = [
            Contestant(
                "DuckDB, the same counts",
                [sys.executable, "-m", "tests.bench.floor", logs.pattern],
                json.loads,
                is_floor=True,
            ),
            check("Spark, this machine's cores", "local[*]"),
            check("Spark, a master and two workers of a core", cluster.master),
        ]
        race(everyone, asked.runs)
    yield from [f"### Spark, {rows:,} rows", ""]
    yield from tables.times_and_counts(everyone)
