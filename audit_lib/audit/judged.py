"""Judged: every suite run on the exports, and all that is asked of them while they are there."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit_lib.audit import effects, lasting, publish
from audit_lib.audit.asked import asked
from audit_lib.audit.outcome import Tallies
from audit_lib.audit.request import Begun

if TYPE_CHECKING:
    from audit_lib.datasets import Loaded

# A dataset, its expectations, and the tally of each control.
_Ran = tuple[str, list[dict[str, Any]], dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Judged:
    """Tallies of every control, in order of id; problems met; columns that were read from a database; what --set
    changed; how anonymous tables are, none when nobody asked; what ends when.
    """

    tallies: Tallies
    problems: list[str]
    read: Mapping[str, list[str]]
    effects: list[dict[str, Any]]
    anonymity: list[dict[str, Any]] | None
    lapses: list[dict[str, Any]]


def judged_by(begun: Begun, name: str, loaded: "Loaded", con: Any, previous: Path | None) -> Judged:
    """`name`: the engine's. Writes the findings, and what became of the previous run's. Raises EngineLostError."""
    from audit_lib.audit import lapses
    from audit_lib.audit.engine import engine
    from audit_lib.audit.measuring import Measuring
    from audit_lib.audit.validate import Validator

    request, folder, steps, parameters = begun.request, begun.folder, begun.steps, begun.parameters

    def ran(
        suites: Mapping[str, dict[str, Any]], validator: Validator, parameters: Mapping[str, Any]
    ) -> Iterator[_Ran]:
        for dataset, suite in suites.items():
            if suite["expectations"]:
                at = loaded.datasets[dataset].extracted_at.isoformat()
                values = {"as_of": at, "time_zone": folder.policy.time_zone, **parameters}
                yield dataset, suite["expectations"], validator.run(dataset, suite, values)

    def judge(part: str) -> AbstractContextManager[Any]:
        (begun.work / part).mkdir()
        return engine(name, loaded, con, master=request.master, law=folder.law, key=begun.key, out=begun.work / part)

    measured = None
    ends: list[dict[str, Any]] = []
    with judge("findings") as first:
        at = Measuring(con, first, loaded, folder, parameters)
        with steps("check"):
            validator = Validator(first)
            found = asked(folder, request.policy, loaded, validator, parameters, request.changes)
            for dataset, expectations, tallies in ran(found.suites, validator, parameters):
                found.ran(dataset, tallies)
                publish.validation(begun.draft, dataset, expectations, found.tallies)
            if folder.policy.lapses:
                found.problems += lapses.wrong(folder)
                ends = lapses.counted(at)
        if request.anonymity:
            from audit_lib.audit import anonymity

            with steps("anonymity"):
                measured = anonymity.measured(at)
        with steps("changes"):
            publish.findings(con, begun.work / "findings", begun.draft)
            as_of = request.as_of or loaded.extracted_at
            lasting.write(
                lasting.Now(con, begun.draft, as_of, folder, parameters, found.tallies, first.references), previous
            )
    if missing := {one.id for one in folder.controls if found.tallies.get(one.id, {}).keys() != one.judged.keys()}:
        raise AssertionError(f"no outcome for: {', '.join(sorted(missing))}")
    concerned = effects.concerned(folder, request.changes)
    before = {control: dict(found.tallies[control]) for control in concerned}
    if concerned:
        own = {name: parameter.value for name, parameter in folder.policy.parameters.items()}
        with judge("before") as second, steps("effects"):
            for dataset, _, tallies in ran(effects.among(found.suites, concerned), Validator(second), own):
                for control, tally in tallies.items():
                    before[control][dataset] = tally
    return Judged(
        {name: dict(sorted(parts.items())) for name, parts in sorted(found.tallies.items())},
        found.problems,
        first.read,
        effects.compared(concerned, before, found.tallies, folder),
        measured,
        ends,
    )
