"""Made columns: canonical columns that no header holds, made of what the export does say."""

from collections.abc import Mapping
from dataclasses import dataclass

from audit_lib.sources.raw import literal, trimmed

FORMS = ("always", "joins", "first_of")


@dataclass(frozen=True)
class Made:
    """One of three: `always`, a value that every row of such an export has; `joins`, headers whose cells together are
    the value; `first_of`, headers of which the first filled cell is, each with the keys that lead to it inside JSON.

    Headers are folded; keys are joined by `/`, blank where the cell itself is meant.
    """

    always: str = ""
    joins: tuple[str, ...] = ()
    first_of: tuple[tuple[str, str], ...] = ()

    def sql(self, cells: Mapping[str, str]) -> str | None:
        """SQL of a text, from header -> SQL of its cell; None when none of the headers is there."""
        if self.always:
            return literal(self.always)
        joined = [_filled(cells[header]) for header in self.joins if header in cells]
        if joined:
            return f"concat_ws('/', {', '.join(joined)})"
        values = [_filled(_inside(cells[header], keys)) for header, keys in self.first_of if header in cells]
        return f"coalesce({', '.join(values)})" if values else None


def _filled(cell: str) -> str:
    return f"nullif({trimmed(cell)}, '')"


def _inside(cell: str, keys: str) -> str:
    if not keys:
        return cell
    # A CASE: a text that is no JSON would end the reading.
    return f"CASE WHEN json_valid({cell}) THEN json_extract_string({cell}, {literal('/' + keys)}) END"
