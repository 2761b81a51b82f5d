"""Transfers: every day of a flow outside the EEA rests on a ground that was valid that day."""

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.declared_values import begun
from audit_lib.expectations.gaps import gaps
from audit_lib.expectations.periods import local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.reliance import reliance
from audit_lib.expectations.rule import RECORD, Aggregate, Branch, Lookup, Rule, Setting, Step
from audit_lib.expectations.safeguards import (
    BINDING_RULES,
    Flow,
    clauses_named,
    covers,
    module_right,
)
from audit_lib.expectations.sql import all_of, any_of, blank, holds, is_in, negate, select, sql, union_all


class ExpectTransfersCovered(RecordExpectation):
    """Each transfer is covered on every calendar day from its start to its end or the audit's day.

    Grounds: the EEA, an adequacy decision in force and in scope, standard clauses or binding corporate rules valid
    that day. `derogations`: Article 49, codes of conduct and certification are for REVIEW instead of a breach.
    `assessed_from`: date (ISO) from which clauses and binding rules need an impact assessment made before the first
    day they are relied on; none is asked when it is not given.
    """

    derogations: bool
    assessed_from: str | None = None

    def branches(self, setting: Setting) -> Rule:
        setting.require("country", "start", "tool")
        flow = Flow(setting)
        cover = Lookup("cover", _worst(), RECORD)
        doubt = Lookup("doubt", _doubted(), RECORD)
        lookups = [cover, doubt]
        steps = [
            Step("days", _days(setting)),
            *covers(setting, derogations=self.derogations),
            Step("gaps", gaps("grounds", _KEY)),
        ]
        assessed: list[Branch] = []
        if self.assessed_from:
            steps += [Step("solid", select(_SOLID)), Step("alone", gaps("solid", _KEY))]
            relied = Lookup("relied", _first_relied(self.assessed_from), RECORD)
            lookups.append(relied)
            late = sql(
                ":day IS NOT NULL AND (:tia > :day OR NOT :made)",
                tia=flow.day("tia_at"),
                day=relied["day"],
                made=flow.not_future("tia_at"),
            )
            assessed = [
                Branch(
                    all_of([sql(":day IS NOT NULL", day=relied["day"]), blank(flow.tia_at)]),
                    Verdict.FAIL,
                    "tia_missing",
                ),
                Branch(holds(late), Verdict.FAIL, "tia_late"),
            ]
        unknown = blank(flow.country)
        return Rule(
            scope=begun(setting, "start"),
            branches=(
                Branch(unknown, Verdict.INDETERMINATE, "country_unknown"),
                Branch(blank(flow.start), Verdict.INDETERMINATE, "start_missing"),
                Branch(
                    holds(sql(":end < :start", end=flow.end, start=flow.start)),
                    Verdict.INDETERMINATE,
                    "dates_contradictory",
                ),
                *_failures(flow, sql(":open = 1", open=cover["open"]), derogations=self.derogations),
                *assessed,
                *_doubts(flow, sql(":unproven = 1", unproven=cover["unproven"]), doubt["basis"]),
                *_reviews(flow, sql(":judged = 1", judged=cover["judged"]), derogations=self.derogations),
            ),
            clock=flow.start,
            detail=cover["uncovered"],
            steps=tuple(steps),
            lookups=tuple(lookups),
            aggregates=(Aggregate("flows", FLOW_COLUMNS, _timeline(setting)), reliance(setting)),
        )


_KEY = ("f", "r")
FLOW_COLUMNS = ("country", "basis", "from", "to", "verdict", "flows")


def _failures(flow: Flow, open_days: exp.Expression, *, derogations: bool) -> list[Branch]:
    """Why a day is covered by nothing, told from the ground that was named."""
    tool = flow.tool
    clauses = clauses_named(flow)
    reasons = [
        *([] if derogations else [(is_in(tool, ["art49"]), "derogation_not_accepted")]),
        (all_of([clauses, holds(sql(":a = FALSE", a=flow.annexes_complete))]), "annexes_incomplete"),
        (
            all_of([clauses_named(flow, modular=True), holds(sql(":fits = FALSE", fits=module_right(flow.setting)))]),
            "wrong_module",
        ),
        (clauses, "clauses_not_valid_on_date"),
        (is_in(tool, BINDING_RULES), "bcr_not_approved"),
        (is_in(tool, ["dpf"]), "dpf_not_listed"),
        (is_in(tool, ["adequacy", "safe_harbour", "privacy_shield"]), "no_adequacy_on_date"),
        (exp.true(), "not_covered"),
    ]
    return [Branch(all_of([open_days, when]), Verdict.FAIL, reason) for when, reason in reasons]


