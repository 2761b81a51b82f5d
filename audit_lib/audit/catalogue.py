"""Catalogue: the controls on a terminal, and one of them in full with the SQL it becomes."""

import datetime as dt
import difflib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from audit_lib.policy import Control, PolicyFolder
from audit_lib.policy.vocabulary import iri
from audit_lib.suites import is_stock, kwargs, verb

if TYPE_CHECKING:
    from sqlglot import exp

_VALUES_SHOWN = 5


def described(folder: PolicyFolder, control_id: str, language: str) -> list[str]:
    """Lines for a reader. Raises KeyError when there is no such control."""
    if not control_id:
        width = max((len(control.id) for control in folder.controls), default=0)
        return [
            f"{control.clause:<6} {control.severity:<9} {control.id:<{width}}  {getattr(control.title, language)}"
            for control in sorted(folder.controls, key=lambda one: (one.clause, one.id))
        ]
    by_id = {control.id: control for control in folder.controls}
    return _one(folder, by_id[control_id], language)


def near(name: str, known: Iterable[str]) -> str:
    """The advice to write the known name that is most alike, or nothing."""
    alike = difflib.get_close_matches(name, known, n=1)
    return f", write {alike[0]}" if alike else ""


def _one(folder: PolicyFolder, control: Control, language: str) -> list[str]:
    clause = folder.policy.clauses[control.clause]
    lines = [
        control.id,
        f"  {getattr(control.title, language)}",
        f"  {getattr(control.statement, language)}",
        f"clause: {control.clause} {getattr(clause, language)} ({control.layer}, {control.severity})",
        f"data: {', '.join(control.datasets)}",
        *(f"law: {getattr(one.cite, language)} {one.url or ''}".rstrip() for one in control.legal),
        *(f"about: {term} {iri(term)}" for term in control.dpv),
        f"remedy: {getattr(control.remedy, language)}",
        f"verb: {verb(control)}",
    ]
    for dataset in control.judged:
        lines += [f"judges: {dataset}", *_asked(folder, control, dataset)]
    return lines


def _asked(folder: PolicyFolder, control: Control, dataset: str) -> list[str]:
    """The arguments of the verb for a dataset that the control judges, and the SQL."""
    lines = []
    for name, value in kwargs(folder, control, dataset).items():
        parameter = value.get("$PARAMETER") if isinstance(value, dict) else None
        shown = folder.policy.parameters[parameter].value if parameter else value
        lines.append(f"  {name}: {shown}" + (f"  (parameter {parameter})" if parameter else ""))
    from audit_lib.expectations.rule import NotEvaluated

    if not is_stock(verb(control)):
        try:
            lines += ["sql:", *(f"  {line}" for line in _sql(folder, control, dataset).splitlines())]
        except (NotEvaluated, AttributeError, LookupError, TypeError, ValueError):
            lines.append("  none, the control is wrong: dpo-audit check says how")
    return lines


def _sql(folder: PolicyFolder, control: Control, dataset: str) -> str:
    """The mark of a record in DuckDB's dialect: null out of scope, 0 PASS, else the branch that decides."""
    from audit_lib.datasets.schema import schemas
    from audit_lib.engines.scan import mark, renamed, verdict_of
    from audit_lib.expectations.base import from_json
    from audit_lib.expectations.rule import Relation, Setting

    relations = {
        name: Relation(
            name,
            {column.name: column.type for column in schema.columns.values()},
            frozenset(schema.columns),
            key=schema.key,
        )
        for name, schema in schemas().items()
    }
    example = dt.datetime.fromisoformat(f"{folder.policy.policy.in_force_since}T00:00:00+00:00")
    said: dict[str, Any] = {
        name: folder.policy.parameters[value["$PARAMETER"]].value
        if isinstance(value, dict) and "$PARAMETER" in value
        else value
        for name, value in kwargs(folder, control, dataset).items()
    }
    frame = {"as_of": example.isoformat(), "time_zone": folder.policy.time_zone, "control": control.id}
    expectation = from_json(json.dumps({"type": verb(control), "kwargs": {**frame, **said}}))
    setting = Setting(relations[dataset], relations, folder.law, example, folder.policy.time_zone)
    rule = expectation.rule(setting)
    reasons = [f"-- {place}: {' '.join(verdict_of(rule, place))}" for place in range(len(rule.branches) + 1)]
    joins = [f"-- {one.alias}:\n{one.query.sql('duckdb', pretty=True)}" for one in (*rule.lookups,)]
    steps = [f"-- {one.name}:\n{_listed(one.query)}" for one in rule.steps]
    return "\n".join([*reasons, *steps, *joins, "-- verdict:", mark(renamed(rule, "")).sql("duckdb", pretty=True)])


def _listed(query: "exp.Query") -> str:
    """The query; of a long list of values only the first."""
    from sqlglot import exp

    query, left = query.copy(), 0
    for values in query.find_all(exp.Values):
        left += max(len(values.expressions) - _VALUES_SHOWN, 0)
        values.set("expressions", values.expressions[:_VALUES_SHOWN])
    told = f"-- and {left} values more\n" if left else ""
    text: str = query.sql("duckdb", pretty=True)
    return told + text
