"""Effects: what a control would have shown with the policy's own parameters instead of those of --set."""

from collections.abc import Mapping
from typing import Any

from audit_lib.audit.outcome import Tallies, Tally, outcome, whole
from audit_lib.policy import Control, PolicyFolder
from audit_lib.suites import parameters_of


def concerned(folder: PolicyFolder, changes: Mapping[str, Any]) -> dict[str, list[str]]:
    """By control, the changed parameters that it uses."""
    found = {control.id: sorted(changes.keys() & parameters_of(control)) for control in folder.controls}
    return {control: names for control, names in found.items() if names}


def among(suites: Mapping[str, dict[str, Any]], controls: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The suites with nothing but the expectations of these controls; those that keep one."""
    kept = {
        dataset: [one for one in suite["expectations"] if one["meta"]["control"] in controls]
        for dataset, suite in suites.items()
    }
    return {dataset: {**suites[dataset], "expectations": found} for dataset, found in kept.items() if found}


def compared(
    controls: Mapping[str, list[str]], before: Tallies, after: Tallies, folder: PolicyFolder
) -> list[dict[str, Any]]:
    """One entry a control that uses a changed parameter: what it showed before, with the policy's, and after."""
    known: dict[str, Control] = {control.id: control for control in folder.controls}
    return [
        {
            "control_id": name,
            "clause": known[name].clause,
            "parameters": controls[name],
            "before": _showed(whole(before[name])),
            "after": _showed(whole(after[name])),
        }
        for name in sorted(controls)
    ]


def _showed(tally: Tally) -> dict[str, Any]:
    counts: Mapping[str, int] = tally.get("counts", {})
    return {"outcome": outcome(tally).value, "counts": {verdict.lower(): n for verdict, n in counts.items()}}
