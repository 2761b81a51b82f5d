"""Install: unit files where systemd looks for them."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from audit_lib.schedule.job import MARK

_PATIENCE_SECONDS = 30
_UP = {"running", "degraded", "starting"}


class InstallError(ValueError):
    """A file stands in the way; says what to do."""


def unit_folder(environment: Mapping[str, str], *, system: bool) -> Path:
    if system:
        return Path("/etc/systemd/system")
    home = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home, "systemd", "user")


def installed(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Writes them all, or none when one of that name is not ours. Raises InstallError and OSError."""
    places = [folder / name for name in files]
    if foreign := [path for path in places if os.path.lexists(path) and not _ours(path)]:
        raise InstallError(
            "; ".join(f"{path}: not written by dpo-audit schedule, write another --name" for path in foreign)
        )
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in zip(places, files.values(), strict=True):
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(text, "utf-8")
        beside.replace(path)
    return places


def commands(name: str, *, system: bool) -> list[list[str]]:
    """What makes systemd read the units, and start the timer now and whenever the machine does."""
    program = ["systemctl"] if system else ["systemctl", "--user"]
    return [[*program, "daemon-reload"], [*program, "enable", "--now", f"{name}.timer"]]


def started(name: str, *, system: bool) -> bool:
    """Whether systemd answered and did it."""
    reload, enable = commands(name, system=system)
    try:
        asked = subprocess.run(
            [*reload[:-1], "is-system-running"], capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
        )
        if asked.stdout.strip() not in _UP:
            return False
        done = [subprocess.run(one, timeout=_PATIENCE_SECONDS, check=False) for one in (reload, enable)]
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return not any(one.returncode for one in done)


def _ours(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline().rstrip("\n") == MARK
    except (OSError, UnicodeDecodeError):
        return False
