"""Schema: the canonical columns of each dataset."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from audit_lib import yaml

TYPES = {
    "text": "VARCHAR",
    "list": "VARCHAR",
    "country": "VARCHAR",
    "date": "DATE",
    "instant": "TIMESTAMP",
    "end": "TIMESTAMP",
    "bool": "BOOLEAN",
    "int": "BIGINT",
}
TIMES = ("date", "instant", "end")
ROW_KEY = ("_file", "_row")


@dataclass(frozen=True)
class Column:
    """`values` is the closed list of a column, empty when any value goes."""

    name: str
    type: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """`key` names a record; with `row_number` a file may do without it. `personal`: columns that tell of a person."""

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    row_number: bool = False
    personal: tuple[str, ...] = ()


@cache
def schemas() -> Mapping[str, Schema]:
    """Every dataset, in the order of schema.yaml."""
    said = yaml.read(Path(__file__).with_name("schema.yaml"))
    return {name: _schema(name, one) for name, one in said.items()}


def _schema(name: str, said: Mapping[str, object]) -> Schema:
    columns, key, personal = said["columns"], said["key"], said.get("personal", [])
    if not isinstance(columns, dict) or not isinstance(key, list) or not isinstance(personal, list):
        raise TypeError(f"schema.yaml: {name}: write key: [..], personal: [..] and columns: {{..}}")
    found = {column: _column(column, one) for column, one in columns.items()}
    return Schema(name, found, tuple(key), bool(said.get("row_number", False)), tuple(personal))


def _column(name: str, said: object) -> Column:
    if isinstance(said, dict):
        return Column(name, str(said["type"]), tuple(said.get("values", ())))
    return Column(name, str(said))
