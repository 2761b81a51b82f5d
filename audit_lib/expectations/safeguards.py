"""Safeguards: which days of a flow each legal ground covers, and how surely."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from sqlglot import exp

from audit_lib.expectations.periods import local_date
from audit_lib.expectations.rule import Setting
from audit_lib.expectations.sql import (
    Value,
    any_of,
    holds,
    is_in,
    node,
    replace_all,
    select,
    sql,
    union_all,
)

# Open ends as dates, so that intervals compare without nulls.
ALWAYS_FROM, ALWAYS_TO = "0001-01-01", "9999-12-31"

OLD_CLAUSES = ("scc_2001", "scc_2004", "scc_2010")
DEROGATIONS = ("art49", "code_of_conduct", "certification")


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


def covers(setting: Setting, *, derogations: bool) -> exp.Query:
    """(f, r, lo, hi, level, basis): every interval of days on which a ground covers a flow.

    `derogations`: Article 49, codes of conduct and certification may cover, if a person agrees (the law's layer).
    """
    flow = Flow(setting)
    parts = [
        *_places(setting, flow),
        _partial(setting, flow),
        _framework(setting, flow),
        *_clauses(setting, flow),
        _binding_rules(setting, flow),
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
    return union_all(parts)


def module_right(setting: Setting) -> exp.Expression:
    """The module named is the one for the roles; null when a role or the module is blank."""
    flow = Flow(setting)
    number = replace_all(flow.module, "[^0-9]", "")
    right = any_of(
        sql(
            ":number = :module AND :exporter = :from_role AND :importer = :to_role",
            number=number,
            module=row["module"],
            exporter=flow.role_exporter,
            from_role=row["exporter"],
            importer=flow.role_importer,
            to_role=row["importer"],
        )
        for row in setting.table("clauses")
        if row["module"]
    )
    return sql(
        "CASE WHEN :module IS NULL OR :exporter IS NULL OR :importer IS NULL THEN NULL ELSE :right END",
        module=flow.module,
        exporter=flow.role_exporter,
        importer=flow.role_importer,
        right=right,
    )


def _date(text: Value) -> exp.Expression:
    return exp.cast(node(text), "DATE") if isinstance(text, str) else node(text)


def _cover(
    setting: Setting, *, lo: Value, hi: Value, level: exp.Expression, basis: str, when: exp.Expression
) -> exp.Select:
    return select(
        "SELECT b._file AS f, b._row AS r, :lo AS lo, :hi AS hi, :level AS level, :basis AS basis "
        "FROM :dataset AS b WHERE :when",
        lo=_date(lo),
        hi=_date(hi),
        level=level,
        basis=basis,
        dataset=exp.to_table(setting.relation.name),
        when=holds(when),
    )


def _table(rows: Sequence[tuple[str, ...]], columns: list[str]) -> exp.Expression:
    values = [exp.Tuple(expressions=[node(value) for value in row]) for row in rows]
    alias = exp.TableAlias(this=exp.to_identifier("t"), columns=[exp.to_identifier(c) for c in columns])
    return exp.Values(expressions=values, alias=alias)


def _places(setting: Setting, flow: Flow) -> list[exp.Select]:
    """Inside the EEA, a whole country found adequate, or a territory that a person must judge."""
    rows = [
        *((r["country"], r["valid_from"], r["valid_to"] or ALWAYS_TO, "0", "eea") for r in setting.table("eea")),
        *(
            (r["country"], r["valid_from"], r["valid_to"] or ALWAYS_TO, "0", "adequacy")
            for r in setting.table("adequacy")
            if r["scope"] == "whole"
        ),
        *((r["country"], ALWAYS_FROM, ALWAYS_TO, "1", "special") for r in setting.table("special_territories")),
    ]
    query = select(
        "SELECT b._file AS f, b._row AS r, CAST(t.lo AS DATE) AS lo, CAST(t.hi AS DATE) AS hi, "
        "CAST(t.level AS INT) AS level, t.basis AS basis FROM :dataset AS b",
        dataset=exp.to_table(setting.relation.name),
    )
    return [
        query.join(
            _table(rows, ["country", "lo", "hi", "level", "basis"]),
            on=sql(":country = t.country", country=flow.country),
        )
    ]


def _partial(setting: Setting, flow: Flow) -> exp.Select:
    """Adequate for some recipients only: `in_adequacy_scope` says whether this one is."""
    rows = [
        (r["country"], r["valid_from"], r["valid_to"] or ALWAYS_TO)
        for r in setting.table("adequacy")
        if r["scope"] == "partial"
    ]
    query = select(
        "SELECT b._file AS f, b._row AS r, CAST(t.lo AS DATE) AS lo, CAST(t.hi AS DATE) AS hi, "
        "CASE WHEN :inside IS NULL THEN 2 ELSE 0 END AS level, 'partial_adequacy' AS basis FROM :dataset AS b",
        inside=flow.in_adequacy_scope,
        dataset=exp.to_table(setting.relation.name),
    )
    query = query.join(_table(rows, ["country", "lo", "hi"]), on=sql(":country = t.country", country=flow.country))
    return query.where(sql("COALESCE(:inside, TRUE)", inside=flow.in_adequacy_scope))


def _framework(setting: Setting, flow: Flow) -> exp.Select:
    """EU-US Data Privacy Framework: the entity's listing decides, by dates and by kind of data."""
    [row] = [r for r in setting.table("adequacy") if r["scope"] == "listed"]
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
    found = []
    versions = {row["tool"]: row for row in setting.table("clauses")}
    for tool, row in versions.items():
        modular = bool(row["module"])
        fits = module_right(setting) if modular else _old_roles(flow, row)
        incomplete = sql(":annexes = FALSE", annexes=flow.annexes_complete)
        refused = any_of([holds(sql(":fits = FALSE", fits=fits)), holds(incomplete)])
        unproven = sql(
            ":signed IS NULL OR :annexes IS NULL OR :fits IS NULL",
            signed=flow.signed_at,
            annexes=flow.annexes_complete,
            fits=fits,
        )
        signed = flow.day("signed_at")
        window = sql(
            ":signed IS NULL OR (:signed >= :opens AND :signed <= :closes)",
            signed=signed,
            opens=_date(row["signable_from"]),
            closes=_date(row["signable_to"] or ALWAYS_TO),
        )
        start = sql("GREATEST(COALESCE(:signed, :first), :first)", signed=signed, first=_date(row["valid_from"]))
        last = _date(row["valid_to"] or ALWAYS_TO)
        if row["valid_to"]:
            # What was changed after the new clauses came could no longer rely on the old ones.
            last = sql(
                "CASE WHEN :unchanged = FALSE THEN :closes ELSE :last END",
                unchanged=flow.unchanged,
                closes=_date(row["signable_to"]),
                last=last,
            )
        usable = sql(
            ":tool = :version AND :window AND NOT :refused",
            tool=flow.tool,
            version=tool,
            window=window,
            refused=refused,
        )
        level = sql("CASE WHEN :unproven THEN 2 ELSE 0 END", unproven=unproven)
        if row["valid_to"]:
            # "Until" that day: whether the day itself is in is for a person to say.
            found.append(
                _cover(
                    setting,
                    lo=start,
                    hi=last,
                    level=sql("GREATEST(1, :level)", level=level),
                    basis="clauses",
                    when=usable,
                )
            )
            last = sql("CAST(:last - INTERVAL '1' DAY AS DATE)", last=last)
        found.append(_cover(setting, lo=start, hi=last, level=level, basis="clauses", when=usable))
    return found


def _old_roles(flow: Flow, row: dict[str, str]) -> exp.Expression:
    """The sets before 2021 had no modules; a role that is filled must be theirs, a blank one says nothing."""
    return sql(
        "COALESCE(:exporter, :from_role) = :from_role AND COALESCE(:importer, :to_role) = :to_role",
        exporter=flow.role_exporter,
        from_role=row["exporter"],
        importer=flow.role_importer,
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
        when=is_in(flow.tool, ["bcr_c", "bcr_p"]),
    )
