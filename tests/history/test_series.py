"""Series: runs that are killed, fail or are missing are told by the next one; the old ones go, their hashes stay."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest

from audit_lib.history.series import Series, chained, digest_of
from audit_lib.history.store import opened
from tests.engines.conftest import server  # noqa: F401 - a fixture
from tests.engines.servers import Server
from tests.history.months import PROGRAM, program
from tests.judging import ROOT

EXPORTS, POLICY = ROOT / "tests/second_policy/exports", ROOT / "tests/second_policy/policy"
MAY, JUNE, SEPTEMBER = (f"{day}T18:00:00+01:00" for day in ("2026-05-30", "2026-06-30", "2026-09-30"))


def _check(home: Path, as_of: str, *more: str, exports: Path = EXPORTS) -> "subprocess.CompletedProcess[str]":
    asked = ("check", exports, "--policy", POLICY, "--out", home / "runs", "--as-of", as_of, *more)
    return program(*asked, home=home)


def _notes(done: "subprocess.CompletedProcess[str]") -> list[str]:
    assert done.returncode == 0, done.stderr
    return [line.removeprefix("note: ") for line in done.stdout.splitlines() if line.startswith("note: ")]


def _run(done: "subprocess.CompletedProcess[str]") -> Path:
    [folder] = [line.removeprefix("run: ") for line in done.stdout.splitlines() if line.startswith("run: ")]
    return Path(folder)


def test_a_run_that_is_killed_is_told_by_the_next(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DPO_AUDIT_KEY_FILE": str(tmp_path / "key"),
        "DPO_AUDIT_HISTORY": str(tmp_path / "history.sqlite"),
    }
    command = [str(PROGRAM), "check", str(EXPORTS), "--policy", str(POLICY), "--out", str(tmp_path / "runs")]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line == "· check\n":
                running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    [left] = (tmp_path / "runs").iterdir()
    assert left.name.startswith(".draft-")
    assert (left / ".work").is_dir()
    done = _check(tmp_path, JUNE)
    said = "an earlier run stopped half-way, without a word: what it had read is deleted"
    assert _notes(done)[0] == said
    [kept] = (tmp_path / "runs").iterdir()
    assert kept == _run(done)
    assert said in json.loads((kept / "run.json").read_text("utf-8"))["notes"]
    assert said not in _notes(_check(tmp_path, JUNE))


def test_two_runs_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    environment = {**os.environ, "DPO_AUDIT_KEY_FILE": str(tmp_path / "key")}
    command = [PROGRAM, "check", EXPORTS, "--policy", POLICY, "--out", tmp_path / "runs", "--history", "none"]
    asked = [str(one) for one in command]
    both = [subprocess.Popen(asked, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    assert len(list((tmp_path / "runs").glob("*/run.json"))) == 2


def test_failures_are_told_once(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / "exports.yaml").write_text("extracted_at: yesterday\n", "utf-8")
    for _ in range(2):
        assert _check(tmp_path, JUNE, "--engine", "postgres", exports=wrong).returncode == 2
    assert _notes(_check(tmp_path, JUNE))[0] == "2 earlier runs since the last one ended with status 2"
    assert not [note for note in _notes(_check(tmp_path, SEPTEMBER)) if "status" in note]


def test_what_a_schedule_misses_is_told(tmp_path: Path) -> None:
    first = _run(_check(tmp_path, JUNE, "--every", "P1M"))
    notes = _notes(_check(tmp_path, SEPTEMBER, "--every", "P1M"))
    assert notes[:2] == [
        f"{first.name}: it judged the same exports: nothing was exported since",
        "2 audits are missing between 2026-06-30 and 2026-09-30: one was due every P1M",
    ]
    assert not [note for note in _notes(_check(tmp_path, SEPTEMBER, "--every", "P3M")) if "missing" in note]
    wrong = _check(tmp_path, SEPTEMBER, "--every", "monthly")
    assert (wrong.returncode, wrong.stderr) == (2, "--every 'monthly': write P3Y, P13M or P30D\n")


@pytest.mark.parametrize("where", ["a folder", "a text", "unreachable"])
def test_no_history_stops_no_audit(tmp_path: Path, where: str) -> None:
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a text").write_text("Not a database, of more than a hundred characters." * 9, "utf-8")
    url = "postgresql://someone:zqxsecret@127.0.0.1:1/none"
    asked = url if where == "unreachable" else str(tmp_path / where)
    done = _check(tmp_path, JUNE, "--history", asked)
    assert done.returncode == 0
    [line] = [line for line in done.stderr.splitlines() if not line.startswith("· ")]
    assert line.endswith("; this run is not remembered")
    assert "zqxsecret" not in done.stdout + done.stderr
    assert _run(done).is_dir()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A machine and two runs of it."""
    home = tmp_path_factory.mktemp("two")
    return home, [_run(_check(home, as_of)) for as_of in (MAY, JUNE)]


