"""Handed: a finished run with its policy in both languages, its files by digest, and names for what is said of it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from audit_lib.datasets import sha256
from audit_lib.policy import Control, PolicyError, PolicyFolder, Text, load_policy
from audit_lib.report import Run, RunError
from audit_lib.report.words import LANGUAGES, Words, words

# Of properties and names that only this program knows; the domain is reserved: nobody else can have it.
NAMESPACE = "https://dpo-audit.example/ns"
_FILES = (
    *("run.json", "controls.json", "aggregates.json", "coverage.json", "anonymity.json", "policy_findings.json"),
    *("changes.json", "lapses.json", "findings.parquet", "history.parquet", "quarantine.parquet"),
    *("report.html", "report.pdf", "report.external.html"),
)
_FOLDERS = ("validations", "notebooks")


@dataclass(frozen=True)
class Handed:
    """`evidence`: the way from a document to the run's folder. `files`: SHA-256 of each file that the run published, by
    its name in the folder; those of the policy are in run.json.
    """

    run: Run
    policy: PolicyFolder
    files: Mapping[str, str]
    evidence: str

    @cached_property
    def other(self) -> Words:
        """The words of the language that the run is not in."""
        [lang] = [one for one in LANGUAGES if one != self.run.words.lang]
        return words(lang)

    @cached_property
    def controls(self) -> Mapping[str, Control]:
        """The definition of each control that the run judged, by id."""
        return {control.id: control for control in self.policy.controls}

    @property
    def at(self) -> str:
        """The instant of the audit, with its offset: the only one that documents know."""
        return str(self.run.facts["as_of"])

    def said(self, text: Text) -> str:
        """In the run's language."""
        return self.run.words.chosen(text.model_dump())

    def translated(self, text: Text) -> str:
        """In the other language."""
        return self.other.chosen(text.model_dump())

    def uuid(self, *about: str) -> str:
        """The UUID of a thing: the same whenever the same run is asked for it."""
        seed = uuid.uuid5(uuid.NAMESPACE_URL, f"{NAMESPACE}/{self.files['run.json']}")
        return str(uuid.uuid5(seed, "\n".join(about)))


def handed(run: Run, evidence: str = "") -> Handed:
    """Raises RunError."""
    folder = run.folder / "policy"
    if not folder.is_dir():
        raise RunError(f"{run.folder.name}: policy is missing: give the folder of a finished run")
    try:
        policy = load_policy(folder)
    except PolicyError as error:
        raise RunError(f"{run.folder.name}: policy: {'; '.join(error.errors)}") from None
    if policy.sha256 != run.facts["policy"]["sha256"]:
        raise RunError(f"{run.folder.name}: policy is not the one of run.json (SHA-256): give a run as it was written")
    known = {control.id for control in policy.controls}
    if lost := sorted(control.id for control in run.controls if control.id not in known):
        raise RunError(f"{run.folder.name}: policy: {', '.join(lost)}: cannot be read: {'; '.join(policy.errors)}")
    return Handed(run, policy, _digests(run.folder), evidence)


def _digests(folder: Path) -> dict[str, str]:
    paths = [folder / name for name in _FILES]
    paths += [path for name in _FOLDERS for path in sorted((folder / name).glob("[!.]*"))]
    return {path.relative_to(folder).as_posix(): sha256(path) for path in paths if path.is_file()}
