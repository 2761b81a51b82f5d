"""Narrative: the prose between figures and tables."""

from markupsafe import Markup

from audit_lib.report.runs import UNPROVEN, Run
from audit_lib.report.shown import Shown, joined, shown


def section(run: Run, name: str) -> Shown:
    """The head of a part: its title, the question it answers, how to read it."""
    words = run.words
    return shown(
        '<h2 id="{name}">{title}</h2><p class="dpo-question">{question}</p>{intro}',
        name=name,
        title=words.text(f"sections.{name}.title"),
        question=words.text(f"sections.{name}.question"),
        intro=_paragraphs(words.text(f"sections.{name}.intro")),
    )


def say(run: Run, key: str) -> Shown:
    """A short passage with its heading, in the run's language."""
    words = run.words
    return shown(
        '<h3 id="{anchor}">{head}</h3>{text}',
        anchor=key.replace(".", "-").replace("_", "-"),
        head=words.text(f"narratives.{key}.head"),
        text=_paragraphs(words.text(f"narratives.{key}.text")),
    )


def reading(run: Run, *families: str) -> Shown:
    """What the controls of some families amount to, in a few sentences drawn from their counts."""
    return shown('<p class="dpo-reading">{text}</p>', text=" ".join(_sentences(run, *families)))


def _sentences(run: Run, *families: str) -> list[str]:
    words, controls = run.words, run.of_family(*families)
    if not controls:
        return [words.text("reading.none")]
    violated = run.with_outcome("violated", of=controls)
    unproven = run.with_outcome("not_evaluated", "empty", of=controls)
    said = []
    if len(run.with_outcome(*UNPROVEN, of=controls)) < len(controls):  # else "no breach found" would mislead
        said.append(
            words.text(
                f"reading.{'violated' if violated else 'none_violated'}",
                violated=words.number(len(violated)),
                controls=words.count("controls", len(controls)),
            )
        )
    if violated:
        largest = max(violated, key=lambda control: (control.fail, control.id))
        said.append(
            words.text(
                "reading.largest",
                failures=words.count("breaches", sum(control.fail for control in violated)),
                title=run.title(largest.id),
                n=words.number(largest.fail),
            )
        )
    if doubtful := sum(control.indeterminate for control in controls):
        said.append(words.text("reading.indeterminate", cases=words.count("cases", doubtful)))
    if to_judge := sum(control.review for control in controls):
        said.append(words.text("reading.review", cases=words.count("cases", to_judge)))
    if exempt := sum(control.exempt for control in controls):
        said.append(words.text("reading.exempt", cases=words.count("cases", exempt)))
    if unproven:
        said.append(words.text("reading.unproven", controls=words.count("controls", len(unproven))))
    return said


def _paragraphs(text: str) -> Markup:
    return joined([Markup("<p>{}</p>").format(part) for part in text.strip().split("\n\n") if part])
