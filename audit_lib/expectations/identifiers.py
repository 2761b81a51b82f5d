"""Identifiers: no record holds what names or reaches a person."""

from collections.abc import Iterable, Mapping

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, NotEvaluated, Rule, Setting
from audit_lib.expectations.scanned import DECODED, Question, ask, containing, naming, scanned_columns, values
from audit_lib.expectations.sql import (
    FALSE,
    all_of,
    any_of,
    call,
    col,
    filled,
    found_in,
    holds,
    is_in,
    matches,
    negate,
    node,
    replace_all,
    select,
    sql,
    union_all,
)

# What no address has, so that one ends where a text goes on; a star masks.
_OUTSIDE = "\\s\"'<>(),;:=&@*/|{}?!#"
EMAIL = rf"[^{_OUTSIDE}]+(@|%40)[^{_OUTSIDE}%.]+(\.[^{_OUTSIDE}%.]+)*\.[A-Za-z]{{2,}}"
# What stands between the groups of a number is the same everywhere; a date and a clock have two. Blanks, also those
# that do not break a line, dots and hyphens; no dots in numbers of other countries: +48.1172 is a latitude.
_BLANK = "[ \u00a0\u202f]"
_JOINT = "[ \u00a0\u202f-]?"
_ANY_GAP = "[ .\u00a0\u202f-]?"
# The eight digits behind the first: by pairs; at home also by fours, or as 0612 34 56 78 and 0612 345 678. Abroad these
# are the groups of bank accounts.
_GAPS = (_BLANK, "[.]", "-")
_PAIRS = "|".join(["[0-9]{8}", *(f"({gap}[0-9]{{2}}){{4}}" for gap in _GAPS)])
_GROUPS = "|".join(f"({gap}[0-9]{{4}}){{2}}|[0-9]{{2}}(({gap}[0-9]{{2}}){{3}}|({gap}[0-9]{{3}}){{2}})" for gap in _GAPS)
PHONE = (
    rf"(^|[^0-9A-Za-z.+-])((\+|%2B|00)[1-9][0-9]{{0,2}}{_ANY_GAP}(\(0\))?{_ANY_GAP}[0-9]({_PAIRS})"
    rf"|(\+|%2B)[1-9][0-9]{{0,2}}{_JOINT}(\(0\))?({_JOINT}[0-9]){{8,13}}"
    rf"|0[1-9]({_PAIRS}|{_GROUPS}))([^0-9A-Za-z]|$)"
)
# Behind the name of a key (`mac:00:1a`) too, but not behind another pair.
_KEY = "([0-9A-Za-z]|[G-Zg-z][0-9A-Za-z]|[0-9A-Za-z][G-Zg-z]|[0-9A-Za-z]{3,})[:-]"
MAC = (
    rf"(^|[^0-9A-Fa-f:-]|(^|[^0-9A-Za-z:-]){_KEY})"
    r"[0-9A-Fa-f]{2}((:[0-9A-Fa-f]{2}){5}|(-[0-9A-Fa-f]{2}){5})([^0-9A-Fa-f:-]|$)"
)
# Three groups of four: with no letter it is a number.
MAC_DOTTED = r"(^|[^0-9A-Za-z.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}([^0-9A-Za-z.]|\.[^0-9A-Za-z]|\.?$)"
# The first two digits say who allots numbers (GSMA TS.06): 35 and 86 to nearly all that are in use.
IMEI = "(^|[^0-9A-Za-z])(01|35|49|86|91|98|99)[ -]?[0-9]{6}[ -]?[0-9]{6}[ -]?[0-9]([^0-9A-Za-z]|$)"
# The number of a bank account: the country, a key and the account, in fours or in one.
IBAN = "(^|[^0-9A-Za-z])[A-Z]{2}[0-9]{2}( ?[0-9A-Z]{4}){2,7}( ?[0-9A-Z]{1,4})?([^0-9A-Za-z]|$)"
# How long it is in each country (SWIFT, IBAN Registry, release 99).
_LONG = (
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22"
    "GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27"
    "MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29"
    "VA22VG24XK20"
)
# The French number of an insured person: sex, year, month, department or country, commune, order, key.
NIR = (
    "(^|[^0-9A-Za-z])[12378] ?[0-9]{2} ?(0[1-9]|1[0-2]|[2-9][0-9]) ?([0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}"
    "([^0-9A-Za-z]|$)"
)
# A French company or its establishment; nine or fourteen digits alone are any number.
SIRET = (
    "([Ss][Ii][Rr][Ee][NTnt][^0-9A-Za-z]{0,4}[0-9]{3} ?[0-9]{3} ?[0-9]{3}( ?[0-9]{5})?"
    "|(^|[^0-9A-Za-z ] ?|[^0-9 ] )[0-9]{3} [0-9]{3} [0-9]{3} [0-9]{5})([^0-9A-Za-z]|$)"
)
# What every one of them has.
SIGNS = f"@|%40|{PHONE}|{MAC}|{MAC_DOTTED}|{IMEI}|{IBAN}|{NIR}|{SIRET}"

