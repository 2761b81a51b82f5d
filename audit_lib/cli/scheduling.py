"""Scheduling: an audit that runs by itself."""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit_lib.cli.asked import (
    Engine,
    Exports,
    FailOn,
    Judge,
    Keep,
    Lang,
    Master,
    Memory,
    Out,
    PolicyFolder,
    Set,
    home,
    settings,
)
from audit_lib.cli.notifying import Notify
from audit_lib.cli.said import UNFINISHED, WRONG_INPUT, say, stop, warn

if TYPE_CHECKING:
    from audit_lib.schedule import Job

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_LIMIT = re.compile(r"[1-9][0-9]*[smhd]")


class Form(StrEnum):
    SYSTEMD = "systemd"
    CRON = "cron"
    AIRFLOW = "airflow"
    JUPYTER = "jupyter"


def schedule(
    exports: Exports,
    out: Out,
    every: Annotated[str, typer.Option("--every", help="monthly, weekly, daily, or systemd's OnCalendar.")] = "monthly",
    form: Annotated[Form, typer.Option("--form", help="The scheduler.")] = Form.SYSTEMD,
    install: Annotated[bool, typer.Option("--install", help="Write systemd's units where it looks for them.")] = False,
    name: Annotated[str, typer.Option("--name", help="Of the units, the DAG and the log.")] = "dpo-audit",
    log: Annotated[
        Path | None, typer.Option("--log", help="File for what it says. By default the journal, or NAME.log in --out.")
    ] = None,
    time_limit: Annotated[str, typer.Option("--time-limit", help="After which it is stopped.")] = "12h",
    lang: Lang = None,
    engine: Judge = None,
    policy: PolicyFolder = None,
    fail_on: FailOn = FailOn.NEVER,
    changes: Set = None,
    memory_limit: Memory = "",
    master: Master = "local[*]",
    keep: Keep = None,
    notify: Notify = None,
) -> None:
    """Have an audit run by itself.

    Prints what the scheduler of the machine needs to be given, or installs it.
    """
    from audit_lib import schedule as scheduled

    rules = (policy or home("expectations")).absolute()
    passed: dict[str, list[Any]] = {
        "--policy": [rules],
        "--lang": [lang],
        "--engine": [engine],
        "--fail-on": [None if fail_on is FailOn.NEVER else fail_on],
        "--set": [f"{key}={value}" for key, value in settings(changes or ()).items()],
        "--memory-limit": [memory_limit],
        "--master": [master if engine is Engine.SPARK else None],
        "--keep": [keep and keep.absolute()],
        "--notify": notify or [],
        "--every": [scheduled.PERIODS.get(every)],
    }
    company, problems = _policy(rules)
    job = scheduled.Job(
        name=name,
        program=str(Path(sys.executable).absolute().with_name("dpo-audit")),
        exports=str(exports.absolute()),
        out=str(out.absolute()),
        options=tuple(_words(passed)),
        folder=str(Path.cwd()),
        environment=_environment(),
        secrets=str(_secrets()),
        log=str(log.absolute()) if log else None,
        limit=time_limit,
        flock=shutil.which("flock") or "",
        timeout=shutil.which("timeout") or "",
        notebooks=str(home("notebooks").absolute()),
        language=lang.value if lang else company.language if company else "",
        time_zone=company.time_zone if company else "",
    )
    problems += [*_problems(job), *_secret(notify or ())]
    if install and form is not Form.SYSTEMD:
        problems.append("--install: only with --form systemd; what is printed for others goes where they look for it")
    system = os.geteuid() == 0
    files = _files(job, form, every, problems, system=system)
    if problems:
        stop(WRONG_INPUT, problems)
    _make(out)
    if install:
        _install(job, files, system=system)
    else:
        _print(files, scheduled.unit_folder(os.environ, system=system) if form is Form.SYSTEMD else None)
        warn(_next(form, job, system=system))
    if notify:
        warn(f"variables that --notify needs go to {_secrets()}, NAME='value' a line, which only its owner can read")


def _words(passed: Mapping[str, Iterable[Any]]) -> Iterator[str]:
    """The options that have a value, as they are written."""
    for option, values in passed.items():
        for value in values:
            if value:
                yield option
                yield str(value)


def _files(job: "Job", form: Form, every: str, problems: list[str], *, system: bool) -> dict[str, str]:
    """Their texts by name; why there is none goes to the problems."""
    from audit_lib.schedule import EveryError, LineError

    try:
        return _written(job, form, every, system=system)
    except (EveryError, LineError) as error:
        problems.append(str(error))
        return {}


def _make(out: Path) -> None:
    """The folder of the runs, which holds the lock."""
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        stop(WRONG_INPUT, [f"--out {out}: {error.strerror}, write a folder to write in"])


