"""What is asked: how often, under what name, and what is refused before anything is written."""

import re
import shutil
from pathlib import Path

import pytest

from audit_lib.schedule import EveryError, calendar, cron_fields
from tests.schedule.conftest import Home, Printed


@pytest.fixture(params=["systemd-analyze", "rule"])
def judge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """With what is installed, and without systemd."""
    if request.param == "rule":
        monkeypatch.setenv("PATH", str(tmp_path))
        assert shutil.which("systemd-analyze") is None
    return str(request.param)


@pytest.mark.parametrize(
    "text, said",
    [
        ("monthly", "*-*-01 06:00:00"),
        ("weekly", "Mon *-*-* 06:00:00"),
        ("daily", "*-*-* 06:00:00"),
        ("*-*-15 22:30", "*-*-15 22:30"),
        ("Mon..Fri *-*-* 07:00:00", "Mon..Fri *-*-* 07:00:00"),
        ("Sat,Sun *-12-*", "Sat,Sun *-12-*"),
    ],
)
def test_a_calendar(judge: str, text: str, said: str) -> None:
    assert calendar(text) == said


@pytest.mark.parametrize("text", ["", "often", "*-*-32", "*-*-01 25:00", "-h", "*-*-01\nExecStart=x", "%h", "*-13-01"])
def test_no_calendar(judge: str, text: str) -> None:
    with pytest.raises(EveryError, match=r"^--every '"):
        calendar(text)


def test_a_day_that_will_not_come() -> None:
    if shutil.which("systemd-analyze"):
        with pytest.raises(EveryError, match=r"^--every '2001-01-01': no such day is to come$"):
            calendar("2001-01-01")


def test_cron_has_only_the_three_words() -> None:
    assert [cron_fields(text) for text in ("monthly", "weekly", "daily")] == ["0 6 1 * *", "0 6 * * 1", "0 6 * * *"]
    with pytest.raises(EveryError, match="write monthly, weekly or daily"):
        cron_fields("*-*-15 22:30")


def test_all_that_is_wrong_is_told_at_once_and_no_secret(home: Home, printed: Printed) -> None:
    shutil.rmtree(home.exports)
    options = ("--every", "often", "--name", "a b", "--time-limit", "long", "--install")
    options += ("--log", str(home.folder / "none/log"), "--notify", "https://hooks.example.eu/secret")
    done = printed("cron", *options, "--notify", "mailto:a@b.eu?cc=secret@d.eu")
    assert done.returncode == 2
    assert done.stdout == ""
    starts = [
        f"{home.exports}: no such folder",
        "--name 'a b': write letters",
        f"--log {home.folder}/none/log: no such folder",
        "--time-limit 'long': write a number",
        "--notify: whoever knows a webhook can write to it: write env:NAME of a variable",
        "--notify mailto:…: write one address",
        "--install: only with --form systemd",
        "--every 'often': write monthly, weekly or daily",
    ]
    lines = done.stderr.splitlines()
    assert [start for start, line in zip(starts, lines, strict=True) if not line.startswith(start)] == []
    assert "secret" not in done.stderr
    assert not home.out.exists()


def test_a_policy_that_is_wrong_is_told_now(home: Home, printed: Printed) -> None:
    (home.policy / "policy.yaml").write_text("company: {}\n", "utf-8")
    done = printed("systemd")
    assert done.returncode == 2
    assert re.search(r"policy\.yaml: company", done.stderr)


def test_a_line_break_is_refused(home: Home, printed: Printed) -> None:
    done = printed("systemd", "--set", "k=3\nExecStartPost=/bin/sh")
    assert done.returncode == 2
    assert done.stderr == "'k=3\\nExecStartPost=/bin/sh': write it without line breaks and the like\n"
