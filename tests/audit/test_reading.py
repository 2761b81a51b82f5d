"""The process that reads the exports says what happened to it, and never outlives who started it."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from audit_lib.reading import Reader, Wanted
from audit_lib.unforeseen import UnforeseenError
from tests.audit.conftest import audit
from tests.judging import ROOT

MAPPINGS = ROOT / "expectations" / "mappings"


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "contacts.csv").write_text("contact_id,email\n1,a@example.org\n", "utf-8")
    return Wanted(tmp_path / "exports", MAPPINGS, tmp_path, "Europe/Paris")


def test_what_is_read_and_its_progress_arrive(wanted: Wanted) -> None:
    said: list[str] = []
    with closing(Reader()) as one:
        one.begin(wanted)
        loaded = one.result(said.append)
    assert said == ["contacts.csv"]
    assert [file.rows_loaded for file in loaded.files] == [1]


def test_a_process_that_the_system_stopped_is_told_by_its_signal(wanted: Wanted) -> None:
    with closing(Reader()) as one:
        os.kill(one._process.pid, signal.SIGKILL)
        one._process.wait()
        one.begin(wanted)
        with pytest.raises(UnforeseenError, match=r"^SIGKILL in reading\.py$"):
            one.result(print)


def test_a_disk_that_refuses_is_told_as_it_is(wanted: Wanted) -> None:
    (wanted.work / "sources").write_text("a file where a folder is made", "utf-8")
    with closing(Reader()) as one:
        one.begin(wanted)
        with pytest.raises(OSError, match="File exists"):
            one.result(print)


def test_an_unforeseen_error_keeps_its_kind_and_place_only(wanted: Wanted) -> None:
    (wanted.work / "work.duckdb").write_text("zqxno database", "utf-8")
    with closing(Reader()) as one:
        one.begin(wanted)
        with pytest.raises(UnforeseenError, match=r"^IOException in database\.py:\d+$"):
            one.result(print)


def test_the_process_ends_with_the_block() -> None:
    with pytest.raises(RuntimeError), closing(Reader()) as one:
        raise RuntimeError
    assert one._process.returncode is not None


def test_a_process_that_is_not_needed_leaves_in_silence() -> None:
    program = (
        "import os, signal, time\n"
        "from audit_lib.beside import Work\n"
        "Work()\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    time.sleep(60)\n"
        "except SystemExit:\n"
        "    raise ImportError('an extension that was cut short')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_a_file_of_the_current_folder_takes_no_module_s_place(wanted: Wanted, key_file: Path) -> None:
    (wanted.work / "duckdb.py").write_text("raise SystemExit(9)", "utf-8")
    done = audit("check", wanted.exports, "--out", wanted.work / "out", key=key_file, at=wanted.work)
    assert done.returncode == 0, done.stderr
