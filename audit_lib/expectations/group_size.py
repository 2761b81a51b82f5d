"""Group size: every individual hides among at least k."""

from collections.abc import Mapping
from typing import Any

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.classes import keys, whole
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, Rule, Setting, Step
from audit_lib.expectations.sql import BATCH, HASH, all_of, blank, call, filled, holds, select, sql


class ExpectGroupSizeAtLeast(RecordExpectation):
    """Each record is in a class of at least `k` individuals on the quasi-identifiers (k-anonymity, per individual).

    An individual is a value of `individual`; a record with a `count` stands for that many, and the records of one
    individual for the largest of theirs. A suppressed quasi-identifier matches nothing: a class of one, or of
    `count`. Without either the record is INDETERMINATE; a `count` of nobody passes.
    """

    quasi_identifiers: list[str] | dict[str, Any]
    individual: str
    k: int | dict[str, Any] = pydantic.Field(ge=1)
    count: str | None = None

    def branches(self, setting: Setting) -> Rule:
        setting.require_any(self.individual, *([self.count] if self.count else []))
        person = setting.column(self.individual)
        weight = setting.column(self.count) if self.count else exp.null()
        named = keys(setting, list(self.quasi_identifiers))
        group = Lookup("class", exp.select("*").from_("sizes"), named)
        # What is suppressed is in no class.
        size = sql("COALESCE(:size, :weight, 1)", size=group["size"], weight=weight)
        histogram = select(
            "SELECT size AS class_size, COUNT(*) AS classes, SUM(records) AS records FROM sizes GROUP BY size"
        )
        anybody = sql("COALESCE(:weight, 1) <> 0", weight=weight)
        small = all_of([anybody, holds(sql(":size < :k", size=size, k=int(str(self.k))))])
        return Rule(
            branches=(
                Branch(all_of([blank(person), blank(weight)]), Verdict.INDETERMINATE, "id_missing"),
                Branch(small, Verdict.FAIL, "class_too_small"),
            ),
            detail=sql("CONCAT('k = ', CAST(:size AS TEXT))", size=size),
            steps=(
                Step("classes", _classes(setting, named)),
                Step("unnamed", _unnamed(setting, named, person, weight)),
                Step("people", _people(setting, named, person), groups=(self.individual,)),
                *([Step("more", _more(setting, named, person, weight))] if self.count else []),
                Step("sizes", _sizes(list(named), ["people", "unnamed", *(["more"] if self.count else [])])),
            ),
            lookups=(group,),
            aggregates=(Aggregate("class_sizes", ("class_size", "classes", "rows"), histogram),),
        )


def _classes(setting: Setting, named: Mapping[str, exp.Expression]) -> exp.Select:
    """q…, their number c, and the records of each class."""
    query = exp.select(
        *(exp.alias_(expression, alias) for alias, expression in named.items()),
        exp.alias_(sql("COUNT(*)"), "records"),
    )
    query = query.from_(_records(setting)).group_by(*named.values())
    return (
        exp.select("*", exp.alias_(sql(f"ROW_NUMBER() OVER (ORDER BY {', '.join(named)})"), "c"))
        .from_(query.subquery("g"))
        .where(whole(named))
    )


def _unnamed(
    setting: Setting, named: Mapping[str, exp.Expression], person: exp.Expression, weight: exp.Expression
) -> exp.Select:
    """(c, people): how many the records without an individual stand for; files often tell that there is none."""
    query = exp.select("c", exp.alias_(sql("SUM(:weight)", weight=weight), "people"))
    return _in_classes(query, setting, named).where(blank(person)).group_by("c")


def _people(setting: Setting, named: Mapping[str, exp.Expression], person: exp.Expression) -> exp.Select:
    """(c, people): the individuals of each class; numbers are grouped in a fraction of the memory of texts."""
    each = exp.select("c", exp.alias_(call(HASH, person), "p")).distinct()
    each = _in_classes(each, setting, named).where(filled(person))
    return select("SELECT c, COUNT(*) AS people FROM :each AS p GROUP BY c", each=each.subquery())


def _more(
    setting: Setting, named: Mapping[str, exp.Expression], person: exp.Expression, weight: exp.Expression
) -> exp.Select:
    """(c, people): how many more the individuals whose largest count is above one stand for."""
    each = exp.select("c", exp.alias_(sql("MAX(:weight) - 1", weight=weight), "more"))
    each = _in_classes(each, setting, named).where(all_of([filled(person), sql(":weight > 1", weight=weight)]))
    each = each.group_by("c", call(HASH, person))
    return select("SELECT c, SUM(more) AS people FROM :each AS p GROUP BY c", each=each.subquery())


def _sizes(named: list[str], counts: list[str]) -> exp.Select:
    """q…, size, records; `counts`: the steps whose people add up."""
    listed = ", ".join(named)
    counted = " UNION ALL ".join(f"SELECT c, people FROM {one}" for one in counts)
    return select(
        f"SELECT {listed}, CAST(COALESCE(SUM(people), 0) AS BIGINT) AS size, records FROM classes AS g LEFT JOIN "
        f"({counted}) AS p ON p.c = g.c "
        f"GROUP BY {listed}, records"
    )


def _in_classes(query: exp.Select, setting: Setting, named: Mapping[str, exp.Expression]) -> exp.Select:
    on = all_of(sql(f"g.{alias} = :of", of=of) for alias, of in named.items())
    return query.from_(_records(setting)).join("classes AS g", on=on)


def _records(setting: Setting) -> exp.Expression:
    return exp.alias_(exp.to_table(setting.relation.name), BATCH, table=True)
