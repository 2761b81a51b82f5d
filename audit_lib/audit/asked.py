"""Asked: the suites that can be run, and why the other controls cannot."""

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

Tally = dict[str, Any]


@dataclass
class Asked:
    """`suites` by dataset hold what is to be run, `tallies` the controls that are not; a line each in `problems`."""

    folder: PolicyFolder
    changes: Container[str]
    suites: dict[str, dict[str, Any]] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def fault(self, control: Control, field: str, parameter: str | None, advice: str) -> None:
        """Something that the control says wrongly: it is mended where it is written."""
        place = f"controls/{control.family}/{control.id}.yaml: {field}"
        if parameter:
            place = f"--set {parameter}" if parameter in self.changes else f"policy.yaml: parameters: {parameter}"
        line = f"{place}: {advice}"
        if line not in self.problems:
            self.problems.append(line)

    def ran(self, tallies: Mapping[str, Tally]) -> None:
        """What the suites showed; a control that could not be run for its own fault is a problem."""
        self.tallies.update(tallies)
        for control in self.folder.controls:
            advice = _ADVICE.get(tallies.get(control.id, {}).get("not_evaluated", ""))
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
        suite = json.loads(text)
        ids = [one["meta"]["control"] for one in suite["expectations"]]
        same, differs = unedited(suite, root / name) if (root / "suites").is_dir() else (set(ids), False)
        refused = validator.refused(suite, {**frame, **parameters})
        for control in map(controls.__getitem__, ids):
            if tally := _invalid(found, control, refused.get(control.id, [])):
                found.tallies[control.id] = tally
            elif control.id not in same:
                found.tallies[control.id] = {"not_evaluated": "suite_edited", "about": name}
            elif tally := _missing(control, loaded):
                found.tallies[control.id] = tally
        # A control that is wrong in itself explains why its suite differs.
        edited = set(ids) - same
        if differs and not (edited and all(_is(found, one, "control_invalid") for one in edited)):
            found.problems.append(f"{name}: differs from the controls: change those, then run: dpo-audit suites")
        suite["expectations"] = [one for one in suite["expectations"] if one["meta"]["control"] not in found.tallies]
        found.suites[Path(name).stem] = suite
    return found


def _is(found: Asked, control: str, reason: str) -> bool:
    return found.tallies.get(control, {}).get("not_evaluated") == reason


def _invalid(found: Asked, control: Control, faults: list["Fault"]) -> Tally | None:
    """A tally when the control names no dataset that exists, or when its verb refuses its arguments."""
    from audit_lib.audit.catalogue import near
    from audit_lib.datasets.schema import schemas

    unknown = [name for name in control.datasets if name not in schemas()]
    for name in unknown:
        found.fault(control, f"datasets: {name}", None, f"no such dataset{near(name, schemas())}")
    for field_, parameter, advice in faults:
        found.fault(control, f"expect: {field_}", parameter, advice)
    return (
        {"not_evaluated": "control_invalid", "about": "datasets" if unknown else "expect"}
        if unknown or faults
        else None
    )


def _missing(control: Control, loaded: "Loaded") -> Tally | None:
    """Why the control cannot be asked of these data: a dataset it needs was refused or never supplied."""
    [kwargs] = control.expect.values()
    # A verb may do without a dataset that it consults, but not with half of it.
    consulted = [name for name in kwargs if name in loaded.refused or name in loaded.datasets]
    for dataset in dict.fromkeys([*control.datasets, *consulted]):
        if dataset in loaded.refused:
            return {"not_evaluated": "file_refused", "about": ", ".join(loaded.refused[dataset])}
        if dataset not in loaded.datasets:
            return {"not_evaluated": "dataset_not_supplied", "about": dataset}
        if refused := loaded.datasets[dataset].refused:
            return {"not_evaluated": "file_refused", "about": ", ".join(refused)}
    if is_stock(verb(control)):
        # The audit's own verbs say themselves what they need.
        judged = loaded.datasets[control.dataset]
        named = [value for name, value in kwargs.items() if name.startswith("column") and isinstance(value, str)]
        if absent := [name for name in named if name not in {*judged.supplied, *judged.extras}]:
            return {"not_evaluated": "column_not_supplied", "about": ", ".join(absent)}
    return None
