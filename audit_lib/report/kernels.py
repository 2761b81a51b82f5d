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

NAME = "python3"
_NO_HISTORY = "--HistoryManager.enabled=False"  # a database on disk, 0.15 s a kernel, that nobody reads
# What every notebook of ours imports first, and then the kernel itself.
_START = "import audit_lib.report; from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
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
    """Kernels to come; `take` gives one to a notebook, which stops it."""

    def __init__(self) -> None:
        self._starter = ThreadPoolExecutor(1)
        self._ahead: deque[Future[Kernel]] = deque()

    def start(self, count: int) -> None:
        """Starts some kernels in the background."""
        self._ahead.extend(self._starter.submit(_started) for _ in range(count))

    def take(self) -> Kernel:
        try:
            return self._ahead.popleft().result()
        except IndexError:
            return _started()

    def close(self) -> None:
        """Stops what nobody took."""
        self._starter.shutdown(cancel_futures=True)
        while self._ahead:
            one = self._ahead.popleft()
            if not one.cancelled():
                one.result().stop()


@contextmanager
def kernels_ahead() -> Iterator[Kernels]:
    """None of the kernels outlives the block."""
    found = Kernels()
    try:
        yield found
    finally:
        found.close()


def _started() -> Kernel:
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
        argv=[sys.executable, "-c", _START, "-f", "{connection_file}", _NO_HISTORY],
        display_name="Python 3",
        language="python",
    )
    ensure_event_loop()
    run_sync(manager.start_kernel)(env=_environment(private), cwd=folder.name)
    return Kernel(manager, folder)


def _environment(private: Path) -> dict[str, str]:
    """What a kernel needs and no more: no secret of the calling shell, no start-up file of the user."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_CONFIG_DIR": str(private / "jupyter"),
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "ignore",
        "GX_ANALYTICS_ENABLED": "false",
    }
