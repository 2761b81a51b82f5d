"""Plan: where each column of a file comes from, and what is made of the file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from audit_lib.datasets.folding import fold
from audit_lib.datasets.mappings import MappingFile
from audit_lib.datasets.opening import Opened
from audit_lib.datasets.schema import TIMES, Column, Schema
from audit_lib.sources.raw import Raw

_MARKS = ("_file", "_row", "_at", "_index", "_why")

# A header that is a value of somebody: e-mail address, phone number or date, IP address, UUID or digest. A table with
# a column a person, or whose first row is data, has such headers; `hs_date_entered_12345678` is a name.
_VALUE = re.compile(
    r"[^\s@]+@[^\s@]+\.[^\s@]+"
    r"|(?<![\w.])\d(?:[ .:/()-]*\d){7,}(?![A-SU-Za-z_])|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"
    r"|(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z])|^[0-9A-Fa-f]{32,}$"
)


@dataclass(frozen=True)
class Rules:
    """What is told about the times of a file. `source_tz` None: not told, `zone` stands in and rows are
    marked.
    """

    zone: str
    source_tz: str | None
    dates: str | None


@dataclass(frozen=True)
class Built:
    """A table or view `relation` with `_row`, the canonical columns the file has, its extras,
    `<column>__naive`. A view is `select` over `file`, in whose place a list of files may stand.
    """

    relation: str
    view: bool
    columns: tuple[str, ...]
    extras: tuple[str, ...]
    naive: frozenset[str]
    rows_read: int
    stopped: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)
    unknown_countries: Mapping[str, int] = field(default_factory=dict)
    select: str = ""
    file: str = ""


@dataclass(frozen=True)
class Plan:
    """Where each column comes from."""

    raw: Raw
    mapping: MappingFile
    canonical: Mapping[str, int]
    extras: Mapping[str, int]

    @property
    def schema(self) -> Schema:
        return self.mapping.schema

    @property
    def dn(self) -> str | None:
        """The column with the name of an LDIF entry: stands in for a key."""
        known = self.raw.format == "ldif" and "dn" in self.raw.headers
        return f"c{self.raw.headers.index('dn')}" if known else None

    def column(self, name: str) -> Column:
        return self.schema.columns[name]

    def times(self) -> list[str]:
        """Columns of dates and instants that are written as text."""
        return [
            name
            for name, place in self.canonical.items()
            if self.column(name).type in TIMES and self.raw.types[place] == "VARCHAR"
        ]


def plan(opened: Opened) -> Plan:
    mapping, canonical = opened.recognition.mapping, dict(opened.recognition.columns)
    if opened.raw.format == "ldif" and "dn" in opened.raw.headers:
        for name in mapping.schema.key:
            canonical.setdefault(name, opened.raw.headers.index("dn"))
    return Plan(opened.raw, mapping, canonical, _extras(opened.raw, mapping, canonical))


def _extras(raw: Raw, mapping: MappingFile, canonical: Mapping[str, int]) -> dict[str, int]:
    """Name -> place of the columns that mean nothing here; a name already taken gets a number.

    A header that is a value is told by its place: names of columns are shown, values never.
    """
    taken = {name.casefold() for name in (*mapping.schema.columns, *_MARKS)}
    found: dict[str, int] = {}
    for place, header in enumerate(raw.headers):
        if place in canonical.values() or fold(header) in mapping.technical:
            continue
        base = f"column_{place + 1}" if _VALUE.search(header) else header
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name.casefold())
        found[name] = place
    return found
