"""Servers: a real PostgreSQL and a real Spark cluster on the loopback, for as long as a test needs them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import adbc_driver_postgresql.dbapi as driver
import pyarrow as pa

SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(held: Callable[[], bool], what: str) -> None:
    """Waits until `held()` is true."""
    end = time.monotonic() + SECONDS
    while not held():
        assert time.monotonic() < end, f"{what} did not come up"
        time.sleep(0.1)


@dataclass
class Server:
    """A PostgreSQL server; `url` of a database that everyone may use."""

    port: int
    user: str

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/postgres"

    def run(self, *statements: str) -> None:
        with driver.connect(self.url, autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with driver.connect(self.url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def fill(self, table: str, rows: "pa.RecordBatchReader | pa.Table") -> None:
        """A new table with these rows."""
        with driver.connect(self.url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="replace")


def postgres_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, which Debian keeps out of PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((one for one in folders if (one / "initdb").exists()), None)


@contextmanager
def postgres(folder: Path) -> Iterator[Server]:
    """A server with its own data in the folder. It refuses to be root: then it is the user `postgres`."""
    programs = postgres_programs()
    assert programs, "no PostgreSQL"
    root = os.geteuid() == 0
    user = "postgres" if root else os.environ["USER"]
    data, port = folder / "data", free_port()
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if root:
        shutil.chown(folder, user)
        for parent in folder.parents:
            if parent.owner() == "root" and parent.is_relative_to("/tmp"):  # noqa: S108 - where pytest keeps its folders
                parent.chmod(parent.stat().st_mode | 0o011)
    as_user = {"user": user, "cwd": folder} if root else {"cwd": folder}
    common = ["-D", str(data)]
    subprocess.run(
        [programs / "initdb", *common, "-A", "trust", "-U", user, "-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        capture_output=True,
        **as_user,  # type: ignore[call-overload]
    )
    settings = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": "", "fsync": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([programs / "postgres", *common, *options], stderr=log, stdout=log, **as_user)  # type: ignore[call-overload]
    server = Server(port, user)
    try:
        until(lambda: _answers(server), "PostgreSQL")
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)


def _answers(server: Server) -> bool:
    try:
        server.run("SELECT 1")
    except driver.Error:
        return False
    return True


@dataclass
class Cluster:
    """A Spark master with its workers, each a process."""

    master: str
    work: Path
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def logs(self) -> str:
        """All that the executors wrote."""
        return "".join(path.read_text("utf-8", errors="replace") for path in self.work.rglob("std*") if path.is_file())


@contextmanager
def spark(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A standalone cluster from the library alone, a core a worker."""
    import pyspark

    home = Path(pyspark.__file__).parent
    port = free_port()
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "PYSPARK_PYTHON": sys.executable,
    }
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / "log").open("wb")

    def start(part: str, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{part}", "--host", "127.0.0.1", *arguments]
        # A group of its own: the executors of a worker end with it.
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)

    cluster = Cluster(f"spark://127.0.0.1:{port}", folder / "work")
    master = start("master.Master", "--port", str(port), "--webui-port", "0")
    try:
        until(lambda: b"New state: ALIVE" in (folder / "log").read_bytes(), "Spark's master")
        for _ in range(workers):
            options = ["--cores", "1", "--memory", "1g", "--webui-port", "0", cluster.master]
            cluster.workers.append(start("worker.Worker", *options))
        until(
            lambda: (folder / "log").read_bytes().count(b"Successfully registered with master") >= workers,
            "Spark's workers",
        )
        yield cluster
    finally:
        for process in [*cluster.workers, master]:
            kill(process)
        log.close()


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Ends a process and those it started, at once."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(SECONDS)
