"""Check: exports in, one verdict a record and control, the run folder out."""

import datetime as dt
import hashlib
import json
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from audit_lib import __version__
from audit_lib.audit import drafts, effects, lasting, publish
from audit_lib.audit.asked import asked
from audit_lib.audit.catalogue import near
from audit_lib.audit.keep import KeepError, reserved
from audit_lib.audit.key import name as key_name
from audit_lib.audit.key import read_key
from audit_lib.audit.outcome import Tallies
from audit_lib.policy import PolicyFolder, load_policy
from audit_lib.policy.law import verified_before
from audit_lib.reading import Reader, Wanted

if TYPE_CHECKING:
    from audit_lib.datasets import Loaded

Progress = Callable[[str], None]
# A dataset, its expectations, and the tally of each control.
_Ran = tuple[str, list[dict[str, Any]], dict[str, dict[str, Any]]]


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


def check(
    request: Request, progress: Progress = lambda _: None, complete: Callable[[Path], None] = lambda _: None
) -> tuple[Path, list[str]]:
    """The published run folder and the problems met, a line each. Raises ConfigurationError if it cannot start.

    `complete` adds to the folder before it is published; when it raises, nothing is.
    """
    with ExitStack() as stack:
        exports = stack.enter_context(closing(Reader()))
        if request.keep:
            try:
                stack.enter_context(reserved(request.keep, request.exports, request.out))
            except KeepError as error:
                raise ConfigurationError([f"--keep {request.keep}: {error}"]) from None
        return _check(request, Steps(progress), exports, complete)


@dataclass(frozen=True)
class _Begun:
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


def _check(request: Request, steps: Steps, exports: Reader, complete: Callable[[Path], None]) -> tuple[Path, list[str]]:
    warm = threading.Thread(target=_import_great_expectations, daemon=True)
    warm.start()
    with steps("policy"):
        folder = _policy(request)
        key = read_key()
    try:
        request.out.mkdir(parents=True, exist_ok=True)
        killed = drafts.clear(request.out)
        draft = drafts.draft(request.out)
    except OSError as error:
        raise ConfigurationError([f"--out {request.out}: {error.strerror}, write a folder to write in"]) from None
    begun = _Begun(request, folder, key, draft, steps, killed)
    try:
        begun.work.mkdir(mode=0o700)
        _copied(begun)
        with steps("load"):
            loaded = _loaded(begun, exports)
        with steps("import"):
            warm.join()
        run_id, problems = _checked(begun, loaded)
        complete(draft)
        return drafts.publish(draft, request.out / run_id), problems
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _copied(begun: _Begun) -> None:
    """Raises ConfigurationError."""
    folder = begun.request.policy
    try:
        publish.policy(begun.draft, folder, begun.folder.files)
    except ValueError as name:
        raise ConfigurationError([f"--policy {folder}: {name}: it changed while it was read, run again"]) from None


def _loaded(begun: _Begun, exports: Reader) -> "Loaded":
    """The exports in the database of the work folder. Raises ConfigurationError."""
    request = begun.request
    exports.begin(
        Wanted(
            exports=request.exports,
            mappings=request.policy / "mappings",
            work=begun.work,
            time_zone=begun.folder.policy.time_zone,
            as_of=request.as_of,
            memory_limit=request.memory_limit,
            keep=request.keep,
        )
    )
    from audit_lib.datasets import MemoryLimitError

    try:
        return exports.result(begun.steps.progress)
    except MemoryLimitError as error:
        raise ConfigurationError([f"--memory-limit '{request.memory_limit}': {error}"]) from None


