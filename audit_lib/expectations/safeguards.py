"""Safeguards: which days of a flow each legal ground covers, and how surely."""

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum

from sqlglot import exp

from audit_lib.expectations.periods import local_date
from audit_lib.expectations.rule import Setting, Step, written
from audit_lib.expectations.sql import (
    Value,
    all_of,
    any_of,
    blank,
    holds,
    is_in,
    matches,
    negate,
    node,
    replace_all,
    select,
    sql,
    union_all,
    values_table,
)

# Open ends as dates, so that intervals compare without nulls.
ALWAYS_FROM, ALWAYS_TO = "0001-01-01", "9999-12-31"

BINDING_RULES = ("bcr_c", "bcr_p")
DEROGATIONS = ("art49", "code_of_conduct", "certification")
TOOLS = ("none", "adequacy", "dpf", "privacy_shield", "safe_harbour", *BINDING_RULES, *DEROGATIONS)
ROLES = ("controller", "processor")


class Level(IntEnum):
    """How surely a ground covers a day."""

    SURE = 0
    TO_JUDGE = 1
    UNPROVEN = 2


@dataclass(frozen=True)
class Flow:
    """Columns of one transfer, as the covers read them."""

    setting: Setting

    def __getattr__(self, name: str) -> exp.Expression:
        return self.setting.column(name)

    def day(self, name: str) -> exp.Expression:
        return local_date(self.setting.column(name), self.setting.time_zone)

    def not_future(self, name: str) -> exp.Expression:
        """False for an instant after the audit's, also on the same day: what is to come covers nothing yet."""
        return sql("COALESCE(:at <= :now, TRUE)", at=self.setting.column(name), now=self.setting.now)

    def role(self, name: str) -> exp.Expression:
        """The role; null when the word is none of the two."""
        return sql(
            "CASE WHEN :known THEN :role END",
            known=is_in(self.setting.column(name), ROLES),
            role=self.setting.column(name),
        )

    @property
    def module_number(self) -> exp.Expression:
        """Number of the module, however it is written: `2`, `M2`, `Module 2`, `C2P`; null when it is not understood."""
        # The 2 of "C2P" is no number: only whole words count.
        written = sql("LOWER(:module)", module=self.setting.column("module"))
        said = replace_all(written, "module|[^a-z0-9]", "")
        named = exp.Case()
        for row in self.setting.table("clauses"):
            if number := row["module"]:
                pair = f"{row['exporter'][0]}2{row['importer'][0]}"
                words = [number, f"m{number}", pair, f"{number}{pair}", f"m{number}{pair}"]
                named = named.when(is_in(said, words), node(number))
        return named.when(matches(written, "^ *(module|m)? *[0-9]+ *$"), said)


def covers(setting: Setting, *, derogations: bool) -> tuple[Step, ...]:
    """`grounds` (f, r, lo, hi, level, basis): the intervals of days on which a ground covers a flow; and what it reads.

    `derogations`: Article 49, codes of conduct and certification may cover, if a person agrees (the law's layer).
    """
    flow = Flow(setting)
    parts = [
        _in_law(setting, flow),
        *_partial(setting, flow),
        *_frameworks(setting, flow),
        *_clauses(setting, flow),
        _binding_rules(setting, flow),
        _cover(
            setting,
            lo=ALWAYS_FROM,
            hi=ALWAYS_TO,
            level=node(Level.UNPROVEN.value),
            basis="unknown",
            when=unknown_tool(flow),
        ),
    ]
    if derogations:
        parts.append(
            _cover(
                setting,
                lo=ALWAYS_FROM,
                hi=ALWAYS_TO,
                level=node(Level.TO_JUDGE.value),
                basis="derogation",
                when=is_in(flow.tool, DEROGATIONS),
            )
        )
    return _law(setting), Step("grounds", union_all(parts))


def clauses_named(flow: Flow, *, modular: bool | None = None) -> exp.Expression:
    """The instrument is one of the standard clauses of the law's table: of those with modules, without, or any."""
    rows = flow.setting.table("clauses")
    return is_in(flow.tool, sorted({row["tool"] for row in rows if modular in (None, bool(row["module"]))}))


def unknown_tool(flow: Flow) -> exp.Expression:
    """A word for the instrument that is none of those known: it may be one that covers."""
    return negate(any_of([blank(flow.tool), is_in(flow.tool, TOOLS), clauses_named(flow)]))