def _doubts(flow: Flow, unproven: exp.Expression, basis: exp.Expression) -> list[Branch]:
    """What is missing, told from the ground (`basis`) that would cover if it were there."""
    clauses, modular = sql(":basis = 'clauses'", basis=basis), clauses_named(flow, modular=True)
    roles = any_of([blank(flow.role("role_exporter")), blank(flow.role("role_importer"))])
    reasons = [
        (sql(":basis = 'unknown'", basis=basis), "tool_missing"),
        (all_of([clauses, blank(flow.signed_at)]), "signature_missing"),
        (all_of([clauses, modular, blank(flow.module_number)]), "module_missing"),
        (all_of([clauses, modular, roles]), "role_missing"),
        (all_of([clauses, blank(flow.annexes_complete)]), "annexes_unknown"),
        (clauses, "change_unknown"),
        (sql(":basis = 'bcr'", basis=basis), "approval_missing"),
        (sql(":basis = 'dpf'", basis=basis), "dpf_scope_unknown"),
        (exp.true(), "adequacy_scope_unknown"),
    ]
    return [Branch(all_of([unproven, when]), Verdict.INDETERMINATE, reason) for when, reason in reasons]


def _reviews(flow: Flow, judged: exp.Expression, *, derogations: bool) -> list[Branch]:
    special = is_in(flow.country, [row["country"] for row in flow.setting.table("special_territories")])
    reasons = [
        (special, "special_territory"),
        (clauses_named(flow, modular=False), "old_clauses_last_day"),
        *([(exp.true(), "derogation_to_judge")] if derogations else []),
    ]
    return [Branch(all_of([judged, when]), Verdict.REVIEW, reason) for when, reason in reasons]


def _days(setting: Setting) -> exp.Select:
    """(f, r, country, s, e): the first and the last day to be covered of each flow."""
    flow = Flow(setting)
    return select(
        "SELECT b._file AS f, b._row AS r, :country AS country, :s AS s, LEAST(COALESCE(:e, :today), :today) AS e "
        "FROM :dataset AS b WHERE :start <= :now AND :country IS NOT NULL",
        country=flow.country,
        s=flow.day("start"),
        e=flow.day("end"),
        today=setting.today,
        dataset=exp.to_table(setting.relation.name),
        start=flow.start,
        now=setting.now,
    )


def _worst() -> exp.Select:
    """One row a flow: whether some day has no ground, only an unproven one, only one to judge."""
    return select(
        "SELECT d.f, d.r, MAX(CASE WHEN g.sure = 2 THEN 1 ELSE 0 END) AS open, "
        "MAX(CASE WHEN g.sure = 1 THEN 1 ELSE 0 END) AS unproven, "
        "MAX(CASE WHEN g.sure = 0 THEN 1 ELSE 0 END) AS judged, "
        "STRING_AGG(CASE WHEN g.sure = 2 THEN CONCAT(CAST(g.lo AS TEXT), '/', CAST(g.hi AS TEXT)) END, '; ' "
        "ORDER BY g.lo) AS uncovered FROM days AS d LEFT JOIN gaps AS g ON g.f = d.f AND g.r = d.r "
        "GROUP BY d.f, d.r"
    )


def _doubted() -> exp.Select:
    """(f, r, basis): a ground that would cover days of the flow which no other does, if it were proven.

    The instrument named comes before an adequacy that it does not need.
    """
    return select(
        "SELECT g.f, g.r, MIN(c.basis) AS basis FROM gaps AS g JOIN grounds AS c ON c.f = g.f AND c.r = g.r "
        "WHERE g.sure = 1 AND c.level = 2 AND GREATEST(g.lo, c.lo) <= LEAST(g.hi, c.hi) GROUP BY g.f, g.r"
    )


# Days that need no clauses: clauses and binding rules carry the others alone.
_SOLID = "SELECT * FROM grounds WHERE basis IN ('eea', 'adequacy', 'partial_adequacy', 'dpf') AND level = 0"


