"""Fork server: a process that imports once what every notebook needs, and forks a kernel for each.

`serve` runs there, with its socket as standard input. A request is one message: the kernel's arguments, folder and
variables as JSON, with the end of a pipe that stays open as long as the kernel lives. The answer is the kernel's
process id.
"""

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from select import select

_LONGEST = 1 << 16  # bytes of a request


class ForkedProcess:
    """A forked kernel, with what jupyter_client asks of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, life: int) -> None:
        self.pid = pid
        self._life = life  # a pipe: at its end once the kernel has ended

    def poll(self) -> int | None:
        """None while it lives. How it ended is not known: -1."""
        return -1 if select([self._life], [], [], 0)[0] else None

    def wait(self) -> int:
        os.read(self._life, 1)
        os.close(self._life)
        return -1

    def send_signal(self, number: int) -> None:
        """To the kernel and what it started: it leads a group of its own, as soon as it has made it."""
        if self.poll() is None:
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                os.kill(self.pid, number)


class ForkServer:
    """Starts the server at the first request; `close` ends it, and with it what it forked."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def fork(self, arguments: Sequence[str], folder: str, environment: Mapping[str, str]) -> ForkedProcess:
        """A new kernel. `environment`: variables added to the server's. RuntimeError when the server has ended."""
        request = json.dumps({"arguments": arguments, "folder": folder, "environment": environment}).encode()
        life, held = os.pipe()
        answer = b""
        with self._lock, suppress(BrokenPipeError, ConnectionResetError):
            requests = self._requests or self._start()
            socket.send_fds(requests, [request], [held])
            answer = requests.recv(_LONGEST)
        os.close(held)
        if not answer:
            os.close(life)
            raise RuntimeError("the process that starts the kernels has ended")
        return ForkedProcess(int(answer), life)

    def _start(self) -> socket.socket:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
            stdin=theirs.fileno(),
            env=dict(self._environment),
            start_new_session=True,
        )
        theirs.close()
        return self._requests

    def close(self) -> None:
        with self._lock:
            if self._requests:
                self._requests.close()
            if self._server:
                self._server.kill()
                self._server.wait()


def serve() -> None:
    """Forks at each request, until nobody is left who could ask."""
    requests = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries those that have ended
    while True:
        request, held, _, _ = socket.recv_fds(requests, _LONGEST, 1)
        if not request:
            return
        pid = os.fork()
        if not pid:
            requests.close()
            _become_kernel(**json.loads(request))
        for one in held:
            os.close(one)
        requests.send(str(pid).encode())


def _become_kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Never returns."""
    from ipykernel.kernelapp import launch_new_instance

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(folder)
    os.environ.update(environment)
    try:
        launch_new_instance([*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
    finally:
        os._exit(1)


def prepare() -> None:
    """Imports what most notebooks use; none of it starts a thread, which a fork would not carry over."""
    for name in ("audit_lib.policy", "audit_lib.report", "duckdb", "ipykernel.kernelapp"):
        importlib.import_module(name)
    from plotly import graph_objects

    graph_objects.Figure(graph_objects.Bar())  # plotly imports its kinds of traces when they are first named
