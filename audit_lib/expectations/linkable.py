"""Linkable ids: no anonymous id is a known identifier, or a plain hash of one."""

from collections.abc import Iterator, Mapping
from typing import Any

from great_expectations.compatibility import pydantic
from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.domains import Residues, residues, state_if_supplied
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, NotEvaluated, Rule, Setting, Step
from audit_lib.expectations.sql import (
    TRUE,
    all_of,
    any_of,
    blank,
    call,
    filled,
    is_in,
    matches,
    negate,
    node,
    replace_all,
    select,
    sql,
    union_all,
)

KINDS = ("email", "login", "phone", "id", "name", "first_name", "last_name")
# What stands before the @: told only when no login is written the same way.
MAILBOX = "mailbox"
SAME = "0"
_HASHED = {"email": ["email", MAILBOX], "login": ["login"], "phone": ["phone"], "name": ["name"], "id": ["id"]}
_SEPARATORS = ("' '", "'.'", "''", "'-'", "'_'")
_ACCENTED, _BARE = "àâäãáåçéèêëíìîïñóòôöõúùûüýÿ", "aaaaaaceeeeiiiinooooouuuuyy"
_ACCENTED, _BARE = _ACCENTED + _ACCENTED[:-1].upper(), _BARE + _BARE[:-1].upper()

# Functions of the engines' own, one name on all: see each engine's `FUNCTIONS`.
URL = "dpo_url"  # a text whose URL encoding is undone
HEX = "dpo_hex"  # a text in UTF-8 as hexadecimal digits
BASE64 = "dpo_base64"  # hexadecimal digits as base64


class ExpectIdsNotLinkable(RecordExpectation):
    """No value of `column` equals a known identifier or an unsalted, possibly cut, MD5, SHA-1 or SHA-256 of one.

    Both also in hexadecimal or base64. `known`: dataset -> {column: kind}; kinds are email, login, phone, id, name,
    or first_name beside last_name. A cut hash counts from `shortest` digits: shorter ones match by chance. A record
    without id and without `count` is INDETERMINATE, and so is an id when the user base, `users`, has no login and no
    e-mail address to compare it with. `residues_of`: the column of the domain, where only
    residues are judged; they and `contracts` and `directory_domains`: see ExpectResiduesWithinRetention.
    """

    column: str
    known: dict[str, dict[str, str]]
    users: str
    shortest: int | dict[str, Any] = pydantic.Field(ge=1)
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
                Step("candidates", union_all(list(self._candidates(setting)))),
                Step("readings", self._readings(setting)),
                Step("links", self._linked()),
            ),
            lookups=(found, users, *(left.lookups if left else ())),
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
                    "SELECT k, RTRIM(LOWER(TRANSLATE(k, '-_', '+/')), '=') AS r FROM :ids AS i WHERE :base64",
                    ids=ids,
                    base64=matches(k, "[_=-]"),
                ),
                select(
                    "SELECT k, LOWER(:said) AS r FROM :ids AS i WHERE STRPOS(k, '%') > 0", ids=ids, said=call(URL, k)
                ),
            ]
        )

    def _linked(self) -> exp.Query:
        """One row for each id that links, and how; the dictionary meets the distinct ids, not the records."""
        telling = any_of(
            [
                all_of([sql("LENGTH(v) >= 3"), matches(exp.column("v"), "[^0-9]")]),
                # A short number such as 1042 equals another one by chance.
                sql("LENGTH(v) >= CASE WHEN kind = 'id' THEN 8 ELSE 4 END"),
            ]
        )
        same = [
            select(
                "SELECT :written AS r, :same AS kind FROM candidates WHERE :telling",
                written=written,
                same=SAME,
                telling=telling,
            )
            for written in (
                sql("LOWER(v)"),
                call(HEX, exp.column("v")),
                _base64(call(HEX, exp.column("v"))),
            )
        ]
        # A cut digest shares its first digits with the whole one: they meet there, whatever the cut. Most logs have
        # ids of hexadecimal digits alone: no base64 is worked out for those.
        other = matches(exp.column("r"), "[^0-9a-f]")
        hashed = [
            select(
                "SELECT i.k AS k, kind FROM (SELECT kind, :digest AS h FROM candidates) AS c "
                "JOIN (SELECT k, r FROM readings WHERE LENGTH(r) >= :shortest AND :fits) AS i "
                "ON SUBSTRING(c.h, 1, :shortest) = SUBSTRING(i.r, 1, :shortest) "
                "WHERE SUBSTRING(c.h, 1, LENGTH(i.r)) = i.r",
                digest=written,
                fits=fits,
                shortest=int(str(self.shortest)),
            )
            for digest in ("MD5(v)", "SHA1(v)", "SHA2(v, 256)")
            for written, fits in ((sql(digest), negate(other)), (_base64(sql(digest)), other))
        ]
        equal = select(
            "SELECT i.k AS k, d.kind AS kind FROM readings AS i JOIN :dictionary AS d ON d.r = i.r",
            dictionary=union_all(same).subquery(),
        )
        return select(
            "SELECT k, MIN(kind) AS kind FROM :found AS f GROUP BY k", found=union_all([equal, *hashed]).subquery()
        )

    def _candidates(self, setting: Setting) -> Iterator[exp.Select]:
        """(origin, kind, v): every known identifier in the ways it is commonly written."""
        for dataset, columns in self.known.items():
            relation = setting.other(dataset)
            there = {
                name: kind for name, kind in columns.items() if name in relation.supplied or name in relation.extras
            }
            if unknown := [name for name, kind in columns.items() if kind not in KINDS]:
                raise NotEvaluated("control_invalid", f"known: {dataset}: {', '.join(unknown)}")
            if dataset == self.users and not {"email", "login"} & set(there.values()):
                wanted = [name for name, kind in columns.items() if kind in ("email", "login")]
                raise NotEvaluated("column_not_supplied", f"{dataset}: {', '.join(wanted)}")
            for kind, written in _raw(there).items():
                values = exp.Array(expressions=written)
                raw = select("SELECT UNNEST(:all) AS v FROM :it", all=values, it=exp.to_table(relation.name))
                for said, query in _ways(kind, raw):
                    yield select(
                        "SELECT DISTINCT :origin AS origin, :kind AS kind, v FROM :ways AS w WHERE v IS NOT NULL",
                        origin=dataset,
                        kind=said,
                        ways=query.subquery(),
                    )


