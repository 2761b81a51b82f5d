"""Words: everything the report says to people, in French and in English."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("fr", "en")
_THIN_SPACE = "\u202f"  # narrow and no-break: between thousands, beside French punctuation
_NO_BREAK_SPACE = "\u00a0"
_FRENCH_SPACES = (
    (re.compile(r" (?=[;:!?»%])|(?<=«) |(?<=\d) (?=\d{3}\b)"), _THIN_SPACE),
    # a number stays with its noun, and with the word it numbers
    (re.compile(r"(?<=\d) (?=[a-zà-ÿ])|(?<=\{n\}) "), _NO_BREAK_SPACE),
    (
        re.compile(r"\b(art\.|[Aa]rticles?|[Cc]lauses?|[Cc]hapitres?|[Cc]onsidérants?) (?=[\dIVX{])"),
        rf"\1{_NO_BREAK_SPACE}",
    ),
)
_PERIOD = re.compile(r"P(\d+)([DMY])")
_FOLDER = Path(__file__).parent


class LanguageError(Exception):
    """The report has no words in the language asked for."""


class Words:
    """The words of one language, and how it writes numbers and dates."""

    def __init__(self, lang: str, tree: Mapping[str, Any]) -> None:
        self.lang = lang
        self._tree = _typeset(tree, lang)

    def text(self, key: str, **values: object) -> str:
        """The words under a dotted key. KeyError when the file lacks it: a missing word is a defect."""
        found = self._find(key)
        if not isinstance(found, str):
            raise KeyError(key)
        return found.format(**values) if values else found

    def block(self, key: str) -> Mapping[str, str]:
        """All the words under a dotted key."""
        found = self._find(key)
        if not isinstance(found, Mapping):
            raise KeyError(key)
        return found

    def chosen(self, said: Mapping[str, str]) -> str:
        """Words that the policy gives in every language, in this one; empty when it lacks them."""
        return typeset(str(said.get(self.lang, "")), self.lang)

    def label(self, kind: str, code: str) -> str:
        """The short name of a code; the code itself when the words do not know it."""
        return self._entry(kind, code).get("label", code)

    def sentence(self, kind: str, code: str) -> str:
        """One sentence on what a code means; empty when the words do not know it."""
        return self._entry(kind, code).get("sentence", "")

    def count(self, key: str, number: int) -> str:
        """A number with its noun: "1 record", "1,234 records". French counts 0 in the singular."""
        single = number == 1 or (number == 0 and self.lang == "fr")
        return self.text(f"counts.{key}.{'one' if single else 'other'}", n=self.number(number))

    def number(self, value: float, decimals: int = 2) -> str:
        """1 234 in French, 1,234 in English; a fraction keeps so many decimals at most."""
        text = f"{value:,.{decimals}f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value):,}"
        if self.lang == "en":
            return text
        return text.replace(",", _THIN_SPACE).replace(".", ",")

    def percent(self, share: float) -> str:
        """A share between 0 and 1 as a percentage; anything above 0 shows at least "< 1"."""
        text = "< 1" if 0 < share < 0.01 else "> 99" if 0.99 < share < 1 else str(round(share * 100))
        text = text.replace(" ", _NO_BREAK_SPACE)
        return f"{text}%" if self.lang == "en" else f"{text}{_THIN_SPACE}%"

    def day(self, day: date) -> str:
        """1er novembre 2026, 1 November 2026."""
        number = "1er" if self.lang == "fr" and day.day == 1 else str(day.day)
        return f"{number} {self._month(day)} {day.year}"

    def short_day(self, day: date) -> str:
        """1er nov., 1 Nov: for the ticks of an axis."""
        number = "1er" if self.lang == "fr" and day.day == 1 else str(day.day)
        return f"{number} {self.text(f'months_short.{day.month}')}"

    def instant(self, moment: datetime) -> str:
        """A day and an hour, with the offset from UTC when it is known."""
        offset = moment.utcoffset()
        zone = ""
        if offset is not None:
            minutes = int(offset.total_seconds() // 60)
            sign = "+" if minutes >= 0 else "−"
            hours, rest = divmod(abs(minutes), 60)
            zone = " UTC" + (f"{sign}{hours}" + (f":{rest:02d}" if rest else "") if minutes else "")
        return self.text("dates.instant", day=self.day(moment), time=f"{moment:%H:%M}") + zone

    def period(self, text: str) -> str:
        """P3Y as 3 years, P30D as 30 days; anything else as it is."""
        found = _PERIOD.fullmatch(text)
        return self.count({"D": "days", "M": "months", "Y": "years"}[found[2]], int(found[1])) if found else text

    def listing(self, items: list[str]) -> str:
        """a, b et c; a, b and c."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self.text('ui.and')} {items[-1]}"

    def keys(self) -> frozenset[str]:
        """Every dotted key, for the test that both languages say the same things."""
        return frozenset(_keys(self._tree, ""))

    def _month(self, day: date) -> str:
        return self.text(f"months.{day.month}")

    def _entry(self, kind: str, code: str) -> Mapping[str, str]:
        found = self.block(kind).get(code)
        return found if isinstance(found, Mapping) else {}

    def _find(self, key: str) -> object:
        found: object = self._tree
        for part in key.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise KeyError(key)
            found = found[part]
        return found


def typeset(text: str, lang: str) -> str:
    """A text with the spaces of French typography, which never break a line; English as it is."""
    if lang == "fr":
        for spaces, narrow in _FRENCH_SPACES:
            text = spaces.sub(narrow, text)
    return text


@cache
def words(lang: str) -> Words:
    """The words of a language. LanguageError when there are none."""
    if lang not in LANGUAGES:
        raise LanguageError(f"language '{lang}': write one of {', '.join(LANGUAGES)}")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (_FOLDER / f"{lang}.yaml").read_text("utf-8")
    return Words(lang, yaml.load(text, Loader=loader))  # noqa: S506 - a safe loader, in C where there is one


def _typeset(tree: Mapping[str, Any], lang: str) -> dict[str, Any]:
    return {
        key: _typeset(value, lang) if isinstance(value, Mapping) else typeset(value, lang)
        for key, value in tree.items()
    }


def _keys(tree: Mapping[str, Any], prefix: str) -> list[str]:
    found: list[str] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        found += _keys(value, f"{name}.") if isinstance(value, Mapping) else [name]
    return found
