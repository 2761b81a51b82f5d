"""Mappings: which headers of which export mean which canonical column, and which words mean which code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit_lib.datasets.folding import fold
from audit_lib.datasets.schema import Schema, schemas
from audit_lib.yaml import YamlError, read

TABULAR = ("csv", "xlsx", "jsonl", "parquet")
FORMATS = (*TABULAR, "ldif", "apache", "iis")
ORDERS = ("day_first", "month_first")
EPOCHS = ("seconds", "milliseconds")
_KEYS = frozenset(
    {
        "dataset",
        "formats",
        "recognised_by",
        "columns",
        "values",
        "technical",
        "dates",
        "epoch",
        "people",
        "unless",
    }
)


@dataclass(frozen=True)
class MappingFile:
    """One export format of one dataset. Headers and words are kept folded.

    `recognised_by`: groups of headers, one of each must be there. `technical`: headers that belong to the
    format and
    say nothing of anyone; they are not loaded. `people`: only entries about people are records. `unless`:
    headers that show another dataset.
    """

    id: str
    schema: Schema
    formats: tuple[str, ...] = TABULAR
    recognised_by: tuple[frozenset[str], ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    technical: frozenset[str] = frozenset()
    dates: str | None = None
    epoch: Mapping[str, str] = field(default_factory=dict)
    people: bool = False
    unless: frozenset[str] = frozenset()

    def assign(self, headers: Iterable[str]) -> dict[str, int]:
        """Canonical column -> place of its header; canonical names are always headers too."""
        places: dict[str, int] = {}
        for number, header in enumerate(headers):
            places.setdefault(fold(header), number)
        found: dict[str, int] = {}
        # The tool's own headers first: HubSpot has a custom "Status" beside "Lifecycle Stage".
        own_names = {column: (fold(column),) for column in self.schema.columns}
        for aliases in (self.columns, own_names):
            for column, names in aliases.items():
                there = next((name for name in names if name in places), None)
                place = None if there is None else places[there]
                if place is not None and column not in found and place not in found.values():
                    found[column] = place
        return {column: found[column] for column in self.schema.columns if column in found}

    def words(self, column: str) -> dict[str, str]:
        """Folded word -> code of a column: its closed list, then the words of this export."""
        own = {fold(value): value for value in self.schema.columns[column].values}
        return {**self.values.get(column, {}), **own}

    def recognises(self, headers: Iterable[str]) -> bool:
        there = {fold(header) for header in headers}
        return (
            bool(self.recognised_by) and not self.unless & there and all(group & there for group in self.recognised_by)
        )


@dataclass(frozen=True)
class Recognition:
    """The best reading of a file's headers; `rivals` are datasets that fit as well."""

    mapping: MappingFile
    columns: Mapping[str, int]
    rivals: tuple[str, ...] = ()


def load_mappings(folder: Path) -> tuple[list[MappingFile], list[str]]:
    """Every mapping that is right, canonical headers last, and a line for each that is not."""
    found: list[MappingFile] = []
    errors: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        name = f"{folder.name}/{path.name}"
        try:
            said = read(path)
        except YamlError as error:
            errors.append(f"{folder.name}/{error}")
            continue
        wrong = _wrong(said)
        errors.extend(f"{name}: {line}" for line in wrong)
        if not wrong:
            found.append(_mapping(path.stem, said))
    canonical = [
        MappingFile(f"canonical_{name}", schema, values=_words(found, name)) for name, schema in schemas().items()
    ]
    return [*found, *canonical], errors


def _words(mappings: Iterable[MappingFile], dataset: str) -> dict[str, dict[str, str]]:
    """The words of every export of a dataset, for those who change its headers and not its words."""
    known: dict[str, dict[str, str]] = {}
    for mapping in mappings:
        if mapping.schema.name == dataset:
            for column, words in mapping.values.items():
                known[column] = {**words, **known.get(column, {})}
    return known


