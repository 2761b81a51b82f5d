"""Coverage: which clauses of the policy the audit tested, on which data, and what no rule covers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from audit_lib.audit.outcome import Outcome, Tallies, outcome, whole
from audit_lib.datasets import Loaded
from audit_lib.datasets.schema import schemas
from audit_lib.policy import Control, PolicyFolder, clause_order
from audit_lib.suites import verb


class Status(StrEnum):
    """How far the audit reaches a clause."""

    TESTED = "tested"
    NOT_SUPPLIED = "not_supplied"  # it has controls, and data for none of them
    WITH_PARTS = "with_parts"  # its own sub-clauses are what is tested
    WITH_WHOLE = "with_whole"  # the clause that it is a part of is what is tested
    NOT_TESTABLE = "not_testable"  # by exports: the policy folder says why
    UNTESTED = "untested"  # nobody wrote a control for it


@dataclass(frozen=True)
class Clause:
    """A clause of the policy: its own controls, the worst of their outcomes, the data that they lack."""

    clause: str
    status: Status
    outcome: str | None
    controls: Sequence[Mapping[str, Any]]
    missing: Sequence[str]
    why: Mapping[str, str] | None


def coverage(folder: PolicyFolder, tallies: Tallies, loaded: Loaded) -> dict[str, Any]:
    """What coverage.json says: every clause, and the files and columns with personal data under no retention rule."""
    by_clause: dict[str, list[Control]] = {}
    for control in folder.controls:
        by_clause.setdefault(control.clause, []).append(control)
    return {
        "clauses": [
            asdict(_clause(number, folder, by_clause, tallies, loaded))
            for number in sorted(folder.policy.clauses, key=clause_order)
        ],
        "without_retention_rule": _unruled(folder, loaded),
        "unrecognised_files": list(loaded.unrecognised),
    }


def _clause(
    number: str,
    folder: PolicyFolder,
    by_clause: Mapping[str, list[Control]],
    tallies: Tallies,
    loaded: Loaded,
) -> Clause:
    controls = by_clause.get(number, [])
    outcomes = {control.id: outcome(whole(tallies[control.id])) for control in controls}
    missing = sorted({name for control in controls for name in control.datasets if name not in loaded.datasets})
    said = folder.policy.not_testable.get(number)
    return Clause(
        clause=number,
        status=_status(number, folder, by_clause, outcomes, loaded),
        outcome=min(outcomes.values(), key=list(Outcome).index, default=None),
        controls=[
            {"id": control.id, "layer": control.layer, "datasets": control.datasets, "outcome": outcomes[control.id]}
            for control in controls
        ],
        missing=missing,
        why=said.model_dump() if said else None,
    )


def _status(
    number: str,
    folder: PolicyFolder,
    by_clause: Mapping[str, list[Control]],
    outcomes: Mapping[str, Outcome],
    loaded: Loaded,
) -> Status:
    if outcomes:
        supplied = any(name in loaded.datasets for control in by_clause[number] for name in control.datasets[:1])
        return Status.TESTED if supplied else Status.NOT_SUPPLIED
    if number in folder.policy.not_testable:
        return Status.NOT_TESTABLE
    if any(other.startswith(f"{number}.") for other in by_clause):
        return Status.WITH_PARTS
    whole, _, _ = number.rpartition(".")
    return Status.WITH_WHOLE if whole in by_clause else Status.UNTESTED


def _unruled(folder: PolicyFolder, loaded: Loaded) -> list[dict[str, Any]]:
    """Data of people that no control of retention judges: they fall under whatever the policy says of the rest."""
    ruled = {name for control in folder.controls if _limits_retention(control) for name in control.judged}
    found = []
    for name, dataset in sorted(loaded.datasets.items()):
        personal = [column for column in schemas()[name].personal if column in dataset.supplied]
        if name in ruled or not personal:
            continue
        files = [one.file for one in loaded.files if one.dataset == name]
        found.append({"dataset": name, "files": files, "columns": personal, "other_columns": list(dataset.extras)})
    return found


def _limits_retention(control: Control) -> bool:
    from audit_lib.expectations import VERBS

    own = VERBS.get(verb(control))
    return own is not None and own.limits_retention
