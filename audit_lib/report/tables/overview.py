"""Overview: what a director reads in one minute."""

from collections import Counter
from datetime import timedelta

from markupsafe import Markup

from audit_lib.policy import clause_order
from audit_lib.report.figures.retention import AHEAD_DAYS, DAYS_A_WEEK, due_by_week
from audit_lib.report.runs import OUTCOMES, UNPROVEN, Control, Run
from audit_lib.report.shown import Shown, code, joined, shown
from audit_lib.report.tables.marks import icon, outcome_mark, severity_mark

_FIRST_ACTIONS = 5
_WORST_CLAUSES = 6
_UNPROVEN_LISTED = 6
_FILES_NAMED = 2
_FAILING = "SELECT count(*) FROM (SELECT DISTINCT dataset, source_file, source_row FROM found WHERE verdict = 'FAIL')"
_FILES = """
    SELECT control_id, source_file, count(*) FROM found WHERE verdict = 'FAIL'
    GROUP BY control_id, source_file ORDER BY count(*) DESC, source_file
"""


def headline(run: Run) -> Shown:
    """The conclusion in one sentence, and the controls by outcome as big figures."""
    words = run.words
    by_outcome = Counter(control.outcome for control in run.controls)
    tiles = joined(
        [
            Markup(
                '<li class="dpo-tile {code}{zero}"><span class="figure">{icon}{n}</span>'
                '<span class="name">{label}</span><span class="what">{sentence}</span></li>'
            ).format(
                code=outcome,
                zero="" if by_outcome[outcome] else " zero",
                icon=icon(outcome),
                n=words.number(by_outcome[outcome]),
                label=words.label("outcomes", outcome),
                sentence=words.sentence("outcomes", outcome),
            )
            for outcome in OUTCOMES
        ]
    )
    return shown(
        '<p class="dpo-conclusion">{sentence}</p>{warning}<ul class="dpo-tiles">{tiles}</ul>',
        sentence=conclusion(run),
        warning=_warning(run),
        tiles=tiles,
    )


def conclusion(run: Run) -> str:
    """One or two sentences: how many controls are violated, how many show nothing."""
    words = run.words
    by_outcome = Counter(control.outcome for control in run.controls)
    unproven = sum(by_outcome[outcome] for outcome in UNPROVEN)
    if unproven == len(run.controls):
        return words.text("overview.none_concluded", all=words.number(unproven))
    first = words.text(
        f"overview.{'violated' if by_outcome['violated'] else 'none_violated'}",
        violated=words.count("controls_violated", by_outcome["violated"]),
        all=words.number(len(run.controls)),
        breaches=words.count("breaches", sum(control.fail for control in run.controls)),
        records=words.count("records", sum(n for (n,) in run.query("findings", _FAILING))),
    )
    if not unproven:
        return first
    return f"{first} {words.text('overview.unproven', controls=words.count('controls', unproven))}"


def _warning(run: Run) -> Markup:
    """What was asked for or handed over and is in no figure of this report."""
    words, said = run.words, []
    if problems := run.facts.get("problems", []):
        said.append(words.text("overview.problems", problems=words.count("problems", len(problems))))
    if unread := run.facts.get("unrecognised", []):
        said.append(words.text("overview.unrecognised", files=words.count("unrecognised", len(unread))))
    return Markup('<p class="dpo-warning">{}</p>').format(" ".join(said)) if said else Markup("")


def overview(run: Run) -> Shown:
    """What to do first, the clauses most touched, and what could not be checked, side by side."""
    return shown(
        '<div class="dpo-grid"><div class="wide">{first}</div><div>{clauses}{ahead}{unproven}</div></div>',
        first=_first_actions(run),
        clauses=_worst_clauses(run),
        ahead=_ahead(run),
        unproven=_unproven(run),
    )


def _first_actions(run: Run) -> Markup:
    words = run.words
    chosen = run.with_outcome("violated")[:_FIRST_ACTIONS]
    files: dict[str, list[tuple[str, int]]] = {}
    for control_id, file, records in run.query("findings", _FILES):
        files.setdefault(control_id, []).append((file, records))
    items = joined([_action(run, control, files.get(control.id, [])) for control in chosen])
    body = Markup('<ol class="dpo-actions">{}</ol>').format(items)
    if not chosen:
        known = len(run.with_outcome(*UNPROVEN)) < len(run.controls)
        body = Markup("<p>{}</p>").format(words.text(f"overview.nothing_{'to_do' if known else 'known'}"))
    return Markup("<h3>{}</h3>{}").format(words.text("overview.first"), body)


