"""Spark's functions: what the verbs ask of every engine, as Spark says it."""

import sys
import unicodedata
from functools import cache

from audit_lib.expectations.hashes import URL
from audit_lib.expectations.identifiers import FOLDED, LUHN, REMAINDER, SAID, TOKENS
from audit_lib.expectations.mailboxes import WORDS
from audit_lib.expectations.scanned import BASE64_TEXT, DECODED
from audit_lib.expectations.sql import HASH

REFERENCE = "dpo_reference"
_JSON, _BARE = "dpo_json", "dpo_bare"

# The bytes of `one`, in base64 of either alphabet and without its padding.
_BYTES = (
    "unbase64(rpad(CASE WHEN length(one) % 4 = 1 THEN left(translate(one, '-_', '+/'), length(one) - 1) "
    "ELSE translate(one, '-_', '+/') END, CAST((length(one) + 2) div 4 * 4 AS INT), '='))"
)
# `bytes` as text; those that are no Latin text stay escaped.
_TEXT = (
    "CASE WHEN hex(bytes) RLIKE "
    "'^(09|0A|0D|[2-6][0-9A-F]|7[0-9A-E]|(C[2-9A-F]|E[2-9A-F][89AB][0-9A-F])[89AB][0-9A-F])*$' "
    "THEN CAST(bytes AS STRING) ELSE array_join(transform(regexp_extract_all(hex(bytes), '(..)', 1), "
    r"h -> CASE WHEN h RLIKE '^([2-6].|7[0-9A-E])$' AND h NOT IN ('22', '27', '5C') "
    r"THEN CAST(unhex(h) AS STRING) ELSE concat(r'\x', h) END), '') END"
)


def functions(inner: str, outer: str) -> dict[str, str]:
    """By name, the statement that defines each; `inner` and `outer`: the keys of HMAC, as hexadecimal digits."""
    accented, bare = _accents()
    bodies = {
        # What is no UTF-8 once its escapes are undone (%E9 of a Latin-1 page) has those of ASCII undone only.
        URL: _let(
            "CASE WHEN contains(x, '%') THEN coalesce(try_validate_utf8(CAST(unhex(array_join(transform("
            "regexp_extract_all(x, r'(%[0-9A-Fa-f]{2}|[^%]+|%)', 1), "
            "p -> CASE WHEN length(p) = 3 AND startswith(p, '%') THEN substring(p, 2) "
            "ELSE hex(encode(p, 'UTF-8')) END), '')) AS STRING)), "
            "aggregate(regexp_extract_all(x, r'%([2-7][0-9A-Fa-f])', 1), x, "
            "(said, digits) -> replace(said, concat('%', digits), decode(unhex(digits), 'UTF-8')))) ELSE x END",
            x="x",
        ),
        _JSON: _let(
            r"CASE WHEN contains(x, r'\u') THEN aggregate(regexp_extract_all(x, "
            r"r'\\u((?:[0-9A-Ca-cEFef][0-9A-Fa-f]|[Dd][0-7])[0-9A-Fa-f]{2})', 1), x, "
            r"(said, digits) -> replace(said, concat(r'\u', digits), decode(unhex(digits), 'UTF-16BE'))) ELSE x END",
            x="x",
        ),
        DECODED: f"{_JSON}({_decoded()})",
        # Letters without their accents, and without those that stand for themselves.
        _BARE: f"regexp_replace(translate(x, '{accented}', '{bare}'), r'\\p{{Mn}}', '')",
        FOLDED: rf"trim(regexp_replace(lower({_BARE}(x)), r'[^\p{{L}}\p{{N}}]+', ' '))",
        SAID: f"concat({FOLDED}(x), ' | ', "
        rf"{FOLDED}(regexp_replace(x, r'\"[^\"]*\"\s*:|[?&;][A-Za-z_.-]+=', ' ')))",
        TOKENS: f"array_distinct(concat({_words()}, {_pairs()}))",
        WORDS: "split(x, ' ')",
        HASH: "xxhash64(x)",
        LUHN: _let(
            "CASE WHEN x <> '' THEN aggregate(transform(sequence(1, length(x)), i -> CAST(CASE WHEN i % 2 = 1 "
            "THEN substring(reverse(x), i, 1) "
            "ELSE translate(substring(reverse(x), i, 1), '0123456789', '0246813579') END AS INT)), "
            "0, (total, digit) -> total + digit) % 10 = 0 END",
            x="x",
        ),
        REMAINDER: _let(
            "CASE WHEN x <> '' THEN aggregate(transform(sequence(1, length(x)), i -> CASE "
            "WHEN substring(x, i, 1) <= '9' THEN CAST(substring(x, i, 1) AS INT) "
            "ELSE ascii(substring(x, i, 1)) - 55 END), 0, "
            "(rest, one) -> (rest * CASE WHEN one > 9 THEN 100 ELSE 10 END + one) % 97) END",
            x="x",
        ),
        REFERENCE: f"left(sha2(concat(unhex('{outer}'), unhex(sha2(concat(unhex('{inner}'), "
        "encode(x, 'UTF-8')), 256))), 256), 16)",
    }
    arguments = {TOKENS: "x STRING, said STRING"}
    return {
        name: f"CREATE OR REPLACE TEMPORARY FUNCTION {name}({arguments.get(name, 'x STRING')}) RETURN {body}"
        for name, body in bodies.items()
    }