# Functions of the engines' own, one name on all: see each engine's `FUNCTIONS`.
FOLDED = "dpo_folded"  # its words in lower case, without accents, one blank between
LUHN = "dpo_luhn"  # whether the last of the digits is right (ISO/IEC 7812-1)
REMAINDER = "dpo_remainder"  # the rest of digits and letters, read as one number, by 97 (ISO/IEC 7064)
SAID = "dpo_said"  # the words of the text and of what it encodes
TOKENS = "dpo_tokens"  # its words as written, and its pairs of neighbouring words


def plain_email(column: exp.Expression) -> exp.Expression:
    return containing(column, "@", matches(column, EMAIL))


def email(column: exp.Expression) -> exp.Expression:
    """An e-mail address."""
    return any_of([plain_email(column), containing(column, "%40", matches(column, EMAIL))])


def mac(column: exp.Expression) -> exp.Expression:
    """A MAC address, in pairs or in three groups."""
    return any_of([matches(column, MAC), matches(found_in(column, MAC_DOTTED), "[A-Fa-f]")])


def imei(column: exp.Expression) -> exp.Expression:
    """Fifteen digits whose last one is right: a long number seldom is."""
    return holds(call(LUHN, replace_all(found_in(column, IMEI), "[^0-9]", "")))


def iban(column: exp.Expression) -> exp.Expression:
    """The number of a bank account, as long as its country's and with the right key."""
    number = replace_all(found_in(column, IBAN), "[^0-9A-Z]", "")
    long = sql(
        "CAST(NULLIF(SUBSTRING(:table, STRPOS(:table, SUBSTRING(:iban, 1, 2)) + 2, 2), '') AS INT)",
        table=_LONG,
        iban=number,
    )
    return holds(
        sql(
            "CASE WHEN LENGTH(:iban) >= 15 AND STRPOS(:table, SUBSTRING(:iban, 1, 2)) > 0 AND LENGTH(:iban) >= :long "
            "THEN :rest = 1 ELSE FALSE END",
            iban=number,
            table=_LONG,
            long=long,
            rest=call(
                REMAINDER,
                sql("CONCAT(SUBSTRING(:iban, 5, :long - 4), SUBSTRING(:iban, 1, 4))", iban=number, long=long),
            ),
        )
    )


def nir(column: exp.Expression) -> exp.Expression:
    """The French social security number with the right key; the departments 2A and 2B count as 19 and 18."""
    number = replace_all(found_in(column, NIR), "[^0-9AB]", "")
    digits = sql("REPLACE(REPLACE(:number, '2A', '19'), '2B', '18')", number=number)
    return holds(
        sql(
            "CASE WHEN LENGTH(:digits) = 15 THEN 97 - MOD(CAST(SUBSTRING(:digits, 1, 13) AS BIGINT), 97) "
            "= CAST(SUBSTRING(:digits, 14, 2) AS INT) ELSE FALSE END",
            digits=digits,
        )
    )


def siret(column: exp.Expression) -> exp.Expression:
    """The number of a French company: a sole trader's is a person's."""
    return holds(call(LUHN, replace_all(found_in(column, SIRET), "[^0-9]", "")))


