"""Raw: what reading a file gives, before any meaning is put on its columns."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

# A noncharacter: stands for bytes that no text can hold, so that their row is found again.
UNDECODABLE = "\ufdd0"

BAD_ENCODING = "bad_encoding"
BROKEN_LINE = "broken_line"
HEADER_REPEATED = "header_repeated"
MISSING_DN = "missing_dn"
UNREADABLE_LINE = "unreadable_line"
WRONG_COLUMN_COUNT = "wrong_column_count"
# Rows are lost in such a row: its file is refused, so that the word reaches no quarantine.
UNCLOSED_QUOTE = "unclosed_quote"


class SourceError(ValueError):
    """A file that cannot be read at all: `field` is what is wrong, `advice` what to write. Never a value of
    a cell.
    """

    def __init__(self, field: str, advice: str) -> None:
        self.field = field
        self.advice = advice
        super().__init__(f"{field}: {advice}")


class UnrecognisedError(SourceError):
    """The file is whole, and nothing says that it is an export."""


@dataclass(frozen=True)
class Raw:
    """A file as a relation.

    `select` gives one row a record: columns `c0`, `c1` … in the order of `headers`, `_row` (1-based; the
    entry number
    in LDIF, the line number in a text log) and `_bad`, the reason why the row cannot be used, or null.
    `source` is the part of `select` that reads the file, when DuckDB reads it on one thread; its column SPACED says of
    which rows a cell may have spaces around it.
    `types` are DuckDB's; `typed` says that they come from the file itself, which then need not be copied.
    """

    format: str
    select: str
    headers: tuple[str, ...]
    types: tuple[str, ...]
    encoding: str | None = None
    typed: bool = False
    trimmed: bool = False  # no cell has spaces around it
    dictionaries: tuple[bool, ...] = ()  # by column: its distinct values are few
    source: str = ""
    seen_at: str = ""  # when it was exported, where its rows say so because the file tells no time
    file: str = ""  # its name in `select`, where a list of names may stand

    def over(self, rows: str) -> str:
        """`select`, over a relation with the rows of `source`."""
        return self.select.replace(f"({self.source})", rows)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def trimmed(x: str) -> str:
    """SQL of a text without spaces around it, those of French typography and spreadsheets among them."""
    trim = f"trim({x}, {literal(SPACES)})"
    if not x.isidentifier():
        return trim
    # Few cells have any, and this takes a tenth of the time: the spaces of ASCII come before every other character that
    # is seen, the others after ASCII.
    spaced = f"{x} < '!' OR {x} >= {literal(_FIRST_BEYOND_ASCII)} OR contains({literal(SPACES)}, {x}[-1])"
    return f"CASE WHEN {spaced} THEN {trim} ELSE {x} END"


SPACED = "_spaced"
SPACES = " \t\r\n\u00a0\u202f\ufeff"
_FIRST_BEYOND_ASCII = "\u00a0"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def one(con: "duckdb.DuckDBPyConnection", query: str) -> tuple[Any, ...]:
    """The only row of a query, read to its end: DuckDB keeps a connection busy otherwise."""
    [row] = con.execute(query).fetchall()
    return tuple(row)
