"""Kernels: started while something else is done, each used once, with a private folder and few variables."""

import os
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit_lib.report.fork_server import ForkServer

NAME = "python3"
_NO_HISTORY = "--HistoryManager.enabled=False"  # a database on disk, 0.15 s a kernel, that nobody reads
FORKS = sys.platform == "linux"  # elsewhere a fork of a process with such libraries is not safe
FORKED = "dpo-audit-forked"  # the entry point of ForkedProvisioner
_INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "XDG_CACHE_HOME",
    "TMPDIR",
    "DPO_AUDIT_KEY_FILE",
)


@dataclass(frozen=True)
class Kernel:
    """A kernel process and the folder that holds its sockets."""

    manager: Any
    folder: "tempfile.TemporaryDirectory[str]"

    def stop(self) -> None:
        from jupyter_core.utils import run_sync

        if self.manager.has_kernel:
            run_sync(self.manager.shutdown_kernel)(now=True)
        self.folder.cleanup()


class Kernels:
    """Kernels to come; `take` gives one to a notebook, `give_back` stops it in the background."""

    def __init__(self) -> None:
        self._starter = ThreadPoolExecutor(1)
        self._ahead: deque[Future[Kernel]] = deque()
        self._stopping: list[Future[None]] = []
        self._server = ForkServer(_environment())

    def start(self, count: int) -> None:
        """Starts some kernels in the background."""
        self._ahead.extend(self._starter.submit(_started, self._server) for _ in range(count))

    def take(self) -> Kernel:
        try:
            return self._ahead.popleft().result()
        except IndexError:
            return _started(self._server)

    def give_back(self, kernel: Kernel) -> None:
        self._stopping.append(self._starter.submit(kernel.stop))

    def close(self) -> None:
        """Stops what nobody took, and waits for what stops."""
        for one in self._ahead:
            one.cancel()
        started = [one.result() for one in self._ahead if not one.cancelled() and not one.exception()]
        stopping = [*self._stopping, *(self._starter.submit(kernel.stop) for kernel in started)]
        self._starter.submit(_close_event_loop)
        self._starter.shutdown()
        self._server.close()
        for stopped in stopping:
            stopped.result()


@contextmanager
def kernels_ahead() -> Iterator[Kernels]:
    """None of the kernels outlives the block."""
    found = Kernels()
    try:
        yield found
    finally:
        found.close()


def _close_event_loop() -> None:
    """jupyter opens one a thread and never closes it."""
    from jupyter_core.utils import ensure_event_loop

    ensure_event_loop().close()


def _started(server: ForkServer) -> Kernel:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_core.utils import ensure_event_loop, run_sync

    # Short: the path of a Unix socket has at most 107 bytes.
    short = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108 - mkdtemp makes it private
    folder = tempfile.TemporaryDirectory(prefix="k", dir=short, ignore_cleanup_errors=True)
    private = Path(folder.name)
    manager = AsyncKernelManager(
        kernel_name=NAME,
        transport="ipc",
        ip=str(private / "s"),
        connection_file=str(private / "connection.json"),
    )
    # This interpreter's kernel, whatever kernels the user has installed under the same name.
    manager._kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", _NO_HISTORY],
        display_name="Python 3",
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": FORKED, "config": {"server": server}}} if FORKS else {},
    )
    ensure_event_loop()
    try:
        run_sync(manager.start_kernel)(env=_environment() | _private(private), cwd=folder.name)
    except BaseException:
        folder.cleanup()
        raise
    return Kernel(manager, folder)


def _environment() -> dict[str, str]:
    """What a kernel needs and no more: no secret of the calling shell."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {"PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore", "GX_ANALYTICS_ENABLED": "false"}


def _private(folder: Path) -> dict[str, str]:
    """No start-up file of the user."""
    return {"IPYTHONDIR": str(folder / "ipython"), "JUPYTER_CONFIG_DIR": str(folder / "jupyter")}
