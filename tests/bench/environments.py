"""Environments: one for each rival, made at first use from its pinned packages."""

import functools
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.contestant import ROOT, progress

HOME = ROOT / "build" / "bench-envs"
PINNED = Path(__file__).with_name("rivals")


@dataclass(frozen=True)
class Environment:
    """The Python that has a rival's packages, or why there is none."""

    python: Path
    problem: str = ""


@functools.cache
def environment(name: str) -> Environment:
    """The environment of a rival, made anew when its pins have changed."""
    pins, home = PINNED / f"{name}.txt", HOME / name
    installed, python = home / "installed.txt", home / "bin" / "python"
    if not installed.exists() or installed.read_bytes() != pins.read_bytes():
        progress(f"installing {name}")
        shutil.rmtree(home, ignore_errors=True)
        problem = _run(sys.executable, "-m", "venv", home) or _install(python, pins)
        if problem:
            return Environment(python, problem)
        shutil.copyfile(pins, installed)
    return Environment(python)


def pin(name: str, package: str) -> str:
    """The version that a rival's pins give a package."""
    lines = (PINNED / f"{name}.txt").read_text("utf-8").splitlines()
    return next(line.removeprefix(f"{package}==") for line in lines if line.startswith(f"{package}=="))


def _install(python: Path, pins: Path) -> str:
    """Installs pinned packages; returns why it could not."""
    return _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", pins)


def _run(*command: str | Path) -> str:
    """Runs a command; returns the line that says why it failed, or nothing."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or [f"status {done.returncode}"]
    return errors[-1].removeprefix("ERROR: ") if done.returncode else ""
