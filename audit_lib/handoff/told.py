"""Told: the one page that verify and rerun print, in one language."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from audit_lib import __version__
from audit_lib.handoff.page import commands_of
from audit_lib.handoff.rerun import Differing, Rerun
from audit_lib.handoff.signing import CMS, SSH, STAMP
from audit_lib.handoff.verify import Check, State, Verified
from audit_lib.report.words import Words

_FAULTS_SHOWN = 20


def verify_lines(found: Verified, path: Path, words: Words) -> Iterator[str]:
    """A line a check, how to do the same without us, then what it all comes to. `path`: the bundle's."""
    if facts := found.facts:
        yield words.text("verify.about", run=facts["run_id"], company=facts["policy"]["id"], as_of=facts["as_of"])
        yield ""
    states = {state: words.text(f"verify.state.{state.value}") for state in State}
    width = max(map(len, states.values()))
    label = max(len(words.text(f"verify.{check.name}.label")) for check in found.checks)
    for check in found.checks:
        first, *more = _said(check, words)
        yield f"{states[check.state]:{width}}  {words.text(f'verify.{check.name}.label'):{label}}  {first}"
        yield from (f"{'':{width + label + 4}}{line}" for line in more)
    if facts:
        here = f"dpo-audit {__version__}"
        made = ", ".join(
            f"{name} {facts['packages'].get(name, '?')}" for name in ("dpo-audit", "duckdb", "great-expectations")
        )
        yield ""
        yield words.text("verify.versions", made=made, here=here)
        yield words.text("verify.without_us")
        yield from (f"  {command}" for command in _commands(path, f"dpo-audit-{facts['run_id']}"))
        yield ""
    signed = any(check.name == "signature" and check.state is State.GOOD for check in found.checks)
    yield words.text("verify.altered" if found.wrong else "verify.whole" if signed else "verify.whole_unsigned")


def _commands(path: Path, base: str) -> Iterator[str]:
    """Of the page that the bundle begins with, what concerns this one: its signature, its time-stamp, its files."""
    commands = commands_of(path.name, base)
    steps = {SSH: "step_signature", CMS: "step_certificate", STAMP: "step_stamp"}
    yield from (commands[step] for end, step in steps.items() if path.with_name(path.name + end).is_file())
    yield commands["step_files"]


def _said(check: Check, words: Words) -> list[str]:
    if check.name == "signature":
        return [_signature(check.said, words)]
    if check.name == "chain":
        return [_chain(check, words)]
    if check.said == ("missing",):
        return [words.text("verify.missing_stamp")]
    shown = check.said[:_FAULTS_SHOWN] if check.state is State.WRONG else check.said[:1]
    lines = [words.text(f"verify.{check.name}.{check.state.value}", said=one) for one in shown or ("",)]
    rest = len(check.said) - len(shown)
    return lines if check.state is not State.WRONG or not rest else [*lines, f"+ {words.number(rest)}"]


def _signature(said: tuple[str, ...], words: Words) -> str:
    match said:
        case ("unsigned",):
            return words.text("verify.unsigned")
        case ("missing", signer):
            return words.text("verify.missing", signer=signer or "?")
        case ("other_signer", signer, *others):
            return words.text("verify.other_signer", signer=signer or "?", others=", ".join(others))
        case ("signer_unknown", signer):
            return words.text("verify.signer_unknown", signer=signer)
        case (*names, signer) if names:
            return words.text("verify.signed_by", names=", ".join(names), signer=signer)
    return said[0]


def _chain(check: Check, words: Words) -> str:
    if check.said == ("first",):
        return words.text("verify.first" if check.state is State.GOOD else "verify.not_first")
    name, digest = check.said
    key = {State.GOOD: "follows", State.UNKNOWN: "follows_unseen", State.WRONG: "follows_other"}[check.state]
    return words.text(f"verify.{key}", name=name, digest=digest)


def rerun_lines(found: Rerun, facts: Mapping[str, Any], exports: str, words: Words) -> Iterator[str]:
    """What was not the same, then the controls that differ, then what it all comes to."""
    yield words.text("rerun.about", run=facts["run_id"], exports=exports)
    yield ""
    yield from _block(words.text("rerun.inputs"), _files(found.inputs, words) or [words.text("rerun.same")])
    yield from _block(words.text("rerun.policy"), _files(found.policy, words) or [words.text("rerun.same_policy")])
    versions = [
        words.text(
            "rerun.version",
            name=name,
            before=before or words.text("rerun.no_version"),
            now=now or words.text("rerun.no_version"),
        )
        for name, before, now in found.packages
    ]
    yield from _block(words.text("rerun.packages"), versions or [words.text("rerun.same_packages")])
    if not found.references:
        yield ""
        yield words.text("rerun.references")
    yield ""
    yield from (words.text("rerun.control", control=one.control_id, what=_what(one, words)) for one in found.controls)
    agreeing = words.count("controls", found.agreeing)
    if found.controls:
        yield words.text("rerun.differs", controls=agreeing, differing=words.number(len(found.controls)))
    else:
        yield words.text("rerun.agrees" if found.agrees else "rerun.same_verdicts", controls=agreeing)


def _files(files: tuple[tuple[str, str], ...], words: Words) -> list[str]:
    return [f"{name}: {words.text(f'rerun.{what}')}" for name, what in files]


def _block(head: str, lines: list[str]) -> Iterator[str]:
    yield f"{head}: {lines[0]}"
    yield from (f"{'':{len(head) + 2}}{line}" for line in lines[1:])


def _what(one: Differing, words: Words) -> str:
    said = [words.text("rerun.fields", fields=", ".join(one.fields))] if one.fields else []
    if one.only_before or one.only_again:
        said.append(words.text("rerun.only", before=words.number(one.only_before), again=words.number(one.only_again)))
    return ", ".join(said)
