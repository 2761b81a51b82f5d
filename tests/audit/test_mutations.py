"""Mutations: a looser period, threshold or switch, or a condition left out, shows in the samples for every control."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from audit_lib.audit.engine import LOCAL, engine
from audit_lib.datasets import Databases, connect, load
from audit_lib.engines.scan import verdict_of
from audit_lib.expectations.rule import NotEvaluated, Rule
from audit_lib.policy import Control, load_policy
from audit_lib.policy.periods import PeriodError, hours, parts
from tests.judging import ROOT, arguments_of, expectation_of

FOLDER = load_policy(ROOT / "expectations")
# What no one folder of exports can show, and the test that does.
ELSEWHERE = {
    # The samples tell their time zone: the tests of each verb, those of naive instants.
    "time_zone_unknown",
    # They have users to compare with: test_anonymisation.py, test_an_empty_user_base_proves_nothing.
    "no_known_user",
    # They hold none: test_detectors.py.
    *("iban_found", "nir_found", "siret_found"),
}
LIMITS_ELSEWHERE = {
    # They have contracts: test_retention.py, test_only_optional_contracts_may_not_be_supplied.
    "prospects_kept_at_most_3_years": {"contracts.optional"},
    # They have no hash as short as chance would make: test_hashes.py.
    "usage_log_ids_do_not_link_to_users": {"shortest", "chance"},
    "directory_residue_does_not_link_to_users": {"shortest", "chance"},
}


class Samples:
    """The samples, loaded once, and what a control says of each record of a dataset that it judges."""

    def __init__(self, judge: Any, extracted: dict[str, str]) -> None:
        self._judge = judge
        self._extracted = extracted

    def marks(self, control: Control, dataset: str, **changes: Any) -> tuple[Rule, list[int | None]]:
        expectation = expectation_of(FOLDER, control, dataset, self._extracted[dataset], **changes)
        setting = self._judge.setting(dataset, str(expectation.as_of), str(expectation.time_zone))
        rule = expectation.rule(setting)
        return rule, self._judge.marks(setting, rule)

    def said(self, control: Control, dataset: str, **changes: Any) -> list[str]:
        try:
            rule, marks = self.marks(control, dataset, **changes)
        except NotEvaluated as refusal:
            return [str(refusal)]
        return ["out" if mark is None else " ".join(verdict_of(rule, mark)) for mark in marks]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samples]:
    work = tmp_path_factory.mktemp("work")
    mappings = ROOT / "expectations" / "mappings"
    with closing(connect(work)) as con, closing(Databases()) as databases:
        loaded = load(ROOT / "data_samples", mappings, con, work, time_zone="Europe/Paris", databases=databases)
        with engine(LOCAL, loaded, con, master="", law=FOLDER.law, key=b"k" * 32, out=work) as judge:
            yield Samples(judge, {name: one.extracted_at.isoformat() for name, one in loaded.datasets.items()})


@pytest.mark.parametrize("control", FOLDER.controls, ids=lambda control: control.id)
def test_every_condition_decides_a_planted_record(samples: Samples, control: Control) -> None:
    idle = [_idle(samples, control, dataset) for dataset in control.judged]
    assert set.intersection(*idle) == set()


@pytest.mark.parametrize("control", FOLDER.controls, ids=lambda control: control.id)
def test_another_limit_or_switch_changes_a_verdict(samples: Samples, control: Control) -> None:
    unseen = [_unseen(samples, control, dataset) for dataset in control.judged]
    assert set.intersection(*unseen) == LIMITS_ELSEWHERE.get(control.id, set())


def _idle(samples: Samples, control: Control, dataset: str) -> set[tuple[str, str]]:
    """The conditions of a rule that decide no record: without them every verdict would be the same."""
    rule, marks = samples.marks(control, dataset)
    decided = {abs(mark) for mark in marks if mark}
    return {
        (branch.verdict.value, branch.reason)
        for place, branch in enumerate(rule.branches, 1)
        if place not in decided and branch.reason not in ELSEWHERE and branch.when.sql() not in ("FALSE", "false")
    }


def _unseen(samples: Samples, control: Control, dataset: str) -> set[str]:
    """The limits and switches of a control that could be others with the same verdicts."""
    usual = samples.said(control, dataset)
    return {
        path
        for name, value in arguments_of(FOLDER, control, dataset).items()
        for path, others in _others(value, name)
        if all(samples.said(control, dataset, **{name: other}) == usual for other in others)
    }


def _others(value: Any, path: str) -> Iterator[tuple[str, list[Any]]]:
    """Each limit or switch in an argument, by its path, and the argument with another value there: either way."""
    if isinstance(value, dict):
        for key, inner in value.items():
            for place, others in _others(inner, f"{path}.{key}"):
                yield place, [{**value, key: other} for other in others]
    elif isinstance(value, bool):
        yield path, [not value]
    elif isinstance(value, int):
        yield path, [value - 1, value + 1]
    elif isinstance(value, float):
        yield path, [value * 0.5, value * 1.04]
    elif isinstance(value, str) and (longer := _longer(value)):
        yield path, longer


def _longer(period: str) -> list[str]:
    """A day more, or a few where a weekend or the end of a month hides one; an hour more. None of what is no period."""
    try:
        months, days = parts(period)
    except PeriodError:
        try:
            return [f"PT{hours(period) + 1}H"]
        except PeriodError:
            return []
    return [f"P{months}M{days + more}D" for more in (1, 2, 3)]