def _checked(begun: _Begun, loaded: "Loaded") -> tuple[str, list[str]]:
    """The run's name and the problems met; its files are in the draft."""
    from audit_lib.audit.engine import chosen
    from audit_lib.datasets import connect

    request, folder, draft, parameters = begun.request, begun.folder, begun.draft, begun.parameters
    policy = folder.policy
    try:
        engine = chosen(request.engine, loaded)
    except ValueError as error:
        raise ConfigurationError([f"--engine {request.engine}: {error}"]) from None
    as_of = request.as_of or loaded.extracted_at
    inputs = [publish.input_facts(one) for one in loaded.files]
    earlier = request.follows(Read(as_of, key_name(begun.key), publish.digest(inputs), begun.killed))
    (draft / "validations").mkdir()
    con = connect(begun.work, request.memory_limit)
    try:
        judged = _judged(begun, engine, loaded, con, earlier.run)
        problems = [*folder.errors, *loaded.problems, *judged.problems]
        with begun.steps("write"):
            publish.controls(draft, folder, judged.tallies, parameters)
            publish.aggregates(draft, judged.tallies)
            publish.quarantine(con, draft)
            publish.policy_findings(draft, folder, judged.tallies)
            publish.coverage(draft, folder, judged.tallies, loaded)
            publish.anonymity(draft, judged.anonymity)
            publish.lapses(draft, judged.lapses)
    finally:
        con.close()
    shutil.rmtree(begun.work)
    unverified = _unverified_law(folder, loaded)
    warnings = [
        f"{one['file']}: verified on {one['verified_on']}, judged on {one['judged_on']}: see what changed since"
        for one in unverified
    ]
    for warning in warnings:
        begun.steps.progress(warning)
    asked = {
        "tool_version": __version__,
        "as_of": as_of.isoformat(),
        "as_of_given": request.as_of is not None,
        "extracted_at": {name: one.extracted_at.isoformat() for name, one in sorted(loaded.datasets.items())},
        "engine": engine,
        "language": request.language or policy.language,
        "policy": {
            "id": policy.company.name,
            "version": policy.policy.version,
            "sha256": folder.sha256,
            "folder": request.policy.name,
            "files": folder.files,
        },
        "parameters": parameters,
        "effects": judged.effects,
        "inputs": inputs,
        "manifest": publish.manifest(request.exports),
        "unrecognised": list(loaded.unrecognised),
        "assumptions": [*publish.assumptions(folder, parameters, loaded), *unverified],
        "problems": problems,
    }
    # Named after what was asked of which bytes: no clock, and two different audits never share a name.
    said = json.dumps(asked, sort_keys=True, default=str)
    stamp = as_of.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    with drafts.naming(request.out):
        run_id = drafts.free_name(request.out, f"{stamp}-{hashlib.sha256(said.encode()).hexdigest()[:8]}")
        facts = {
            "run_id": run_id,
            **asked,
            "notes": [*earlier.notes, *loaded.notes, *_read(judged.read), *warnings],
            "earlier": list(earlier.notes),
            "key": key_name(begun.key),
            "packages": publish.packages(),
            "environment": publish.environment(),
            **_effort(loaded),
            "durations": begun.steps.seconds,
        }
        publish.run_facts(draft, facts)
    return run_id, problems


def _effort(loaded: "Loaded") -> dict[str, Any]:
    """What had to be read of the exports, and which files an earlier audit had read."""
    return {
        "bytes_read": sum(one.bytes_read for one in loaded.files),
        "bytes_hashed": loaded.bytes_hashed,
        "read_before": [one.file for one in loaded.files if one.dataset and one.bytes_read < one.bytes],
    }


def _read(columns: Mapping[str, list[str]]) -> list[str]:
    """Which columns did not stay in their database."""
    return [
        f"sql:{dataset}: read from its database into the run's folder, which is gone: {', '.join(names)}"
        for dataset, names in columns.items()
    ]


def _unverified_law(folder: PolicyFolder, loaded: "Loaded") -> list[dict[str, str]]:
    """The tables of the law by which a later day is judged than the one they were last verified on."""
    instants = [one.extracted_at for one in loaded.datasets.values()] or [loaded.extracted_at]
    day = max(instants).astimezone(ZoneInfo(folder.policy.time_zone)).date()
    return [
        {
            "code": "law_verified_before",
            "file": f"law/{name}.csv",
            "verified_on": verified,
            "judged_on": day.isoformat(),
        }
        for name, verified in verified_before(folder.law, day).items()
    ]


def _import_great_expectations() -> None:
    """In a thread, while another process reads the files."""
    there = "pyspark" in sys.modules
    if not there:
        # Great Expectations would take 0.3 s to import what an audit never asks of it; Spark's engine comes later.
        sys.modules["pyspark"] = None  # type: ignore[assignment]
    import audit_lib.engines.gx  # noqa: F401

    if not there:
        del sys.modules["pyspark"]


