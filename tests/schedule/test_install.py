"""--install writes the units of a user, starts the timer where systemd answers, and takes nothing of others."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from audit_lib.cli import app
from tests.schedule.conftest import Home

SYSTEMCTL = """#!/bin/sh
echo "$@" >>"$ASKED"
[ "$2" != is-system-running ] || echo "$STATE"
"""


@pytest.fixture
def user(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Not root, whose units are the machine's; with a systemctl that keeps what it is asked."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("DPO_AUDIT_KEY_FILE", str(home.folder / "key"))
    program = home.folder / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(SYSTEMCTL, "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("ASKED", str(home.folder / "asked"))
    monkeypatch.setenv("STATE", "running")
    return home


def _installed(home: Home) -> Result:
    paths = [str(home.exports), "--out", str(home.out), "--policy", str(home.policy)]
    return CliRunner().invoke(app, ["schedule", *paths, "--install"])


def _units(home: Home) -> list[Path]:
    return [home.folder / "c/systemd/user" / f"dpo-audit.{kind}" for kind in ("service", "timer")]


def test_the_timer_is_started(user: Home) -> None:
    done = _installed(user)
    assert done.exit_code == 0, done.output
    service, timer = _units(user)
    assert done.stdout.splitlines() == [f"{service}: written", f"{timer}: written", "dpo-audit.timer: started"]
    assert (user.folder / "asked").read_text("utf-8").splitlines() == [
        "--user is-system-running",
        "--user daemon-reload",
        "--user enable --now dpo-audit.timer",
    ]
    text = service.read_text("utf-8")
    assert "CapabilityBoundingSet" not in text and "network-online" not in text  # the machine's, not a user's
    assert _installed(user).exit_code == 0  # ours are written over
    assert service.read_text("utf-8") == text
    assert sorted(path.name for path in service.parent.iterdir()) == ["dpo-audit.service", "dpo-audit.timer"]


def test_where_systemd_does_not_answer_the_commands_are_told(user: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE", "offline")
    done = _installed(user)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[2:] == [
        "systemd does not answer here; type, where it does:",
        "  systemctl --user daemon-reload",
        "  systemctl --user enable --now dpo-audit.timer",
    ]
    assert all(path.is_file() for path in _units(user))


@pytest.mark.parametrize("foreign", ["[Service]\n", "", "\udcff"])
def test_a_file_of_somebody_else_stays(user: Home, foreign: str) -> None:
    service, timer = _units(user)
    service.parent.mkdir(parents=True)
    timer.write_bytes(foreign.encode("utf-8", "surrogateescape"))
    done = _installed(user)
    assert done.exit_code == 2
    assert done.stderr == f"{timer}: not written by dpo-audit schedule, write another --name\n"
    assert timer.read_bytes() == foreign.encode("utf-8", "surrogateescape")
    assert not service.exists() and not (user.folder / "asked").exists()
