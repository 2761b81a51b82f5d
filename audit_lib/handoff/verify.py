"""Verify: whether a bundle is whole, whose it is and what it follows; nothing of it is unpacked or executed."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from audit_lib.handoff import bag
from audit_lib.handoff.archive import Archive, ArchiveError
from audit_lib.handoff.bundle import RUN
from audit_lib.handoff.signing import CMS, SSH, STAMP, SigningError, stamped, verified
from audit_lib.policy import whole_digest


class State(StrEnum):
    """What a check showed. UNKNOWN is no proof: the verifier did not say whom to trust, or has not the file."""

    GOOD = "good"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """One line of the page. `name`: a key of the words; `said`: facts or faults, in the order in which to tell them."""

    name: str
    state: State
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trust:
    """Whom the verifier trusts: signers, time-stamping authorities, and the bundle that came before."""

    signers: Path | None = None
    authorities: Path | None = None
    previous: Path | None = None


@dataclass(frozen=True)
class Verified:
    """Every check, and what the bundle says of its run; None when it could not be read."""

    checks: tuple[Check, ...]
    facts: Mapping[str, Any] | None

    @property
    def wrong(self) -> bool:
        return any(check.state is State.WRONG for check in self.checks)


def verify(path: Path, trust: Trust) -> Verified:
    """Nothing is raised for what is wrong with the bundle: it is told.

    Raises OSError and MissingProgramError where the machine is to blame: then nothing was shown.
    """
    try:
        with closing(Archive(path)) as archive:
            return _verified(path, archive, trust)
    except ArchiveError as error:
        return Verified((Check("archive", State.WRONG, (str(error),)),), None)


def _verified(path: Path, archive: Archive, trust: Trust) -> Verified:
    sums = archive.sums()
    checks = [Check("archive", State.GOOD, (f"SHA-256 {bag.digest(path)}",))]
    manifests = {name: archive.read(name) for name in bag.MANIFESTS if name in sums}
    faults = tuple(bag.faults(sums, manifests))
    checks.append(Check("files", State.WRONG if faults else State.GOOD, faults or (str(len(sums)),)))
    info = bag.information(archive.read(bag.INFO)) if bag.INFO in sums else {}
    checks.append(_signature(path, info.get("Signed-By", ""), trust.signers))
    checks += _stamp(path, trust.authorities)
    facts, faults = _run(archive, sums, info)
    checks.append(Check("run", State.WRONG if faults else State.GOOD, faults or _told(facts)))
    checks.append(_chain(path, info.get("Previous-Bundle", ""), trust.previous))
    return Verified(tuple(checks), facts)


def _signature(path: Path, declared: str, signers: Path | None) -> Check:
    found = [beside for end in (SSH, CMS) if (beside := path.with_name(path.name + end)).is_file()]
    if not found:
        if declared == "nobody":
            return Check("signature", State.WRONG if signers else State.UNKNOWN, ("unsigned",))
        return Check("signature", State.WRONG, ("missing", declared))
    try:
        signed = [verified(path, beside, signers) for beside in found]
    except SigningError as error:
        return Check("signature", State.WRONG, (str(error),))
    if other := [one.fingerprint for one in signed if one.fingerprint != declared]:
        return Check("signature", State.WRONG, ("other_signer", declared, *other))
    names = [one.by for one in signed if one.by]
    return Check("signature", State.GOOD if names else State.UNKNOWN, (*(names or ["signer_unknown"]), declared))


def _stamp(path: Path, authorities: Path | None) -> Iterator[Check]:
    answer = path.with_name(path.name + STAMP)
    if answer.is_file():
        try:
            time, trusted = stamped(path, answer, authorities)
        except SigningError as error:
            yield Check("stamp", State.WRONG, (str(error),))
        else:
            yield Check("stamp", State.GOOD if trusted else State.UNKNOWN, (time,))
    elif authorities:
        yield Check("stamp", State.WRONG, ("missing",))


def _run(
    archive: Archive, sums: Mapping[str, str], info: Mapping[str, str]
) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """run.json, and where the other files are not what it says."""
    inside = f"{bag.PAYLOAD}{RUN}"
    try:
        facts = json.loads(archive.read(f"{inside}run.json"))
        files, whole = facts["policy"]["files"], facts["policy"]["sha256"]
        names = {facts["run_id"], info.get("External-Identifier"), archive.base.removeprefix("dpo-audit-")}
        faults = [] if len(names) == 1 else ["run.json: of another run"]
        faults += [] if whole_digest(files) == whole else ["run.json: policy: its files do not make its SHA-256"]
        faults += _policy(
            files,
            {
                name.removeprefix(f"{inside}policy/"): found
                for name, found in sums.items()
                if name.startswith(f"{inside}policy/")
            },
        )
        faults += [
            f"{name}: missing"
            for name in ("controls.json", "findings.parquet", "quarantine.parquet")
            if f"{inside}{name}" not in sums
        ]
        faults += _unaccounted(facts["inputs"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None, ("run.json: missing or not what a run writes",)
    return facts, tuple(faults)


def _policy(said: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    return [
        f"policy/{name}: not the file that the run was judged by"
        for name in sorted(said.keys() | found.keys())
        if said.get(name) != found.get(name)
    ]


def _unaccounted(inputs: list[Mapping[str, Any]]) -> list[str]:
    return [
        f"{one['file']}: rows read are not those loaded and set aside"
        for one in inputs
        if one["rows_read"] != one["rows_loaded"] + one["rows_quarantined"]
    ]


def _told(facts: Mapping[str, Any] | None) -> tuple[str, ...]:
    return (str(facts["run_id"]), str(facts["as_of"])) if facts else ()


def _chain(path: Path, said: str, previous: Path | None) -> Check:
    """Whether the bundle before, given or lying beside, is the one that this one follows."""
    if said in ("", "none"):
        return Check("chain", State.WRONG if previous else State.GOOD, ("first",))
    digest, _, name = said.partition(" ")
    beside = previous or path.with_name(Path(name).name)
    if not beside.is_file():
        return Check("chain", State.UNKNOWN, (name, digest))
    good = bag.digest(beside) == digest
    return Check("chain", State.GOOD if good else State.WRONG, (name, digest))