def _written(job: "Job", form: Form, every: str, *, system: bool) -> dict[str, str]:
    """Their texts by name. Raises EveryError and LineError."""
    from audit_lib import schedule as scheduled

    if form is Form.SYSTEMD:
        return scheduled.units(job, scheduled.calendar(every), system=system)
    fields = scheduled.cron_fields(every)
    if form is Form.CRON:
        return {"crontab": scheduled.line(job, fields) + "\n"}
    if form is Form.AIRFLOW:
        return {f"{job.name}.py": scheduled.dag(job, fields)}
    return {f"{job.name}.ipynb": scheduled.notebook(job, fields)}


def _print(files: dict[str, str], folder: Path | None) -> None:
    for name, text in files.items():
        say([f"# {folder / name}"] if folder else [])
        say([text.rstrip("\n")])


def _install(job: "Job", files: dict[str, str], *, system: bool) -> None:
    from audit_lib import schedule as scheduled

    try:
        places = scheduled.installed(scheduled.unit_folder(os.environ, system=system), files)
    except scheduled.InstallError as error:
        stop(WRONG_INPUT, str(error).split("; "))
    except OSError as error:
        stop(UNFINISHED, [f"{error.filename}: {error.strerror}"])
    say(f"{path}: written" for path in places)
    if scheduled.started(job.name, system=system):
        say([f"{job.name}.timer: started"])
    else:
        say(["systemd does not answer here; type, where it does:"])
        say(f"  {' '.join(one)}" for one in scheduled.commands(job.name, system=system))
    if not system:
        warn("so that it runs while you are not logged in: loginctl enable-linger")


def _next(form: Form, job: "Job", *, system: bool) -> str:
    from audit_lib import schedule as scheduled

    enable = " ".join(scheduled.commands(job.name, system=system)[-1])
    return {
        Form.SYSTEMD: f"next: the same with --install; or write them there, then: {enable}",
        Form.CRON: "next: crontab -e, and add the line",
        Form.AIRFLOW: f"next: keep it as {job.name}.py in the DAGs folder",
        Form.JUPYTER: f"next: keep it as {job.name}.ipynb, and make it a job in JupyterLab",
    }[form]


def _environment() -> dict[str, str]:
    """The variables that are no secret and that a scheduler would not know."""
    from audit_lib.audit.key import VARIABLE, key_file
    from audit_lib.history.store import VARIABLE as HISTORY
    from audit_lib.history.store import is_url, place
    from audit_lib.report.pdf import find_browser

    said = {VARIABLE: str(key_file()), "BROWSER_PATH": find_browser(), "JAVA_HOME": os.environ.get("JAVA_HOME")}
    # A URL may hold a password.
    said[HISTORY] = None if is_url(place()) else place()
    return {name: value for name, value in said.items() if value}


def _secrets() -> Path:
    """The file of the variables that are secret: beside the key."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "dpo-audit", "environment").absolute()


def _policy(rules: Path) -> tuple[Any, list[str]]:
    """What it says of itself, if it can be read, and what is wrong with it."""
    from audit_lib.policy import PolicyError, load_policy

    try:
        folder = load_policy(rules)
    except PolicyError as error:
        return None, list(error.errors)
    return folder.policy, list(folder.errors)


def _problems(job: "Job") -> Iterator[str]:
    if not Path(job.exports).is_dir():
        yield f"{job.exports}: no such folder: write the folder that holds the exports"
    if not _NAME.fullmatch(job.name):
        yield f"--name '{job.name}': write letters, digits, - and _"
    if job.log and not Path(job.log).parent.is_dir():
        yield f"--log {job.log}: no such folder: write a file in one that is there"
    if not _LIMIT.fullmatch(job.limit):
        yield f"--time-limit '{job.limit}': write a number and s, m, h or d, such as 12h"
    for tool, path in (("flock", job.flock), ("timeout", job.timeout)):
        if not path:
            yield f"{tool}: not found: install it, Linux has it in util-linux or coreutils"
    if not Path(job.program).is_file():
        yield f"{job.program}: not found: install the program there"
    # A line break would end the line of a unit or of a crontab.
    words = [*job.audit, job.folder, job.log or "", job.secrets, *job.environment.values()]
    yield from (f"{word!r}: write it without line breaks and the like" for word in words if not word.isprintable())


def _secret(urls: Iterable[str]) -> Iterator[str]:
    """What must not stand in a file of a scheduler, or could not be sent to."""
    from audit_lib.notify import AddressError, named

    for url in urls:
        try:
            named(url)
        except AddressError as error:
            yield str(error)
