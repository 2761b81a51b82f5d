"""Anonymity: the tables that should be anonymous, measured; counts and risks, no value of a record."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from audit_lib.anonymity.generalise import Asked, advice
from audit_lib.anonymity.inference import inference
from audit_lib.anonymity.meeting import meeting
from audit_lib.anonymity.reversal import reversal
from audit_lib.anonymity.singling_out import population, singling_out
from audit_lib.anonymity.structure import structure
from audit_lib.anonymity.table import Table
from audit_lib.datasets import Dataset, Loaded
from audit_lib.engines import Engine
from audit_lib.engines.duckdb import refusing
from audit_lib.expectations.rule import NotEvaluated
from audit_lib.policy import PolicyFolder
from audit_lib.policy.models import Anonymised


@dataclass(frozen=True)
class Measuring:
    """Where the tables are, and what is known of them."""

    con: Any
    engine: Engine
    loaded: Loaded
    folder: PolicyFolder
    parameters: Mapping[str, Any]


def measured(at: Measuring) -> list[dict[str, Any]]:
    """A report a table that should be anonymous; what cannot be measured says why, as controls do.

    Raises EngineLostError.
    """
    values = {name: parameter.value for name, parameter in at.folder.policy.parameters.items()}
    return [
        {"dataset": name, **_sure(at, name, said)}
        for name, said in at.folder.policy.anonymised.items()
        # What is wrong was told when the folder was read.
        if not said.wrong(values)
    ]


_THRESHOLDS = ("quasi_identifiers", "sensitive", "k", "l", "t", "risk", "id_order", "suppression")


def _sure(at: Measuring, name: str, said: Anonymised) -> dict[str, Any]:
    try:
        with refusing():
            return _table(at, name, said)
    except NotEvaluated as refusal:
        return {"not_evaluated": refusal.reason, "about": refusal.about}


def _table(at: Measuring, name: str, said: Anonymised) -> dict[str, Any]:
    given = said.given(at.parameters)
    thresholds = {field: given[field] for field in _THRESHOLDS}
    try:
        dataset = _there(at, name, given["quasi_identifiers"])
        people = [column for column in (given["individual"], given["count"]) if column in dataset.supplied]
        _there(at, name, people or [given["individual"]])
    except NotEvaluated as refusal:
        return {"thresholds": thresholds, "not_evaluated": refusal.reason, "about": refusal.about}
    at.engine.bring(name)
    table = Table(
        name,
        tuple(given["quasi_identifiers"]),
        individual=given["individual"],
        count=given["count"] if given["count"] in dataset.columns else None,
    )
    return {
        "thresholds": thresholds,
        "singling_out": asdict(singling_out(at.con, table, threshold=given["risk"])),
        "population": _population(at, table, said, given["k"]),
        "inference": _inference(at, table, dataset, given),
        "ids": _ids(at, dataset, given),
        "reversals": [
            {"column": column, **asdict(reversal(at.con, name, column, space))}
            for column, space in said.enumerable.items()
            if column in dataset.supplied
        ],
        "meetings": _meetings(at, dataset, given),
        "advice": _advice(at, table, dataset, said, given),
    }


def _there(at: Measuring, name: str, columns: Sequence[str]) -> Dataset:
    """The dataset with the columns. Raises NotEvaluated."""
    dataset = at.loaded.datasets.get(name)
    if dataset is None:
        refused = at.loaded.refused.get(name)
        raise NotEvaluated("file_refused" if refused else "dataset_not_supplied", ", ".join(refused or (name,)))
    if dataset.refused:
        raise NotEvaluated("file_refused", ", ".join(dataset.refused))
    if missing := [column for column in columns if column not in dataset.supplied]:
        raise NotEvaluated("column_not_supplied", f"{name}: {', '.join(missing)}")
    if stopped := [column for column in columns if column in dataset.stopped]:
        raise NotEvaluated("column_stopped", f"{name}: {', '.join(stopped)}")
    return dataset


def _population(at: Measuring, table: Table, said: Anonymised, k: int) -> dict[str, Any] | None:
    """None where the policy names no population, or none of the quasi-identifiers in it."""
    told = said.population.columns if said.population else {}
    columns = {name: column for name, column in told.items() if name in table.quasi_identifiers}
    if said.population is None or not columns:
        return None
    name = said.population.dataset
    try:
        _there(at, name, list(columns.values()))
    except NotEvaluated as refusal:
        return {"not_evaluated": refusal.reason, "about": refusal.about}
    at.engine.bring(name)
    return {"dataset": name, "on": list(columns), **asdict(population(at.con, table, name, columns, k=k))}


def _inference(at: Measuring, table: Table, dataset: Dataset, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        _there(at, dataset.name, [given["sensitive"]])
    except NotEvaluated as refusal:
        return {"not_evaluated": refusal.reason, "about": refusal.about}
    ordered = dataset.columns[given["sensitive"]] == "int"
    return asdict(inference(at.con, table, given["sensitive"], ordered=ordered))


def _ids(at: Measuring, dataset: Dataset, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        _there(at, dataset.name, [given["individual"], *([given["at"]] if given["at"] else [])])
    except NotEvaluated as refusal:
        return {"not_evaluated": refusal.reason, "about": refusal.about}
    zone = at.folder.policy.time_zone
    return asdict(structure(at.con, dataset.name, given["individual"], given["at"], time_zone=zone))


def _meetings(at: Measuring, dataset: Dataset, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of the datasets with events that were supplied."""
    found = []
    for name, column in given["events"].items():
        try:
            _there(at, name, [column])
            _there(at, dataset.name, [str(given["at"])])
        except NotEvaluated:
            continue
        at.engine.bring(name)
        met = meeting(at.con, dataset.name, given["at"], name, column, seconds=given["near"])
        found.append({"dataset": name, **asdict(met)})
    return found


def _advice(
    at: Measuring, table: Table, dataset: Dataset, said: Anonymised, given: Mapping[str, Any]
) -> dict[str, Any] | None:
    """None where the policy names no column that the table has."""
    columns = {name: kind for name, kind in said.generalise.items() if name in dataset.supplied}
    if not columns:
        return None
    sensitive = given["sensitive"] if given["sensitive"] in dataset.supplied else None
    asked = Asked(given["k"], given["l"], given["t"], given["suppression"])
    zone = at.folder.policy.time_zone
    found = advice(at.con, table, sensitive, columns, asked, time_zone=zone, region=_region(at, dataset.extracted_at))
    return {"columns": columns, **asdict(found)}


def _region(at: Measuring, instant: dt.datetime) -> list[str]:
    """The countries of the European Economic Area on the day of the extraction."""
    day = instant.date().isoformat()
    rows = at.folder.law.get("eea", [])
    return [row["country"] for row in rows if row["valid_from"] <= day <= (row["valid_to"] or day)]
