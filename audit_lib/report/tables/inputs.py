"""Inputs: what was handed over, what was read of it, and what was assumed."""

from typing import Any

from markupsafe import Markup

from audit_lib.report.runs import Run
from audit_lib.report.shown import Cell, Head, Shown, breakable, code, nothing, table

_UNKNOWN = (None, "", "unknown")  # a file that no format fits
_DIGEST_SHOWN = 12  # hex digits; run.json holds all of them
# The libraries that decide what is found and what it looks like; run.json has all.
_PACKAGES = ("duckdb", "great-expectations", "nbconvert", "pandas", "papermill", "plotly", "sqlglot")


def files(run: Run) -> Shown:
    """Each file: what it is, rows read = loaded + quarantined, and its fingerprint."""
    words = run.words
    heads = [
        Head(words.text("ui.file")),
        Head(words.text("ui.dataset")),
        Head(words.text("ui.format")),
        Head(words.text("ui.rows_read"), numeric=True),
        Head(words.text("ui.rows_loaded"), numeric=True),
        Head(words.text("ui.rows_quarantined"), numeric=True),
        Head("SHA-256"),
    ]
    rows = [_file_row(run, file) for file in run.facts.get("inputs", [])]
    if not rows:
        return nothing(run.words.text("tables.files_none"))
    unread = [str(name) for name in run.facts.get("unrecognised", [])]
    note = (
        Markup('<p class="dpo-note">{} {}</p>').format(
            words.text("tables.unrecognised"), Markup(", ").join(code(name) for name in unread)
        )
        if unread
        else Markup("")
    )
    return Shown(table(words.text("tables.files"), heads, rows, "files") + note)


def quarantine(run: Run) -> Shown:
    """Why rows were set aside, by file, column and reason."""
    words = run.words
    found = run.query(
        "quarantine",
        "SELECT source_file, dataset, coalesce(\"column\", ''), reason, count(*), min(source_row) FROM found"
        " GROUP BY ALL ORDER BY count(*) DESC, source_file, reason, 3",
    )
    if not found:
        return nothing(run.words.text("tables.quarantine_none"))
    heads = [
        Head(words.text("ui.file")),
        Head(words.text("ui.column")),
        Head(words.text("ui.reason")),
        Head(words.text("ui.meaning")),
        Head(words.text("ui.rows"), numeric=True),
        Head(words.text("ui.first_row"), numeric=True),
    ]
    rows: list[list[Cell]] = [
        [
            code(file),
            code(column) if column else "–",
            words.label("quarantine", reason),
            words.sentence("quarantine", reason),
            words.number(count),
            words.number(first),
        ]
        for file, _, column, reason, count, first in found
    ]
    return Shown(table(words.text("tables.quarantine"), heads, rows, "quarantine"))


def assumptions(run: Run) -> Shown:
    """Every choice made where policy, law or exports are silent: its value, why, who approved it."""
    words = run.words
    stated = run.facts.get("assumptions", [])
    if not stated:
        return nothing(run.words.text("tables.assumptions_none"))
    heads = [
        Head(words.text("ui.assumption")),
        Head(words.text("ui.value")),
        Head(words.text("ui.approved_by")),
    ]
    rows: list[list[Cell]] = [
        [
            Markup('{}<span class="id">{}</span>').format(_why(run, alike[0]), breakable(alike[0]["code"])),
            Markup("<br>").join(_value(run, one) for one in alike),
            Markup('<span class="whole">{}</span>').format(
                alike[0].get("approved_by") or words.text(_pending(alike[0]))
            ),
        ]
        for alike in _alike(stated)
    ]
    return Shown(table(words.text("tables.assumptions"), heads, rows, "assumptions"))