def _policy(request: Request) -> PolicyFolder:
    from audit_lib.policy import PolicyError

    problems = []
    if not request.exports.is_dir():
        problems.append(f"{request.exports}: no such folder: write the folder that holds the exports")
    try:
        folder = load_policy(request.policy)
    except PolicyError as error:
        raise ConfigurationError([*problems, *error.errors]) from None
    for name, text in request.changes.items():
        parameter = folder.policy.parameters.get(name)
        if parameter is None:
            problems.append(f"--set {name}: policy.yaml has no such parameter{near(name, folder.policy.parameters)}")
            continue
        try:
            parameter.read(text)
        except ValueError as error:
            problems.append(f"--set {name}: {error}")
    if problems:
        raise ConfigurationError(problems)
    return folder


@dataclass(frozen=True)
class _Judged:
    """Tallies of every control, in order of id; problems met; columns that were read from a database; what --set
    changed; how anonymous tables are, none when nobody asked; what ends when.
    """

    tallies: Tallies
    problems: list[str]
    read: Mapping[str, list[str]]
    effects: list[dict[str, Any]]
    anonymity: list[dict[str, Any]] | None
    lapses: list[dict[str, Any]]


def _judged(begun: _Begun, name: str, loaded: "Loaded", con: Any, previous: Path | None) -> _Judged:
    """`name`: the engine's. Writes the findings, and what became of the previous run's. Raises EngineLostError."""
    from audit_lib.audit import lapses
    from audit_lib.audit.engine import engine
    from audit_lib.audit.measuring import Measuring
    from audit_lib.audit.validate import Validator

    request, folder, steps, parameters = begun.request, begun.folder, begun.steps, begun.parameters

    def ran(
        suites: Mapping[str, dict[str, Any]], validator: Validator, parameters: Mapping[str, Any]
    ) -> Iterator[_Ran]:
        for dataset, suite in suites.items():
            if suite["expectations"]:
                at = loaded.datasets[dataset].extracted_at.isoformat()
                values = {"as_of": at, "time_zone": folder.policy.time_zone, **parameters}
                yield dataset, suite["expectations"], validator.run(dataset, suite, values)

    def judge(part: str) -> AbstractContextManager[Any]:
        (begun.work / part).mkdir()
        return engine(name, loaded, con, master=request.master, law=folder.law, key=begun.key, out=begun.work / part)

    measured = None
    ends: list[dict[str, Any]] = []
    with judge("findings") as first:
        at = Measuring(con, first, loaded, folder, parameters)
        with steps("check"):
            validator = Validator(first)
            found = asked(folder, request.policy, loaded, validator, parameters, request.changes)
            for dataset, expectations, tallies in ran(found.suites, validator, parameters):
                found.ran(dataset, tallies)
                publish.validation(begun.draft, dataset, expectations, found.tallies)
            if folder.policy.lapses:
                found.problems += lapses.wrong(folder)
                ends = lapses.counted(at)
        if request.anonymity:
            from audit_lib.audit import anonymity

            with steps("anonymity"):
                measured = anonymity.measured(at)
        with steps("changes"):
            publish.findings(con, begun.work / "findings", begun.draft)
            as_of = request.as_of or loaded.extracted_at
            lasting.write(
                lasting.Now(con, begun.draft, as_of, folder, parameters, found.tallies, first.references), previous
            )
    if missing := {one.id for one in folder.controls if found.tallies.get(one.id, {}).keys() != one.judged.keys()}:
        raise AssertionError(f"no outcome for: {', '.join(sorted(missing))}")
    concerned = effects.concerned(folder, request.changes)
    before = {control: dict(found.tallies[control]) for control in concerned}
    if concerned:
        own = {name: parameter.value for name, parameter in folder.policy.parameters.items()}
        with judge("before") as second, steps("effects"):
            for dataset, _, tallies in ran(effects.among(found.suites, concerned), Validator(second), own):
                for control, tally in tallies.items():
                    before[control][dataset] = tally
    return _Judged(
        {name: dict(sorted(parts.items())) for name, parts in sorted(found.tallies.items())},
        found.problems,
        first.read,
        effects.compared(concerned, before, found.tallies, folder),
        measured,
        ends,
    )
