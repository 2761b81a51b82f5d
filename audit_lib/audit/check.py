"""Check: exports in, one verdict a record and control, the run folder out."""

import datetime as dt
import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from audit_lib import __version__
from audit_lib.audit import publish
from audit_lib.audit.key import read_key
from audit_lib.policy import Control, PolicyFolder, load_policy
from audit_lib.policy.law import verified_before
from audit_lib.suites import by_dataset, derive

if TYPE_CHECKING:
    from audit_lib.datasets import Loaded

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
    """What is asked: `as_of` replaces the instant of the exports when given, `changes` parameters of the policy."""

    exports: Path
    out: Path
    policy: Path
    as_of: dt.datetime | None = None
    language: str | None = None
    engine: str = "local"
    changes: Mapping[str, str] = field(default_factory=dict)
    memory_limit: str | None = None


def check(
    request: Request, progress: Progress = lambda _: None, complete: Callable[[Path], None] = lambda _: None
) -> tuple[Path, list[str]]:
    """The published run folder and the problems met, a line each. Raises ConfigurationError if it cannot start.

    `complete` adds to the folder before it is published; when it raises, nothing is.
    """
    steps = Steps(progress)
    warm = threading.Thread(target=_import_great_expectations, daemon=True)
    warm.start()
    with steps("policy"):
        folder = _policy(request)
        key = read_key()
    request.out.mkdir(parents=True, exist_ok=True)
    draft = publish.draft(request.out)
    work = draft / ".work"
    try:
        work.mkdir(mode=0o700)
        run_id, problems = _checked(request, folder, key, draft, work, steps, warm)
        complete(draft)
        return publish.publish(draft, request.out / run_id), problems
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _checked(
    request: Request,
    folder: PolicyFolder,
    key: bytes,
    draft: Path,
    work: Path,
    steps: Steps,
    warm: threading.Thread,
) -> tuple[str, list[str]]:
    """The run's name and the problems met; its files are in the draft."""
    from audit_lib.datasets import MemoryLimitError, connect, load

    policy = folder.policy
    (draft / "validations").mkdir()
    try:
        con = connect(work, request.memory_limit)
    except MemoryLimitError as error:
        raise ConfigurationError([f"--memory-limit '{request.memory_limit}': {error}"]) from None
    try:
        with steps("load"):
            loaded = load(
                request.exports,
                request.policy / "mappings",
                con,
                work,
                time_zone=policy.time_zone,
                as_of=request.as_of,
                progress=steps.progress,
            )
        with steps("import"):
            warm.join()
        with steps("check"):
            problems = [*folder.errors, *loaded.problems]
            tallies = _tallies(request, folder, loaded, con, key, work, problems)
        with steps("write"):
            as_of = (request.as_of or loaded.extracted_at).isoformat()
            publish.controls(draft, folder, tallies, _parameters(folder, request))
            publish.aggregates(draft, folder, tallies)
            publish.findings(con, work / "findings", draft)
            publish.quarantine(con, draft)
            publish.policy_findings(draft, folder)
    finally:
        con.close()
    shutil.rmtree(work)
    unverified = _unverified_law(folder, loaded)
    warnings = [
        f"{one['file']}: verified on {one['verified_on']}, judged on {one['judged_on']}: see what changed since"
        for one in unverified
    ]
    for warning in warnings:
        steps.progress(warning)
    facts = {
        "tool_version": __version__,
        "as_of": as_of,
        "engine": request.engine,
        "language": request.language or policy.language,
        "policy": {
            "id": policy.company.name,
            "version": policy.policy.version,
            "sha256": folder.sha256,
            "folder": request.policy.name,
        },
        "parameters": _parameters(folder, request),
        "inputs": [publish.input_facts(one) for one in loaded.files],
        "unrecognised": list(loaded.unrecognised),
        "assumptions": [*publish.assumptions(folder, request.changes, loaded), *unverified],
        "problems": problems,
        "notes": [*loaded.notes, *warnings],
        "packages": publish.packages(),
    }
    # Named after what was asked of which bytes: no clock, and two different audits never share a name.
    said = json.dumps({k: v for k, v in facts.items() if k != "packages"}, sort_keys=True, default=str)
    stamp = dt.datetime.fromisoformat(as_of).astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    run_id = publish.free_name(request.out, f"{stamp}-{hashlib.sha256(said.encode()).hexdigest()[:8]}")
    publish.run_facts(draft, {"run_id": run_id, **facts, "durations": steps.seconds})
    return run_id, problems


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
    """In a thread, while the files are read: reading leaves the interpreter alone most of the time."""
    import audit_lib.engines.gx  # noqa: F401


