"""What if: the exports of a run checked again, with its own policy but for one change."""

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit_lib import yaml
from audit_lib.audit import Request
from audit_lib.audit.catalogue import near
from audit_lib.datasets import sha256
from audit_lib.policy import Control, Policy, PolicyError, load_policy
from audit_lib.policy.models import read_as
from audit_lib.suites import derive

# What makes a file the same to an audit.
_READ_AS = ("file", "sha256", "dataset", "mapping", "rows_read", "rows_loaded", "rows_quarantined")


class WhatIfError(ValueError):
    """The question cannot be asked; `problems` says, a line each, which option or file, and what to write."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


def other_exports(facts: Mapping[str, Any], exports: Path) -> list[str]:
    """A line for each file that is not as it was when the run was made. `facts`: what run.json holds."""
    if not exports.is_dir():
        return [f"--exports {exports}: no such folder: write the folder that was checked"]
    return [line for one in facts["inputs"] if (line := _other(one, exports))]


def request(run: Path, facts: Mapping[str, Any], exports: Path, changes: Mapping[str, str], private: Path) -> Request:
    """The same check with the changes, into the folder `private`, which gets a copy of the run's policy.

    `changes`: by NAME of a parameter, or CONTROL.ARGUMENT of the control's verb. Raises WhatIfError.
    """
    policy = private / "policy"
    shutil.copytree(run / "policy", policy)
    try:
        folder = load_policy(policy)
    except PolicyError as error:
        raise WhatIfError(error.errors) from None
    controls = {control.id: control for control in folder.controls}
    parameters, problems = as_in_the_run(folder.policy, facts["parameters"]), []
    judged: list[str] = []
    for name, text in changes.items():
        try:
            if "." in name:
                judged += _change(policy, controls, name, text)
            else:
                parameters[name] = _parameter(folder.policy, name, text)
        except ValueError as error:
            problems.append(f"--set {name}: {error}")
    if problems:
        raise WhatIfError(problems)
    if judged and (policy / "suites").is_dir():
        texts = derive(load_policy(policy))
        for name in {f"suites/{dataset}.json" for dataset in judged} & texts.keys():
            (policy / name).write_text(texts[name], "utf-8")
    return Request(exports, private / "runs", policy, as_of=asked_instant(facts), changes=parameters)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """A line for whatever else than the change makes the second check another: facts of both run.json."""
    read = [{tuple(one[name] for name in _READ_AS) for one in facts["inputs"]} for facts in (before, after)]
    lines = [
        f"{name}: it is not what the run read of that name: bring back the folder that was checked"
        for name in sorted({one[0] for one in read[0] ^ read[1]})
    ]
    told, now = before.get("extracted_at", {}), after["extracted_at"]
    if any(told[name] != now[name] for name in told.keys() & now.keys()):
        lines.append("exports.yaml: extracted_at: write the instant that the run was judged at")
    return lines + [one for one in after["problems"] if one not in before["problems"]]


def _other(checked: Mapping[str, Any], exports: Path) -> str | None:
    name = checked["file"]
    if name.startswith("sql:"):
        return f"{name}: its rows are in a database and may have changed since: a what-if takes files"
    try:
        digest = sha256(exports / name)
    except OSError as error:
        return f"{name}: {error.strerror}: write the folder that was checked after --exports"
    if digest != checked["sha256"]:
        return f"{name}: it is not the file that was checked (SHA-256): take that one, or run again"
    return None


def as_in_the_run(policy: Policy, values: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that the run itself had changed."""
    return {
        name: _written(values[name])
        for name, parameter in policy.parameters.items()
        if name in values and values[name] != parameter.value
    }


def _written(value: Any) -> str:
    """As --set takes it."""
    if isinstance(value, list):
        return ",".join(value)
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _parameter(policy: Policy, name: str, text: str) -> str:
    """Raises ValueError with what to write."""
    if name not in policy.parameters:
        raise ValueError(
            f"the run's policy has no such parameter{near(name, policy.parameters)}; "
            "an argument of a control is written CONTROL.ARGUMENT=VALUE"
        )
    policy.parameters[name].read(text)
    return text


def _change(policy: Path, controls: Mapping[str, Control], name: str, text: str) -> list[str]:
    """Writes the control with another argument. The datasets that it judges. Raises ValueError with what to write."""
    known, _, argument = name.partition(".")
    control = controls.get(known)
    if control is None:
        raise ValueError(f"the run's policy has no such control{near(known, controls)}")
    path = policy / "controls" / control.family / f"{control.id}.yaml"
    said = yaml.read(path)
    [(verb, kwargs)] = said["expect"].items()
    if argument not in kwargs:
        raise ValueError(f"{verb} is given no such argument there: write one of {', '.join(sorted(kwargs))}")
    value = kwargs[argument]
    if isinstance(value, str) and value.startswith("$"):
        raise ValueError(f"policy.yaml gives it: write --set {value[1:]}={text}")
    if value is None or isinstance(value, dict) or not _is_flat(value):
        raise ValueError("it holds fields: change them in a copy of the policy folder, then dpo-audit compare tells")
    kwargs[argument] = read_as(value, text)
    # JSON is YAML too.
    path.write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    return list(control.judged)


def _is_flat(value: Any) -> bool:
    return not isinstance(value, list) or all(isinstance(one, str) for one in value)


def asked_instant(facts: Mapping[str, Any]) -> dt.datetime | None:
    """The instant to ask for; none where datasets had instants of their own, which asking would replace."""
    apart = set(facts["extracted_at"].values()) - {facts["as_of"]}
    return None if apart else dt.datetime.fromisoformat(facts["as_of"])