def recognise(
    mappings: Iterable[MappingFile], headers: tuple[str, ...], format: str, dataset: str | None
) -> Recognition | None:
    """The mapping that supplies most columns, its key among them; None when none does.

    Without a declared dataset a file needs two known columns at least, and most of a small dataset's.
    """
    scored: list[tuple[tuple[int, bool, int], MappingFile, dict[str, int]]] = []
    for mapping in mappings:
        if format not in mapping.formats and not (dataset and mapping.id.startswith("canonical_")):
            continue
        if dataset not in (None, mapping.schema.name):
            continue
        columns = mapping.assign(headers)
        sure = mapping.recognises(headers)
        if not columns or (dataset is None and not _plausible(mapping, columns, headers, sure)):
            continue
        scored.append(((len(columns), sure, -len(mapping.schema.columns)), mapping, columns))
    if not scored:
        return None
    # Stable: of equals, the first mapping file, and those before the canonical headers.
    best = max(scored, key=lambda one: one[0])
    rivals = {m.schema.name for score, m, _ in scored if score[:2] == best[0][:2]} - {best[1].schema.name}
    return Recognition(best[1], best[2], tuple(sorted(rivals)))


def _plausible(mapping: MappingFile, columns: Mapping[str, int], headers: tuple[str, ...], sure: bool) -> bool:
    schema = mapping.schema
    if mapping.recognised_by:
        return sure
    if schema.row_number:
        return len(columns) >= 3
    if not set(schema.key) <= columns.keys() or len(columns) < 2:
        return False
    # Names such as country and phone are in any wide table of people.
    return len(columns) * (2 if len(columns) < 4 else 4) >= len(headers)


def _mapping(name: str, said: Mapping[str, Any]) -> MappingFile:
    return MappingFile(
        id=name,
        schema=schemas()[said["dataset"]],
        formats=tuple(said.get("formats", TABULAR)),
        recognised_by=tuple(frozenset(map(fold, _listed(group))) for group in said.get("recognised_by", [])),
        columns={column: tuple(map(fold, _listed(aliases))) for column, aliases in said["columns"].items()},
        values={
            column: {fold(word): code for code, words in codes.items() for word in _listed(words)}
            for column, codes in said.get("values", {}).items()
        },
        technical=frozenset(map(fold, said.get("technical", []))),
        dates=said.get("dates"),
        epoch=said.get("epoch", {}),
        people=said.get("people", False),
        unless=frozenset(map(fold, said.get("unless", []))),
    )


def _listed(said: Any) -> list[str]:
    return [str(one) for one in said] if isinstance(said, list) else [str(said)]


def _wrong(said: Any) -> list[str]:
    """A line for each thing that the file should say otherwise."""
    if not isinstance(said, dict):
        return ["dataset: write dataset: and columns:"]
    lines = [f"{key}: no such key, write one of {', '.join(sorted(_KEYS))}" for key in said if key not in _KEYS]
    schema = schemas().get(str(said.get("dataset")))
    if schema is None:
        return [*lines, "dataset: write the name of a dataset, such as contacts"]
    for key in ("columns", "values", "epoch"):
        if not isinstance(said.get(key, {}), dict):
            lines.append(f"{key}: write a mapping from canonical columns")
        else:
            lines += [
                f"{key}: {column}: {schema.name} has no such column"
                for column in said.get(key, {})
                if column not in schema.columns
            ]
    if not isinstance(said.get("columns"), dict):
        lines.append("columns: write at least one canonical column with its headers")
    if isinstance(said.get("values", {}), dict):
        lines += [
            f"values: {column}: write code: [words]"
            for column, one in said.get("values", {}).items()
            if not isinstance(one, dict)
        ]
    for key, allowed in (("formats", FORMATS), ("dates", ORDERS)):
        if key in said and not set(_listed(said[key])) <= set(allowed):
            lines.append(f"{key}: write {' or '.join(allowed)}")
    if isinstance(said.get("epoch", {}), dict) and not set(said.get("epoch", {}).values()) <= set(EPOCHS):
        lines.append("epoch: write seconds or milliseconds")
    for key in ("recognised_by", "technical", "unless"):
        if not isinstance(said.get(key, []), list):
            lines.append(f"{key}: write a list of headers")
    if not isinstance(said.get("people", False), bool):
        lines.append("people: write true or false")
    return lines
