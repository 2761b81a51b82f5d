"""Environment: the lock pins what pyproject asks, by hash and from no index; conda gets the same versions."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from audit_lib.yaml import read

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# That of Spark apart: it is larger than all the others together, and few need it.
LOCK = "".join((ROOT / name).read_text("utf-8") for name in ("requirements.lock", "requirements-spark.lock"))
EXTRAS = PROJECT["optional-dependencies"]
ASKED = [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]


def _pins() -> dict[str, list[Requirement]]:
    """Requirements of the lock by name; a package may have a pin for each version of Python."""
    found: dict[str, list[Requirement]] = {}
    for line in re.findall(r"^[A-Za-z0-9].*$", LOCK, re.MULTILINE):
        pin = Requirement(line.removesuffix("\\").strip())
        found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def _version(pin: Requirement) -> Version:
    [exact] = pin.specifier
    assert exact.operator == "=="
    return Version(exact.version)


def _locked(name: str) -> Version:
    """The version for the Python of environment.yml."""
    pins = [pin for pin in _pins()[canonicalize_name(name)] if not pin.marker or pin.marker.evaluate()]
    [version] = {_version(pin) for pin in pins}
    return version


@pytest.mark.parametrize("asked", ASKED)
def test_the_lock_has_what_pyproject_asks(asked: str) -> None:
    requirement = Requirement(asked)
    pins = _pins()[canonicalize_name(requirement.name)]
    assert all(requirement.specifier.contains(_version(pin)) for pin in pins)


def test_every_pin_of_the_lock_has_a_hash() -> None:
    entries = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == sum(map(len, _pins().values()))
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_index_no_host_and_no_folder() -> None:
    allowed = re.compile(r"[A-Za-z0-9_.\-\[\]]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|    #.*")
    assert [line for line in LOCK.splitlines() if not allowed.fullmatch(line)] == []
    assert re.search(r"https?:|file:|/", LOCK) is None


def test_conda_gets_the_same_versions() -> None:
    said = read(ROOT / "environment.yml")
    [pip] = [one["pip"] for one in said["dependencies"] if isinstance(one, dict)]
    *pinned, editable = pip
    assert editable == "--editable ."
    given = {canonicalize_name(Requirement(one).name): _version(Requirement(one)) for one in pinned}
    wanted = [Requirement(one).name for one in (*PROJECT["dependencies"], *EXTRAS["lab"])]
    assert given == {canonicalize_name(name): _locked(name) for name in wanted}
    [python] = [one for one in said["dependencies"] if isinstance(one, str) and one.startswith("python=")]
    assert SpecifierSet(PROJECT["requires-python"]).contains(python.removeprefix("python="))
