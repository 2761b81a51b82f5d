"""The notebook for jupyter-scheduler audits from whatever folder its copy is executed in."""

import subprocess
import sys
from pathlib import Path

import nbformat

from tests.schedule.conftest import Home, Printed


def _executed(notebook: Path, home: Home, *raw: str) -> "subprocess.CompletedProcess[str]":
    elsewhere = home.folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "papermill", notebook, home.folder / "done.ipynb", "--cwd", elsewhere, *raw]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_audits_and_fails_when_the_audit_does(home: Home, printed: Printed) -> None:
    done = printed("jupyter")
    assert done.returncode == 0, done.stderr
    notebook = home.folder / "audit.ipynb"
    notebook.write_text(done.stdout, "utf-8")
    ended = _executed(notebook, home)
    assert ended.returncode == 0, ended.stderr
    [run] = home.runs
    assert (run / "report.html").is_file()
    shown = nbformat.read(home.folder / "done.ipynb", as_version=4)
    assert f"run: {run}" in "".join(output.text for cell in shown.cells for output in cell.get("outputs", []))
    ended = _executed(notebook, home, "-r", "exports", str(home.folder / "gone"))
    assert ended.returncode == 1
    assert "RuntimeError: dpo-audit ended with status 2" in ended.stderr
    assert home.runs == [run]


def test_it_is_a_notebook_and_the_same_each_time(printed: Printed) -> None:
    text = printed("jupyter", "--notify", "mailto:dpo@example.eu").stdout
    assert printed("jupyter", "--notify", "mailto:dpo@example.eu").stdout == text
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == ["title", "parameters", "run", "status"]
    assert notebook.cells[1].metadata.tags == ["parameters"]
    assert not any(cell.get("outputs") for cell in notebook.cells)
    for cell in notebook.cells[1:]:
        compile(cell.source, cell.id, "exec")


def test_parameters_are_texts_with_their_quotes(home: Home, printed: Printed) -> None:
    notebook = nbformat.reads(printed("jupyter").stdout, as_version=4)
    found: dict[str, str] = {}
    exec(notebook.cells[1].source, found)  # noqa: S102 - what was just written
    assert (found["exports"], found["out"]) == (str(home.exports), str(home.out))
