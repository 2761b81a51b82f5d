"""Notebooks are thin: parameters, one call of the library a cell, no logic and no output."""

import ast
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
FORBIDDEN = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.Try,
    ast.If,
)
PARAMETERS = ["exports", "policy", "as_of", "lang", "run"]


def _code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_there_is_one_a_part() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "01_what_we_hold",
        "02_controls",
        "03_retention",
        "04_anonymisation",
        "05_transfers",
        "06_rights",
        "07_consent",
        "08_access",
        "09_policy",
        "10_summary",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_only_calls_the_library(path: Path) -> None:
    cells = _code(path)
    trees = [ast.parse(cell.source) for cell in cells]
    assert [node for tree in trees for node in ast.walk(tree) if isinstance(node, FORBIDDEN)] == []
    assert max(len(cell.source.splitlines()) for cell in cells) <= 12
    assert [len(tree.body) for tree in trees[3:]] == [1] * (len(trees) - 3)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_stripped(path: Path) -> None:
    assert [(cell.outputs, cell.execution_count) for cell in _code(path)] == [([], None)] * len(_code(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_parameters_are_typed_and_explained(path: Path) -> None:
    (cell,) = [cell for cell in _code(path) if "parameters" in cell.metadata.get("tags", [])]
    lines = cell.source.splitlines()
    assert [line.partition(":")[0] for line in lines] == PARAMETERS
    assert all(line.split(": ")[1].startswith("str = ") and "  # " in line for line in lines)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_starts_with_its_question_in_both_languages(path: Path) -> None:
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.cell_type == "markdown" and "remove-cell" in first.metadata.tags
    assert first.source.startswith("# ") and first.source.count("?") == 2
