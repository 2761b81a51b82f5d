"""Asked: the suites that can be run, and why the other controls cannot."""

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit_lib.audit.outcome import Tally
from audit_lib.policy import Control, PolicyFolder
from audit_lib.suites import derive, is_stock, unedited, verb

if TYPE_CHECKING:
    from audit_lib.audit.validate import Fault, Validator
    from audit_lib.datasets import Loaded

# Of a control that was run and that no data can be blamed for.
_ADVICE = {
    "control_invalid": "missing or of the wrong kind: compare with a control of the same verb",
    "engine_refused": "the engine could not run it: compare with a control of the same verb",
}


@dataclass
class Asked:
    """`suites` by dataset hold what is to be run; `tallies`, by control and dataset, what was run or cannot be; a line
    each in `problems`.
    """

    folder: PolicyFolder
    changes: Container[str]
    suites: dict[str, dict[str, Any]] = field(default_factory=dict)
    tallies: dict[str, dict[str, Tally]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def fault(self, control: Control, field: str, parameter: str | None, advice: str) -> None:
        """Something that the control says wrongly: it is mended where it is written."""
        place = f"controls/{control.family}/{control.id}.yaml: {field}"
        if parameter:
            place = f"--set {parameter}" if parameter in self.changes else f"policy.yaml: parameters: {parameter}"
        line = f"{place}: {advice}"
        if line not in self.problems:
            self.problems.append(line)

    def tell(self, control: str, dataset: str, tally: Tally) -> None:
        self.tallies.setdefault(control, {})[dataset] = tally

    def told(self, control: str, dataset: str) -> Tally:
        """Empty while it is to be run."""
        return self.tallies.get(control, {}).get(dataset, {})

    def ran(self, dataset: str, tallies: Mapping[str, Tally]) -> None:
        """What the suite of the dataset showed; a control that could not be run for its own fault is a problem."""
        for control in self.folder.controls:
            if control.id not in tallies:
                continue
            self.tell(control.id, dataset, tallies[control.id])
            advice = _ADVICE.get(tallies[control.id].get("not_evaluated", ""))
            if advice:
                self.fault(control, f"expect: {tallies[control.id]['about']}", None, advice)


def asked(
    folder: PolicyFolder,
    root: Path,
    loaded: "Loaded",
    validator: "Validator",
    parameters: Mapping[str, Any],
    changes: Container[str],
) -> Asked:
    """`root`: the policy folder; without stored suites, all that is derived is run. `changes`: parameters of --set."""
    found = Asked(folder, changes)
    controls = {control.id: control for control in folder.controls}
    frame = {"as_of": "", "time_zone": folder.policy.time_zone}
    for name, text in derive(folder).items():
        if not name.startswith("suites/"):
            continue
        suite, dataset = json.loads(text), Path(name).stem
        ids = [one["meta"]["control"] for one in suite["expectations"]]
        same, differs = unedited(suite, root / name) if (root / "suites").is_dir() else (set(ids), False)
        refused = validator.refused(suite, {**frame, **parameters})
        for control in map(controls.__getitem__, ids):
            if tally := _invalid(found, control, dataset, refused.get(control.id, [])):
                found.tell(control.id, dataset, tally)
            elif control.id not in same:
                found.tell(control.id, dataset, {"not_evaluated": "suite_edited", "about": name})
            elif tally := _missing(control, dataset, loaded):
                found.tell(control.id, dataset, tally)
        # A control that is wrong in itself explains why its suite differs.
        invalid = {one for one in ids if found.told(one, dataset).get("not_evaluated") == "control_invalid"}
        edited = set(ids) - same
        if differs and not (edited and edited <= invalid):
            found.problems.append(f"{name}: differs from the controls: change those, then run: dpo-audit suites")
        suite["expectations"] = [
            one for one in suite["expectations"] if not found.told(one["meta"]["control"], dataset)
        ]
        found.suites[dataset] = suite
    return found


def _invalid(found: Asked, control: Control, judged: str, faults: list["Fault"]) -> Tally | None:
    """A tally when the control names no dataset that exists, or when its verb refuses its arguments."""
    from audit_lib.audit.catalogue import near
    from audit_lib.datasets.schema import schemas

    unknown = [name for name in control.datasets if name not in schemas()]
    for name in unknown:
        found.fault(control, f"datasets: {name}", None, f"no such dataset{near(name, schemas())}")
    for field_, parameter, advice in faults:
        own = field_.partition(".")[0] in control.judges.get(judged, {})
        found.fault(control, f"judges: {judged}: {field_}" if own else f"expect: {field_}", parameter, advice)
    return (
        {"not_evaluated": "control_invalid", "about": "datasets" if unknown else "expect"}
        if unknown or faults
        else None
    )


def _missing(control: Control, judged: str, loaded: "Loaded") -> Tally | None:
    """Why the control cannot be asked of the dataset `judged`: one that it needs was refused or never supplied."""
    kwargs = control.judged[judged]
    # A verb may do without a dataset that it consults, but not with half of it.
    consulted = [name for name in kwargs if name in loaded.refused or name in loaded.datasets]
    for dataset in dict.fromkeys([*control.needs(judged), *consulted]):
        if dataset in loaded.refused:
            return {"not_evaluated": "file_refused", "about": ", ".join(loaded.refused[dataset])}
        if dataset not in loaded.datasets:
            return {"not_evaluated": "dataset_not_supplied", "about": dataset}
        if refused := loaded.datasets[dataset].refused:
            return {"not_evaluated": "file_refused", "about": ", ".join(refused)}
    if is_stock(verb(control)):
        # The audit's own verbs say themselves what they need.
        there = loaded.datasets[judged]
        named = [value for name, value in kwargs.items() if name.startswith("column") and isinstance(value, str)]
        if absent := [name for name in named if name not in {*there.supplied, *there.extras}]:
            return {"not_evaluated": "column_not_supplied", "about": ", ".join(absent)}
    return None
