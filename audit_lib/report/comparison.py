"""Comparison: how two checks of the same exports differ, as lines of text and as data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audit_lib.history.compared import Compared
from audit_lib.history.forecast import Due, Forecast
from audit_lib.policy import clause_order
from audit_lib.report.outlook import due_rows
from audit_lib.report.plain import aligned
from audit_lib.report.runs import VERDICTS, Control, Run


@dataclass(frozen=True)
class ControlPair:
    """One control in both checks; None where one of them does not have it."""

    control_id: str
    clause: str
    before: Control | None
    after: Control | None
    findings: Compared

    @property
    def differs(self) -> bool:
        moved = self.findings.appeared or self.findings.gone or self.findings.changed
        return bool(moved) or self._shown(self.before) != self._shown(self.after)

    @staticmethod
    def _shown(control: Control | None) -> tuple[object, ...]:
        return () if control is None else (control.outcome, control.reason, control.about, *control.counts().values())


def differences(before: Run, after: Run, found: Iterable[Compared]) -> list[ControlPair]:
    """Every control of either check, in order of clause and id."""
    moves = {one.control_id: one for one in found}
    olds, news = ({control.id: control for control in run.controls} for run in (before, after))
    made = [
        ControlPair(
            name,
            (news.get(name) or olds[name]).clause,
            olds.get(name),
            news.get(name),
            moves.get(name, Compared(name, 0, 0, 0, 0)),
        )
        for name in {**olds, **news}
    ]
    return sorted(made, key=lambda one: (clause_order(one.clause), one.control_id))


def what_if(
    before: Run, after: Run, changes: Mapping[str, str], found: Sequence[ControlPair], then: tuple[Forecast, Forecast]
) -> Iterator[str]:
    """What a change would do: the controls that it changes, and what falls due today and with it."""
    words = before.words
    said = ", ".join(f"{name} = {value}" for name, value in changes.items())
    yield words.text("difference.what_if", change=said)
    yield words.text("difference.same_exports", run=before.facts["run_id"], day=words.instant(before.as_of))
    yield from _summary(before, found)
    today, later = ({one.control_id: one for one in forecast.due} for forecast in then)
    for one in found:
        dues = [due.get(one.control_id) or Due(one.control_id, 0, {}, 0) for due in (today, later)]
        if not one.differs and dues[0] == dues[1]:
            continue
        yield ""
        yield from _control(before, after, one)
        if one.control_id in today or one.control_id in later:
            heads = ["", words.text("difference.today"), words.text("difference.then")]
            rows = due_rows(words, dues, then[0].months, then[0].first, then[0].last)
            yield from aligned([heads, *rows])


def comparison(before: Run, after: Run, folders: Sequence[Path], found: Sequence[ControlPair]) -> Iterator[str]:
    """Two policies: what each alone asks, and what differs of what both ask."""
    words = before.words
    yield words.text("difference.compared", one=folders[0], other=folders[1], day=words.instant(before.as_of))
    if before.as_of != after.as_of:
        yield words.text("difference.other_day", day=words.instant(after.as_of))
    yield from _summary(before, found)
    for folder, run, alone in (
        (folders[0], before, [one for one in found if one.after is None]),
        (folders[1], after, [one for one in found if one.before is None]),
    ):
        if alone:
            yield ""
            yield words.text("difference.alone", folder=folder)
        for one in alone:
            told = words.count("findings", one.findings.gone + one.findings.appeared)
            label = words.label("outcomes", (one.before or one.after).outcome)  # type: ignore[union-attr]
            yield f"  {one.clause} · {run.title(one.control_id)}{words.text('ui.colon')}{label}, {told}"
    for one in found:
        if one.differs and one.before and one.after:
            yield ""
            yield from _control(before, after, one)


def as_data(
    before: Run,
    after: Run,
    found: Sequence[ControlPair],
    moved: Iterable[Mapping[str, Any]],
    then: tuple[Forecast, Forecast] | None = None,
) -> dict[str, Any]:
    """The same for a program: every control of either check, and the findings that moved."""
    dues: list[dict[str, Due]] = [{one.control_id: one for one in forecast.due} for forecast in then or ()]
    controls = []
    for one in found:
        told: dict[str, Any] = {
            "control_id": one.control_id,
            "clause": one.clause,
            "before": _data(one.before),
            "after": _data(one.after),
            **{name: n for name, n in asdict(one.findings).items() if name != "control_id"},
        }
        if then:
            told["due"] = {
                when: asdict(due[one.control_id]) if one.control_id in due else None
                for when, due in zip(("before", "after"), dues, strict=True)
            }
        controls.append(told)
    return {"before": _of_run(before), "after": _of_run(after), "controls": controls, "findings": list(moved)}


def _of_run(run: Run) -> dict[str, Any]:
    return {
        "as_of": run.facts["as_of"],
        "policy": {name: run.facts["policy"][name] for name in ("version", "sha256")},
        "parameters": run.facts["parameters"],
    }


def _data(control: Control | None) -> dict[str, Any] | None:
    if control is None:
        return None
    return {"outcome": control.outcome, "reason": control.reason, "about": control.about, "records": control.counts()}


def _summary(run: Run, found: Sequence[ControlPair]) -> Iterator[str]:
    words = run.words
    both = [one for one in found if one.before and one.after]
    yield words.text(
        "difference.summary",
        changed=words.number(sum(one.differs for one in both)),
        of=words.number(len(both)),
        appeared=words.number(sum(one.findings.appeared for one in both)),
        gone=words.number(sum(one.findings.gone for one in both)),
        stayed=words.number(sum(one.findings.stayed for one in both)),
    )


def _control(before: Run, after: Run, one: ControlPair) -> Iterator[str]:
    words = before.words
    old, new = one.before, one.after
    yield f"{one.clause} · {after.title(one.control_id)}"
    if old is None or new is None:
        return
    pairs = [words.label("outcomes", old.outcome), words.label("outcomes", new.outcome)]
    yield f"  {words.text('ui.outcome')}{words.text('ui.colon')}{' → '.join(dict.fromkeys(pairs))}"
    moves = one.findings
    yield (
        "  "
        + words.text(
            "difference.findings",
            appeared=words.number(moves.appeared),
            gone=words.number(moves.gone),
            stayed=words.number(moves.stayed),
        )
        + (words.text("difference.changed", n=words.number(moves.changed)) if moves.changed else "")
    )
    numbers = [(verdict, old.counts()[verdict], new.counts()[verdict]) for verdict in VERDICTS]
    counts = [
        f"{words.label('verdicts', verdict)} {words.number(was)} → {words.number(now)}"
        for verdict, was, now in numbers
        if was != now
    ]
    if counts:
        yield f"  {words.text('ui.records')}{words.text('ui.colon')}{', '.join(counts)}"