def _let(body: str, **values: str) -> str:
    """The body, in which each name stands for its value: Spark would copy the value to every place of its name, and
    a function of functions would grow beyond any memory.
    """
    fields = ", ".join(f"{value} AS {name}" for name, value in values.items())
    if len(values) == 1:
        [(name, value)] = values.items()
        return f"element_at(transform(array({value}), {name} -> {body}), 1)"
    return f"element_at(transform(array(struct({fields})), v -> {body}), 1)"


def _decoded() -> str:
    """What a text says in a URL or in base64. Inside a lambda Spark calls none of these functions."""
    return _let(
        "concat_ws(' ', "
        "nullif(CASE WHEN contains(v.x, '=') AND contains(v.x, '+') THEN v.spaced ELSE v.plain END, v.x), "
        r"CASE WHEN contains(v.x, r'\u') THEN v.x END, "
        f"CASE WHEN v.plain RLIKE '{BASE64_TEXT}' THEN array_join(transform(transform(concat("
        "regexp_extract_all(v.plain, '([A-Za-z0-9+/]{12,})', 1), "
        f"regexp_extract_all(v.plain, '([A-Za-z0-9_-]{{12,}})', 1)), one -> {_BYTES}), bytes -> {_TEXT}), ' ') END)",
        x="x",
        plain=f"{URL}(x)",
        spaced=f"{URL}(replace(x, '+', ' '))",
    )


def _words() -> str:
    """The words as written."""
    return rf"transform(split(lower({_BARE}(x)), r'[^\p{{L}}\p{{N}}@._+-]+'), one -> trim(BOTH '._+-' FROM one))"


def _pairs() -> str:
    """Each word of what is said, with the next one."""
    return _let(
        "transform(CASE WHEN size(words) > 1 THEN sequence(1, size(words) - 1) ELSE array() END, "
        "i -> concat(element_at(words, i), ' ', element_at(words, i + 1)))",
        words="split(said, ' ')",
    )


@cache
def _accents() -> tuple[str, str]:
    """Every letter that is another one with accents, and in the same place that other one."""
    # Java writes it otherwise at the end of a word.
    pairs = [("\u03a3", "\u03c3")]
    for letter in map(chr, range(128, sys.maxunicode + 1)):
        plain = "".join(part for part in unicodedata.normalize("NFD", letter) if unicodedata.category(part) != "Mn")
        if len(plain) == 1 and plain != letter:
            pairs.append((letter, plain))
    return "".join(one for one, _ in pairs), "".join(one for _, one in pairs)
