"""Linkable ids: no anonymous id is a known identifier, or a plain hash of one."""

from typing import Any

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.dictionary import MAILBOX, candidates
from audit_lib.expectations.domains import Residues, residues, state_if_supplied
from audit_lib.expectations.hashes import SAME, UNBASE64, URL, links
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Aggregate, Branch, Lookup, Rule, Setting, Step
from audit_lib.expectations.sql import (
    TRUE,
    all_of,
    blank,
    call,
    filled,
    is_in,
    matches,
    negate,
    node,
    query,
    select,
    sql,
    union_all,
)

# Of each way and length of digest, how many ids it was compared with and how many it links; `same`: to what is written
# in clear. Lengths with which no way meets are told once, with nothing found.
_ATTACK = """
SELECT digest, bits, ids, candidates, found, CASE WHEN beyond THEN 1 ELSE 0 END AS beyond FROM chances
UNION ALL SELECT 'any', l.bits, l.ids, n.candidates, 0, 0 FROM lengths AS l
CROSS JOIN (SELECT COUNT(*) AS candidates FROM candidates) AS n
UNION ALL SELECT 'same', 0, 0, 0, COUNT(*), 1 FROM links WHERE kind = :same"""
ATTACK_COLUMNS = ("digest", "bits", "ids", "candidates", "found", "beyond")

_HASHED = {"email": ["email", MAILBOX], "login": ["login"], "phone": ["phone"], "name": ["name"], "id": ["id"]}


class ExpectIdsNotLinkable(RecordExpectation):
    """No value of `column` equals a known identifier, or a digest of one that no secret protects, whole or cut.

    Both also in hexadecimal or base64; the digests are those of expectations/hashes.py, also with one of `salts`.
    `known`: dataset -> {column: kind}; kinds are email, login, phone, id, name, or first_name beside last_name. A cut
    digest is compared from `shortest` digits; matches that chance explains do not link (`chance`: see `links`). A
    record without id and without `count` is INDETERMINATE, and so is an id when the user base, `users`, has no login
    and no e-mail address to compare it with. `residues_of`: the column of the domain, where only residues are judged;
    they and `contracts` and `directory_domains`: see ExpectResiduesWithinRetention.
    """

    column: str
    known: dict[str, dict[str, str]]
    users: str
    shortest: int | dict[str, Any] = pydantic.Field(ge=1)
    chance: float | dict[str, Any] = pydantic.Field(gt=0, lt=1)
    salts: list[str] = []
    count: str | None = None
    residues_of: str | None = None
    contracts: dict[str, Any] = {}
    directory_domains: dict[str, str] = {}

    def branches(self, setting: Setting) -> Rule:
        setting.require_any(self.column, *([self.count] if self.count else []))
        identifier = setting.column(self.column)
        left = self._residues(setting)
        found = Lookup("linked", exp.select("*").from_("links"), {"k": identifier})
        users = Lookup(
            "users",
            select(
                "SELECT 1 AS k, COUNT(*) AS n FROM candidates WHERE origin = :users AND kind IN ('email', 'login')",
                users=self.users,
            ),
            {"k": node(1)},
        )
        doubts = [Branch(negate(left.is_one), Verdict.INDETERMINATE, "licence_end_unknown")] if left else []
        # A record whose key is blank was not loaded.
        if self.column not in setting.relation.key:
            missing = [blank(setting.column(name)) for name in (self.column, self.count) if name]
            doubts.append(Branch(all_of(missing), Verdict.INDETERMINATE, "id_missing"))
        return Rule(
            scope=left.scope if left else TRUE,
            branches=(
                *doubts,
                Branch(is_in(found["kind"], [SAME]), Verdict.FAIL, "id_is_known_identifier"),
                *(
                    Branch(is_in(found["kind"], kinds), Verdict.FAIL, f"hash_of_known_{name}")
                    for name, kinds in _HASHED.items()
                ),
                Branch(
                    all_of([filled(identifier), sql(":n = 0", n=users["n"])]), Verdict.INDETERMINATE, "no_known_user"
                ),
            ),
            steps=(
                candidates(setting, self.known, self.users),
                Step("readings", self._readings(setting)),
                *links(least=int(str(self.shortest)), chance=float(str(self.chance)), salts=self.salts),
            ),
            lookups=(found, users, *(left.lookups if left else ())),
            aggregates=(Aggregate("dictionary", ATTACK_COLUMNS, query(_ATTACK, same=SAME)),),
        )

    def _residues(self, setting: Setting) -> Residues | None:
        if self.residues_of is None:
            return None
        setting.require(self.residues_of)
        directory = state_if_supplied(setting, self.residues_of, self.directory_domains["on"])
        return residues(setting, self.residues_of, self.contracts, directory)

    def _readings(self, setting: Setting) -> exp.Query:
        """(k, r): each distinct id and what it may be compared as, in lower case."""
        ids = select(
            "SELECT DISTINCT :id AS k FROM :dataset AS b WHERE :id IS NOT NULL",
            id=setting.column(self.column),
            dataset=exp.to_table(setting.relation.name),
        ).subquery()
        k = exp.column("k")
        return union_all(
            [
                select("SELECT k, LOWER(k) AS r FROM :ids AS i", ids=ids),
                # A UUID is 32 hexadecimal digits.
                select("SELECT k, LOWER(REPLACE(k, '-', '')) AS r FROM :ids AS i WHERE STRPOS(k, '-') > 0", ids=ids),
                select(
                    "SELECT k, :said AS r FROM :ids AS i WHERE :base64",
                    ids=ids,
                    said=call(UNBASE64, k),
                    base64=all_of([matches(k, "^[A-Za-z0-9+/_-]*=*$"), matches(k, "[^0-9a-f]")]),
                ),
                select(
                    "SELECT k, LOWER(:said) AS r FROM :ids AS i WHERE STRPOS(k, '%') > 0", ids=ids, said=call(URL, k)
                ),
            ]
        )
