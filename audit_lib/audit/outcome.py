"""Outcome: what a control showed, from the verdicts of its records."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """Worst first. Only COMPLIANT is a pass."""

    VIOLATED = "violated"
    NOT_EVALUATED = "not_evaluated"
    INDETERMINATE = "indeterminate"
    REVIEW = "review"
    EMPTY = "empty"
    COMPLIANT = "compliant"


def outcome(counts: Mapping[str, int]) -> Outcome:
    """The worst that applies. No record in scope is EMPTY, never COMPLIANT."""
    if counts["FAIL"]:
        return Outcome.VIOLATED
    if counts["INDETERMINATE"]:
        return Outcome.INDETERMINATE
    if counts["REVIEW"]:
        return Outcome.REVIEW
    return Outcome.COMPLIANT if sum(counts.values()) else Outcome.EMPTY


def of_tally(tally: Mapping[str, Any]) -> Outcome:
    """The outcome of a control from its tally: what could not be evaluated is never a pass."""
    return Outcome.NOT_EVALUATED if "not_evaluated" in tally else outcome(tally["counts"])