def phone(column: exp.Expression) -> exp.Expression:
    return matches(column, PHONE)


# In the order in which they are told of a record: a number with a key is no chance, digits in pairs may be part of one.
PATTERNS: dict[str, Question] = {
    "email_found": email,
    "iban_found": iban,
    "imei_found": imei,
    "nir_found": nir,
    "phone_found": phone,
    "mac_found": mac,
    "siret_found": siret,
}
# What may be a company's, for a person to judge.
REVIEWED = ("siret_found",)


def _verdicts(*more: str) -> dict[str, Verdict]:
    """By reason, failures first."""
    fails = [reason for reason in (*PATTERNS, *more) if reason not in REVIEWED]
    return {**dict.fromkeys(fails, Verdict.FAIL), **dict.fromkeys(REVIEWED, Verdict.REVIEW)}


class ExpectNoDirectIdentifier(RecordExpectation):
    """No e-mail address, phone, MAC, IMEI, IBAN or French social security number, and no login or full name of a known
    user in a text column; the number of a company, which may be a sole trader's, is for REVIEW.

    `ids`: columns that hold ids or addresses, as does the key of the record: digits in them are no phone number, and
    a word is the whole id. `users`: the dataset of known users; where it holds no login and no e-mail address, a
    record in which nothing else was found is INDETERMINATE.
    """

    users: str
    ids: list[str] = []
    leave: list[str] = []

    def branches(self, setting: Setting) -> Rule:
        ids = {*self.ids, *setting.relation.key}
        columns = scanned_columns(setting, leave=self.leave)
        if not columns:
            setting.require(*setting.relation.columns)
        free = [name for name in columns if name not in ids]
        names = self._names(setting)
        listed = {"known_user_found": self._known(setting, free, names)} if free else {}
        answers = ask(setting, free, PATTERNS, listed, signs=SIGNS)
        whole = {name: self._whole(place, columns[name], names) for place, name in enumerate(columns) if name in ids}
        named = {
            "email_found": {name: plain_email(columns[name]) for name in whole},
            "known_user_found": {name: filled(lookup["k"]) for name, lookup in whole.items()},
        }
        users = Lookup("users", self._reached(setting), {"k": node(1)})
        return Rule(
            branches=(
                *(
                    Branch(any_of([answers.any.get(reason, FALSE), *named.get(reason, {}).values()]), verdict, reason)
                    for reason, verdict in _verdicts("known_user_found").items()
                ),
                Branch(sql(":n = 0", n=users["n"]), Verdict.INDETERMINATE, "no_known_user"),
            ),
            detail=naming(_anywhere(columns, answers.found, named)),
            steps=answers.steps,
            lookups=(users, *whole.values(), *answers.lookups),
        )

    def _reached(self, setting: Setting) -> exp.Select:
        """How many known users have a login or an e-mail address."""
        users = setting.other(self.users)
        reached = [col(name) for name in ("login", "email") if name in users.supplied]
        if not reached:
            raise NotEvaluated("column_not_supplied", f"{users.name}: login, email")
        return select(
            "SELECT 1 AS k, COUNT(*) AS n FROM :users AS b WHERE :any",
            users=exp.to_table(users.name),
            any=any_of(filled(column) for column in reached),
        )

    def _names(self, setting: Setting) -> exp.Subquery:
        """`whole`: words of a login, e-mail address, id or full name of a known user; `plain`: as written.

        What is short, or a number that is not long, is also a word or a number of other texts: left out.
        """
        users = setting.other(self.users)
        parts = [f'"{part}"' for part in ("login", "email", "user_id") if part in users.supplied]
        for first, last in (("first_name", "last_name"), ("last_name", "first_name")):
            if {first, last} <= users.supplied:
                parts.append(f'"{first}" || \' \' || "{last}"')
        written = union_all(
            [select(f"SELECT LOWER({part}) AS plain FROM :users", users=exp.to_table(users.name)) for part in parts]
        )
        words = select(
            "SELECT plain, :folded AS whole FROM :written AS w WHERE plain IS NOT NULL",
            folded=call(FOLDED, exp.column("plain")),
            written=written.subquery(),
        )
        whole = exp.column("whole")
        telling = any_of(
            [
                all_of([sql("LENGTH(:w) >= 5", w=whole), matches(whole, "[^0-9]")]),
                all_of([sql("LENGTH(:w) >= 3", w=whole), matches(whole, "[0-9]"), matches(whole, "[^0-9]")]),
                sql("LENGTH(:w) >= 8", w=whole),
            ]
        )
        return select(
            "SELECT DISTINCT plain, whole FROM :words AS w WHERE :telling", words=words.subquery(), telling=telling
        ).subquery()

    def _whole(self, place: int, column: exp.Expression, names: exp.Subquery) -> Lookup:
        """Values of the column that are an identifier of a known user, whatever their case."""
        query = select("SELECT DISTINCT plain AS k FROM :names AS n", names=names)
        return Lookup(f"whole{place}", query, {"k": sql("LOWER(:column)", column=column)})

    def _known(self, setting: Setting, columns: list[str], names: exp.Subquery) -> exp.Select:
        """Values of the columns in which an identifier of a known user stands as a word, or word by word."""
        text, said = exp.column("text"), exp.column("said")
        spoken = select(
            "SELECT k, text, :said AS said FROM (SELECT k, CONCAT(k, ' | ', :decoded) AS text FROM "
            "(SELECT DISTINCT k FROM :values AS d) AS e) AS f",
            said=call(SAID, text),
            decoded=call(DECODED, exp.column("k")),
            values=values(setting, columns).subquery(),
        )
        # The first two words of each identifier meet the pairs of the text: only then is the rest looked for.
        return select(
            "SELECT DISTINCT k FROM (SELECT k, said, UNNEST(tokens) AS token FROM "
            "(SELECT k, said, :tokens AS tokens FROM :spoken AS d) AS e) AS t "
            "JOIN (SELECT whole, CASE WHEN STRPOS(whole, ' ') > 0 "
            "THEN CONCAT(SPLIT_PART(whole, ' ', 1), ' ', SPLIT_PART(whole, ' ', 2)) ELSE whole END AS start "
            "FROM :names AS n) AS u ON t.token = u.start "
            "WHERE STRPOS(CONCAT(' ', said, ' '), CONCAT(' ', whole, ' ')) > 0",
            tokens=call(TOKENS, text, said),
            spoken=spoken.subquery(),
            names=names,
        )


