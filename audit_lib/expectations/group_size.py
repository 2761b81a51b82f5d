"""Group size: every individual hides among at least k."""

from typing import Any

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.classes import complete, keys, suppressed
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, Rule, Setting, Step
from audit_lib.expectations.sql import all_of, blank, holds, select, sql


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
        people = exp.select(
            *(exp.alias_(expression, alias) for alias, expression in named.items()),
            exp.alias_(person, "person"),
            exp.alias_(sql("COALESCE(SUM(:weight), 0)", weight=weight), "counted"),
            exp.alias_(sql("COALESCE(MAX(:weight), 0)", weight=weight), "largest"),
            exp.alias_(sql("COUNT(*)"), "records"),
        )
        people = people.from_(exp.alias_(exp.to_table(setting.relation.name), "b", table=True)).where(
            complete(setting, list(self.quasi_identifiers))
        )
        people = people.group_by(*named.values(), person)
        classes = [exp.column(alias) for alias in named]
        counted = exp.select(
            *classes,
            exp.alias_(
                sql("SUM(CASE WHEN person IS NULL THEN counted WHEN largest > 1 THEN largest ELSE 1 END)"),
                "size",
            ),
            exp.alias_(sql("SUM(records)"), "records"),
        )
        counted = counted.from_(people.subquery("p")).group_by(*classes)
        # A person is counted in one part; a class may be in several.
        sizes = exp.select(*classes, exp.alias_(sql("SUM(size)"), "size"), exp.alias_(sql("SUM(records)"), "records"))
        sizes = sizes.from_("counted").group_by(*classes)
        group = Lookup("class", exp.select("*").from_("sizes"), named)
        alone = suppressed(setting, list(self.quasi_identifiers))
        size = sql(
            "CASE WHEN :alone THEN COALESCE(:weight, 1) ELSE :size END",
            alone=alone,
            weight=weight,
            size=group["size"],
        )
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
            steps=(Step("counted", counted, apart=person), Step("sizes", sizes)),
            lookups=(group,),
            aggregates=(Aggregate("class_sizes", ("class_size", "classes", "rows"), histogram),),
        )