def _first_relied(assessed_from: str) -> exp.Select:
    """(f, r, day): the first day from `assessed_from` on which clauses or binding rules carry the flow alone."""
    return select(
        "SELECT g.f, g.r, MIN(GREATEST(g.lo, c.lo, :first)) AS day FROM alone AS g "
        "JOIN grounds AS c ON c.f = g.f AND c.r = g.r AND c.basis IN ('clauses', 'bcr') AND c.level < 2 "
        "WHERE g.sure = 0 AND GREATEST(g.lo, c.lo, :first) <= LEAST(g.hi, c.hi) GROUP BY g.f, g.r",
        first=exp.cast(exp.Literal.string(assessed_from), "DATE"),
    )


def _timeline(setting: Setting) -> exp.Query:
    """Counts of flows by country, ground and days: for the figure. A doubtful ground only where no better one is."""
    covered = select(
        "SELECT d.country AS country, c.basis AS basis, GREATEST(c.lo, d.s) AS from_, LEAST(c.hi, d.e) AS to_, "
        "'PASS' AS verdict FROM days AS d JOIN grounds AS c ON c.f = d.f AND c.r = d.r "
        "WHERE c.level = 0 AND GREATEST(c.lo, d.s) <= LEAST(c.hi, d.e)"
    )
    doubtful = select(
        "SELECT d.country AS country, c.basis AS basis, GREATEST(c.lo, g.lo) AS from_, LEAST(c.hi, g.hi) AS to_, "
        "CASE c.level WHEN 1 THEN 'REVIEW' ELSE 'INDETERMINATE' END AS verdict "
        "FROM days AS d JOIN grounds AS c ON c.f = d.f AND c.r = d.r "
        "JOIN gaps AS g ON g.f = c.f AND g.r = c.r AND g.sure = c.level - 1 "
        "WHERE GREATEST(c.lo, g.lo) <= LEAST(c.hi, g.hi)"
    )
    bare = select(
        "SELECT d.country AS country, 'none' AS basis, g.lo AS from_, g.hi AS to_, 'FAIL' AS verdict "
        "FROM days AS d JOIN gaps AS g ON g.f = d.f AND g.r = d.r WHERE g.sure = 2"
    )
    unknown = select(
        "SELECT CAST(NULL AS TEXT) AS country, 'unknown' AS basis, :start AS from_, :today AS to_, "
        "'INDETERMINATE' AS verdict FROM :dataset AS b WHERE :country IS NULL AND :at <= :now",
        start=local_date(setting.column("start"), setting.time_zone),
        today=setting.today,
        dataset=exp.to_table(setting.relation.name),
        country=setting.column("country"),
        at=setting.column("start"),
        now=setting.now,
    )
    return select(
        "SELECT country, basis, from_, to_, verdict, COUNT(*) AS flows FROM :all AS a "
        "GROUP BY country, basis, from_, to_, verdict",
        all=union_all([covered, doubtful, bare, unknown]).subquery(),
    )


class ExpectClausesFitRoles(RecordExpectation):
    """The module of the standard clauses is the one for the roles, annexes filled, signed by the first transfer."""

    def doubt_reason(self) -> str:
        return "tool_missing"

    def branches(self, setting: Setting) -> Rule:
        flow = Flow(setting)
        setting.require("module", "role_exporter", "role_importer", "signed_at")
        fits = module_right(setting)
        late = any_of(
            [
                holds(sql(":signed > :start", signed=flow.day("signed_at"), start=flow.day("start"))),
                negate(flow.not_future("signed_at")),
            ]
        )
        return Rule(
            scope=begun(setting, "start"),
            branches=(
                Branch(holds(sql(":fits = FALSE", fits=fits)), Verdict.FAIL, "wrong_module"),
                Branch(holds(sql(":a = FALSE", a=flow.annexes_complete)), Verdict.FAIL, "annexes_incomplete"),
                Branch(late, Verdict.FAIL, "signed_after_start"),
                Branch(
                    any_of([blank(flow.role("role_exporter")), blank(flow.role("role_importer"))]),
                    Verdict.INDETERMINATE,
                    "role_missing",
                ),
                Branch(blank(flow.module_number), Verdict.INDETERMINATE, "module_missing"),
                Branch(blank(flow.signed_at), Verdict.INDETERMINATE, "signature_missing"),
                Branch(blank(flow.annexes_complete), Verdict.INDETERMINATE, "annexes_unknown"),
                Branch(blank(flow.start), Verdict.INDETERMINATE, "start_missing"),
            ),
            clock=flow.signed_at,
        )
