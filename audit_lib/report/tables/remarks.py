"""Remarks: what reading the files noted, in the language of the report."""

import re

from markupsafe import Markup

from audit_lib.report.runs import Run
from audit_lib.report.shown import Shown, joined, nothing, shown

# the reader writes its notes in English, as the commands print them
_NOTES = {
    "unknown_countries": re.compile(r"(?P<n>\d+) unknown countr(?:y|ies) in (?P<column>.+)"),
    "left_out": re.compile(r"(?P<n>\d+) entr(?:y|ies) left out: not about people"),
    "not_read": re.compile(r"(?P<column>\S+) was not read: .+"),
}
_SET_ASIDE = re.compile(r"\d+ rows? set aside: .+")  # the table of quarantined rows says it


def notes(run: Run) -> Shown:
    """Problems of the run, and remarks on single files."""
    words = run.words
    noted = [(file["file"], note) for file in run.facts.get("inputs", []) for note in file.get("notes", [])]
    remarks = [
        Markup("<li><code>{}</code>{}{}</li>").format(name, words.text("ui.colon"), _said(run, note))
        for name, note in noted
        if not _SET_ASIDE.fullmatch(note)
    ]
    # What is a note as well is told as one, in the language of the report.
    told = {f"{name}: {note}" for name, note in noted}
    line = Markup('<li lang="en">{}</li>')
    problems = [line.format(one) for one in run.facts.get("problems", []) if one not in told]
    if not problems + remarks:
        return nothing(words.text("tables.notes_none"))
    to_correct = Markup('<p class="dpo-warning">{}</p><ul class="dpo-notes problems">{}</ul>')
    return shown(
        '{problems}<ul class="dpo-notes">{remarks}</ul>',
        problems=to_correct.format(words.text("tables.problems"), joined(problems)) if problems else "",
        remarks=joined(remarks),
    )


def _said(run: Run, note: str) -> str:
    for key, pattern in _NOTES.items():
        if found := pattern.fullmatch(note):
            return run.words.text(f"notes.{key}", **found.groupdict())
    return note
