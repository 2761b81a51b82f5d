"""Measuring: where the tables of a run are, for what is measured or counted beside its controls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audit_lib.datasets import Loaded
from audit_lib.engines import Engine
from audit_lib.expectations.rule import NotEvaluated, Setting
from audit_lib.policy import PolicyFolder


@dataclass(frozen=True)
class Measuring:
    """The tables, their engine, and what is known of them."""

    con: Any
    engine: Engine
    loaded: Loaded
    folder: PolicyFolder
    parameters: Mapping[str, Any]

    def setting(self, dataset: str) -> Setting:
        """Raises NotEvaluated when the dataset is not there."""
        self.accepted(dataset)
        there = self.loaded.datasets.get(dataset)
        instant = there.extracted_at if there else self.loaded.extracted_at
        return self.engine.setting(dataset, instant.isoformat(), self.folder.policy.time_zone)

    def accepted(self, dataset: str) -> None:
        """Raises NotEvaluated when its files were refused."""
        if files := self.loaded.refused.get(dataset):
            raise NotEvaluated("file_refused", ", ".join(files))


def refused(refusal: NotEvaluated) -> dict[str, str]:
    """What a run's files say instead of a result."""
    return {"not_evaluated": refusal.reason, "about": refusal.about}
