"""Runner: papermill refuses what it would let pass, and a failed notebook leaks nothing."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from audit_lib.report.runner import Job, NotebookError, ParameterError, execute

CANARY = "jeanne.canari@exemple.example"  # stands for the value of an input cell


def _notebook(
    folder: Path, *cells: str, parameters: str = 'lang: str = "fr"\ncount: int = 1\nshare: float = 0.5'
) -> Path:
    made = new_notebook(cells=[new_code_cell(parameters, metadata={"tags": ["parameters"]})] if parameters else [])
    made.cells += [new_code_cell(cell) for cell in cells]
    path = folder / "asked.ipynb"
    nbformat.write(made, path)
    return path


def _run(tmp_path: Path, *cells: str, timeout_seconds: int = 60, **parameters: object) -> Path:
    output = tmp_path / "out" / "asked.ipynb"
    execute([Job(_notebook(tmp_path, *cells), output, parameters)], timeout_seconds=timeout_seconds)
    return output


def _outputs(path: Path) -> list[list[str]]:
    read = nbformat.read(path, as_version=4)
    return [[output.output_type for output in cell.outputs] for cell in read.cells]


def test_executes_with_the_parameters_given(tmp_path: Path) -> None:
    output = _run(tmp_path, "(lang, count, share)", lang="en", count=3, share=1)
    shown = nbformat.read(output, as_version=4).cells[-1].outputs[0].data["text/plain"]
    assert shown == "('en', 3, 1)"


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    source = _notebook(tmp_path, "lang")
    outputs = [tmp_path / folder / "asked.ipynb" for folder in ("one", "two")]
    execute([Job(source, output, {"lang": "en"}) for output in outputs])
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_every_mistake_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    untagged = _notebook(tmp_path / "other", "1", parameters="")
    broken = tmp_path / "broken.ipynb"
    broken.write_text(f"{{{CANARY}", "utf-8")
    jobs = [
        Job(
            _notebook(tmp_path, "1"),
            tmp_path / "out" / "a.ipynb",
            {"langue": "fr", "count": "3", "share": True},
        ),
        Job(untagged, tmp_path / "out" / "b.ipynb", {"lang": "fr"}),
        Job(tmp_path / "none.ipynb", tmp_path / "out" / "c.ipynb", {}),
        Job(broken, tmp_path / "out" / "d.ipynb", {}),
    ]
    with pytest.raises(ParameterError) as raised:
        execute(jobs)
    assert str(raised.value).splitlines() == [
        "asked.ipynb: langue: no such parameter: write one of count, lang, share",
        "asked.ipynb: count: write a value of type int, not str",
        "asked.ipynb: share: write a value of type float, not bool",
        "asked.ipynb: no cell tagged 'parameters': tag the one that holds the defaults",
        "none.ipynb: no such notebook",
        "broken.ipynb: not a notebook: open it in JupyterLab and save it again",
    ]
    assert not (tmp_path / "out").exists()


def test_a_failing_cell_is_named_and_leaks_no_value(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    said = 'person = "".join(["jeanne", ".canari@exemple", ".example"])\nprint(person)\nraise ValueError(person)'
    with pytest.raises(NotebookError) as raised:
        _run(tmp_path, "1", said, "2")
    assert str(raised.value) == "asked.ipynb: cell 3: stopped by ValueError"
    output = tmp_path / "out" / "asked.ipynb"
    assert CANARY not in output.read_text("utf-8")
    assert _outputs(output) == [[], ["execute_result"], ["error"], []]
    assert nbformat.read(output, as_version=4).metadata.papermill.exception == "stopped by ValueError"
    assert caplog.text == ""


def test_a_dead_kernel_is_not_taken_for_success(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"^asked.ipynb: cell 3: the kernel died$"):
        _run(tmp_path, "1", "import os\nos._exit(9)", "2")
    output = tmp_path / "out" / "asked.ipynb"
    assert _outputs(output) == [[], ["execute_result"], [], []]
    assert nbformat.read(output, as_version=4).metadata.papermill.exception == "the kernel died"


def test_a_cell_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"^asked.ipynb: cell 2: took longer than 1 s$"):
        _run(tmp_path, "import time\ntime.sleep(60)", timeout_seconds=1)


def test_one_failure_does_not_hide_another(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    jobs = [
        Job(_notebook(tmp_path, "1 / 0"), tmp_path / "out" / "a.ipynb"),
        Job(_notebook(tmp_path / "other", "nothing"), tmp_path / "out" / "b.ipynb"),
    ]
    with pytest.raises(NotebookError) as raised:
        execute(jobs)
    assert str(raised.value).splitlines() == [
        "asked.ipynb: cell 2: stopped by ZeroDivisionError",
        "asked.ipynb: cell 2: stopped by NameError",
    ]


def test_the_kernel_does_not_see_the_secrets_of_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERS_DB_URL", f"postgresql://{CANARY}")
    output = _run(tmp_path, "import os\nsorted(name for name in os.environ if 'DB' in name)")
    assert nbformat.read(output, as_version=4).cells[-1].outputs[0].data["text/plain"] == "[]"


def test_the_output_holds_no_path_of_this_machine(tmp_path: Path) -> None:
    output = _run(tmp_path, "1", lang="en")
    assert str(tmp_path) not in output.read_text("utf-8")
    assert os.environ["HOME"] not in json.dumps(nbformat.read(output, as_version=4).metadata)


def test_braces_in_a_path_are_no_placeholders(tmp_path: Path) -> None:
    folder = tmp_path / "{lang}"
    folder.mkdir()
    assert _outputs(_run(folder, "1")) == [[], ["execute_result"]]
