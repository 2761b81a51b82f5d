"""Full IP address: no record holds the whole public address of a device."""

from collections.abc import Mapping
from typing import Any

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations import addresses
from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Rule, Setting
from audit_lib.expectations.scanned import ask, ask_plain, naming, scanned_columns
from audit_lib.expectations.sql import (
    FALSE,
    TRUE,
    all_of,
    any_of,
    filled,
    holds,
    matches,
    negate,
    replace_all,
    select,
    sql,
    union_all,
)


class ExpectNoFullIpAddress(RecordExpectation):
    """No public IPv4 or IPv6 address in `column`, nor inside another text column, encoded or not.

    IPv4 ending in `.0` is masked when at least `masked_share` of the file's addresses do; IPv6 from /48. An unkeyed
    digest is REVIEW: its space can be enumerated. Without `column` a record whose texts hold none is INDETERMINATE:
    the address may have been left out of the export.
    """

    column: str
    masked_share: float | dict[str, Any] = pydantic.Field(gt=0, le=1)

    def branches(self, setting: Setting) -> Rule:
        ip = setting.column(self.column)
        blocks = [row["block"] for row in setting.table("special_addresses")]
        seen = _Addresses(blocks)
        others = scanned_columns(setting, leave=[self.column])
        if not others:
            setting.require(self.column)
        masking = Lookup("masking", self._shares(setting, ip, others), {"k": sql("b._file")})
        unmasked_file = sql(
            "COALESCE(:share, 0) < :wanted", share=masking["share"], wanted=float(str(self.masked_share))
        )
        cell = ask_plain(
            setting,
            [self.column],
            {
                "host": lambda column: seen.whole(column, host=True),
                "zeroed": seen.whole,
                "digest": lambda column: all_of(
                    [sql("LENGTH(:ip) >= 16", ip=column), matches(column, addresses.DIGEST)]
                ),
                "unreadable": lambda column: negate(matches(_apart(column), addresses.READABLE)),
            },
            "cell",
        )
        at = cell.found[self.column]
        whole = any_of([at["host"], all_of([unmasked_file, at["zeroed"]])])
        questions = {
            "address": lambda column: seen.in_text(column, host=True),
            "zeroed": lambda column: seen.in_text(column),
        }
        answers = ask(setting, list(others), questions, "says")
        in_text = {
            name: any_of([found["address"], all_of([unmasked_file, found["zeroed"]])])
            for name, found in answers.found.items()
        }
        supplied = self.column in setting.relation.supplied
        return Rule(
            branches=(
                Branch(whole, Verdict.FAIL, "full_ip"),
                Branch(any_of(in_text.values()), Verdict.FAIL, "full_ip_in_text"),
                Branch(FALSE if supplied else TRUE, Verdict.INDETERMINATE, "ip_not_supplied"),
                Branch(at["digest"], Verdict.REVIEW, "ip_digest"),
                Branch(all_of([filled(ip), at["unreadable"]]), Verdict.INDETERMINATE, "ip_unreadable"),
            ),
            detail=naming(in_text) if in_text else None,
            steps=(*cell.steps, *answers.steps),
            lookups=(masking, *cell.lookups, *answers.lookups),
        )

    def _shares(self, setting: Setting, ip: exp.Expression, texts: Mapping[str, exp.Expression]) -> exp.Query:
        """Share of the IPv4 addresses of each file whose last byte is zero; a blanked one is no address."""
        found = []
        for name, column in {self.column: ip, **texts}.items():
            query = select(
                "SELECT _file AS f, :column AS v, :many AS n FROM :dataset AS b "
                "WHERE STRPOS(:column, '.') > 0 AND :column <> :blanked",
                column=column,
                many=sql("COUNT(*)") if name in setting.relation.repeated else 1,
                dataset=exp.to_table(setting.relation.name),
                blanked=addresses.BLANKED,
            )
            if name in setting.relation.repeated:
                query = query.group_by(sql("_file"), column)
            value = exp.column("v")
            is_ip = name == self.column
            found.append(
                select(
                    "SELECT f, n, CASE WHEN :host THEN 0 ELSE n END AS zeroed FROM :values AS d WHERE :any",
                    values=query.subquery(),
                    host=matches(value, addresses.IPV4_HOST) if is_ip else _ipv4_in_text(value, [], host=True),
                    any=matches(value, addresses.IPV4) if is_ip else _ipv4_in_text(value, [], host=False),
                )
            )
        return select(
            "SELECT f AS k, SUM(zeroed) * 1.0 / SUM(n) AS share FROM :found AS a GROUP BY f",
            found=union_all(found).subquery(),
        )


class _Addresses:
    """Conditions on a text, from the blocks that no device on the public internet has."""

    def __init__(self, blocks: list[str]) -> None:
        self._blocks = blocks
        self._special6 = addresses.special_ipv6(blocks)

    def whole(self, ip: exp.Expression, *, host: bool = False) -> exp.Expression:
        """A whole public address in a cell for addresses; `host`: whose last byte is not zero."""
        return any_of(
            [
                _where(ip, ".", matches(ip, addresses.public_ipv4(self._blocks, host=host))),
                _where(ip, ":", self._ipv6(ip, host=host)),
            ]
        )

    def in_text(self, text: exp.Expression, *, host: bool = False) -> exp.Expression:
        """The same inside a text."""
        return any_of([_ipv4_in_text(text, self._blocks, host=host), _where(text, ":", self._ipv6(text, host=host))])

    def _ipv6(self, text: exp.Expression, *, host: bool) -> exp.Expression:
        """An IPv6 address is left once those that are masked or of a special block are taken out."""
        left = _apart(text)
        for known in (addresses.IPV6_MASKED, self._special6, *([addresses.IPV6_ZEROED] if host else [])):
            left = replace_all(left, known, " ")
        return _surely(matches(text, addresses.IPV6), matches(left, addresses.IPV6))


def _ipv4_in_text(text: exp.Expression, blocks: list[str], *, host: bool) -> exp.Expression:
    """An IPv4 address outside the blocks that is no version."""
    pattern = addresses.public_ipv4(blocks, in_text=True, host=host)
    bare = replace_all(replace_all(text, addresses.VERSION, " "), addresses.PRODUCT, " ")
    return _where(text, ".", _surely(matches(text, pattern), matches(bare, pattern)))


def _surely(quick: exp.Expression, sure: exp.Expression) -> exp.Expression:
    """The second condition, worked out only where the first holds."""
    return sql("CASE WHEN :quick THEN :sure ELSE FALSE END", quick=quick, sure=sure)


def _apart(text: exp.Expression) -> exp.Expression:
    """The text with two blanks between what it lists, so that a pattern finds neighbours too."""
    return sql(
        "REPLACE(TRANSLATE(:text, :around, :blanks), ' ', '  ')",
        text=text,
        around=addresses.AROUND,
        blanks=" " * len(addresses.AROUND),
    )


def _where(text: exp.Expression, sign: str, condition: exp.Expression) -> exp.Expression:
    """The condition, worked out only where the sign occurs: a search is much cheaper than patterns."""
    # A CASE, where engines work out both sides of an AND.
    return holds(sql("CASE WHEN STRPOS(:text, :sign) > 0 THEN :c ELSE FALSE END", text=text, sign=sign, c=condition))
