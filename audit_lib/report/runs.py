"""Runs: the folder that one check wrote, as the report reads it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from audit_lib.report.policy_words import PolicyWords, policy_words
from audit_lib.report.words import Words, words

OUTCOMES = ("violated", "not_evaluated", "indeterminate", "review", "empty", "compliant")  # worst first
SEVERITIES = ("critical", "high", "medium", "low")
VERDICTS = ("FAIL", "INDETERMINATE", "REVIEW", "EXEMPT", "PASS")
UNPROVEN = ("not_evaluated", "indeterminate", "empty")


class RunError(Exception):
    """A run folder lacks something the report needs."""


@dataclass(frozen=True, eq=False)
class Control:
    """What one control showed: a row of controls.json."""

    id: str
    clause: str
    layer: str
    family: str
    severity: str
    dataset: str
    outcome: str
    population: int
    passed: int
    fail: int
    exempt: int
    indeterminate: int
    review: int
    reason: str | None
    parameters: Mapping[str, Any]
    earliest_due: str | None = None
    latest_due: str | None = None
    about: str = ""  # what could not be judged: the datasets, columns or files that are missing
    judges: tuple[str, ...] = ()  # the datasets whose records it judges
    reasons: Mapping[str, int] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Records by verdict, worst first."""
        return {
            "FAIL": self.fail,
            "INDETERMINATE": self.indeterminate,
            "REVIEW": self.review,
            "EXEMPT": self.exempt,
            "PASS": self.passed,
        }


@dataclass(frozen=True, repr=False)
class Run:
    """One run, the words of its language and those of its policy."""

    folder: Path
    facts: Mapping[str, Any]
    controls: tuple[Control, ...]
    aggregates: tuple[Mapping[str, Any], ...]
    policy: PolicyWords
    words: Words
    anonymity: tuple[Mapping[str, Any], ...] = ()  # how far tables are anonymous, where they were measured
    changes: Mapping[str, Any] | None = None  # since the run before; none: the run does not tell
    lapses: tuple[Mapping[str, Any], ...] | None = None  # what the exports say will end; none: the run does not tell

    @cached_property
    def as_of(self) -> datetime:
        """The instant at which "still stored" is judged, in the policy's time zone."""
        instant = datetime.fromisoformat(str(self.facts["as_of"]))
        return instant.astimezone(ZoneInfo(self.policy.time_zone)) if instant.tzinfo else instant

    @property
    def today(self) -> date:
        """The day of the audit, as the run wrote it: never the clock's."""
        return self.as_of.date()

    def of_family(self, *families: str) -> tuple[Control, ...]:
        """The controls of some families, or of all when none is named; worst first."""
        chosen = [c for c in self.controls if not families or c.family in families]
        return tuple(sorted(chosen, key=urgency))

    def with_outcome(self, *outcomes: str, of: Iterable[Control] | None = None) -> tuple[Control, ...]:
        """The controls with one of these outcomes, worst first."""
        chosen = self.of_family() if of is None else of
        return tuple(c for c in chosen if c.outcome in outcomes)

    def title(self, control_id: str) -> str:
        """What a control says, in the run's language; its id when the policy folder does not have it."""
        return self.policy.title(control_id)

    def remedy(self, control_id: str) -> str:
        """What to do about a control; empty when the policy folder does not say."""
        return self.policy.remedy(control_id)

    def __repr__(self) -> str:
        return f"Run({self.facts['run_id']})"  # a notebook keeps it: no path of this machine

    def _repr_html_(self) -> str:
        """What a notebook shows of it: which run this is, and the look of what follows."""
        from audit_lib.report.shown import opened

        return opened(self)

    def aggregate(self, name: str, *families: str) -> list[tuple[Control, list[dict[str, Any]]]]:
        """Rows of an aggregate, by control, of all the datasets that it judges."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for found in self.aggregates:
            if found["name"] == name:
                shown = (dict(zip(found["columns"], row, strict=True)) for row in found["rows"])
                rows.setdefault(found["control_id"], []).extend(shown)
        known = {control.id: control for control in self.controls if not families or control.family in families}
        return [(known[name], found) for name, found in rows.items() if name in known]

    def query(self, table: str, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a query on one Parquet file of the run, read as `found`. No row when the file is absent."""
        path = self.folder / f"{table}.parquet"
        if not path.is_file():
            return []
        import duckdb

        with duckdb.connect() as connection:
            connection.execute("SET threads = 1")
            source = connection.read_parquet(str(path))
            source.create_view("found")
            rows: list[tuple[Any, ...]] = connection.execute(sql, list(values)).fetchall()
        return rows


def urgency(control: Control) -> tuple[int, int, int, str]:
    """The order in which to act: outcome, severity, records that fail, id."""
    severity = SEVERITIES.index(control.severity) if control.severity in SEVERITIES else len(SEVERITIES)
    return (OUTCOMES.index(control.outcome), severity, -control.fail, control.id)


def load(folder: Path, *, policy: Path, lang: str | None = None) -> Run:
    """A run folder and its policy. RunError names the file that is missing or wrong."""
    facts = _json(folder, "run.json")
    chosen = words(lang or str(facts.get("language", "fr")))
    return Run(
        folder=folder,
        facts=facts,
        controls=tuple(_control(row, index) for index, row in enumerate(_json(folder, "controls.json"))),
        aggregates=tuple(_json(folder, "aggregates.json", default=[])),
        policy=policy_words(policy, chosen.lang),
        words=chosen,
        anonymity=tuple(_json(folder, "anonymity.json", default=[])),
        changes=_json(folder, "changes.json") if (folder / "changes.json").is_file() else None,
        lapses=tuple(_json(folder, "lapses.json")) if (folder / "lapses.json").is_file() else None,
    )


def _control(row: Mapping[str, Any], index: int) -> Control:
    known = {"passed" if key == "pass" else key: value for key, value in row.items()}
    wanted = {f.name for f in fields(Control)}
    optional = {"earliest_due", "latest_due", "about", "judges", "reasons"}
    if missing := sorted(wanted - optional - known.keys()):
        raise RunError(f"controls.json: row {index + 1}: {', '.join(missing)}: missing")
    if known["outcome"] not in OUTCOMES:
        raise RunError(f"controls.json: row {index + 1}: outcome: write one of {', '.join(OUTCOMES)}")
    return Control(**{key: value for key, value in known.items() if key in wanted})


def _json(folder: Path, name: str, *, default: Any = None) -> Any:
    path = folder / name
    if not path.is_file():
        if default is not None:
            return default
        raise RunError(f"{folder.name}: {name} is missing: give the folder of a finished run")
    try:
        return json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise RunError(f"{folder.name}: {name}: line {error.lineno}: not JSON") from None
