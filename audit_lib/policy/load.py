"""Load: the policy folder as one object, every error in it collected."""

import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from audit_lib.policy import law
from audit_lib.policy.explain import explained
from audit_lib.policy.models import AcceptedException, Control, Finding, Lapse, Policy, Strict
from audit_lib.yaml import YamlError, read

Model = TypeVar("Model", bound=Strict)
_SAYING = (".yaml", ".csv", ".json")


class PolicyError(ValueError):
    """The policy folder cannot be used; `errors` has a line each: file, field, what to write."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = errors
        super().__init__("; ".join(errors))


@dataclass(frozen=True)
class PolicyFolder:
    """A policy, its controls by id, the law's tables by name. `errors`: what was left out, and why.

    `vocabulary`: the terms that controls may use, each with its iri and its label; none when its table is wrong.
    `files`: the SHA-256 of each file by its name in the folder; `sha256`: of them all.
    """

    policy: Policy
    controls: tuple[Control, ...]
    law: dict[str, list[dict[str, str]]]
    vocabulary: dict[str, dict[str, str]]
    findings: tuple[Finding, ...]
    exceptions: tuple[AcceptedException, ...]
    files: dict[str, str]
    sha256: str
    errors: tuple[str, ...]


def load_policy(folder: Path) -> PolicyFolder:
    """Everything in the folder that is right; raises PolicyError when policy.yaml itself is not."""
    path = folder / "policy.yaml"
    if not path.is_file():
        raise PolicyError([f"{path}: no such file: write a policy folder there, or name one with --policy"])
    errors: list[str] = []
    policy = _model(Policy, _said(path, path.name, errors), path.name, errors)
    if policy is None:
        raise PolicyError(errors)
    vocabulary = _vocabulary(folder / "vocabulary" / "dpv.csv", errors)
    controls = tuple(_controls(folder, policy, vocabulary, errors))
    errors += [f"{path.name}: {line}" for line in _misplaced(policy, controls)]
    policy = _right(policy, path.name, errors)
    files = digests(folder)
    return PolicyFolder(
        policy=policy,
        controls=controls,
        law=_law(folder, errors),
        vocabulary=vocabulary or {},
        findings=tuple(_findings(folder / "policy_findings.yaml", policy, errors)),
        exceptions=tuple(_exceptions(folder / "exceptions.yaml", errors)),
        files=files,
        sha256=whole_digest(files),
        errors=tuple(errors),
    )


def _right(policy: Policy, name: str, errors: list[str]) -> Policy:
    """The policy without what it says wrongly of anonymised tables' parameters and of lapses' clauses: a line each."""
    values = {one: parameter.value for one, parameter in policy.parameters.items()}
    wrong = {dataset: said.wrong(values) for dataset, said in policy.anonymised.items()}
    errors += [f"{name}: anonymised: {dataset}: {line}" for dataset, lines in wrong.items() for line in lines]
    right = {dataset: said for dataset, said in policy.anonymised.items() if not wrong[dataset]}
    return policy.model_copy(update={"anonymised": right, "lapses": _lapses(policy, name, errors)})


def _lapses(policy: Policy, name: str, errors: list[str]) -> dict[str, dict[str, Lapse]]:
    """Those that touch a clause of the policy."""
    right = {}
    for dataset, columns in policy.lapses.items():
        right[dataset] = {column: said for column, said in columns.items() if said.clause in policy.clauses}
        errors += [
            f"{name}: lapses: {dataset}: {column}: clause: clauses has no such clause"
            for column in columns
            if column not in right[dataset]
        ]
    return right


def _said(path: Path, name: str, errors: list[str]) -> dict[Any, Any] | None:
    """The fields of a YAML file; None, and a line in `errors`, when it has none."""
    try:
        said = read(path)
    except YamlError as error:
        errors.append(f"{name.removesuffix(path.name)}{error}")
        return None
    if isinstance(said, dict):
        return said
    errors.append(f"{name}: write fields, such as id: …")
    return None


def _model(kind: type[Model], said: dict[Any, Any] | None, name: str, errors: list[str]) -> Model | None:
    if said is None:
        return None
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        errors.extend(f"{name}: {line}" for line in explained(error, kind))
        return None


def _vocabulary(path: Path, errors: list[str]) -> dict[str, dict[str, str]] | None:
    """Terms by name, none when there is no table; None, with lines in `errors`, when the table is wrong."""
    if not path.is_file():
        return {}
    rows = law.table(path, errors)
    if rows is None:
        return None
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["term"] in found:
            errors.append(f"vocabulary/{path.name}: {row['term']}: written twice, keep one")
        found[row["term"]] = row
    return found


def _controls(
    folder: Path, policy: Policy, vocabulary: dict[str, dict[str, str]] | None, errors: list[str]
) -> list[Control]:
    root = folder / "controls"
    found: dict[str, Control] = {}
    for path in sorted(root.rglob("*"), key=lambda path: (path.stem, path)):
        if path.is_dir() or path.name.startswith("."):
            continue
        name = path.relative_to(folder).as_posix()
        if path.suffix != ".yaml" or path.parent.parent != root:
            errors.append(f"{name}: no control: write controls/<family>/<id>.yaml")
            continue
        control = _model(Control, _said(path, name, errors), name, errors)
        if control is None:
            continue
        wrong = _contradictions(control, path, policy)
        # A table that is wrong has its own lines: it leaves out no control.
        wrong += _unknown(control, vocabulary) if vocabulary is not None else []
        if control.id in found:
            wrong.append(f"id: {found[control.id].family}/{path.name} has it too, keep one")
        errors.extend(f"{name}: {line}" for line in wrong)
        if not wrong:
            found[control.id] = control
    return list(found.values())


def _contradictions(control: Control, path: Path, policy: Policy) -> list[str]:
    """Where the control is at odds with its own place or with policy.yaml."""
    wrong = []
    if control.id != path.stem:
        wrong.append(f"id: write {path.stem}, the file's name")
    if control.family != path.parent.name:
        wrong.append(f"family: write {path.parent.name}, the folder's name")
    if control.dataset != control.datasets[0]:
        wrong.append(f"datasets: write {control.dataset} first")
    wrong += [f"judges: {name}: add it to datasets" for name in control.judges if name not in control.datasets]
    if control.clause not in policy.clauses:
        wrong.append("clause: policy.yaml has no such clause")
    return wrong + [
        f"{field}: {name}: policy.yaml has no such parameter or list"
        for field, said in (("expect", control.expect), ("judges", control.judges))
        for name in _lost(said, policy)
    ]


def _unknown(control: Control, vocabulary: dict[str, dict[str, str]]) -> list[str]:
    """The terms of a control that the table does not have."""
    lines = []
    for term in control.dpv:
        if term not in vocabulary:
            near = difflib.get_close_matches(term, vocabulary, n=1)
            cure = f"write {near[0]}, or add it there" if near else "add it there"
            lines.append(f"dpv: {term}: vocabulary/dpv.csv has no such term, {cure}")
    return lines


def _lost(said: Any, policy: Policy) -> list[str]:
    """The `$names` in a control's arguments that policy.yaml does not have."""
    if isinstance(said, dict | list):
        return [name for one in (said.values() if isinstance(said, dict) else said) for name in _lost(one, policy)]
    if not (isinstance(said, str) and said.startswith("$")) or said[1:] in policy.parameters:
        return []
    found: Any = policy.lists
    for step in said[1:].split("."):
        if not isinstance(found, dict) or step not in found:
            return [said]
        found = found[step]
    return []