def test_the_history_is_private_and_chained(two: tuple[Path, list[Path]]) -> None:
    home, runs = two
    assert stat.S_IMODE((home / "history.sqlite").stat().st_mode) == 0o600
    with sqlite3.connect(home / "history.sqlite") as con:
        rows = con.execute("SELECT run_id, digest, chain FROM runs ORDER BY place").fetchall()
    link = ""
    for run, (name, digest, chain) in zip(runs, rows, strict=True):
        assert (name, digest) == (run.name, digest_of(run))
        link = chained(link, name, digest)
        assert chain == link


def test_the_digest_is_one_that_anybody_can_make(two: tuple[Path, list[Path]]) -> None:
    run = two[1][0]
    made = subprocess.run(
        "find . -type f | sed 's,^./,,' | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 sha256sum | sha256sum",
        shell=True,  # as a person would type it
        cwd=run,
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.split()[0] == digest_of(run)


def test_the_history_in_postgresql_is_the_same(two: tuple[Path, list[Path]], server: Server) -> None:  # noqa: F811
    home, runs = two
    with opened(server.url) as store:
        for run in runs:
            Series(store, run.parent).record(run)
    here, there = (
        json.loads(program("history", runs[0].parent, "--json", *more, home=home).stdout)
        for more in ([], ["--history", server.url])
    )
    assert here == there
    assert [(one["as_of"], one["place"], len(one["controls"])) for one in here] == [(MAY, 1, 9), (JUNE, 2, 9)]
    done = _check(home, SEPTEMBER, "--history", server.url)
    assert done.returncode == 0
    assert f"since {runs[1].name}: " in done.stdout


def test_purge(tmp_path: Path) -> None:
    runs = [_run(_check(tmp_path, as_of)) for as_of in (MAY, SEPTEMBER)]
    folder = tmp_path / "runs"
    tried = program("purge", folder, "--older-than", "P2M", "--dry-run", home=tmp_path)
    assert tried.stdout.splitlines() == [f"would be removed: {run}" for run in runs[:1]]
    assert [run.is_dir() for run in runs] == [True, True]
    done = program("purge", folder, "--older-than", "P2M", home=tmp_path)
    assert done.stdout.splitlines() == [f"removed: {run}" for run in runs[:1]]
    assert list(folder.iterdir()) == [runs[1]]
    kept = json.loads(program("history", folder, "--json", home=tmp_path).stdout)
    assert [(one["run_id"], one["purged"]) for one in kept] == [(run.name, int(run != runs[1])) for run in runs]
    assert all(len(one["chain"]) == 64 and one["controls"] for one in kept)
    assert program("purge", folder, "--older-than", "P2M", home=tmp_path).stdout == ""
    # Three months less a day after the last run, nothing is too old; the day after, it is.
    for as_of, names in (("2026-12-30T18:00:00+01:00", []), ("2026-12-30T18:00:01+01:00", [runs[1]])):
        done = program("purge", folder, "--older-than", "P3M", "--as-of", as_of, "--dry-run", home=tmp_path)
        assert done.stdout.splitlines() == [f"would be removed: {run}" for run in names]
    wrong = program("purge", folder, "--older-than", "2 years", home=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (2, "--older-than '2 years': write P3Y, P13M or P30D\n")


def test_a_run_of_another_key_is_not_followed(tmp_path: Path) -> None:
    first = _run(_check(tmp_path, MAY))
    (tmp_path / "key").unlink()
    done = _check(tmp_path, JUNE)
    assert f"{first.name}: its files are gone or have another key: nothing is compared with it" in _notes(done)
    assert json.loads((_run(done) / "changes.json").read_text("utf-8"))["previous"] is None
    refused = program("diff", first, _run(done), home=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr == "their references have different keys: only runs of one key file can be compared\n"
