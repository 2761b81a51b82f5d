"""Runner: notebooks executed by papermill, strictly, and cleaned of what a failure could leak."""

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from audit_lib.report.kernels import NAME, Kernels, kernels_ahead

TIMEOUT_SECONDS = 600  # for one cell
_PARALLEL = 2  # kernels at once, on two cores
_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
}


class NotebookError(Exception):
    """A notebook did not run to its end. Names the notebook, the cell and the kind of failure, no value."""


class ParameterError(NotebookError):
    """A notebook does not take what it is given. One line a mistake."""


@dataclass(frozen=True)
class Job:
    """A notebook to execute, where to write it, and its parameters."""

    notebook: Path
    output: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)


def execute(
    jobs: Sequence[Job],
    *,
    ahead: Kernels | None = None,
    timeout_seconds: int = TIMEOUT_SECONDS,
    done: Callable[[Job, float], None] = lambda _job, _seconds: None,
) -> None:
    """Execute notebooks, two at a time, in their outputs' folders.

    `ahead`: kernels that start already. `done` hears of each finished notebook and its seconds. ParameterError before
    anything runs, with every mistake; NotebookError after all have run, with every failure. A failed notebook is
    written too, cleaned.
    """
    with _quiet_papermill():
        if mistakes := [mistake for job in jobs for mistake in _mistakes(job)]:
            raise ParameterError("\n".join(mistakes))
        with ThreadPoolExecutor(_PARALLEL) as pool, nullcontext(ahead) if ahead else kernels_ahead() as given:
            failures = list(pool.map(lambda job: _execute_one(job, given, timeout_seconds, done), jobs))
    if told := [failure for failure in failures if failure]:
        raise NotebookError("\n".join(told))


def _mistakes(job: Job) -> Iterator[str]:
    """What papermill would let pass: unknown names, wrong types, no cell to put parameters in."""
    import papermill

    name = job.notebook.name
    if not job.notebook.is_file():
        yield f"{name}: no such notebook"
        return
    notebook = _read(job.notebook)
    if notebook is None:
        yield f"{name}: not a notebook: open it in JupyterLab and save it again"
        return
    known = papermill.inspect_notebook(notebook)
    if not known:
        yield f"{name}: no cell tagged 'parameters': tag the one that holds the defaults"
        return
    for key, value in job.parameters.items():
        if key not in known:
            yield f"{name}: {key}: no such parameter: write one of {', '.join(sorted(known))}"
            continue
        declared = known[key]["inferred_type_name"]
        wanted = _TYPES.get(declared)
        is_flag = isinstance(value, bool) and bool not in (wanted or ())
        if wanted and (is_flag or not isinstance(value, wanted)):
            yield f"{name}: {key}: write a value of type {declared}, not {type(value).__name__}"


def _execute_one(job: Job, given: Kernels, timeout_seconds: int, done: Callable[[Job, float], None]) -> str | None:
    """Execute one notebook and put the cleaned result in place. A line when it fails."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from audit_lib.report import engine

    engine.register()
    started = perf_counter()
    job.output.parent.mkdir(parents=True, exist_ok=True)
    failure = None
    executed: list[Any] = []
    try:
        papermill.execute_notebook(
            _read(job.notebook),
            None,  # papermill would write it at each cell, not yet cleaned
            parameters=dict(job.parameters),
            engine_name=engine.NAME,
            kernel_name=NAME,
            progress_bar=False,
            execution_timeout=timeout_seconds,
            folder=job.output.parent.resolve(),
            kernels=given,
            executed=executed,
        )
    except PapermillExecutionError as error:
        failure = f"stopped by {error.ename}"
    except DeadKernelError:
        failure = "the kernel died"
    except CellTimeoutError:
        failure = f"took longer than {timeout_seconds} s"
    [notebook] = executed
    number = _clean(notebook, job, failure)
    _put(notebook, job.output)
    if failure:
        return f"{job.notebook.name}: cell {number}: {failure}"
    done(job, perf_counter() - started)
    return None


def _clean(notebook: Any, job: Job, failure: str | None) -> int:
    """Take out what may hold a value or a path of this machine; return the cell that failed, from 1.

    papermill calls every cell completed when the kernel dies or a cell times out: the first code cell
    without an end, or with an error in its outputs, is the one; those after it did not run.
    """
    notebook.cells = [cell for cell in notebook.cells if "papermill-error-cell-tag" not in _tags(cell)]
    failed = _failed_cell(notebook) if failure else 0
    for number, cell in enumerate(notebook.cells, start=1):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in _tags(cell):
            cell.id = "injected-parameters"  # papermill draws one at random
        if cell.cell_type != "code":
            continue
        if failure and number > failed:
            cell.outputs, cell.execution_count = [], None
        cell.outputs = [_clean_output(output) for output in cell.outputs if _keep(output)]
    notebook.metadata["papermill"] = {
        "input_path": job.notebook.name,
        "output_path": job.output.name,
        "parameters": dict(job.parameters),
        "exception": failure,
    }
    return failed


def _failed_cell(notebook: Any) -> int:
    last_started = 0
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        if any(output.output_type == "error" for output in cell.outputs):
            return number
        if cell.metadata.get("papermill", {}).get("start_time"):
            last_started = number
    return last_started


def _keep(output: Any) -> bool:
    """Printed text is not how our notebooks show results, and a warning may quote a value."""
    return bool(output.output_type != "stream")


def _clean_output(output: Any) -> Any:
    if output.output_type == "error":
        output.evalue, output.traceback = "", []
    return output


def _tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _put(notebook: Any, place: Path) -> None:
    """Complete or not at all: written beside its place, then renamed."""
    import nbformat

    beside = place.with_name(f".{place.name}.{os.getpid()}")
    nbformat.write(notebook, beside)
    beside.replace(place)


def _read(path: Path) -> Any | None:
    """A notebook, said to be Python's when it does not say; None when the file is no notebook."""
    import nbformat
    from nbformat.reader import NotJSONError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a notebook of an older JupyterLab has cells without ids
        try:
            notebook = nbformat.read(path, as_version=4)
        except (NotJSONError, nbformat.ValidationError):
            return None
    notebook.metadata["kernelspec"] = {"name": NAME, "display_name": "Python 3", "language": "python"}
    notebook.metadata.setdefault("language_info", {"name": "python"})
    return notebook


@contextmanager
def _quiet_papermill() -> Iterator[None]:
    """papermill logs paths and parameters; what matters we say ourselves."""
    loggers = [logging.getLogger(name) for name in ("papermill", "traitlets")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