def _base64(digits: exp.Expression) -> exp.Expression:
    """In lower case and without padding: what it loses is far more than chance could give back."""
    return sql("RTRIM(LOWER(:written), '=')", written=call(BASE64, digits))


def _raw(columns: Mapping[str, str]) -> dict[str, list[exp.Expression]]:
    """By kind, the identifiers of a record; a name is both parts in both orders."""
    parts: dict[str, exp.Expression] = {}
    found: dict[str, list[exp.Expression]] = {}
    for name, kind in columns.items():
        value = sql("TRIM(:column)", column=exp.column(name, quoted=True))
        if kind in ("first_name", "last_name"):
            parts[kind] = value
        else:
            found.setdefault(kind, []).append(value)
    if len(parts) == 2:
        first, last = parts["first_name"], parts["last_name"]
        for one, other in ((first, last), (last, first)):
            whole = [sql(f":one || {separator} || :other", one=one, other=other) for separator in _SEPARATORS]
            found.setdefault("name", []).extend(whole)
    return found


def _ways(kind: str, raw: exp.Select) -> Iterator[tuple[str, exp.Select]]:
    """(v) by kind: how the identifiers `raw` (v) are commonly written before they are hashed."""
    cased = "SELECT UNNEST([v, LOWER(v), UPPER(v)]) AS v FROM :raw AS c"
    if kind == "phone":
        yield kind, _phones(raw)
        return
    yield kind, select(cased, raw=raw.subquery())
    if kind == "email":
        mailbox = select("SELECT SPLIT_PART(v, '@', 1) AS v FROM :raw AS m", raw=raw.subquery())
        yield MAILBOX, select(cased, raw=mailbox.subquery())
    if kind == "name":
        bare = select(
            "SELECT TRANSLATE(v, :accented, :bare) AS v FROM :raw AS n",
            accented=_ACCENTED,
            bare=_BARE,
            raw=raw.subquery(),
        )
        yield kind, select(cased, raw=bare.subquery())


def _phones(raw: exp.Select) -> exp.Select:
    """A number as written, national (by pairs too) and international, French prefixes read."""
    # One step a query: a text would be worked out as often as another one names it.
    digits = select(
        "SELECT v, :digits AS d FROM :raw AS r", digits=replace_all(exp.column("v"), "[^0-9+]", ""), raw=raw.subquery()
    )
    # 0033 6, +33 (0)6 and 06 are one number.
    read = digits
    for name, of, prefix, instead, rest in (
        ("w", "d", "00", "+", 3),
        ("x", "w", "+330", "+33", 5),
        ("n", "x", "+33", "0", 4),
        ("i", "n", "0", "+33", 2),
    ):
        other = f"CONCAT('{instead}', SUBSTRING({of}, {rest}))"
        read = select(
            f"SELECT *, CASE WHEN {of} LIKE '{prefix}%' THEN {other} ELSE {of} END AS {name} FROM :read AS {name}_",
            read=read.subquery(),
        )
    pairs = ", ".join(f"SUBSTRING(n, {place}, 2)" for place in (1, 3, 5, 7, 9))
    return select(
        "SELECT UNNEST([v, d, REPLACE(d, '+', ''), n, i, REPLACE(i, '+', ''), CONCAT('00', REPLACE(i, '+', '')), "
        f"CONCAT_WS(' ', {pairs})]) AS v FROM :read AS p",
        read=read.subquery(),
    )
