"""Message: what is said of a run that ended: counts, and no name of a file, a record or a control."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit_lib.report.runs import OUTCOMES, SEVERITIES
from audit_lib.report.words import Words

CHANGES = ("new", "reappeared", "open", "resolved", "not_shown", "accepted", "expired")


@dataclass(frozen=True)
class Message:
    """A line, a text of lines, and the same for programs."""

    subject: str
    text: str
    facts: Mapping[str, Any]


def finished(
    facts: Mapping[str, Any],
    controls: Sequence[Mapping[str, Any]],
    words: Words,
    *,
    status: int = 0,
    changes: Mapping[str, int] | None = None,
    notes: Sequence[str] = (),
) -> Message:
    """Of a run that was published. `facts`: its run.json; `status`: how the command ends; `changes`: records by what
    became of them since the previous run, None when there is none; `notes`: lines on runs that were missed.
    """
    outcomes = Counter(one["outcome"] for one in controls)
    violated = Counter(one["severity"] for one in controls if one["outcome"] == "violated")
    moment = datetime.fromisoformat(facts["as_of"])
    company = facts["policy"]["id"]
    told: dict[str, Any] = {
        "company": company,
        "run_id": facts["run_id"],
        "as_of": facts["as_of"],
        "status": status,
        "outcomes": {name: outcomes[name] for name in OUTCOMES},
        "violated": {name: violated[name] for name in SEVERITIES},
    }
    lines = [words.text("notification.done", company=company, moment=words.instant(moment))]
    lines += [words.text("notification.run", run=facts["run_id"])]
    lines += _stated(status, words)
    lines += _listed("outcomes", [(words.label("outcomes", name), n) for name, n in told["outcomes"].items()], words)
    lines += _listed("violated", [(words.label("severities", name), n) for name, n in told["violated"].items()], words)
    if changes is not None:
        told["changes"] = {name: changes.get(name, 0) for name in CHANGES}
        changed = [(words.text(f"notification.change.{name}"), n) for name, n in told["changes"].items()]
        lines += _listed("changes", changed, words)
    if notes:
        told["notes"] = list(notes)
        lines += ["", *notes]
    lines += ["", words.text("notification.where")]
    subject = f"{company}{words.text('ui.colon')}{words.count('controls_violated', outcomes['violated'])}"
    if status > 1:
        subject += words.text("notification.incomplete", status=status)
    return _message(subject, lines, told)


def failed(status: int, company: str, words: Words) -> Message:
    """Of a run that published nothing. `company`: whose policy it was, empty when that could not be read."""
    subject = words.text("notification.failed", status=status)
    if company:
        subject = f"{company}{words.text('ui.colon')}{subject}"
    lines = [subject, *_stated(status, words), "", words.text("notification.why")]
    return _message(subject, lines, {"company": company or None, "status": status})


def _stated(status: int, words: Words) -> Iterator[str]:
    if status:
        yield words.text(f"notification.status.{status}")


def _listed(name: str, counts: Iterable[tuple[str, int]], words: Words) -> Iterator[str]:
    yield ""
    yield words.text(f"notification.{name}")
    for label, number in counts:
        yield f"- {label}{words.text('ui.colon')}{words.number(number)}"


def _message(subject: str, lines: Iterable[str], facts: Mapping[str, Any]) -> Message:
    # A header of a letter is one line.
    return Message(re.sub(r"[\x00-\x1f\x7f]+", " ", subject), "\n".join(lines) + "\n", facts)
