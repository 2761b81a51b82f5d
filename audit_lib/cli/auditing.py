"""Auditing: run, check, sources."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import typer

from audit_lib.cli.asked import (
    Anonymity,
    AsOf,
    Engine,
    Every,
    Exports,
    FailOn,
    HistoryAt,
    Judge,
    Keep,
    Lang,
    Language,
    Master,
    Memory,
    Out,
    PolicyFolder,
    Set,
    home,
    instant,
    settings,
)
from audit_lib.cli.notifying import Ended, notified
from audit_lib.cli.past import Past
from audit_lib.cli.said import DONE, UNFINISHED, VIOLATED, WRONG_INPUT, hint, say, show_progress, stop, warn

_CHANGES = ("new", "reappeared", "open", "deleted", "mended", "resolved", "withdrawn", "not_shown")


@notified
def run(
    exports: Exports,
    out: Out,
    as_of: AsOf = "",
    lang: Lang = None,
    engine: Judge = None,
    policy: PolicyFolder = None,
    fail_on: FailOn = FailOn.NEVER,
    changes: Set = None,
    memory_limit: Memory = "",
    master: Master = "local[*]",
    keep: Keep = None,
    history: HistoryAt = "",
    every: Every = "",
) -> None:
    """Check the exports, execute the notebooks, write the report."""
    request = _request(exports, out, as_of, lang, engine, policy, changes, memory_limit, master, keep, anonymity=True)
    from audit_lib.reporting import Reporter, ReportError, Wanted, Written

    notebooks = home("notebooks")
    with ExitStack() as stack:
        reporters: list[Reporter] = []
        written: list[Written] = []

        def progress(step: str) -> None:
            show_progress(step)
            # Until the check, reading and importing keep two cores busy; then the second has nothing else to do.
            if step == "check":
                reporters.append(stack.enter_context(closing(Reporter(notebooks))))

        def complete(draft: Path) -> None:
            [reporter] = reporters
            facts = json.loads((draft / "run.json").read_text("utf-8"))
            reporter.begin(Wanted(draft, exports, request.policy, notebooks, facts["language"]))
            written.append(reporter.result(show_progress))

        try:
            folder, problems = _recorded(request, Past(history, out, every), complete, progress)
        except ReportError as error:
            stop(UNFINISHED, str(error).splitlines())
    [done] = written
    _print_run(folder, [("report", folder / "report.html"), ("pdf", folder / "report.pdf" if done.pdf else None)])
    _finish(folder, fail_on, [*problems, *done.messages], wrong=bool(problems))


@notified
def check(
    exports: Exports,
    out: Out,
    as_of: AsOf = "",
    lang: Lang = None,
    engine: Judge = None,
    policy: PolicyFolder = None,
    fail_on: FailOn = FailOn.NEVER,
    changes: Set = None,
    memory_limit: Memory = "",
    master: Master = "local[*]",
    keep: Keep = None,
    anonymity: Anonymity = False,
    history: HistoryAt = "",
    every: Every = "",
) -> None:
    """Check the exports, without notebooks and report."""
    request = _request(
        exports, out, as_of, lang, engine, policy, changes, memory_limit, master, keep, anonymity=anonymity
    )
    folder, problems = _recorded(request, Past(history, out, every))
    _print_run(folder, [])
    _finish(folder, fail_on, problems, wrong=bool(problems))


def sources(exports: Exports, policy: PolicyFolder = None, as_of: AsOf = "") -> None:
    """What each file was recognised as.

    Its mapping, rows, quarantine, and what is missing.
    """
    from audit_lib.audit.sources import described

    lines, problems = described(exports, policy or home("expectations"), instant(as_of))
    say(lines)
    if problems:
        stop(WRONG_INPUT, problems)


def _request(
    exports: Path,
    out: Path,
    as_of: str,
    lang: Language | None,
    engine: Engine | None,
    policy: Path | None,
    changes: Iterable[str] | None,
    memory_limit: str,
    master: str,
    keep: Path | None,
    *,
    anonymity: bool,
) -> Any:
    from audit_lib.audit import Request

    return Request(
        exports=exports,
        out=out,
        policy=policy or home("expectations"),
        as_of=instant(as_of),
        language=lang.value if lang else None,
        engine=engine.value if engine else None,
        changes=settings(changes or ()),
        memory_limit=memory_limit or None,
        master=master,
        keep=keep,
        anonymity=anonymity,
    )


def _recorded(
    request: Any,
    past: Past,
    complete: Callable[[Path], None] = lambda _: None,
    progress: Callable[[str], None] = show_progress,
) -> tuple[Path, list[str]]:
    """The run folder and the problems met. The history knows how it ended."""
    try:
        folder, problems = checked(replace(request, follows=past.follows), complete, progress)
    except typer.Exit as leaving:
        past.failed(leaving.exit_code)
        raise
    except BaseException:
        past.failed(UNFINISHED)
        raise
    past.record(folder)
    return folder, problems


def checked(
    request: Any,
    complete: Callable[[Path], None] = lambda _: None,
    progress: Callable[[str], None] = show_progress,
    about: str = "",
) -> tuple[Path, list[str]]:
    """The run folder and the problems met; ends the command where there is none. `about`: what the lines begin with."""
    from audit_lib.audit import check

    with checking(request.out, about):
        return check(request, progress, complete)


@contextmanager
def checking(place: Path, about: str = "") -> Iterator[None]:
    """Within it a check that cannot start ends the command with status 2, one that cannot finish with 3."""
    from audit_lib.audit import ConfigurationError
    from audit_lib.audit.key import KeyFileError
    from audit_lib.sources.postgres import DatabaseError
    from audit_lib.unforeseen import EngineLostError

    try:
        yield
    except ConfigurationError as error:
        stop(WRONG_INPUT, [f"{about}{problem}" for problem in error.problems])
    except KeyFileError as error:
        stop(WRONG_INPUT, [str(error)])
    except DatabaseError as error:
        stop(UNFINISHED, [f"the run could not finish: {error}"])
    except EngineLostError as error:
        stop(UNFINISHED, [f"the run could not finish: {error}{hint(str(error))}"])
    except OSError as error:
        stop(UNFINISHED, [f"{error.filename or place}: {error.strerror}"])


def _print_run(folder: Path, more: list[tuple[str, Path | None]]) -> None:
    found = json.loads((folder / "controls.json").read_text("utf-8"))
    facts = json.loads((folder / "run.json").read_text("utf-8"))
    outcomes: dict[str, int] = {}
    for control in found:
        outcomes[control["outcome"]] = outcomes.get(control["outcome"], 0) + 1
    read, loaded, aside = (
        sum(file[f"rows_{what}"] for file in facts["inputs"]) for what in ("read", "loaded", "quarantined")
    )
    say(f"note: {note}" for note in facts["notes"])
    say([f"rows: {read} read = {loaded} loaded + {aside} quarantined"])
    say([f"outcomes: {', '.join(f'{n} {name}' for name, n in sorted(outcomes.items()))}"])
    say(map(_effect, facts["effects"]))
    say(_since(json.loads((folder / "changes.json").read_text("utf-8"))))
    files = [("controls", folder / "controls.json"), ("findings", folder / "findings.parquet"), *more]
    say(f"{name}: {path}" for name, path in [("run", folder), *files] if path)


def _since(changes: dict[str, Any]) -> Iterable[str]:
    """What changed since the run before, and what somebody answers for."""
    controls = changes["controls"].values()
    total = {name: sum(one[name] for one in controls) for name in (*_CHANGES, "accepted", "expired")}
    if previous := changes["previous"]:
        shown = ", ".join(f"{total[name]} {name.replace('_', ' ')}" for name in _CHANGES)
        yield f"since {previous['run_id']}: {shown}"
    if changes["exceptions"]:
        yield f"exceptions: {total['accepted']} findings accepted, {total['expired']} whose exception has expired"


def _effect(effect: dict[str, Any]) -> str:
    """What --set changed of a control: its outcome, and the verdicts whose number is another."""
    before, after = effect["before"], effect["after"]
    pairs = [("outcome", before["outcome"], after["outcome"])]
    pairs += [(name, before["counts"].get(name, 0), n) for name, n in after["counts"].items()]
    changed = ", ".join(f"{name} {old} → {new}" for name, old, new in pairs if old != new)
    return f"effect of {', '.join(effect['parameters'])}: {effect['control_id']}: {changed or 'none'}"


def _finish(folder: Path, fail_on: FailOn, messages: list[str], *, wrong: bool) -> NoReturn:
    for message in messages:
        warn(message)
    if wrong:
        raise Ended(WRONG_INPUT, folder)
    grades = list(FailOn)[:-1]
    tolerated = [] if fail_on is FailOn.NEVER else [grade.value for grade in grades[: grades.index(fail_on) + 1]]
    found = json.loads((folder / "controls.json").read_text("utf-8"))
    since = json.loads((folder / "changes.json").read_text("utf-8"))
    status = VIOLATED if breached(found, since["controls"], tolerated) else DONE
    raise _ended(status, folder, since)


def breached(
    controls: Iterable[Mapping[str, Any]], changes: Mapping[str, Mapping[str, int]], severities: Iterable[str]
) -> bool:
    """Whether a control of these severities has a breach that nobody answers for today."""
    return any(
        one["severity"] in severities and one["fail"] > changes.get(one["id"], {}).get("accepted_fail", 0)
        for one in controls
    )


def _ended(status: int, folder: Path, since: Mapping[str, Any]) -> Ended:
    """What is told of a run: what changed, where there was one before, and what is said of those that are missing."""
    facts = json.loads((folder / "run.json").read_text("utf-8"))
    names = (*_CHANGES, "accepted", "expired")
    totals = {name: sum(one[name] for one in since["controls"].values()) for name in names}
    totals["resolved"] = sum(totals.pop(name) for name in ("deleted", "mended", "resolved", "withdrawn"))
    return Ended(status, folder, changes=totals if since["previous"] else None, notes=facts["earlier"])
