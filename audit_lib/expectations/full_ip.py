"""Full IP address: no record holds the whole public address of a device."""

from typing import Any

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations import addresses
from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Rule, Setting
from audit_lib.expectations.scanned import ask, containing, naming, scanned_columns
from audit_lib.expectations.sql import all_of, any_of, filled, matches, negate, select, sql


class ExpectNoFullIpAddress(RecordExpectation):
    """No public IPv4 or IPv6 address in `column`, nor inside another text column.

    IPv4 ending in `.0` is masked when at least `masked_share` of the file's addresses do; IPv6 from /48. An unkeyed
    digest is REVIEW: its space can be enumerated.
    """

    column: str
    masked_share: float | dict[str, Any] = pydantic.Field(gt=0, le=1)

    def branches(self, setting: Setting) -> Rule:
        ip = setting.column(self.column)
        special = [row["block"] for row in setting.table("special_addresses")]
        others = scanned_columns(setting, leave=[self.column])
        if not others:
            setting.require(self.column)
        dotted = sql("STRPOS(:ip, '.') > 0", ip=ip)
        masking = Lookup(
            "masking",
            select(
                "SELECT b._file AS k, AVG(CASE WHEN :zero THEN 1.0 ELSE 0.0 END) AS share FROM :dataset AS b "
                "WHERE :dotted GROUP BY b._file",
                zero=matches(ip, addresses.ENDS_IN_ZERO),
                dataset=exp.to_table(setting.relation.name),
                dotted=dotted,
            ),
            {"k": sql("b._file")},
        )
        unmasked_file = sql(
            "COALESCE(:share, 0) < :wanted", share=masking["share"], wanted=float(str(self.masked_share))
        )
        colons = sql("STRPOS(:ip, ':') > 0", ip=ip)
        # The common case first: one address, its last byte zero, needs no pattern but in a file that masks nothing.
        zeroed = sql(":ip LIKE '%.0' AND LENGTH(:ip) <= 15", ip=ip)
        whole = any_of(
            [
                all_of([dotted, negate(zeroed), matches(ip, addresses.public_ipv4(special, host=True))]),
                all_of([dotted, unmasked_file, matches(ip, addresses.public_ipv4(special))]),
                all_of([colons, matches(ip, addresses.IPV6), negate(matches(ip, addresses.IPV6_MASKED))]),
                all_of([colons, matches(ip, addresses.IPV6_MAPPED)]),
            ]
        )
        text = addresses.public_ipv4(special, in_text=True, host=True)

        def address(column: exp.Expression) -> exp.Expression:
            return any_of(
                [
                    containing(column, ".", matches(column, text)),
                    containing(column, ":", matches(column, addresses.IPV6_IN_TEXT)),
                ]
            )

        answers = {name: ask(setting, name, {"address": address}, f"says{place}") for place, name in enumerate(others)}
        in_text = {name: answer.found["address"] for name, answer in answers.items()}
        long = sql("LENGTH(:ip) >= 32", ip=ip)
        return Rule(
            branches=(
                Branch(whole, Verdict.FAIL, "full_ip"),
                Branch(any_of(in_text.values()), Verdict.FAIL, "full_ip_in_text"),
                Branch(all_of([long, matches(ip, addresses.DIGEST)]), Verdict.REVIEW, "ip_digest"),
                Branch(
                    all_of([filled(ip), negate(matches(ip, addresses.READABLE))]),
                    Verdict.INDETERMINATE,
                    "ip_unreadable",
                ),
            ),
            detail=naming(in_text) if in_text else None,
            lookups=(masking, *(lookup for answer in answers.values() for lookup in answer.lookups)),
        )
