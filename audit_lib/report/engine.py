"""Engine: how papermill executes a notebook here: in a kernel of its own, started before anyone knew for which."""

import time
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_core.utils import ensure_event_loop
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.log import logger

from audit_lib.report.kernels import Kernels

NAME = "dpo-audit"


def register() -> None:
    """Makes the engine known to papermill."""
    papermill_engines.register(NAME, PrivateKernels)


class PrivateKernels(Engine):  # type: ignore[misc]
    """Each notebook in a kernel that nothing else uses."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        execution_timeout: int,
        folder: Path,
        kernels: Kernels,
        executed: list[Any],
        **_: Any,
    ) -> None:
        """`folder`: where the cells run. `executed` receives the notebook, whatever happens to it."""
        executed.append(nb_man.nb)
        kernel = kernels.take()
        kernel.manager.client_factory = _Listener
        client = _Client(nb_man, km=kernel.manager, timeout=execution_timeout, kernel_name=kernel_name, log=logger)
        client.folder = str(folder)
        try:
            client.execute(cleanup_kc=False)
        finally:
            if client.kc:
                client.kc.stop_channels()
            kernels.give_back(kernel)
            ensure_event_loop().close()  # jupyter opens one a thread and never closes it


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """Cells run in the notebook's folder: its kernel was started before anyone knew which."""

    folder = ""

    def papermill_execute_cells(self) -> None:
        self.kc.execute(f"__import__('os').chdir({self.folder!r})", silent=True)
        super().papermill_execute_cells()


class _Listener(AsyncKernelClient):  # type: ignore[misc]
    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Until the kernel answers and what it shows arrives here.

        jupyter's own then listens 0.2 s for what else may come; it would be taken for nobody's output in any case.
        """
        last = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < last:
            self.kernel_info()
            try:
                await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=0.2)
            except Empty:
                if not await self.is_alive():
                    break
            else:
                return
        raise RuntimeError("the kernel did not answer")
