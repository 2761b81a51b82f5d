"""Lapses: on which days what the exports hold will end; counts, no record."""

from typing import Any

from sqlglot import exp

from audit_lib.audit.catalogue import near
from audit_lib.audit.measuring import Measuring, refused
from audit_lib.datasets.schema import schemas
from audit_lib.expectations.periods import local_date
from audit_lib.expectations.rule import Aggregate, NotEvaluated, Setting
from audit_lib.expectations.sql import holds, select
from audit_lib.policy import Lapse, PolicyFolder

_COLUMNS = ("ends_on", "records")
_ENDS = ("instant", "end")


def wrong(folder: PolicyFolder) -> list[str]:
    """Datasets and columns of `lapses:` that cannot tell an end, a line each."""
    lines = []
    for dataset, columns in folder.policy.lapses.items():
        if dataset not in schemas():
            lines.append(f"policy.yaml: lapses: {dataset}: no such dataset{near(dataset, schemas())}")
            continue
        known = schemas()[dataset].columns
        ends = [name for name, column in known.items() if column.type in _ENDS]
        lines += [
            f"policy.yaml: lapses: {dataset}: {name}: no column of days: write one of {', '.join(ends)}"
            for name in columns
            if name not in ends
        ]
        flags = [name for name, column in known.items() if column.type == "bool"]
        lines += [
            f"policy.yaml: lapses: {dataset}: {name}: renewed: no column of true and false: write one of "
            f"{', '.join(flags)}, or remove it"
            for name, said in columns.items()
            if said.renewed and said.renewed not in flags
        ]
    return lines


def counted(at: Measuring) -> list[dict[str, Any]]:
    """Rows {dataset, column, ends_on, records}: what ends after the instant of the dataset, by the last day on which it
    holds; then, under no day, what has none, even where that is nothing. What cannot be counted says why instead.

    Raises EngineLostError.
    """
    return [
        {"dataset": dataset, "column": column, **row}
        for dataset, columns in at.folder.policy.lapses.items()
        for column, said in columns.items()
        for row in _rows(at, dataset, column, said)
    ]


def _rows(at: Measuring, dataset: str, column: str, said: Lapse) -> list[dict[str, Any]]:
    try:
        setting = at.setting(dataset)
        setting.require(column)
        rows = dict(at.engine.count(setting, _ends(setting, column, said))["rows"])
    except NotEvaluated as refusal:
        return [{**refused(refusal)}]
    undated = rows.pop(None, 0)
    return [{"ends_on": day, "records": n} for day, n in [*rows.items(), (None, undated)]]


def _ends(setting: Setting, column: str, said: Lapse) -> Aggregate:
    end = setting.column(column)
    goes_on = holds(setting.column(said.renewed)) if said.renewed else exp.false()
    query = select(
        "SELECT ends_on, COUNT(*) AS records FROM (SELECT :day AS ends_on FROM :dataset AS b "
        "WHERE (:end IS NULL OR :end > :now) AND NOT :goes_on) AS e GROUP BY ends_on",
        day=local_date(end, setting.time_zone),
        dataset=exp.to_table(setting.relation.name),
        end=end,
        now=setting.now,
        goes_on=goes_on,
    )
    return Aggregate("lapses", _COLUMNS, query)
