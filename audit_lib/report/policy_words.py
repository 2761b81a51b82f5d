"""Policy words: what the report quotes from the policy folder, in one language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit_lib.report.words import typeset


@dataclass(frozen=True)
class Quoted:
    """The words of one control."""

    title: str
    remedy: str
    legal: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ends:
    """What ends on the days of a column, and the clause that it touches."""

    what: str
    clause: str


@dataclass(frozen=True)
class PolicyWords:
    """The company, the names of the clauses and the words of the controls."""

    company: str = ""
    time_zone: str = "UTC"
    controls: Mapping[str, Quoted] = field(default_factory=dict)
    clauses: Mapping[str, str] = field(default_factory=dict)
    lapses: Mapping[tuple[str, str], Ends] = field(default_factory=dict)  # by dataset and column

    def title(self, control_id: str) -> str:
        """What the control says; its id, made readable, when the policy folder no longer has it."""
        found = self.controls.get(control_id)
        return found.title if found else control_id.replace("_", " ").capitalize()

    def remedy(self, control_id: str) -> str:
        """What to do when the control is not met; empty when unknown."""
        found = self.controls.get(control_id)
        return found.remedy if found else ""

    def legal(self, control_id: str) -> tuple[str, ...]:
        """What the control rests on."""
        found = self.controls.get(control_id)
        return found.legal if found else ()

    def clause(self, number: str) -> str:
        """What a clause of the policy is about; empty when unknown."""
        return self.clauses.get(number, "")


def policy_words(folder: Path, lang: str) -> PolicyWords:
    """The words of a policy folder. PolicyError when it has no usable policy.yaml."""
    from audit_lib.policy import load_policy

    said = load_policy(folder)

    def words(text: Any) -> str:
        return typeset(str(getattr(text, lang)), lang)

    return PolicyWords(
        company=said.policy.company.name,
        time_zone=said.policy.time_zone,
        controls={
            control.id: Quoted(
                words(control.title), words(control.remedy), tuple(words(one.cite) for one in control.legal)
            )
            for control in said.controls
        },
        clauses={number: words(text) for number, text in said.policy.clauses.items()},
        lapses={
            (dataset, column): Ends(words(one.what), one.clause)
            for dataset, columns in said.policy.lapses.items()
            for column, one in columns.items()
        },
    )
