"""Stream: a file that one thread must read, its rows handed to all threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

import duckdb

from audit_lib.sources.raw import Raw, one

if TYPE_CHECKING:
    import pyarrow as pa

HEAD = "dpo_head"
ROWS = "dpo_stream"
BATCH_ROWS = 20_480
_MEMORY = "450MB"


@contextmanager
def streamed(con: duckdb.DuckDBPyConnection, raw: Raw) -> Iterator[bool]:
    """Makes HEAD, the first rows of the source of `raw`, and ROWS, all of them, to be read once.

    True when HEAD has them all. An error of reading reaches whoever reads ROWS, not in its own words.
    """
    import pyarrow as pa

    # Another connection: this one is busy with what reads the rows.
    with con.cursor() as reading, _in_little_memory(con):
        batches = reading.sql(raw.source).to_arrow_reader(BATCH_ROWS)
        head = [*_next(batches), *_next(batches)]
        con.register(HEAD, pa.Table.from_batches(head[:1], batches.schema))
        con.register(ROWS, pa.RecordBatchReader.from_batches(batches.schema, chain(head, batches)))
        try:
            yield len(head) < 2
        finally:
            con.unregister(ROWS)
            con.unregister(HEAD)


@contextmanager
def _in_little_memory(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Unless somebody told how much there is: one thread that reads CSV holds all that it has unpacked, as long as it
    may, and puts it on disk otherwise.
    """
    if one(con, "SELECT getvariable('dpo_memory_limit') IS NOT NULL")[0]:
        yield
        return
    con.execute(f"SET memory_limit = '{_MEMORY}'")
    try:
        yield
    finally:
        con.execute("RESET memory_limit")


def _next(batches: "pa.RecordBatchReader") -> "list[pa.RecordBatch]":
    """The next batch, or none at the end."""
    try:
        return [batches.read_next_batch()]
    except StopIteration:
        return []
