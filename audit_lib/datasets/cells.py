"""Typing: the SQL that turns a raw cell into a canonical value, and that says when it cannot."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from audit_lib.datasets import countries
from audit_lib.datasets.dates import LDAP_MACRO, MACRO, Reading, placed
from audit_lib.datasets.folding import MACRO as FOLD_MACRO
from audit_lib.datasets.schema import TIMES, TYPES, Column
from audit_lib.sources.raw import literal, trimmed

BAD = {"date": "bad_date", "instant": "bad_date", "end": "bad_date", "bool": "bad_bool", "int": "bad_number"}

# Cells that say nothing, in any column; a name may be Null, so only the spellings of databases count.
NOTHING = ("", "-", "N/A", "n/a", "#N/A", "NULL", "null", "\\N")
_TRUE = ("true", "1", "yes", "y", "oui", "o", "vrai", "x", "t")
_FALSE = ("false", "0", "no", "n", "non", "faux", "f")

# Days by which some tools say that there is none.
SENTINELS = ("DATE '1900-01-01'", "DATE '1970-01-01'", "DATE '9999-12-31'")

# Lists, not IN: DuckDB plans an IN of many words in every column slowly.
_ABSENT = ", ".join(map(literal, NOTHING))
MACROS = (
    FOLD_MACRO,
    # Most cells of a wide export are empty, and a CASE stops at the first answer. DuckDB would make a join of a list.
    "CREATE OR REPLACE TEMP MACRO dpo_cell(x) AS CASE WHEN strlen(x) = 0 THEN NULL "
    f"WHEN strlen(x) > {max(map(len, NOTHING))} OR NOT contains({literal(' '.join(NOTHING))}, x) THEN x "
    f"WHEN NOT regexp_full_match(x, {literal('|'.join(map(re.escape, NOTHING)))}) THEN x END",
    MACRO,
    LDAP_MACRO,
    "CREATE OR REPLACE TEMP MACRO dpo_bool(x) AS CASE "
    f"WHEN list_contains([{', '.join(map(literal, _TRUE))}], lower(x)) THEN true "
    f"WHEN list_contains([{', '.join(map(literal, _FALSE))}], lower(x)) THEN false END",
    "CREATE OR REPLACE TEMP MACRO dpo_int(x) AS "
    "CASE WHEN regexp_full_match(x, '[+-]?\\d[\\d \\x{a0}\\x{202f}]{0,23}([.,]0+)?') THEN "
    "try_cast(regexp_replace(regexp_replace(x, '[.,]0+$', ''), '[^\\d+-]', '', 'g') AS BIGINT) END",
    "CREATE OR REPLACE TEMP MACRO dpo_list(x) AS nullif(array_to_string(list_filter(list_transform("
    "string_split(x, ';'), lambda one: trim(one)), lambda one: one <> ''), ';'), '')",
)


@dataclass(frozen=True)
class Typed:
    """SQL of a column. `strict`: a cell without a value sets its row aside. `join` brings a table that
    `value` reads.
    """

    value: str
    strict: bool = False
    naive: str | None = None
    join: str | None = None


def from_text(x: str, column: Column, words: Mapping[str, str], times: Reading | None) -> Typed:
    """A text cell; `x` is trimmed already and null when it says nothing. `times` reads dates."""
    match column.type:
        case "text":
            return Typed(coded(x, words))
        case "list":
            items = f"dpo_list({x})"
            if words:
                each = coded("one", words)
                items = f"array_to_string(list_transform(string_split({items}, ';'), lambda one: {each}), ';')"
            return Typed(items)
        case "bool":
            return Typed(f"dpo_bool({x})", strict=True)
        case "int":
            return Typed(f"dpo_int({x})", strict=True)
        case "country":
            return country(x)
        case _:
            if times is None:
                raise TypeError(f"{column.name}: a time without a reading")
            return Typed(times.value, strict=True, naive=times.naive)


def said(x: str) -> str:
    """A cell without spaces around it, null when it says nothing: without macros, for a view."""
    return f"CASE WHEN NOT list_contains([{_ABSENT}], {trimmed(x)}) THEN {trimmed(x)} END"


def coded(x: str, words: Mapping[str, str]) -> str:
    """The code of a word, the word itself when it has none."""
    if not words:
        return x
    pairs = ", ".join(f"{literal(word)}: {literal(code)}" for word, code in words.items())
    return f"coalesce(map_extract_value(MAP {{{pairs}}}, dpo_fold({x})), {x})"


def country(x: str) -> Typed:
    alias = f"of_{x}"
    # Most are codes of two letters, which only lose their case; no name of a country is one letter.
    folded = f"CASE WHEN strlen({x}) = 2 THEN lower({x}) ELSE dpo_fold({x}) END"
    join = f"LEFT JOIN {countries.TABLE} AS {alias} ON {alias}.name = {folded}"
    return Typed(f"{alias}.code", join=join)


def physical(x: str, type: str, column: Column, *, zone: str, source_tz: str) -> Typed | None:
    """A column that the file itself types; None when it has to be read as text."""
    if type == "TIMESTAMP WITH TIME ZONE" and column.type in TIMES:
        return _time(f"make_timestamp(epoch_us({x}))", "aware", column, zone, source_tz)
    if type in ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S") and column.type in TIMES:
        return _time(f"CAST({x} AS TIMESTAMP)", "naive", column, zone, source_tz)
    if type == "DATE" and column.type in TIMES:
        return _time(f"CAST({x} AS TIMESTAMP)", "date", column, zone, source_tz)
    if type == "BOOLEAN" and column.type == "bool":
        return Typed(x)
    if (
        type in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
        and column.type == "int"
    ):
        return Typed(x if type == "BIGINT" else f"CAST({x} AS BIGINT)")
    return None


def as_text(x: str, type: str) -> str:
    """Any physical value as text: whole numbers without a decimal point, lists with `;`."""
    if type == "VARCHAR":
        return x
    if type.endswith("[]"):
        return f"array_to_string({x}, ';')"
    if type in ("DOUBLE", "FLOAT"):
        whole = f"{x} = trunc({x}) AND abs({x}) < 1e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({x} AS BIGINT) AS VARCHAR) ELSE CAST({x} AS VARCHAR) END"
    return f"CAST({x} AS VARCHAR)"


def _time(wall: str, written: str, column: Column, zone: str, source_tz: str) -> Typed:
    value = placed(wall, written, column.type, zone=zone, source_tz=source_tz)
    none = f"CAST({wall} AS DATE) IN ({', '.join(SENTINELS)})"
    naive = f"{wall} IS NOT NULL" if written == "naive" else None
    return Typed(f"CASE WHEN NOT {none} THEN {value} END", naive=naive)


def null_of(column: Column) -> str:
    return f"CAST(NULL AS {TYPES[column.type]})"
