"""Job: what is run, where, and with what around it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

MARK = "# Written by dpo-audit schedule."
LOCK = ".schedule.lock"  # in the folder of the runs, whatever the schedule's name
BUSY = 75  # EX_TEMPFAIL of sysexits.h: another run has the lock
_KILL_AFTER = "90s"  # a run that is stopped puts its things away, and tells so

# What schedulers other than systemd do not do by themselves; $0 is the file of variables.
_AROUND = 'umask 077; set -a; [ ! -r "$0" ] || . "$0"; set +a; exec "$@"'


@dataclass(frozen=True)
class Job:
    """An audit that runs by itself. Every path is absolute.

    `program`: dpo-audit; `options`: those of `run`, after the exports and --out; `folder`: where it runs;
    `environment`: variables that are no secret; `secrets`: the file of those that are; `log`: None is the journal's
    or the one of `out`; `limit`: the time it may take, such as 12h.
    """

    name: str
    program: str
    exports: str
    out: str
    options: tuple[str, ...]
    folder: str
    environment: Mapping[str, str]
    secrets: str
    log: str | None
    limit: str
    flock: str
    timeout: str
    notebooks: str
    language: str
    time_zone: str

    @property
    def lock(self) -> str:
        return f"{self.out}/{LOCK}"

    @property
    def audit(self) -> list[str]:
        return [self.program, "run", self.exports, "--out", self.out, *self.options]

    @property
    def alone(self) -> list[str]:
        """The audit, or status BUSY and a line that says so when another one runs."""
        return [*locked(self.flock, self.lock), *self.audit]

    @property
    def whole(self) -> list[str]:
        """The same with its variables, its time limit and private files."""
        return [*self.around, *locked(self.flock, self.lock), *self.limited, *self.audit]

    @property
    def around(self) -> list[str]:
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        return [*(["/usr/bin/env", *variables] if variables else []), "/bin/sh", "-c", _AROUND, self.secrets]

    @property
    def limited(self) -> list[str]:
        return [self.timeout, f"--kill-after={_KILL_AFTER}", self.limit]


def locked(flock: str, lock: str) -> list[str]:
    """What runs a command with a lock. It takes flock's place: a scheduler that stops it stops the audit."""
    return [flock, "--verbose", "--nonblock", "--no-fork", "--conflict-exit-code", str(BUSY), lock]


def filled(template: str, **values: str) -> str:
    """A template of this part with its values."""
    path = Path(__file__).parent / "templates" / f"{template}.txt"
    return Template(path.read_text("utf-8")).substitute(mark=MARK, **values)
