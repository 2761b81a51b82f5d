"""Plain: tables as aligned text, for a terminal or a message."""

from collections.abc import Sequence
from string import ascii_uppercase

_INDENT, _GAP = "  ", 3


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The first column to the left, the others to the right; columns of what no row fills take no room."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    return [
        (
            _INDENT + row[0].ljust(widths[0]) + "".join(cell.rjust(width + _GAP) for cell, width in _rest(row, widths))
        ).rstrip()
        for row in rows
    ]


def letter(place: int) -> str:
    """A, B … Z, AA: a short name of a column whose own would be too wide."""
    first, last = divmod(place, len(ascii_uppercase))
    return (letter(first - 1) if first else "") + ascii_uppercase[last]


def _rest(row: Sequence[str], widths: Sequence[int]) -> list[tuple[str, int]]:
    return list(zip(row, widths, strict=True))[1:]