def _policy(request: Request) -> PolicyFolder:
    from audit_lib.policy import PolicyError

    problems = []
    if not request.exports.is_dir():
        problems.append(f"{request.exports}: no such folder: write the folder that holds the exports")
    if request.engine != "local":
        problems.append(f"engine '{request.engine}': write local")
    try:
        folder = load_policy(request.policy)
    except PolicyError as error:
        raise ConfigurationError([*problems, *error.errors]) from None
    for name in request.changes:
        if name not in folder.policy.parameters:
            problems.append(f"--set {name}: policy.yaml has no such parameter")
    if problems:
        raise ConfigurationError(problems)
    return folder


def _parameters(folder: PolicyFolder, request: Request) -> dict[str, Any]:
    """Every parameter's value, a change of the request instead of the policy's where there is one."""
    values: dict[str, Any] = {}
    for name, parameter in folder.policy.parameters.items():
        value: Any = parameter.value
        if name in request.changes:
            value = _read(name, value, request.changes[name])
        values[name] = value
    return values


def _read(name: str, default: Any, text: str) -> Any:
    """A value of the default's kind; lists are written with commas."""
    wrong = ConfigurationError([f"--set {name}: write a value such as {default}"])
    if isinstance(default, dict) or (isinstance(default, bool) and text not in ("true", "false")):
        raise wrong
    if isinstance(default, list):
        return text.split(",")
    try:
        return text == "true" if isinstance(default, bool) else type(default)(text)
    except ValueError:
        raise wrong from None


def _tallies(
    request: Request,
    folder: PolicyFolder,
    loaded: "Loaded",
    con: Any,
    key: bytes,
    work: Path,
    problems: list[str],
) -> dict[str, dict[str, Any]]:
    """A tally for every control, in order of id."""
    from audit_lib.audit.validate import Validator
    from audit_lib.engines.duckdb import DuckDB
    from audit_lib.expectations.rule import Relation

    relations = {
        name: Relation(
            name=name,
            columns=one.columns,
            supplied=one.supplied,
            extras=one.extras,
            stopped=one.stopped,
            naive=one.naive,
            key=one.key,
            refused=one.refused,
        )
        for name, one in loaded.datasets.items()
    }
    (work / "findings").mkdir()
    engine = DuckDB(
        con,
        relations,
        law=folder.law,
        files=tuple(one.file for one in loaded.files),
        key=key,
        out=work / "findings",
    )
    validator = Validator(engine)
    parameters = _parameters(folder, request)
    suites = _suites(request.policy, folder, problems)
    tallies: dict[str, dict[str, Any]] = {}
    for dataset, controls in by_dataset(folder.controls).items():
        suite = suites.get(dataset)
        ready = []
        for control in controls:
            refusal = {"not_evaluated": "suite_edited", "about": f"suites/{dataset}.json"} if suite is None else None
            refusal = refusal or _missing(control, loaded)
            if refusal:
                tallies[control.id] = refusal
            else:
                ready.append(control.id)
        if suite is None or not ready:
            continue
        refused = validator.refused(suite)
        for control_id, what in refused.items():
            tallies[control_id] = {"not_evaluated": "control_invalid", "about": "expect"}
            problems.append(f"{control_id}.yaml: expect: {what}")
        ready = [name for name in ready if name not in refused]
        asked = [one for one in suite["expectations"] if one["meta"]["control"] in ready]
        if not asked:
            continue
        at = loaded.datasets[dataset].extracted_at.isoformat()
        values = {"as_of": at, "time_zone": folder.policy.time_zone, **parameters}
        tallies.update(validator.run(dataset, {**suite, "expectations": asked}, values))
        publish.validation(work.parent, dataset, asked, tallies)
    if missing := {control.id for control in folder.controls} - tallies.keys():
        raise AssertionError(f"no outcome for: {', '.join(sorted(missing))}")
    return dict(sorted(tallies.items()))


def _suites(root: Path, folder: PolicyFolder, problems: list[str]) -> dict[str, dict[str, Any]]:
    """The suites to run. One that was edited by hand is not run; a folder without suites is derived on the fly."""
    texts = {name: text for name, text in derive(folder).items() if name.startswith("suites/")}
    stored = root / "suites"
    found = {}
    for name, text in texts.items():
        path = root / name
        if stored.is_dir() and (not path.is_file() or path.read_text("utf-8") != text):
            problems.append(f"{name}: differs from the controls: change those, then run: dpo-audit suites")
            continue
        found[Path(name).stem] = json.loads(text)
    return found


def _missing(control: Control, loaded: "Loaded") -> dict[str, Any] | None:
    """Why the control cannot be asked at all: a dataset it needs was refused or never supplied."""
    for dataset in control.datasets:
        if dataset in loaded.refused:
            return {"not_evaluated": "file_refused", "about": ", ".join(loaded.refused[dataset])}
        if dataset not in loaded.datasets:
            return {"not_evaluated": "dataset_not_supplied", "about": dataset}
        if refused := loaded.datasets[dataset].refused:
            return {"not_evaluated": "file_refused", "about": ", ".join(refused)}
    return None
