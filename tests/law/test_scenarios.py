"""Scenarios: the controls as they stand in expectations/, asked of facts that a lawyer wrote down.

Each file names a control, what every case has in common (`given`), and the cases: `facts` of the record judged,
`beside` it records of other datasets, `as_of` when it is not the file's, the verdict and why. Dates without a time are
days of Paris.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from audit_lib.datasets.schema import schemas
from audit_lib.policy import PolicyFolder, load_policy
from tests.judging import ROOT, expectation_of, verdicts

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
ZONE = ZoneInfo("Europe/Paris")


def _cases() -> Iterator[Any]:
    for path in FILES:
        for said in yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader):  # noqa: S506 - texts only
            for case in said["cases"]:
                facts = ", ".join(f"{k} {v}" for k, v in case.get("facts", {}).items())
                yield pytest.param(said, case, id=f"{path.stem}: {facts}"[:90])


@cache
def _folder() -> PolicyFolder:
    return load_policy(ROOT / "expectations")


@pytest.mark.parametrize(("said", "case"), list(_cases()))
def test_the_control_says_what_the_law_says(said: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    [control] = [one for one in _folder().controls if one.id == said["control"]]
    tables = {control.dataset: [_record(control.dataset, {**said["given"], **case.get("facts", {})})]}
    for name, given in said.get("beside", {}).items():
        rows = case.get("beside", {}).get(name, [{}])
        tables[name] = [_record(name, {**given, **row}) for row in rows]
    as_of = case.get("as_of", said["as_of"])
    [found] = verdicts(expectation_of(_folder(), control, control.dataset, as_of), tables)
    assert found.split()[0] == case["verdict"], f"{case['why']} ({found})"


def test_there_are_scenarios_for_every_part_of_the_law() -> None:
    assert len(list(_cases())) >= 80


def _record(dataset: str, facts: Mapping[str, str]) -> dict[str, Any]:
    columns = schemas()[dataset].columns
    return {name: _value(columns[name].type if name in columns else "text", text) for name, text in facts.items()}


def _value(kind: str, text: str) -> Any:
    """As the loader stores it: instants naive in UTC, an end as the last instant of its day. Blank is null."""
    if not text:
        return None
    if kind == "bool":
        return {"yes": True, "no": False}[text]
    if kind not in ("instant", "end"):
        return text
    at = dt.datetime.fromisoformat(text)
    if len(text) == len("2026-01-20"):
        at = at.replace(tzinfo=ZONE)
        if kind == "end":
            at = (at + dt.timedelta(days=1)).astimezone(dt.UTC) - dt.timedelta(microseconds=1)
    assert at.tzinfo, f"{text}: write an offset"
    return at.astimezone(dt.UTC).replace(tzinfo=None)
