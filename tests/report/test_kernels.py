"""Kernels: forked from one process that has imported what they need, and gone when nobody needs them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from audit_lib.report import kernels
from audit_lib.report.kernels import Kernel, kernels_ahead
from audit_lib.report.runner import Job, execute

linux = pytest.mark.skipif(not kernels.FORKS, reason="kernels are forked on Linux only")


def _parent(kernel: Kernel) -> int:
    stat = Path(f"/proc/{kernel.manager.provisioner.pid}/stat").read_text("ascii")
    return int(stat.rpartition(")")[2].split()[1])


def _gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    """A process ends when the system gets to it."""
    last = time.monotonic() + seconds
    while not holds() and time.monotonic() < last:
        time.sleep(0.05)
    return holds()


@linux
def test_kernels_are_forked_from_one_process() -> None:
    with kernels_ahead() as ahead:
        ahead.start(2)
        first, second = ahead.take(), ahead.take()
        server = _parent(first)
        assert server == _parent(second) != os.getpid()
        pids = [one.manager.provisioner.pid for one in (first, second)]
        ahead.give_back(first)
        ahead.give_back(second)
    assert all(_within(10, lambda pid=pid: _gone(pid)) for pid in [*pids, server])


@linux
def test_what_nobody_took_ends_with_the_block() -> None:
    with kernels_ahead() as ahead:
        ahead.start(1)
        pid = ahead._ahead[0].result().manager.provisioner.pid
    assert _within(10, lambda: _gone(pid))


@linux
def test_nothing_outlives_who_was_killed() -> None:
    program = (
        "import sys, time\n"
        "from audit_lib.report.kernels import kernels_ahead\n"
        "with kernels_ahead() as ahead:\n"
        "    kernel = ahead.take()\n"
        "    print(kernel.manager.provisioner.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        pid = int(started.stdout.readline())
        assert not _gone(pid)
        started.send_signal(signal.SIGKILL)
    assert _within(10, lambda: _gone(pid))


@linux
def test_what_a_notebook_started_ends_with_its_kernel(tmp_path: Path) -> None:
    cell = "import subprocess; subprocess.Popen(['sleep', '600']).pid"
    made = new_notebook(cells=[new_code_cell("a: int = 1", metadata={"tags": ["parameters"]}), new_code_cell(cell)])
    nbformat.write(made, tmp_path / "asked.ipynb")
    execute([Job(tmp_path / "asked.ipynb", tmp_path / "out" / "asked.ipynb")])
    shown = nbformat.read(tmp_path / "out" / "asked.ipynb", as_version=4).cells[-1].outputs[0]
    assert _within(10, lambda: _gone(int(shown.data["text/plain"])))


@linux
def test_a_server_that_ended_is_said() -> None:
    with kernels_ahead() as ahead:
        kernel = ahead.take()
        os.kill(_parent(kernel), signal.SIGKILL)
        ahead.start(2)
        with pytest.raises(RuntimeError, match="has ended"):
            ahead.take()
        ahead.give_back(kernel)


@linux
def test_what_is_imported_ahead_starts_no_thread() -> None:
    program = (
        "import os; from audit_lib.report.fork_server import prepare; prepare(); print(os.listdir('/proc/self/task'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.count(",") == 0, done.stdout


def test_elsewhere_a_kernel_is_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "FORKS", False)
    made = new_notebook(cells=[new_code_cell("a: int = 1", metadata={"tags": ["parameters"]}), new_code_cell("a")])
    nbformat.write(made, tmp_path / "asked.ipynb")
    execute([Job(tmp_path / "asked.ipynb", tmp_path / "out" / "asked.ipynb", {"a": 2})])
    shown = nbformat.read(tmp_path / "out" / "asked.ipynb", as_version=4).cells[-1].outputs[0]
    assert shown.data["text/plain"] == "2"
