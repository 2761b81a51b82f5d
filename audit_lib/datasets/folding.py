"""Folding: two spellings of one name or word are the same without case, accents, punctuation and spaces."""

import unicodedata

# The same in DuckDB: the two must agree, a test compares them.
MACRO = "CREATE OR REPLACE TEMP MACRO dpo_fold(x) AS regexp_replace(lower(strip_accents(x)), '[^a-z0-9]+', '', 'g')"


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFD", text).lower()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
