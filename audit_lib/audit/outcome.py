"""Outcome: what a control showed, from the verdicts of its records in every dataset that it judges."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from audit_lib.policy.vocabulary import iri

Tally = dict[str, Any]
# By control, the tally of each dataset that it judges.
Tallies = Mapping[str, Mapping[str, Tally]]


class Outcome(StrEnum):
    """Worst first. Only COMPLIANT is a pass."""

    VIOLATED = "violated"
    NOT_EVALUATED = "not_evaluated"
    INDETERMINATE = "indeterminate"
    REVIEW = "review"
    EMPTY = "empty"
    COMPLIANT = "compliant"


# In the Data Privacy Vocabulary. NonCompliant is no breach there (objectives not met, but not violated), and nothing
# that was not shown is Compliant.
_STATUS = {
    Outcome.VIOLATED: "dpv:ComplianceViolation",
    Outcome.NOT_EVALUATED: "dpv:ComplianceUnknown",
    Outcome.INDETERMINATE: "dpv:ComplianceUnknown",
    Outcome.REVIEW: "dpv:ComplianceIndeterminate",
    Outcome.EMPTY: "dpv:ComplianceUnknown",
    Outcome.COMPLIANT: "dpv:Compliant",
}


def status(shown: Outcome) -> str:
    """The IRI of the status of compliance that an outcome is."""
    return iri(_STATUS[shown])


def outcome(tally: Mapping[str, Any]) -> Outcome:
    """The worst that applies. No record in scope is EMPTY, never COMPLIANT."""
    counts = tally.get("counts", {})
    if counts.get("FAIL"):
        return Outcome.VIOLATED
    if "not_evaluated" in tally:
        return Outcome.NOT_EVALUATED
    if counts["INDETERMINATE"]:
        return Outcome.INDETERMINATE
    if counts["REVIEW"]:
        return Outcome.REVIEW
    return Outcome.COMPLIANT if sum(counts.values()) else Outcome.EMPTY


def whole(parts: Mapping[str, Tally]) -> Tally:
    """One tally of a control, without aggregates, from those of the datasets that it judges.

    A dataset that could not be judged leaves its reason, whatever the others showed.
    """
    tally: Tally = {"counts": {}, "reasons": {}}
    for part in parts.values():
        _add(tally["counts"], part.get("counts", {}))
        for verdict, said in part.get("reasons", {}).items():
            _add(tally["reasons"].setdefault(verdict, {}), said)
    for name, choose in (("earliest_due", min), ("latest_due", max)):
        tally[name] = choose((part[name] for part in parts.values() if part.get(name)), default=None)
    refused = [part for part in parts.values() if "not_evaluated" in part]
    if refused:
        reason = refused[0]["not_evaluated"]
        abouts = [part.get("about", "") for part in refused if part["not_evaluated"] == reason]
        tally |= {"not_evaluated": reason, "about": ", ".join(dict.fromkeys(abouts))}
    return tally


def _add(total: dict[str, int], counts: Mapping[str, int]) -> None:
    for name, number in counts.items():
        total[name] = total.get(name, 0) + number
