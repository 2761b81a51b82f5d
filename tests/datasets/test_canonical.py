"""Canonical CSVs: a file with the headers of a dataset, whatever the dataset, is that dataset."""

import pytest

from audit_lib.datasets.schema import Column, schemas
from tests.datasets.conftest import Exports

SAMPLES = {
    "text": "x",
    "list": "x;y",
    "country": "FR",
    "date": "2026-05-04",
    "instant": "2026-05-04T10:00:00+02:00",
    "end": "2026-05-04",
    "bool": "true",
    "int": "3",
}


def _cell(column: Column) -> str:
    return column.values[0] if column.values else SAMPLES[column.type]


def test_there_are_33_datasets() -> None:
    assert len(schemas()) == 33


@pytest.mark.parametrize("name", schemas())
def test_its_headers_are_enough(exports: Exports, name: str) -> None:
    schema = schemas()[name]
    cells = [_cell(column) for column in schema.columns.values()]
    exports.write("export.csv", f"{','.join(schema.columns)}\n{','.join(cells)}\n")
    loaded = exports.load("datasets: {%s: {file: export.csv}}\n" % name)  # noqa: UP031 - braces of YAML
    [file] = loaded.files
    assert loaded.problems == () and (file.dataset, file.rows_read, file.rows_loaded) == (name, 1, 1)
    assert loaded.datasets[name].supplied == set(schema.columns)
    nulls = [f'"{column}"' for column in schema.columns]
    [row] = exports.rows(f'SELECT {", ".join(nulls)} FROM "{name}"')
    assert None not in row


@pytest.mark.parametrize("name", schemas())
def test_personal_columns_are_columns(name: str) -> None:
    schema = schemas()[name]
    assert set(schema.personal) <= set(schema.columns) | set(schema.key)