def module_right(setting: Setting) -> exp.Expression:
    """The module named is the one for the roles; null when a role or the module is blank or not understood."""
    flow = Flow(setting)
    number, exporter, importer = flow.module_number, flow.role("role_exporter"), flow.role("role_importer")
    right = any_of(
        sql(
            ":number = :module AND :exporter = :from_role AND :importer = :to_role",
            number=number,
            module=row["module"],
            exporter=exporter,
            from_role=row["exporter"],
            importer=importer,
            to_role=row["importer"],
        )
        for row in setting.table("clauses")
        if row["module"]
    )
    return sql(
        "CASE WHEN :number IS NULL OR :exporter IS NULL OR :importer IS NULL THEN NULL ELSE :right END",
        number=number,
        exporter=exporter,
        importer=importer,
        right=right,
    )


def _date(text: Value) -> exp.Expression:
    return exp.cast(node(text), "DATE") if isinstance(text, str) else node(text)


def _cover(
    setting: Setting, *, lo: Value, hi: Value, level: exp.Expression, basis: str, when: exp.Expression
) -> exp.Select:
    # Whatever instrument is named, a special territory is for a person to judge.
    special = is_in(setting.column("country"), [row["country"] for row in setting.table("special_territories")])
    return select(
        "SELECT b._file AS f, b._row AS r, :lo AS lo, :hi AS hi, :level AS level, :basis AS basis "
        "FROM :dataset AS b WHERE :when",
        lo=_date(lo),
        hi=_date(hi),
        level=level,
        basis=basis,
        dataset=exp.to_table(setting.relation.name),
        when=all_of([holds(when), negate(special)]),
    )


def _law(setting: Setting) -> Step:
    """The EEA, whole countries found adequate, and territories that a person must judge."""
    rows = [
        *((r["country"], r["valid_from"], r["valid_to"] or ALWAYS_TO, 0, "eea") for r in setting.table("eea")),
        *(
            (r["country"], r["valid_from"], r["valid_to"] or ALWAYS_TO, 0, "adequacy")
            for r in setting.table("adequacy")
            if r["scope"] == "whole"
        ),
        *((r["country"], ALWAYS_FROM, ALWAYS_TO, 1, "special") for r in setting.table("special_territories")),
    ]
    return written("law", ("country", "lo", "hi", "level", "basis"), rows)


def _in_law(setting: Setting, flow: Flow) -> exp.Select:
    return select(
        "SELECT b._file AS f, b._row AS r, CAST(t.lo AS DATE) AS lo, CAST(t.hi AS DATE) AS hi, t.level AS level, "
        "t.basis AS basis FROM :dataset AS b JOIN law AS t ON :country = t.country",
        dataset=exp.to_table(setting.relation.name),
        country=flow.country,
    )


def _partial(setting: Setting, flow: Flow) -> list[exp.Select]:
    """Adequate for some recipients only: `in_adequacy_scope` says whether this one is."""
    rows = [
        (r["country"], r["valid_from"], r["valid_to"] or ALWAYS_TO)
        for r in setting.table("adequacy")
        if r["scope"] == "partial"
    ]
    if not rows:
        return []
    query = select(
        "SELECT b._file AS f, b._row AS r, CAST(t.lo AS DATE) AS lo, CAST(t.hi AS DATE) AS hi, "
        "CASE WHEN :inside IS NULL THEN 2 ELSE 0 END AS level, 'partial_adequacy' AS basis FROM :dataset AS b",
        inside=flow.in_adequacy_scope,
        dataset=exp.to_table(setting.relation.name),
    )
    query = query.join(
        values_table(rows, ["country", "lo", "hi"]), on=sql(":country = t.country", country=flow.country)
    )
    return [query.where(sql("COALESCE(:inside, TRUE)", inside=flow.in_adequacy_scope))]


def _frameworks(setting: Setting, flow: Flow) -> list[exp.Select]:
    """EU-US Data Privacy Framework: the entity's listing decides, by dates and by kind of data."""
    return [_framework(setting, flow, row) for row in setting.table("adequacy") if row["scope"] == "listed"]