def _action(run: Run, control: Control, files: list[tuple[str, int]]) -> Markup:
    words = run.words
    share = words.percent(control.fail / control.population) if control.population else ""
    return Markup(
        '<li><p class="what">{title}</p><p class="facts">{severity}<span>{clause}</span>'
        "<span><strong>{failures}</strong> {share}</span></p>"
        '<p class="remedy">{remedy}</p>{where}</li>'
    ).format(
        title=run.title(control.id),
        severity=severity_mark(run, control.severity),
        clause=f"{words.text('ui.clause')} {control.clause} · {words.label('layers', control.layer)}",
        failures=words.count("breaches", control.fail),
        share=words.text("overview.share", share=share, population=words.number(control.population)),
        remedy=run.remedy(control.id),
        where=_where(run, files),
    )


def _where(run: Run, files: list[tuple[str, int]]) -> Markup:
    """The files that hold the records, those with most of them first."""
    words = run.words
    if not files:
        return Markup("")
    named = [Markup("{} ({})").format(code(file), words.number(records)) for file, records in files[:_FILES_NAMED]]
    if (left := len(files) - _FILES_NAMED) > 0:
        named.append(Markup("{}").format(words.count("other_files", left)))
    return Markup('<p class="where">{} {}</p>').format(words.text("overview.where"), Markup(", ").join(named))


def _ahead(run: Run) -> Markup:
    """How many records, lawful today, reach their limit soon; nothing when no record has a limit."""
    words = run.words
    if not any(rows for _, rows in run.aggregate("due_by_day")):
        return Markup("")
    kept, acts = Counter[int](), Counter[int]()
    for control, weeks in due_by_week(run).items():
        (kept if control.family == "retention" else acts).update(weeks)
    said = [_ahead_of(run, key, weeks) for key, weeks in (("ahead", kept), ("ahead_acts", acts)) if weeks]
    if not said:
        said = [words.text("overview.ahead_none", days=words.count("days", AHEAD_DAYS))]
    paragraphs = joined([Markup("<p>{}</p>").format(one) for one in said])
    return Markup("<h3>{}</h3>{}").format(words.text("overview.ahead"), paragraphs)


def _ahead_of(run: Run, key: str, weeks: Counter[int]) -> str:
    words = run.words
    return words.text(
        f"overview.{key}_{'soon' if weeks[0] else 'later'}",
        records=words.count("records", weeks.total()),
        days=words.count("days", AHEAD_DAYS),
        soon=words.number(weeks[0]),
        day=words.day(run.today + timedelta(days=DAYS_A_WEEK - 1)),
        first=words.day(run.today + timedelta(days=DAYS_A_WEEK * min(weeks))),
    )


def _worst_clauses(run: Run) -> Markup:
    words = run.words
    by_clause: dict[str, list[Control]] = {}
    for control in run.controls:
        by_clause.setdefault(control.clause, []).append(control)
    violated = {clause: sum(c.outcome == "violated" for c in found) for clause, found in by_clause.items()}
    worst = sorted(
        (clause for clause, n in violated.items() if n),
        key=lambda clause: (-violated[clause], -sum(c.fail for c in by_clause[clause]), clause_order(clause)),
    )[:_WORST_CLAUSES]
    if not worst:
        return Markup("")
    bars = joined([_clause_bar(run, clause, by_clause[clause]) for clause in worst])
    return Markup('<h3>{}</h3><ul class="dpo-clauses">{}</ul>').format(words.text("overview.clauses"), bars)


def _clause_bar(run: Run, clause: str, controls: list[Control]) -> Markup:
    words = run.words
    ordered = sorted(controls, key=lambda control: OUTCOMES.index(control.outcome))
    squares = joined([Markup('<i class="{}"></i>').format(control.outcome) for control in ordered])
    return Markup(
        '<li><span class="clause">{clause}</span><span class="squares" aria-hidden="true">{squares}</span>'
        '<span class="n">{n}</span><span class="about">{about}</span></li>'
    ).format(
        clause=f"{words.text('ui.clause')} {clause}",
        squares=squares,
        about=run.policy.clause(clause),
        n=words.text(
            "overview.clause_count",
            violated=words.number(sum(control.outcome == "violated" for control in controls)),
            all=words.number(len(controls)),
        ),
    )


def _unproven(run: Run) -> Markup:
    words = run.words
    found = run.with_outcome(*UNPROVEN)
    if not found:
        return Markup("<h3>{}</h3><p>{}</p>").format(words.text("overview.not_shown"), words.text("overview.all_shown"))
    items = joined(
        [
            Markup("<li>{mark} <span>{title}</span></li>").format(
                mark=outcome_mark(run, control.outcome), title=run.title(control.id)
            )
            for control in found[:_UNPROVEN_LISTED]
        ]
    )
    left = len(found) - _UNPROVEN_LISTED
    more = Markup("<p>{}</p>").format(words.text("overview.more", n=words.number(left))) if left > 0 else ""
    return Markup('<h3>{}</h3><ul class="dpo-unproven">{}</ul>{}').format(words.text("overview.not_shown"), items, more)
