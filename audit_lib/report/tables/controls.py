"""Controls: each one's outcome, why, and which records to act on."""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from audit_lib.report.runs import UNPROVEN, VERDICTS, Control, Run
from audit_lib.report.shown import Cell, Head, Shown, breakable, code, joined, nothing, table
from audit_lib.report.tables.marks import outcome_mark, severity_mark, verdict_mark

_REFERENCES_SHOWN = 3
_REASONS = "SELECT control_id, verdict, reason, count(*) FROM found GROUP BY ALL"
_FINDINGS = """
    SELECT
        control_id,
        source_file,
        count(*) AS records,
        min(CAST(due_at AS DATE)) AS oldest_due,
        max(days_overdue) AS longest_overdue,
        min_by(
            struct_pack(ref := record_ref, at := source_row),
            struct_pack(late := -coalesce(days_overdue, 0), at := source_row),
            {shown}
        ) AS first
    FROM found
    WHERE verdict = 'FAIL'
    GROUP BY control_id, source_file
    ORDER BY control_id, records DESC, source_file
"""


def outcomes(run: Run, *families: str) -> Shown:
    """Every control with its outcome, its counts and what to do."""
    words = run.words
    heads = [
        Head(f"{words.text('ui.control')} · {words.text('ui.what_to_do')}"),
        Head(words.text("ui.clause")),
        Head(f"{words.text('ui.outcome')} · {words.text('ui.severity')}"),
        Head(words.text("ui.population"), numeric=True),
        *(Head(words.label("verdicts", v), numeric=True) for v in ("FAIL", "INDETERMINATE", "REVIEW", "EXEMPT")),
    ]
    rows = [_outcome_row(run, control) for control in run.of_family(*families)]
    if not rows:
        return nothing(run.words.text("reading.none"))
    caption = words.text("tables.outcomes", controls=words.count("controls", len(rows)))
    return Shown(table(caption, heads, rows, "outcomes"))


def reasons(run: Run, *families: str) -> Shown:
    """Why records did not pass, by control: each verdict and reason with its count and what it means."""
    words = run.words
    controls = run.of_family(*families)
    order = [control.id for control in controls]
    counted = [row for row in run.query("findings", _REASONS) if row[0] in order]
    if not counted:
        return _no_record(run, controls, "tables.reasons_none")
    counted.sort(key=lambda row: (order.index(row[0]), VERDICTS.index(row[1]), -row[3], row[2]))
    heads = [
        Head(words.text("ui.control")),
        Head(words.text("ui.verdict")),
        Head(words.text("ui.reason")),
        Head(words.text("ui.records"), numeric=True),
    ]
    rows: list[list[Cell]] = [
        [
            run.title(control_id),
            verdict_mark(run, verdict),
            Markup('<strong>{}</strong> <span class="means">{}</span>').format(
                words.label("reasons", reason), words.sentence("reasons", reason)
            ),
            words.number(count),
        ]
        for control_id, verdict, reason, count in counted
    ]
    return Shown(table(words.text("tables.reasons"), heads, rows, "reasons", grouped=True))


def to_act_on(run: Run, *families: str) -> Shown:
    """Records that fail, by control and file, with the references that lead an owner to them."""
    words = run.words
    controls = {control.id: control for control in run.of_family(*families)}
    found = run.query("findings", _FINDINGS.format(shown=_REFERENCES_SHOWN))
    chosen = [row for row in found if row[0] in controls]
    if not chosen:
        return _no_record(run, list(controls.values()), "tables.act_none")
    order = list(controls)
    chosen.sort(key=lambda row: (order.index(row[0]), -row[2], row[1]))
    rows: list[list[Cell]] = [
        [
            run.title(control_id),
            code(source_file),
            words.number(records),
            _overdue(run, oldest, longest),
            _references(first),
        ]
        for control_id, source_file, records, oldest, longest, first in chosen
    ]
    heads = [
        Head(words.text("ui.control")),
        Head(words.text("ui.file")),
        Head(words.text("ui.records"), numeric=True),
        Head(words.text("ui.oldest_overdue")),
        Head(words.text("ui.first_records")),
    ]
    note = Markup('<p class="dpo-note">{}</p>').format(words.text("tables.act_note"))
    return Shown(table(words.text("tables.act"), heads, rows, "act", grouped=True) + note)


