"""Mailboxes: the e-mail addresses of a text, each as the mailbox that it reaches."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlglot import exp

from audit_lib.expectations.sql import all_of, any_of, call, is_in, node, replace_all, select, sql, text_list

# A function of the engines' own: the parts of a text between its blanks.
WORDS = "dpo_words"

# What ends an address, with the blanks that do not break a line and those of JSON. An apostrophe may stand in one.
_APART = r'(\\[nrt]|[\s"<>(),;:=&*/|{}?!#`\[\]\\' + "«»“”‘’…\u00a0\u202f])+"
# What ends a sentence, quotes or lists.
_AROUND = ".'-"


def texts_with_addresses(columns: Iterable[exp.Expression]) -> tuple[exp.Expression, exp.Expression]:
    """Whether an address may stand in a column of the record, plain or in a URL, and the text of those columns."""
    held = [(column, sql("STRPOS(:c, '@') > 0 OR STRPOS(:c, '%40') > 0", c=column)) for column in columns]
    said = text_list((sql("CASE WHEN :held THEN :c END", held=is_held, c=column) for column, is_held in held), " ")
    return any_of(is_held for _, is_held in held), said


def elided(text: exp.Expression) -> exp.Expression:
    """The text, and a second time with its apostrophes blank: o'dwyer@… is an address, in d'anne@… another one is."""
    return sql(
        "CASE WHEN STRPOS(:text, '''') > 0 THEN CONCAT(:text, ' ', REPLACE(:text, '''', ' ')) ELSE :text END", text=text
    )


def mailboxes(rows: exp.Select, variants: Mapping[str, Any]) -> exp.Select:
    """The rows, each once for every address in its text `said`, with the mailbox `k` that the address reaches.

    Case does not count. `variants`: `labels`, signs behind which people add a word of their own to a mailbox;
    `without_dots`, domains that ignore the dots before the @; `same_domains`, other names of a domain, by domain.
    """
    labelled = exp.column("written")
    for sign in variants["labels"]:
        labelled = sql(
            "CASE WHEN STRPOS(:all, :sign) > 1 THEN SPLIT_PART(:all, :sign, 1) ELSE :all END", all=labelled, sign=sign
        )
    domain = exp.Case(default=exp.column("place"))
    for name, others in variants["same_domains"].items():
        domain = domain.when(is_in(exp.column("place"), others), node(name))
    bare = is_in(exp.column("domain"), variants["without_dots"])
    unescaped = replace_all(sql("REPLACE(REPLACE(spaced, '%40', '@'), '%2b', '+')"), "%[0-9a-f]{2}", " ")
    # One step a query: a text would be worked out as often as another one names it.
    found = rows
    for name, value in (
        ("low", sql("LOWER(said)")),
        # In a URL a blank is a plus, and a plus is escaped; any other escape is no part of an address.
        ("spaced", sql("CASE WHEN STRPOS(low, '%40') > 0 THEN REPLACE(low, '+', ' ') ELSE low END")),
        ("plain", sql("CASE WHEN STRPOS(spaced, '%') > 0 THEN :it ELSE spaced END", it=unescaped)),
        ("words", call(WORDS, replace_all(exp.column("plain"), _APART, " "))),
        ("word", sql("UNNEST(words)")),
        ("address", sql("CASE WHEN STRPOS(word, '@') > 0 THEN TRIM(BOTH :around FROM word) END", around=_AROUND)),
        ("written", sql("SPLIT_PART(address, '@', 1)")),
        ("place", sql("SPLIT_PART(address, '@', 2)")),
        ("mailbox", labelled),
        ("domain", domain),
        ("k", sql("CONCAT(CASE WHEN :bare THEN REPLACE(mailbox, '.', '') ELSE mailbox END, '@', domain)", bare=bare)),
    ):
        found = select(f"SELECT *, :value AS {name} FROM :found AS {name}_", value=value, found=found.subquery())
    return found.where(all_of([sql("mailbox <> ''"), sql("STRPOS(domain, '.') > 1")]))
