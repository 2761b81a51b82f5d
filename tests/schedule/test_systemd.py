"""The units are right for systemd, and what they start is the audit."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from audit_lib.schedule.systemd import quoted
from tests.schedule.conftest import Home, Printed
from tests.schedule.reading import unit, words


def _units(text: str) -> dict[str, str]:
    """The two units of what was printed, by name."""
    parts = re.split(r"^# \S+/([^/\s]+)$\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_service_runs_the_audit(home: Home, printed: Printed) -> None:
    done = printed("systemd", "--fail-on", "critical", "--set", "k=3", "--notify", "mailto:dpo@example.eu")
    assert done.returncode == 0, done.stderr
    service = unit(_units(done.stdout)["dpo-audit.service"])
    [command] = service["ExecStart"]
    said = words(command)
    assert said[said.index("run") :] == [
        *("run", str(home.exports), "--out", str(home.out), "--policy", str(home.policy)),
        *("--fail-on", "critical", "--set", "k=3", "--notify", "mailto:dpo@example.eu"),
        *("--every", "P1M"),
    ]
    variables = dict(words(one)[0].split("=", 1) for one in service["Environment"])
    assert variables["DPO_AUDIT_KEY_FILE"] == str(home.folder / "key")
    [folder] = service["WorkingDirectory"]
    told = said[: said.index("--fail-on")]
    ended = subprocess.run(
        told, cwd=folder, env={**home.environment, **variables}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    [run] = home.runs
    assert (run / "report.html").is_file()
    assert home.out.stat().st_mode & 0o777 == 0o700


def test_what_a_service_must_say(home: Home, printed: Printed) -> None:
    log = home.folder / "l %h.txt"
    done = printed("systemd", "--log", log, "--time-limit", "90m", "--name", "october")
    units = _units(done.stdout)
    assert [text.splitlines()[0] for text in units.values()] == ["# Written by dpo-audit schedule."] * 2
    service, timer = unit(units["october.service"]), unit(units["october.timer"])
    told = {name: service[name] for name in ("Type", "UMask", "LimitCORE", "TimeoutStartSec", "EnvironmentFile")}
    assert told == {
        "Type": ["oneshot"],
        "UMask": ["0077"],
        "LimitCORE": ["0"],
        "TimeoutStartSec": ["90m"],
        "EnvironmentFile": [f"-{home.folder}/c/dpo-audit/environment"],
    }
    assert service["StandardOutput"] == service["StandardError"] == [f"append:{log}".replace("%", "%%")]
    assert "SuccessExitStatus" not in service
    assert words(service["ExecStart"][0])[6] == f"{home.out}/.schedule.lock"
    assert {name: timer[name] for name in ("OnCalendar", "Persistent", "RandomizedDelaySec", "WantedBy")} == {
        "OnCalendar": ["*-*-01 06:00:00"],
        "Persistent": ["true"],
        "RandomizedDelaySec": ["15min"],
        "WantedBy": ["timers.target"],
    }


def test_systemd_finds_nothing_wrong(home: Home, printed: Printed, tmp_path: Path) -> None:
    units = _units(printed("systemd", "--log", home.folder / "l %h.txt").stdout)
    for name, text in units.items():
        (tmp_path / name).write_text(text, "utf-8")
        assert unit(text)
    if not shutil.which("systemd-analyze"):
        return
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if str(tmp_path) in line]) == (0, [])


@pytest.mark.parametrize(
    "word", ["a b", "100%", "$HOME", "${x}", '"', "'", "\\", "\\n", "a\\", "é", ";", "", "-x", "#", "%h$$\"' \\x20"]
)
def test_a_word_is_read_as_it_was_written(word: str) -> None:
    assert words(f"/bin/true {quoted(word)} end") == ["/bin/true", word, "end"]
