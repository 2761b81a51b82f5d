"""Check: exports in, one verdict a record and control, the run folder out."""

import datetime as dt
import hashlib
import json
import shutil
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from audit_lib import __version__
from audit_lib.audit import drafts, publish
from audit_lib.audit.catalogue import near
from audit_lib.audit.judged import judged_by
from audit_lib.audit.keep import KeepError, reserved
from audit_lib.audit.key import name as key_name
from audit_lib.audit.key import read_key
from audit_lib.audit.request import Begun, ConfigurationError, Progress, Read, Request, Steps
from audit_lib.policy import PolicyFolder, load_policy
from audit_lib.policy.law import verified_before
from audit_lib.reading import Reader, Wanted

if TYPE_CHECKING:
    from audit_lib.datasets import Loaded


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
    begun = Begun(request, folder, key, draft, steps, killed)
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


def _copied(begun: Begun) -> None:
    """Raises ConfigurationError."""
    folder = begun.request.policy
    try:
        publish.policy(begun.draft, folder, begun.folder.files)
    except ValueError as name:
        raise ConfigurationError([f"--policy {folder}: {name}: it changed while it was read, run again"]) from None


def _loaded(begun: Begun, exports: Reader) -> "Loaded":
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


def _checked(begun: Begun, loaded: "Loaded") -> tuple[str, list[str]]:
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
        judged = judged_by(begun, engine, loaded, con, earlier.run)
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
