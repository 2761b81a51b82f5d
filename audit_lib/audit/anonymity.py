"""Anonymity: the tables that should be anonymous, measured; counts and risks, no value of a record."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from audit_lib.anonymity.generalise import Asked, advice
from audit_lib.anonymity.inference import inference
from audit_lib.anonymity.meeting import meeting
from audit_lib.anonymity.reversal import reversal
from audit_lib.anonymity.singling_out import population, singling_out
from audit_lib.anonymity.structure import structure
from audit_lib.anonymity.table import Table
from audit_lib.audit.measuring import Measuring, refused
from audit_lib.engines.duckdb import refusing
from audit_lib.expectations.rule import NotEvaluated, Setting

_THRESHOLDS = ("quasi_identifiers", "sensitive", "k", "l", "t", "risk", "homogeneous", "id_order", "suppression")


def measured(at: Measuring) -> list[dict[str, Any]]:
    """A report a table that should be anonymous; what cannot be measured says why, as controls do.

    Raises EngineLostError.
    """
    anonymised = at.folder.policy.anonymised.items()
    return [{"dataset": name, **_measured(at, name, said.given(at.parameters))} for name, said in anonymised]


def _measured(at: Measuring, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    thresholds = {field: given[field] for field in _THRESHOLDS}
    try:
        with refusing():
            return {"thresholds": thresholds, **_parts(at, name, given)}
    except NotEvaluated as refusal:
        return {"thresholds": thresholds, **refused(refusal)}


def _parts(at: Measuring, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Each measure, or why there is none. Raises NotEvaluated when nobody can be told apart."""
    setting = at.setting(name)
    quasi, person, count = given["quasi_identifiers"], given["individual"], given["count"]
    setting.require(*quasi)
    setting.require_any(person, *([count] if count else []))
    used = {*quasi, person, count, given["at"], given["sensitive"], *given["generalise"], *given["enumerable"]}
    at.engine.bring(name, used & setting.relation.columns.keys())
    here = _Here(at, setting, given, Table(name, tuple(quasi), individual=person, count=count))
    return {
        "singling_out": asdict(singling_out(at.con, here.table, threshold=given["risk"])),
        "population": _or_why(here.population),
        "inference": _or_why(here.inference),
        "ids": _or_why(here.ids),
        "reversals": here.reversals(),
        "meetings": here.meetings(),
        "advice": here.advice(),
    }


def _or_why(measure: Any) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] | None = measure()
    except NotEvaluated as refusal:
        return refused(refusal)
    return found


@dataclass(frozen=True)
class _Here:
    """One table, where it is measured and what is asked of it."""

    at: Measuring
    setting: Setting
    given: Mapping[str, Any]
    table: Table

    def population(self) -> dict[str, Any] | None:
        """None where the policy names no population, or none of the quasi-identifiers in it. Raises NotEvaluated."""
        told = self.given["population"] or {"dataset": "", "columns": {}}
        columns = {name: of for name, of in told["columns"].items() if name in self.table.quasi_identifiers}
        if not columns:
            return None
        name = self._beside(told["dataset"], columns.values())
        found = population(self.at.con, self.table, name, columns, k=self.given["k"])
        return {"dataset": name, "on": list(columns), **asdict(found)}

    def inference(self) -> dict[str, Any]:
        """Raises NotEvaluated."""
        sensitive = self.given["sensitive"]
        self.setting.require(sensitive)
        ordered = self.setting.relation.columns[sensitive] == "int"
        share = self.given["homogeneous"]
        return asdict(inference(self.at.con, self.table, sensitive, homogeneous=share, ordered=ordered))

    def ids(self) -> dict[str, Any]:
        """Raises NotEvaluated."""
        person, instant = self.given["individual"], self.given["at"]
        self.setting.require(person, *([instant] if instant else []))
        zone = self.setting.time_zone
        return asdict(structure(self.at.con, self.table.relation, person, instant, time_zone=zone))

    def reversals(self) -> list[dict[str, Any]]:
        """Of the columns that were supplied."""
        supplied = self.setting.relation.supplied
        return [
            {"column": column, **asdict(reversal(self.at.con, self.table.relation, column, space))}
            for column, space in self.given["enumerable"].items()
            if column in supplied
        ]

    def meetings(self) -> list[dict[str, Any]]:
        """Of the datasets with events that were supplied."""
        instant, found = self.given["at"], []
        for dataset, column in self.given["events"].items():
            try:
                self.setting.require(str(instant))
                name = self._beside(dataset, [column])
            except NotEvaluated:
                continue
            met = meeting(self.at.con, self.table.relation, instant, name, column, seconds=self.given["near"])
            found.append({"dataset": name, **asdict(met)})
        return found

    def advice(self) -> dict[str, Any] | None:
        """None where the policy names no column that the table has."""
        given, supplied = self.given, self.setting.relation.supplied
        columns = {name: kind for name, kind in given["generalise"].items() if name in supplied}
        if not columns:
            return None
        found = advice(
            self.at.con,
            self.table,
            given["sensitive"] if given["sensitive"] in supplied else None,
            columns,
            Asked(given["k"], given["l"], given["t"], given["suppression"]),
            time_zone=self.setting.time_zone,
            region=self._region(self.setting.today),
        )
        return {"columns": columns, **asdict(found)}

    def _beside(self, name: str, columns: Iterable[str]) -> str:
        """The name of another dataset, once its columns are there. Raises NotEvaluated."""
        self.at.accepted(name)
        self.setting.other(name, *columns)
        self.at.engine.bring(name, columns)
        return name

    def _region(self, day: dt.date) -> list[str]:
        """The countries of the European Economic Area on the day of the extraction."""
        on = day.isoformat()
        rows = self.at.folder.law.get("eea", [])
        return [row["country"] for row in rows if row["valid_from"] <= on <= (row["valid_to"] or on)]
