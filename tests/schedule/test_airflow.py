"""The DAG, without Airflow: what its two tasks would do is done."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import jinja2
import nbformat
import pytest

from tests.schedule.conftest import Home, Printed


class Operator:
    """One that keeps what it was given."""

    def __init__(self, **given: Any) -> None:
        self.given = given

    def __rshift__(self, other: "Operator") -> "Operator":
        other.given["after"] = self
        return other


class Dag(Operator):
    def __enter__(self) -> "Dag":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


MODULES = {
    "pendulum": {"datetime": lambda *day, tz: (*day, tz)},
    "airflow": {"DAG": Dag},
    "airflow.providers.papermill.operators.papermill": {"PapermillOperator": Operator},
    "airflow.providers.standard.operators.bash": {"BashOperator": Operator},
}


def _read(text: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    names = {".".join(name.split(".")[:end]) for name in MODULES for end in range(1, name.count(".") + 2)}
    for name in sorted(names):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        vars(sys.modules[name]).update(MODULES.get(name, {}))
    found: dict[str, Any] = {}
    exec(compile(text, "dag.py", "exec"), found)  # noqa: S102 - what was just written
    return found


def test_the_audit_runs_and_a_notebook_shows_it(home: Home, printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    done = printed("airflow", "--every", "daily", "--lang", "fr")
    assert done.returncode == 0, done.stderr
    found = _read(done.stdout, monkeypatch)
    audit, notebook = found["audit"].given, found["notebook"].given
    assert notebook["after"] is found["audit"]
    assert audit["skip_on_exit_code"] == 75
    command = jinja2.Template(audit["bash_command"]).render()
    ended = subprocess.run(
        ["bash", "-c", command],
        cwd=audit["cwd"],
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    [run] = home.runs
    last = ended.stdout.splitlines()[-1]  # what Airflow hands on
    assert last == str(run)

    def told(text: str) -> str:
        return jinja2.Template(text).render(ti=SimpleNamespace(xcom_pull=lambda task_ids: {"audit": last}[task_ids]))

    parameters = {name: told(text) for name, text in notebook["parameters"].items()}
    assert parameters == {"run": last, "exports": str(home.exports), "policy": f"{last}/policy", "lang": "fr"}
    raw = [word for name, value in parameters.items() for word in ("-r", name, value)]
    output = told(notebook["output_nb"])
    program = [
        sys.executable,
        "-m",
        "papermill",
        told(notebook["input_nb"]),
        output,
        *raw,
        "-k",
        notebook["kernel_name"],
    ]
    ended = subprocess.run(program, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    shown = nbformat.read(output, as_version=4)
    assert len([cell for cell in shown.cells if cell.get("outputs")]) >= 3


def test_a_failed_audit_fails_the_task(home: Home, printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = _read(printed("airflow").stdout, monkeypatch)["audit"].given
    home.exports.rename(home.folder / "gone")
    command = jinja2.Template(audit["bash_command"]).render()
    ended = subprocess.run(["bash", "-c", command], cwd=audit["cwd"], env=home.environment, check=False)
    assert ended.returncode == 2
    assert home.runs == []


def test_the_dag_says_when_in_the_time_zone_of_the_policy(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed("airflow", "--name", "october").stdout
    made: list[dict[str, Any]] = []
    monkeypatch.setattr(Dag, "__init__", lambda self, **given: made.append(given))
    _read(text, monkeypatch)
    [dag] = made
    assert (dag["dag_id"], dag["schedule"], dag["start_date"]) == (
        "october",
        "0 6 1 * *",
        (2026, 1, 1, "Europe/Dublin"),
    )
    assert (dag["catchup"], dag["max_active_runs"]) == (False, 1)
