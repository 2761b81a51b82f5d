"""Full IP address: no record holds the whole public address of a device."""

from typing import Any

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations import addresses
from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Rule, Setting
from audit_lib.expectations.scanned import Question, ask, ask_cells, containing, naming, scanned_columns
from audit_lib.expectations.sql import (
    FALSE,
    TRUE,
    all_of,
    any_of,
    filled,
    is_in,
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
        single = [name for name in others if name not in setting.recurring()]
        masking = Lookup("masking", self._shares(setting, list(others), single), {"k": sql("b._file")})
        unmasked_file = sql(
            "COALESCE(:share, 0) < :wanted", share=masking["share"], wanted=float(str(self.masked_share))
        )
        cells: dict[str, Question] = {
            "host": lambda column: seen.whole(column, host=True),
            "zeroed": seen.whole,
            "digest": lambda column: all_of([sql("LENGTH(:ip) >= 16", ip=column), matches(column, addresses.DIGEST)]),
            "unreadable": lambda column: negate(matches(_apart(column), addresses.READABLE)),
        }
        cell = ask_cells(setting, self.column, cells, "cell")
        whole = any_of([cell.any["host"], all_of([unmasked_file, cell.any["zeroed"]])])
        questions: dict[str, Question] = {
            "address": lambda column: seen.in_text(column, host=True),
            "zeroed": lambda column: seen.in_text(column),
        }
        counted: dict[str, Question] = {
            "ipv4": lambda column: all_of([negate(is_in(column, [addresses.BLANKED])), _ipv4_in_text(column, [])]),
            "ipv4_host": lambda column: _ipv4_in_text(column, [], host=True),
        }
        answers = ask(
            setting,
            others,
            questions,
            counted=counted if single else {},
            signs=addresses.SIGNS,
            also=[self.column],
        )
        any_text = any_of([answers.any["address"], all_of([unmasked_file, answers.any["zeroed"]])])
        in_text = {
            name: any_of([answers.found["address"][name], all_of([unmasked_file, answers.found["zeroed"][name]])])
            for name in others
        }
        supplied = self.column in setting.relation.supplied
        return Rule(
            branches=(
                Branch(whole, Verdict.FAIL, "full_ip"),
                Branch(any_text, Verdict.FAIL, "full_ip_in_text"),
                Branch(FALSE if supplied else TRUE, Verdict.INDETERMINATE, "ip_not_supplied"),
                Branch(cell.any["digest"], Verdict.REVIEW, "ip_digest"),
                Branch(all_of([filled(ip), cell.any["unreadable"]]), Verdict.INDETERMINATE, "ip_unreadable"),
            ),
            detail=naming(in_text) if in_text else None,
            steps=answers.steps,
            lookups=(masking, *cell.lookups, *answers.lookups),
        )

    def _shares(self, setting: Setting, texts: list[str], single: list[str]) -> exp.Query:
        """Share of the IPv4 addresses of each file whose last byte is zero; a blanked one is no address.

        Those of the columns `single`, whose values do not recur, are counted from the hits.
        """
        v, is_ip = exp.column("v"), sql("is_ip = 1")
        dotted = self._dotted(setting, [self.column, *texts])

        def holds_one(host: bool) -> exp.Expression:
            pattern = addresses.IPV4_HOST if host else addresses.IPV4
            return sql(
                "CASE WHEN :is_ip THEN :cell ELSE :text END",
                is_ip=is_ip,
                cell=matches(v, pattern),
                text=_ipv4_in_text(v, [], host=host),
            )

        counts = [
            select(
                "SELECT f, CASE WHEN :host THEN n ELSE 0 END AS hosts, n FROM :cells AS a WHERE :any",
                host=holds_one(host=True),
                any=holds_one(host=False),
                cells=union_all(dotted).subquery(),
            )
        ]
        if single:
            places = [place for place, name in enumerate(texts) if name in single]
            hosts, every = (" + ".join(f"{one}_{place}" for place in places) for one in ("ipv4_host", "ipv4"))
            counts.append(select(f"SELECT f, {hosts} AS hosts, {every} AS n FROM hit"))
        return select(
            "SELECT f AS k, SUM(n - hosts) * 1.0 / SUM(n) AS share FROM :counts AS c WHERE n > 0 GROUP BY f",
            counts=union_all(counts).subquery(),
        )

    def _dotted(self, setting: Setting, names: list[str]) -> list[exp.Query]:
        """(f, v, n, is_ip): file, value and how many records have it, where it has a dot."""
        recurring = setting.recurring()
        cells = []
        if recurring & set(names):
            is_ip = sql("CASE WHEN name = :column THEN 1 ELSE 0 END", column=self.column)
            cells.append(select("SELECT f, k AS v, n, :is_ip AS is_ip FROM tally", is_ip=is_ip))
        if self.column not in recurring:
            cells.append(
                select(
                    "SELECT _file AS f, :column AS v, 1 AS n, 1 AS is_ip FROM :dataset AS b",
                    column=setting.column(self.column),
                    dataset=exp.to_table(setting.relation.name),
                )
            )
        return [
            select(
                "SELECT * FROM :one AS c WHERE STRPOS(v, '.') > 0 AND v <> :no",
                one=one.subquery(),
                no=addresses.BLANKED,
            )
            for one in cells
        ]


class _Addresses:
    """Conditions on a text, from the blocks that no device on the public internet has."""

    def __init__(self, blocks: list[str]) -> None:
        self._blocks = blocks
        self._special6 = addresses.special_ipv6(blocks)

    def whole(self, ip: exp.Expression, *, host: bool = False) -> exp.Expression:
        """A whole public address in a cell for addresses; `host`: whose last byte is not zero."""
        return any_of(
            [
                containing(ip, ".", matches(ip, addresses.public_ipv4(self._blocks, host=host))),
                containing(ip, ":", self._ipv6(ip, host=host)),
            ]
        )

    def in_text(self, text: exp.Expression, *, host: bool = False) -> exp.Expression:
        """The same inside a text."""
        return any_of(
            [_ipv4_in_text(text, self._blocks, host=host), containing(text, ":", self._ipv6(text, host=host))]
        )

    def _ipv6(self, text: exp.Expression, *, host: bool) -> exp.Expression:
        """An IPv6 address is left once those that are masked or of a special block are taken out."""
        left = _apart(text)
        for known in (addresses.IPV6_MASKED, self._special6, *([addresses.IPV6_ZEROED] if host else [])):
            left = replace_all(left, known, " ")
        return _surely(matches(text, addresses.IPV6), matches(left, addresses.IPV6))


def _ipv4_in_text(text: exp.Expression, blocks: list[str], *, host: bool = False) -> exp.Expression:
    """An IPv4 address outside the blocks that is no version."""
    pattern = addresses.public_ipv4(blocks, in_text=True, host=host)
    bare = replace_all(replace_all(text, addresses.VERSION, " "), addresses.PRODUCT, " ")
    return containing(text, ".", _surely(matches(text, pattern), matches(bare, pattern)))


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
