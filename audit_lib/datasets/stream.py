"""Stream: a file that one thread must read, its rows handed to all threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import duckdb

from audit_lib.sources.raw import SPACED, SPACES, Raw, one

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

HEAD = "dpo_head"
ROWS = "dpo_stream"
_MEMORY = "350MB"
# A batch is as large as DuckDB's row groups where that is not much: smaller ones would be put together.
_MOST_ROWS, _MOST_CELLS = 122_880, 2_500_000


@contextmanager
def streamed(con: duckdb.DuckDBPyConnection, raw: Raw) -> Iterator[bool]:
    """Makes HEAD, the first rows of the source of `raw`, and ROWS, all of them, to be read once.

    True when HEAD has them all. An error of reading reaches whoever reads ROWS, not in its own words.
    """
    import pyarrow as pa

    # Another connection: this one is busy with what reads the rows.
    with con.cursor() as reading, _in_little_memory(con):
        rows = min(_MOST_ROWS, 1 + _MOST_CELLS // len(raw.headers))
        source = reading.sql(raw.source).to_arrow_reader(rows)
        batches = map(_spaced, source)
        head = list(islice(batches, 2))
        con.register(HEAD, pa.Table.from_batches(head[:1], source.schema))
        con.register(ROWS, pa.RecordBatchReader.from_batches(source.schema, chain(head, batches)))
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


def _spaced(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    """The batch with SPACED told by the first and the last byte of each text: SQL would take ten times as long."""
    import numpy as np
    import pyarrow as pa

    found = np.zeros(batch.num_rows, bool)
    for column in batch.columns:
        if not (pa.types.is_string(column.type) or pa.types.is_primitive(column.type)):
            found[:] = True  # a layout of texts that is not looked into
        elif pa.types.is_string(column.type):
            _, places, text = column.buffers()
            ends = np.frombuffer(places, np.int32)[column.offset : column.offset + len(column) + 1]
            # Of an empty cell these are its neighbours' bytes; the last may have none.
            data = np.frombuffer(text or b"", np.uint8)
            if len(data):
                found |= _edge(_FIRST)[data.take(ends[:-1], mode="clip")]
                found |= _edge(_LAST)[data.take(ends[1:] - 1, mode="clip")]
    # `pa.array` would import pandas, which takes as long as loading five small files.
    bits = pa.py_buffer(np.packbits(found, bitorder="little"))
    flags = pa.Array.from_buffers(pa.bool_(), len(found), [None, bits])
    return batch.set_column(batch.schema.get_field_index(SPACED), SPACED, flags)


_FIRST, _LAST = 0, -1


@cache
def _edge(end: int) -> "np.ndarray[Any, Any]":
    """Whether a byte is the first, or the last, of a space."""
    import numpy as np

    found = np.zeros(256, bool)
    found[[space.encode()[end] for space in SPACES]] = True
    return found
