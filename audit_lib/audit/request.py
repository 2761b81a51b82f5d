"""Request: what is asked of an audit, and what it knows once it has begun."""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit_lib.policy import PolicyFolder

Progress = Callable[[str], None]


class ConfigurationError(ValueError):
    """The audit cannot start; `problems` says, a line each, which file, which field, what to write."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass
class Steps:
    """Seconds that each step took, and a word about it to whoever watches."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    def __call__(self, name: str) -> "Steps":
        self._name, self._start = name, time.perf_counter()
        self.progress(name)
        return self

    def __enter__(self) -> None:
        """Started by the call."""

    def __exit__(self, *_: object) -> None:
        self.seconds[self._name] = round(time.perf_counter() - self._start, 3)


@dataclass(frozen=True)
class Request:
    """What is asked: `as_of` replaces the instant of the exports when given, `changes` parameters of the policy.

    `engine` None: each dataset is judged where it is. `master`: URL of Spark's. `keep`: the folder of what earlier
    audits read. `anonymity`: the tables that should be anonymous are measured too. `follows`: told of an audit that has
    read its exports, says which run it follows.
    """

    exports: Path
    out: Path
    policy: Path
    as_of: dt.datetime | None = None
    language: str | None = None
    engine: str | None = None
    changes: Mapping[str, str] = field(default_factory=dict)
    memory_limit: str | None = None
    master: str = "local[*]"
    keep: Path | None = None
    anonymity: bool = False
    follows: Callable[["Read"], "Earlier"] = lambda _: Earlier()


@dataclass(frozen=True)
class Read:
    """An audit that has read its exports: its instant, the name of its key, one SHA-256 of all files (`sha256sum`'s
    list of them), and how many runs before it were killed.
    """

    as_of: dt.datetime
    key: str
    inputs: str
    killed: int


@dataclass(frozen=True)
class Earlier:
    """The run that an audit follows, if any, and what there is to say of those before it."""

    run: Path | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Begun:
    """An audit whose policy was read: where its files go, and how many runs before it were killed."""

    request: Request
    folder: PolicyFolder
    key: bytes
    draft: Path
    steps: Steps
    killed: int

    @property
    def work(self) -> Path:
        """The private folder of what is read."""
        return self.draft / ".work"

    @property
    def parameters(self) -> dict[str, Any]:
        """Every parameter's value, a change of the request instead of the policy's where there is one."""
        changes = self.request.changes
        return {
            name: parameter.read(changes[name]) if name in changes else parameter.value
            for name, parameter in self.folder.policy.parameters.items()
        }
