"""Auditing: run, check, sources."""

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NoReturn

import typer

from audit_lib.cli.asked import (
    Anonymity,
    AsOf,
    Engine,
    Exports,
    FailOn,
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
from audit_lib.cli.said import DONE, UNFINISHED, VIOLATED, WRONG_INPUT, hint, say, show_progress, stop, warn


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
            folder, problems = checked(request, complete, progress)
        except ReportError as error:
            stop(UNFINISHED, str(error).splitlines())
    [done] = written
    _print_run(folder, [("report", folder / "report.html"), ("pdf", folder / "report.pdf" if done.pdf else None)])
    _finish(folder, fail_on, [*problems, *done.messages], wrong=bool(problems))


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
) -> None:
    """Check the exports, without notebooks and report."""
    request = _request(
        exports, out, as_of, lang, engine, policy, changes, memory_limit, master, keep, anonymity=anonymity
    )
    folder, problems = checked(request)
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


def checked(
    request: Any,
    complete: Callable[[Path], None] = lambda _: None,
    progress: Callable[[str], None] = lambda step: show_progress(step),
    about: str = "",
) -> tuple[Path, list[str]]:
    """The run folder and the problems met; ends the command where there is none. `about`: what the lines begin with."""
    from audit_lib.audit import ConfigurationError, check
    from audit_lib.audit.key import KeyFileError
    from audit_lib.sources.postgres import DatabaseError
    from audit_lib.unforeseen import EngineLostError

    try:
        return check(request, progress, complete)
    except ConfigurationError as error:
        stop(WRONG_INPUT, [f"{about}{problem}" for problem in error.problems])
    except KeyFileError as error:
        stop(WRONG_INPUT, [str(error)])
    except DatabaseError as error:
        stop(UNFINISHED, [f"the run could not finish: {error}"])
    except EngineLostError as error:
        stop(UNFINISHED, [f"the run could not finish: {error}{hint(str(error))}"])
    except OSError as error:
        stop(UNFINISHED, [f"{error.filename or request.out}: {error.strerror}"])


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
    files = [("controls", folder / "controls.json"), ("findings", folder / "findings.parquet"), *more]
    say(f"{name}: {path}" for name, path in [("run", folder), *files] if path)


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
        raise typer.Exit(WRONG_INPUT)
    grades = list(FailOn)[:-1]
    tolerated = [] if fail_on is FailOn.NEVER else [grade.value for grade in grades[: grades.index(fail_on) + 1]]
    found = json.loads((folder / "controls.json").read_text("utf-8"))
    violated = any(one["outcome"] == "violated" and one["severity"] in tolerated for one in found)
    raise typer.Exit(VIOLATED if violated else DONE)
