"""Identifiers: no record holds what names or reaches a person."""

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Rule, Setting
from audit_lib.expectations.scanned import Question, ask, containing, naming, scanned_columns
from audit_lib.expectations.sql import (
    FALSE,
    all_of,
    any_of,
    filled,
    holds,
    is_in,
    matches,
    negate,
    replace_all,
    select,
    sql,
    union_all,
)

EMAIL = r"[A-Za-z0-9._%+-]+(@|%40)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
PHONE = (
    r"(^|[^0-9A-Za-z.+-])((\+|%2B|00)[1-9][0-9]{0,2}[ .-]?(\(0\))?[0-9]([ .-]?[0-9]{2}){4}|0[1-9]([ .-]?[0-9]{2}){4})"
    r"([^0-9A-Za-z]|$)"
)
MAC = r"(^|[^0-9A-Fa-f:-])[0-9A-Fa-f]{2}((:[0-9A-Fa-f]{2}){5}|(-[0-9A-Fa-f]{2}){5})([^0-9A-Fa-f:-]|$)"
IMEI = r"(^|[^0-9A-Za-z])[0-9]{2}-?[0-9]{6}-?[0-9]{6}-?[0-9]([^0-9A-Za-z]|$)"
BASE64 = "[A-Za-z0-9+/]{16,}={0,2}"

# Functions of the engines' own, one name on all: see each engine's `FUNCTIONS`.
DECODED = "dpo_decoded"
LUHN = "dpo_luhn"
TOKENS = "dpo_tokens"


def plain_email(column: exp.Expression) -> exp.Expression:
    return containing(column, "@", matches(column, EMAIL))


def email(column: exp.Expression) -> exp.Expression:
    """An e-mail address, plain, URL-encoded or inside base64."""
    decoded = exp.Anonymous(this=DECODED, expressions=[column.copy()])
    return any_of(
        [
            plain_email(column),
            containing(column, "%40", matches(column, EMAIL)),
            all_of([matches(column, BASE64), matches(decoded, EMAIL)]),
        ]
    )


def imei(column: exp.Expression) -> exp.Expression:
    """Fifteen digits whose last one is right (Luhn): a long number seldom is."""
    found = sql("REGEXP_EXTRACT(:column, :pattern)", column=column, pattern=IMEI)
    return holds(exp.Anonymous(this=LUHN, expressions=[replace_all(found, "[^0-9]", "")]))


def matching(pattern: str) -> Question:
    return lambda column: matches(column, pattern)


PATTERNS: dict[str, Question] = {
    "email_found": email,
    "phone_found": matching(PHONE),
    "mac_found": matching(MAC),
    "imei_found": imei,
}


class ExpectNoDirectIdentifier(RecordExpectation):
    """No e-mail address, phone number, MAC, IMEI, or login or full name of a known user in a text column.

    `ids`: columns that hold ids: digits in them are no phone number, and a word is the whole id. `users`: the
    dataset of known users.
    """

    users: str
    ids: list[str] = []
    leave: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        columns = scanned_columns(setting, leave=self.leave)
        if not columns:
            setting.require(*setting.relation.columns)
        free = [name for name in columns if name not in self.ids]
        known = {name: self._known(setting, name, columns[name], whole=name in self.ids) for name in columns}
        answers = {name: ask(setting, name, PATTERNS, f"says{place}") for place, name in enumerate(free)}
        found: dict[str, dict[str, exp.Expression]] = {
            reason: {name: answers[name].found[reason] for name in free} for reason in PATTERNS
        }
        found["known_user_found"] = {name: filled(known[name]["k"]) for name in columns}
        found["email_found"].update({name: plain_email(columns[name]) for name in columns if name in self.ids})
        return Rule(
            branches=tuple(Branch(any_of(where.values()), Verdict.FAIL, reason) for reason, where in found.items()),
            detail=naming({name: any_of(where[name] for where in found.values() if name in where) for name in columns}),
            lookups=(*known.values(), *(lookup for one in answers.values() for lookup in one.lookups)),
        )

    def _known(self, setting: Setting, name: str, column: exp.Expression, *, whole: bool) -> Lookup:
        """Values of the column in which a login, an id or a full name of a known user stands as a word.

        `whole`: only values that are one, whatever their case: an id is no text.
        """
        users = setting.other(self.users)
        names = [
            select(
                f'SELECT LOWER("{part}") AS token FROM :users WHERE LENGTH("{part}") >= 5',
                users=exp.to_table(users.name),
            )
            for part in ("login", "email", "user_id")
            if part in users.supplied
        ]
        for first, last in (("first_name", "last_name"), ("last_name", "first_name")):
            if {first, last} <= users.supplied:
                names.append(
                    select(
                        f'SELECT LOWER(CONCAT("{first}", \' \', "{last}")) AS token FROM :users '
                        f'WHERE "{first}" IS NOT NULL AND "{last}" IS NOT NULL',
                        users=exp.to_table(users.name),
                    )
                )
        alias = f"known{list(setting.relation.columns).index(name)}"
        tokens = union_all(names).subquery() if names else FALSE
        if whole:
            query = select("SELECT DISTINCT token AS k FROM :names AS n", names=tokens)
            return Lookup(alias, query, {"k": sql("LOWER(:column)", column=column)})
        query = select(
            "SELECT DISTINCT v AS k FROM (SELECT v, UNNEST(:tokens) AS token FROM "
            "(SELECT DISTINCT :column AS v FROM :dataset AS b WHERE :column IS NOT NULL) AS d) AS t "
            "WHERE token IN (SELECT token FROM :names AS n)",
            tokens=exp.Anonymous(this=TOKENS, expressions=[exp.column("v")]),
            column=column,
            dataset=exp.to_table(setting.relation.name),
            names=tokens,
        )
        return Lookup(alias, query, {"k": column})


class ExpectNoIdentifierLeft(RecordExpectation):
    """A record marked anonymised at `marked` has nothing in its identifying columns and no identifier in a text.

    `placeholders`: values that say that an identifier was taken out. `marked` in the future is INDETERMINATE.
    """

    marked: str
    identifying: list[str]
    placeholders: list[str]

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.marked)
        marked = setting.column(self.marked)
        left = {name: self._left(setting.column(name)) for name in self.identifying}
        texts = scanned_columns(setting, leave=self.identifying)
        mails = {name: email(column) for name, column in texts.items()}
        phones = {name: matches(column, PHONE) for name, column in texts.items()}
        return Rule(
            scope=filled(marked),
            branches=(
                Branch(any_of(left.values()), Verdict.FAIL, "identifier_left"),
                Branch(any_of(mails.values()), Verdict.FAIL, "email_found"),
                Branch(any_of(phones.values()), Verdict.FAIL, "phone_found"),
                Branch(
                    sql(":marked > :now", marked=marked, now=setting.now),
                    Verdict.INDETERMINATE,
                    "clock_in_future",
                ),
            ),
            clock=marked,
            detail=naming({**left, **{name: any_of([mails[name], phones[name]]) for name in texts}}),
        )

    def _left(self, column: exp.Expression) -> exp.Expression:
        word = sql("LOWER(TRIM(:column))", column=column)
        masked = any_of([is_in(word, self.placeholders), matches(word, "^[x*#_. -]*$")])
        return holds(all_of([filled(column), negate(masked)]))
