"""Evidence: what the exports show of a finding on the policy's own text."""

from collections.abc import Iterator, Mapping
from typing import Any

from audit_lib.audit.outcome import Tallies, Tally, whole
from audit_lib.policy import Evidence, Finding


def shown(finding: Finding, tallies: Tallies) -> list[dict[str, Any]]:
    """Counts behind a finding, with the words that they go into; nothing of what was not evaluated or has no record."""
    return [fact for one in finding.evidence if (parts := tallies.get(one.control)) for fact in _facts(one, parts)]


def _facts(said: Evidence, parts: Mapping[str, Tally]) -> Iterator[dict[str, Any]]:
    tally = whole(parts)
    population = sum(tally["counts"].values())
    if "not_evaluated" in tally or not population:
        return
    words = {"control": said.control, "says": said.says.model_dump()}
    if said.aggregate:
        for table in (table for part in parts.values() for table in part.get("aggregates", [])):
            if table["name"] == said.aggregate and table["rows"]:
                yield {**words, "columns": table["columns"], "rows": table["rows"]}
        return
    records = sum(_records(said, verdict, tally) for verdict in said.verdicts)
    if records:
        yield {**words, "records": records, "population": population, "share": records / population}


def _records(said: Evidence, verdict: str, tally: Tally) -> int:
    if not said.reasons:
        return int(tally["counts"].get(verdict, 0))
    reasons: Mapping[str, int] = tally.get("reasons", {}).get(verdict, {})
    return sum(reasons.get(reason, 0) for reason in said.reasons)
