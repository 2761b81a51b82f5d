"""External: the report for people outside, of which no small number tells of anybody."""

import math
from collections.abc import Iterator
from pathlib import Path

from audit_lib.policy import clause_order
from audit_lib.report.runs import OUTCOMES, Control, Run
from audit_lib.report.template import template

_TEMPLATES = Path(__file__).parent / "templates"
NAME = "report.external.html"


def external_html(run: Run) -> str:
    """One page without script, charts or names of files. The same run gives the same bytes."""
    words = run.words
    page: str = template(_TEMPLATES / "external.html.j2").render(
        words=words,
        facts=run.facts,
        company=run.policy.company,
        as_of=words.day(run.as_of.date()),
        smallest=_smallest(run),
        outcomes=[
            (name, words.label("outcomes", name), sum(one.outcome == name for one in run.controls)) for name in OUTCOMES
        ],
        clauses=list(_clauses(run)),
    )
    return page


def coarse(run: Run, number: int) -> str:
    """A number that tells of nobody: nothing, fewer than the smallest group of the policy, or two digits of it.

    A dash when the policy does not say how small a group may be (its parameter k).
    """
    words, smallest = run.words, _smallest(run)
    if smallest is None:
        return "–"
    if number == 0:
        return words.number(0)
    if number < smallest:
        return words.text("external.few", most=words.number(smallest - 1))
    step = 10 ** max(int(math.log10(number)) - 1, 1)
    return words.text("external.about", n=words.number(round(number / step) * step))


def _smallest(run: Run) -> int | None:
    k = run.facts["parameters"].get("k")
    return k if isinstance(k, int) and k > 1 else None


def _clauses(run: Run) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """Each clause with its controls."""
    for clause in sorted({one.clause for one in run.controls}, key=clause_order):
        controls = sorted((one for one in run.controls if one.clause == clause), key=lambda one: one.id)
        yield clause, run.policy.clause(clause), [_control(run, one) for one in controls]


def _control(run: Run, one: Control) -> dict[str, str]:
    return {
        "title": run.title(one.id),
        "outcome": one.outcome,
        "label": run.words.label("outcomes", one.outcome),
        "population": coarse(run, one.population),
        "fail": coarse(run, one.fail),
    }