def _alike(stated: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """What was assumed of several files for the same reason, together: the reason is said once."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in stated:
        found.setdefault(one["code"], []).append(one)
    return list(found.values())


def _pending(assumption: dict[str, Any]) -> str:
    """A parameter waits for an approval; what was detected, for a line in exports.yaml."""
    return "ui.not_approved" if "value" in assumption else "ui.not_confirmed"


def _why(run: Run, assumption: dict[str, Any]) -> str:
    """Why a parameter has its value; or, of what was detected in the exports, what was taken as so."""
    why = assumption.get("why")
    if isinstance(why, dict):
        return run.words.chosen(why)
    return run.words.sentence("facts", assumption["code"]) or assumption["code"]


def provenance(run: Run) -> Shown:
    """What another person needs to run this audit again."""
    words, facts = run.words, run.facts
    policy = facts.get("policy", {})
    lines = [
        ("ui.run", facts["run_id"]),
        ("ui.as_of", words.instant(run.as_of)),
        ("ui.policy", f"{policy.get('id', '')} {policy.get('version', '')}".strip()),
        ("ui.policy_digest", code(str(policy.get("sha256", "")))),
        ("ui.engine", words.label("engines", str(facts.get("engine", "")))),
        ("ui.tool", f"dpo-audit {facts.get('tool_version', '')}"),
    ]
    rows: list[list[Cell]] = [[words.text(key), value] for key, value in [*lines, *_read(run)]]
    packages = facts.get("packages", {})
    rows += [[name, str(packages[name])] for name in _PACKAGES if name in packages]
    heads = [Head(words.text("ui.item")), Head(words.text("ui.value"))]
    return Shown(table(words.text("tables.provenance"), heads, rows, "provenance"))


def _read(run: Run) -> list[tuple[str, str]]:
    """How much of the exports was read, where an earlier audit had read some."""
    words, before = run.words, run.facts.get("read_before")
    if not before:
        return []
    files = [file for file in run.facts["inputs"] if file["bytes"]]
    mega = [words.number(round(count / 1e6, 1)) for count in (run.facts["bytes_read"], sum(f["bytes"] for f in files))]
    said = words.text(
        "ui.read_of",
        files=words.number(len(files) - len(before)),
        all_files=words.number(len(files)),
        megabytes=mega[0],
        all_megabytes=mega[1],
    )
    return [("ui.files_read", said)]


def _file_row(run: Run, file: dict[str, Any]) -> list[Cell]:
    words = run.words
    return [
        code(str(file["file"])),
        words.label("datasets", file["dataset"]) if file["dataset"] else "–",
        Markup(" · ").join(breakable(str(file[key])) for key in ("format", "mapping") if file.get(key) not in _UNKNOWN)
        or "–",
        words.number(file["rows_read"]),
        words.number(file["rows_loaded"]),
        words.number(file["rows_quarantined"]),
        Markup('<code class="whole">{}</code>').format(str(file["sha256"])[:_DIGEST_SHOWN]),
    ]


def _value(run: Run, assumption: dict[str, Any]) -> str:
    """A parameter's value, with the default it replaces; or what the assumption is about."""
    words = run.words
    if "value" not in assumption:
        return " · ".join(_spoken(run, value) for key, value in assumption.items() if key != "code") or "–"
    value, default = assumption["value"], assumption.get("default", assumption["value"])
    if str(value) == str(default):
        return _spoken(run, value)
    return words.text("ui.instead_of", value=_spoken(run, value), default=_spoken(run, default))


def _spoken(run: Run, value: object) -> str:
    """A value of a parameter: periods in words, lists with commas, numbers as the language writes them."""
    match value:
        case bool():
            return run.words.text("ui.yes_" if value else "ui.no_")
        case int() | float():
            return run.words.number(value)
        case list():
            return ", ".join(_spoken(run, item) for item in value)
        case dict():
            colon = run.words.text("ui.colon")
            return " · ".join(f"{_spoken(run, key)}{colon}{_spoken(run, item)}" for key, item in value.items())
        case _:
            return run.words.label("values", run.words.period(str(value)))