def not_shown(run: Run, *families: str) -> Shown:
    """Controls that showed nothing, or not enough, and what would let them conclude."""
    words = run.words
    found = run.with_outcome(*UNPROVEN, of=run.of_family(*families))
    if not found:
        return nothing(run.words.text("tables.not_shown_none"))
    heads = [
        Head(words.text("ui.control")),
        Head(words.text("ui.clause")),
        Head(words.text("ui.outcome")),
        Head(words.text("ui.why")),
    ]
    rows: list[list[Cell]] = [
        [
            run.title(control.id),
            control.clause,
            outcome_mark(run, control.outcome),
            why_not_shown(run, control),
        ]
        for control in found
    ]
    return Shown(table(words.text("tables.not_shown"), heads, rows, "unproven"))


def why_not_shown(run: Run, control: Control) -> str:
    """Why a control does not conclude: what was not supplied, or what the records lack."""
    words = run.words
    if control.outcome == "empty":
        return words.text("overview.empty", dataset=_datasets(run, control.judges or (control.dataset,)))
    if control.outcome == "not_evaluated":
        code = control.reason or ""
        said = words.sentence("not_evaluated", code) or code
        if not control.about:
            return said
        about = _datasets(run, control.about.split(", "))
        return words.text("overview.not_evaluated", about=about, why=said[:1].lower() + said[1:])
    return words.text(
        "overview.indeterminate",
        records=words.count("records", control.indeterminate),
        reason=words.label("reasons", control.reason or ""),
    )


def _datasets(run: Run, names: Sequence[str]) -> str:
    """Datasets in the run's language; what is none, such as a column, as it is."""
    return ", ".join(run.words.label("datasets", name) for name in names)


def _outcome_row(run: Run, control: Control) -> list[Cell]:
    words = run.words
    todo = run.remedy(control.id)
    if control.outcome == "violated" and control.about:
        todo = words.text("overview.in_part", todo=todo, about=_datasets(run, control.about.split(", ")))
    if control.outcome in UNPROVEN:
        todo = why_not_shown(run, control)
    if control.outcome == "compliant":
        todo = words.text("overview.nothing")
    return [
        Markup('{}<span class="todo">{}</span><span class="id">{}</span>{}').format(
            run.title(control.id), todo, breakable(control.id), _legal(run, control.id)
        ),
        Markup('{}<span class="layer">{}</span>').format(control.clause, words.label("layers", control.layer)),
        Markup("{}{}").format(outcome_mark(run, control.outcome), severity_mark(run, control.severity)),
        *(words.number(n) for n in (control.population, control.fail, control.indeterminate)),
        words.number(control.review),
        words.number(control.exempt),
    ]


def _legal(run: Run, control_id: str) -> Markup:
    cited = run.policy.legal(control_id)
    return Markup('<span class="legal">{}</span>').format(" · ".join(cited)) if cited else Markup("")


def _overdue(run: Run, oldest: date | None, longest: int | None) -> str:
    if oldest is None or longest is None:
        return "–"
    return run.words.text("tables.overdue", day=run.words.day(oldest), days=run.words.count("days", longest))


def _references(first: Sequence[dict[str, object]]) -> Markup:
    return joined(
        [Markup('<span class="ref"><code>{}</code> · {}</span>').format(item["ref"], item["at"]) for item in first]
    )


def _no_record(run: Run, controls: Sequence[Control], key: str) -> Shown:
    """Said in place of a table of records: that none failed is only true of records that were judged."""
    if not controls:
        return nothing(run.words.text("reading.none"))
    return nothing(run.words.text(key if any(control.population for control in controls) else "tables.none_judged"))
