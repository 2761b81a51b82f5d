"""Alone: each notebook runs from its defaults, and the first one's check serves the others."""

from pathlib import Path

import nbformat
import pytest

from audit_lib.report.runner import Job, execute
from audit_lib.report.writing import ORDER
from tests.notebooks.conftest import KEY

FIRST, *OTHERS = sorted(ORDER)


@pytest.fixture(scope="module")
def executed(project: Path) -> dict[str, nbformat.NotebookNode]:
    """Every notebook as it is after a run without parameters, two at a time once the check is made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY, str(project / "key"))
        for names in ([FIRST], OTHERS):
            execute(
                [Job(project / "notebooks" / f"{name}.ipynb", project / "done" / f"{name}.ipynb") for name in names]
            )
    return {name: nbformat.read(project / "done" / f"{name}.ipynb", as_version=4) for name in ORDER}


@pytest.mark.parametrize("name", sorted(ORDER))
def test_every_cell_runs_and_shows_something(executed: dict[str, nbformat.NotebookNode], name: str) -> None:
    cells = [cell for cell in executed[name].cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    kinds = [[output.output_type for output in cell.outputs] for cell in cells]
    assert {kind for found in kinds for kind in found} <= {"execute_result", "display_data"}
    assert [found for found in kinds[2:] if not found] == []  # after the parameters and the import


def test_the_words_are_those_of_the_default_language(executed: dict[str, nbformat.NotebookNode]) -> None:
    shown = executed["10_summary"].cells[5].outputs[0].data["text/html"]
    assert "contrôles font apparaître des manquements" in shown


def test_the_check_was_made_once(executed: dict[str, nbformat.NotebookNode], project: Path) -> None:
    assert len(list((project / "runs" / "notebooks").glob("*/*/run.json"))) == 1
