"""Linkable ids: no anonymous id is a known identifier, or a plain hash of one."""

from typing import Any

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, NotEvaluated, Rule, Setting
from audit_lib.expectations.sql import all_of, blank, is_in, replace_all, select, sql, union_all

KINDS = ("email", "login", "phone", "id")
# What stands before the @: told only when no login is written the same way.
MAILBOX = "mailbox"


class ExpectIdsNotLinkable(RecordExpectation):
    """No value of `column` equals a known identifier or an unsalted, possibly cut, MD5, SHA-1 or SHA-256 of one.

    `known`: dataset -> {column: kind}, kinds being email, login, phone and id (compared as it is, not hashed).
    A cut hash counts from `shortest` hexadecimal digits: shorter ones match by chance. A record without id and
    without `count` is INDETERMINATE.
    """

    column: str
    known: dict[str, dict[str, str]]
    shortest: int | dict[str, Any] = pydantic.Field(ge=1)
    count: str | None = None

    def branches(self, setting: Setting) -> Rule:
        setting.require_any(self.column, *([self.count] if self.count else []))
        found = Lookup("linked", self._linked(setting), {"k": sql("LOWER(:id)", id=setting.column(self.column))})
        missing = [blank(setting.column(self.column))]
        if self.count:
            missing.append(blank(setting.column(self.count)))
        return Rule(
            branches=(
                Branch(all_of(missing), Verdict.INDETERMINATE, "id_missing"),
                Branch(is_in(found["kind"], ["0"]), Verdict.FAIL, "id_is_known_identifier"),
                *(
                    Branch(is_in(found["kind"], kinds), Verdict.FAIL, f"hash_of_known_{name}")
                    for name, kinds in (
                        ("email", ["email", MAILBOX]),
                        ("login", ["login"]),
                        ("phone", ["phone"]),
                    )
                ),
            ),
            lookups=(found,),
        )

    def _linked(self, setting: Setting) -> exp.Query:
        """One row for each id that links, and how; the dictionary meets the distinct ids, not the records."""
        ids = select(
            "SELECT DISTINCT LOWER(:id) AS k FROM :dataset AS b WHERE :id IS NOT NULL",
            id=setting.column(self.column),
            dataset=exp.to_table(setting.relation.name),
        )
        candidates = union_all(self._candidates(setting))
        same = select("SELECT LOWER(v) AS k, '0' AS kind FROM :candidates AS c", candidates=candidates.subquery())
        hashed = [
            select(
                f"SELECT SUBSTRING({function}(v), 1, n) AS k, kind FROM :candidates AS c "
                "CROSS JOIN (SELECT DISTINCT LENGTH(k) AS n FROM :ids AS i) AS lengths "
                f"WHERE kind <> 'id' AND n <= {size} AND n >= :shortest",
                candidates=candidates.subquery(),
                ids=ids.subquery(),
                shortest=int(str(self.shortest)),
            )
            for function, size in (("MD5", 32), ("SHA1", 40), ("SHA256", 64))
        ]
        return select(
            "SELECT i.k AS k, MIN(d.kind) AS kind FROM :ids AS i JOIN :dictionary AS d ON d.k = i.k GROUP BY i.k",
            ids=ids.subquery(),
            dictionary=union_all([same, *hashed]).subquery(),
        )

    def _candidates(self, setting: Setting) -> list[exp.Select]:
        """(kind, v): every known identifier in the ways it is commonly written."""
        selects = []
        for dataset, columns in self.known.items():
            relation = setting.other(dataset)
            for name, kind in columns.items():
                if kind not in KINDS:
                    raise NotEvaluated("control_invalid", f"known: {dataset}: {name}")
                if name not in relation.supplied and name not in relation.extras:
                    continue
                value = sql("TRIM(:column)", column=exp.column(name, quoted=True))
                for said, written in _ways(value, kind):
                    selects.append(
                        select(
                            "SELECT DISTINCT :kind AS kind, :v AS v FROM :dataset WHERE LENGTH(:v) >= :enough",
                            kind=said,
                            v=written,
                            dataset=exp.to_table(relation.name),
                            # A short id such as 1042 equals another number by chance.
                            enough=8 if kind == "id" else 4,
                        )
                    )
        if not selects:
            raise NotEvaluated("reference_not_supplied", ", ".join(self.known))
        return selects


def _ways(value: exp.Expression, kind: str) -> list[tuple[str, exp.Expression]]:
    """How one identifier is commonly written before it is hashed."""
    if kind == "phone":
        digits = replace_all(value, "[^0-9+]", "")
        national = sql("CASE WHEN :d LIKE '+33%' THEN CONCAT('0', SUBSTRING(:d, 4)) ELSE :d END", d=digits)
        international = sql("CASE WHEN :d LIKE '0%' THEN CONCAT('+33', SUBSTRING(:d, 2)) ELSE :d END", d=digits)
        bare = sql("REPLACE(:i, '+', '')", i=international)
        return [(kind, way) for way in (value, digits, national, international, bare)]
    if kind == "id":
        return [(kind, value)]
    ways = [(kind, way) for way in (value, sql("LOWER(:v)", v=value), sql("UPPER(:v)", v=value))]
    if kind == "email":
        ways.append((MAILBOX, sql("SPLIT_PART(LOWER(:v), '@', 1)", v=value)))
    return ways
