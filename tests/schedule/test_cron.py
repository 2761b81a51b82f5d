"""The line of a crontab, run as cron runs it, audits once."""

import sqlite3
import subprocess

import pytest

from tests.notify.servers import web_server
from tests.schedule.conftest import Home, Printed
from tests.schedule.reading import crontab


def test_two_that_start_at_once_are_one_run_and_one_notification(
    home: Home, printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = home.folder / "history.sqlite"
    monkeypatch.setenv("DPO_AUDIT_HISTORY", str(history))
    done = printed("cron", "--every", "weekly", "--notify", "env:HOOK")
    assert done.returncode == 0, done.stderr
    fields, command = crontab(done.stdout)
    assert fields == "0 6 * * 1"
    secrets = home.folder / "c/dpo-audit/environment"
    secrets.parent.mkdir(parents=True)
    with web_server() as received:
        secrets.write_text(f"HOOK='http://127.0.0.1:{received.port}/a$b secret'\n".replace(" ", ""), "utf-8")
        started = [subprocess.Popen(["/bin/sh", "-c", command], cwd=home.folder, env=home.environment) for _ in "12"]
        statuses = sorted(one.wait() for one in started)
    log = (home.out / "dpo-audit.log").read_text("utf-8")
    assert statuses == [0, 75], log
    [run] = home.runs
    assert (run / "report.html").is_file()
    assert log.count("flock: failed to get lock") == 1
    assert f"run: {run}" in log.splitlines()
    assert (home.out / "dpo-audit.log").stat().st_mode & 0o777 == 0o600
    assert received.paths == ["/a$bsecret"]
    [told] = received.documents
    assert (told["company"], told["run_id"], told["status"]) == ("Harbour Lane Cycles", run.name, 0)
    assert "secret" not in log + done.stdout
    with sqlite3.connect(history) as con:
        assert con.execute("SELECT series, run_id FROM runs").fetchall() == [(str(home.out), run.name)]
        assert con.execute("SELECT count(*) FROM outcomes").fetchall() == [(9,)]


def test_a_line_that_cron_would_not_take(home: Home, printed: Printed) -> None:
    done = printed("cron", "--keep", home.folder / ("k" * 200), "--set", "a=" + "x" * 300, "--set", "b=" + "x" * 300)
    assert done.returncode == 2
    assert done.stderr.startswith("--form cron: a command of ") and "of 998 at most" in done.stderr
    assert not home.out.exists()
