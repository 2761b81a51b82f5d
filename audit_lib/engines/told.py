"""Told: in one query, the marks of a dataset and what is told of each record with a finding."""

from collections.abc import Mapping

from sqlglot import exp

from audit_lib.engines.scan import Lent, joined, mark, shown_of
from audit_lib.expectations.rule import Rule
from audit_lib.expectations.sql import owned, sql


def told(dataset: str, rules: Mapping[str, Rule], reference: exp.Expression, *, fence: bool = False) -> exp.Select:
    """(m…, d…, c…, t…, e…, _file, _row, ref, records): records with the same marks and last lawful days in one row,
    those with a finding on their own; a letter stands before the place of a rule. `reference` is over the record.

    All but marks, days and counts is null where there is no finding. `fence`: for an engine that would work out a mark
    as often as its name is said.
    """
    lent = Lent()
    marks = [f"m{place}" for place in range(len(rules))]
    inner: list[exp.Expression] = [sql("b._file"), sql("b._row")]
    shown: dict[str, exp.Expression] = {name: exp.column(name) for name in marks}
    for place, rule in enumerate(rules.values()):
        inner.append(exp.alias_(exp.cast(mark(rule), "SMALLINT", copy=False), f"m{place}", copy=False))
        if rule.due:
            shown[f"d{place}"] = _when(f"m{place} IS NOT NULL", exp.cast(lent(rule.due), "DATE"))
    for place, rule in enumerate(rules.values()):
        for letter, value, kind in shown_of(rule):
            shown[f"{letter}{place}"] = _when(f"m{place} > 0", exp.cast(lent(owned(value)), kind))
    found = f"GREATEST({', '.join(marks)}, 0) > 0"
    shown |= {name: _when(found, exp.column(name)) for name in ("_file", "_row")}
    shown["ref"] = _when(found, lent(owned(reference)))
    records = exp.alias_(exp.to_table(dataset), "b", table=True, copy=False)
    query = joined(
        exp.select(*inner, *lent.columns, copy=False).from_(records, copy=False),
        (one for rule in rules.values() for one in rule.lookups),
    )
    if fence:
        query = query.offset(0, copy=False)
    each = exp.select(*(exp.alias_(value, name, copy=False) for name, value in shown.items()), copy=False)
    each = each.from_(query.subquery("s", copy=False), copy=False)
    return (
        exp.select(*shown, exp.alias_(sql("COUNT(*)"), "records"), copy=False)
        .from_(each.subquery("e", copy=False), copy=False)
        .group_by(*shown, copy=False)
    )


def _when(condition: str, value: exp.Expression) -> exp.Expression:
    return sql(f"CASE WHEN {condition} THEN :v END", v=value)