def _misplaced(policy: Policy, controls: tuple[Control, ...]) -> list[str]:
    """Clauses said not to be testable that do not exist or that a control tests."""
    tested = {control.clause: control.id for control in controls}
    return [
        f"not_testable: {number}: "
        + (f"{tested[number]} tests it: remove it here" if number in tested else "clauses has no such clause")
        for number in policy.not_testable
        if number in tested or number not in policy.clauses
    ]


def _law(folder: Path, errors: list[str]) -> dict[str, list[dict[str, str]]]:
    found = {}
    for path in sorted((folder / "law").glob("*.csv")):
        rows = law.table(path, errors)
        if rows is not None:
            found[path.stem] = rows
    return found


def _findings(path: Path, policy: Policy, errors: list[str]) -> list[Finding]:
    """Findings on the policy's text, in order of id; a folder may have none."""
    known, found = _control_names(path.parent), []
    for finding in _entries(path, Finding, "title, why, remedy, clause and severity", errors):
        if finding.clause not in policy.clauses:
            errors.append(f"{path.name}: {finding.id}: clause: policy.yaml has no such clause")
        else:
            unknown = [one.control for one in finding.evidence if one.control not in known]
            errors += [f"{path.name}: {finding.id}: evidence: {one}: no such control" for one in unknown]
            found.append(finding)
    return sorted(found, key=lambda finding: finding.id)


def _exceptions(path: Path, errors: list[str]) -> list[AcceptedException]:
    """What was accepted, in order of id; a folder may have none."""
    known, found = _control_names(path.parent), []
    fields = "control, records, reason, approved_by, approved_on and expires_on"
    for one in _entries(path, AcceptedException, fields, errors):
        if one.control in known:
            found.append(one)
        else:
            errors.append(f"{path.name}: {one.id}: control: no such control")
    return sorted(found, key=lambda one: one.id)


def _control_names(folder: Path) -> set[str]:
    """Those that are wrong too: they are told by their own file."""
    return {control.stem for control in (folder / "controls").rglob("*.yaml")}


def _entries(path: Path, kind: type[Model], fields: str, errors: list[str]) -> Iterator[Model]:
    """What a file holds by name, each with its name as `id`; what is wrong with the others goes to `errors`."""
    said = _said(path, path.name, errors) if path.is_file() else None
    for name, entry in (said or {}).items():
        if not isinstance(entry, dict):
            errors.append(f"{path.name}: {name}: write {fields}")
        elif one := _model(kind, {**entry, "id": name}, f"{path.name}: {name}", errors):
            yield one


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file that says something to an audit, by its name in the folder, in order."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.suffix in _SAYING)
    named = sorted((path.relative_to(folder).as_posix(), path) for path in paths)
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named}


def whole_digest(files: dict[str, str]) -> str:
    """SHA-256 of the list that `sha256sum` would write of these files: what the audit was asked, whole."""
    return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in files.items()).encode()).hexdigest()