def _framework(setting: Setting, flow: Flow, row: dict[str, str]) -> exp.Select:
    items = sql("CONCAT(';', REPLACE(LOWER(:scope), ' ', ''), ';')", scope=flow.dpf_scope)
    hr, other = sql(":items LIKE '%;hr;%'", items=items), sql(":items LIKE '%;non_hr;%'", items=items)
    covered = sql(
        "CASE WHEN :is_hr IS NULL THEN :hr AND :other WHEN :is_hr THEN :hr ELSE :other END",
        is_hr=flow.is_hr,
        hr=hr,
        other=other,
    )
    unknown = sql(
        ":scope IS NULL OR (:is_hr IS NULL AND NOT (:hr AND :other))",
        scope=flow.dpf_scope,
        is_hr=flow.is_hr,
        hr=hr,
        other=other,
    )
    return _cover(
        setting,
        lo=sql("GREATEST(:listed, :start)", listed=flow.day("dpf_from"), start=_date(row["valid_from"])),
        hi=sql(
            "LEAST(COALESCE(:left, :end), :end)",
            left=flow.day("dpf_to"),
            end=_date(row["valid_to"] or ALWAYS_TO),
        ),
        level=sql("CASE WHEN :unknown THEN 2 ELSE 0 END", unknown=unknown),
        basis="dpf",
        when=sql(
            ":country = :us AND :listed IS NOT NULL AND (:covered OR :unknown)",
            country=flow.country,
            us=row["country"],
            listed=flow.dpf_from,
            covered=covered,
            unknown=unknown,
        ),
    )


def _clauses(setting: Setting, flow: Flow) -> list[exp.Select]:
    """Standard clauses: a version that could be signed on the day it was, from then on, while it is valid."""
    versions = {row["tool"]: row for row in setting.table("clauses")}
    return [part for row in versions.values() for part in _version(setting, flow, row)]


def _version(setting: Setting, flow: Flow, row: dict[str, str]) -> list[exp.Select]:
    fits = module_right(setting) if row["module"] else _old_roles(flow, row)
    signed, annexes = flow.day("signed_at"), flow.annexes_complete
    usable = sql(
        ":tool = :version AND COALESCE(:signed >= :opens AND :signed <= :closes, TRUE) "
        "AND COALESCE(:fits, TRUE) AND COALESCE(:annexes, TRUE) AND :done",
        tool=flow.tool,
        version=row["tool"],
        signed=signed,
        opens=_date(row["signable_from"]),
        closes=_date(row["signable_to"] or ALWAYS_TO),
        fits=fits,
        annexes=annexes,
        done=flow.not_future("signed_at"),
    )
    doubts = [blank(signed), blank(annexes), blank(fits)]
    start = sql("GREATEST(COALESCE(:signed, :first), :first)", signed=signed, first=_date(row["valid_from"]))

    def days(
        lo: exp.Expression, hi: Value, doubts: list[exp.Expression], sure: Level, when: exp.Expression
    ) -> exp.Select:
        level = sql(
            "CASE WHEN :doubt THEN :unproven ELSE :sure END",
            doubt=any_of(doubts),
            unproven=Level.UNPROVEN.value,
            sure=sure.value,
        )
        return _cover(setting, lo=lo, hi=hi, level=level, basis="clauses", when=when)

    if row["module"] or not (row["signable_to"] and row["valid_to"]):
        return [days(start, row["valid_to"] or ALWAYS_TO, doubts, Level.SURE, usable)]
    # Once a version can no longer be signed, only a processing that has not changed may go on with it; whether it
    # may on the day "until" which it is valid is for a person to say.
    closes, last = dt.date.fromisoformat(row["signable_to"]), dt.date.fromisoformat(row["valid_to"])
    one = dt.timedelta(days=1)
    going_on = all_of([holds(usable), sql("COALESCE(:unchanged, TRUE)", unchanged=flow.unchanged)])
    later = [*doubts, blank(flow.unchanged)]
    return [
        days(start, closes, doubts, Level.SURE, usable),
        days(sql("GREATEST(:start, :next)", start=start, next=closes + one), last - one, later, Level.SURE, going_on),
        days(node(last), last, later, Level.TO_JUDGE, going_on),
    ]


def _old_roles(flow: Flow, row: dict[str, str]) -> exp.Expression:
    """The sets before 2021 had no modules; a role that is filled must be theirs, a blank one says nothing."""
    return sql(
        "COALESCE(:exporter, :from_role) = :from_role AND COALESCE(:importer, :to_role) = :to_role",
        exporter=flow.role("role_exporter"),
        from_role=row["exporter"],
        importer=flow.role("role_importer"),
        to_role=row["importer"],
    )


def _binding_rules(setting: Setting, flow: Flow) -> exp.Select:
    approved = flow.day("bcr_approved_at")
    return _cover(
        setting,
        lo=sql("COALESCE(:approved, :always)", approved=approved, always=_date(ALWAYS_FROM)),
        hi=ALWAYS_TO,
        level=sql("CASE WHEN :approved IS NULL THEN 2 ELSE 0 END", approved=approved),
        basis="bcr",
        when=all_of([is_in(flow.tool, BINDING_RULES), flow.not_future("bcr_approved_at")]),
    )
