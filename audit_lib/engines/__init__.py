"""Engines: each runs the same rules where its data are, one query for all the row rules of a dataset."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from audit_lib.expectations.rule import Aggregate, Rule, Setting
from audit_lib.unforeseen import EngineLostError

# {"counts": {verdict: n}, "reasons": {verdict: {reason: n}}, "earliest_due", "latest_due", "aggregates"},
# or {"not_evaluated": reason, "about": names}.
Tally = dict[str, Any]


class Engine(Protocol):
    """What a verb needs of the place where the data are. Its file says nothing of any verb."""

    dialect: str
    # Why it cannot go on, once it cannot: Great Expectations would take it for the fault of a rule.
    lost: EngineLostError | None

    @property
    def read(self) -> Mapping[str, list[str]]:
        """By dataset, the columns that did not stay where they were."""

    def columns(self, dataset: str) -> Mapping[str, str]:
        """Columns of a dataset and their types; empty when it is not there."""

    def setting(self, dataset: str, as_of: str, time_zone: str) -> Setting:
        """What is known before the data are read. Raises NotEvaluated when the dataset is not there."""

    def judge(self, setting: Setting, rules: Mapping[str, Rule]) -> dict[str, Tally]:
        """One tally a rule, by its name; never raises for a rule: the others keep their results.

        Findings go from the engine to Parquet; no record passes through Python. Raises EngineLostError.
        """

    def count(self, setting: Setting, aggregate: Aggregate) -> dict[str, Any]:
        """A small table of the dataset; nothing else of it leaves its place.

        Raises NotEvaluated, EngineLostError.
        """

    def bring(self, dataset: str, columns: Iterable[str]) -> None:
        """Has these columns of the dataset, where there are any, in the run's database from then on."""

    def references(self, dataset: str) -> str | None:
        """A query of the run's database that tells the reference, `ref`, of each record, and whether it could be
        `read`; None when a reference says no more than a file and a row, which changes with the file.
        """

    def frame(self, dataset: str, columns: list[str]) -> Any:
        """A pandas frame of these columns, for stock expectations; its index is file and row in one number."""

    def report(self, control: str, setting: Setting, positions: list[int], reason: str) -> None:
        """Findings of a stock expectation, by the positions that `frame` gave."""