def _anywhere(columns: Iterable[str], *found: Mapping[str, Mapping[str, exp.Expression]]) -> dict[str, exp.Expression]:
    """For each column, whether anything was found there."""
    places = [where for one in found for where in one.values()]
    return {name: any_of(where[name] for where in places if name in where) for name in columns}


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
        free = [name for name in texts if name not in setting.relation.key]
        answers = ask(setting, free, PATTERNS, signs=SIGNS)
        # The digits of a key are no phone number.
        keys = {name: plain_email(texts[name]) for name in setting.relation.key if name in texts}
        return Rule(
            scope=filled(marked),
            branches=(
                Branch(any_of(left.values()), Verdict.FAIL, "identifier_left"),
                Branch(any_of(keys.values()), Verdict.FAIL, "email_found"),
                *(Branch(answers.any[reason], verdict, reason) for reason, verdict in _verdicts().items()),
                Branch(
                    sql(":marked > :now", marked=marked, now=setting.now),
                    Verdict.INDETERMINATE,
                    "clock_in_future",
                ),
            ),
            clock=marked,
            steps=answers.steps,
            lookups=answers.lookups,
            detail=naming({**left, **_anywhere(texts, answers.found, {"email_found": keys})}),
        )

    def _left(self, column: exp.Expression) -> exp.Expression:
        word = sql("LOWER(TRIM(:column))", column=column)
        masked = any_of([is_in(word, self.placeholders), matches(word, "^[x*#_. -]*$")])
        return holds(all_of([filled(column), negate(masked)]))
