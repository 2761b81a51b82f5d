"""Words: both languages say the same things, and every code that a run may hold has words."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from audit_lib.expectations.reasons import NOT_EVALUATED, REASONS, Verdict
from audit_lib.report.policy_words import policy_words
from audit_lib.report.runs import OUTCOMES, SEVERITIES
from audit_lib.report.words import LANGUAGES, LanguageError, Words, typeset, words

_FILES = Path(words.__wrapped__.__code__.co_filename).parent
_LOOSE = re.compile(r"[ \u00a0][;:!?»%]|«[ \u00a0]")
_QUARANTINE = {
    "bad_date", "bad_number", "bad_bool", "key_missing", "key_duplicate",
    "wrong_column_count", "header_repeated", "bad_encoding", "broken_line", "missing_dn", "unreadable_line",
}  # fmt: skip


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def test_both_languages_have_the_same_keys() -> None:
    assert words("fr").keys() == words("en").keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_word_was_lost_to_yaml(lang: str) -> None:
    """In a flow mapping an unquoted comma ends the text and starts a key: the trap that this test is for."""
    tree = yaml.safe_load((_FILES / f"{lang}.yaml").read_text("utf-8"))
    assert [key for key, value in _leaves(tree) if " " in key or not isinstance(value, str)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "kind, codes",
    [
        ("reasons", REASONS),
        ("not_evaluated", NOT_EVALUATED),
        ("outcomes", OUTCOMES),
        ("verdicts", tuple(Verdict)),
        ("severities", SEVERITIES),
        ("quarantine", _QUARANTINE),
    ],
)
def test_every_code_has_words(lang: str, kind: str, codes: frozenset[str]) -> None:
    said = words(lang)
    assert [code for code in codes if said.label(kind, code) == code] == []
    if kind != "severities":
        assert [code for code in codes if not said.sentence(kind, code)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_reason_has_words_without_being_one(lang: str) -> None:
    assert words(lang).block("reasons").keys() == REASONS


@pytest.mark.parametrize(
    "lang, number, said",
    [
        ("fr", 1234567, "1\u202f234\u202f567"),
        ("en", 1234567, "1,234,567"),
        ("fr", 0.2, "0,2"),
        ("en", 0.2, "0.2"),
        ("fr", 0, "0"),
    ],
)
def test_numbers(lang: str, number: float, said: str) -> None:
    assert words(lang).number(number) == said


def test_dates() -> None:
    first, second = date(2026, 11, 1), date(2026, 11, 2)
    assert [words("fr").day(first), words("fr").day(second)] == ["1er novembre 2026", "2 novembre 2026"]
    assert words("en").day(first) == "1 November 2026"
    moment = datetime(2026, 11, 1, 6, 5, tzinfo=timezone(timedelta(hours=1)))
    assert words("fr").instant(moment) == "1er novembre 2026 à 06:05 UTC+1"
    assert words("en").instant(moment.astimezone(UTC)) == "1 November 2026 at 05:05 UTC"


def test_counts_agree_with_their_number() -> None:
    french, english = words("fr"), words("en")
    assert [french.count("records", n) for n in (0, 1, 2)] == [
        "0\u00a0enregistrement",
        "1\u00a0enregistrement",
        "2\u00a0enregistrements",
    ]
    assert [english.count("records", n) for n in (0, 1, 2)] == ["0 records", "1 record", "2 records"]


@pytest.mark.parametrize(
    "share, said", [(0, "0%"), (0.001, "<\u00a01%"), (0.5, "50%"), (0.999, ">\u00a099%"), (1, "100%")]
)
def test_a_share_never_rounds_to_none_or_all(share: float, said: str) -> None:
    assert words("en").percent(share) == said


@pytest.mark.parametrize(
    "text, said",
    [
        ("Où ? Ici ; là : « oui » !", "Où\u202f? Ici\u202f; là\u202f: «\u202foui\u202f»\u202f!"),
        ("2 400 fiches, 30 %", "2\u202f400\u00a0fiches, 30\u202f%"),
        ("RGPD, art. 5, chapitre V", "RGPD, art.\u00a05, chapitre\u00a0V"),
        ("à 06:00, https://exemple.example", "à 06:00, https://exemple.example"),
        ("{failures} ; {n} jours", "{failures}\u202f; {n}\u00a0jours"),
    ],
)
def test_french_has_its_spaces(text: str, said: str) -> None:
    assert typeset(text, "fr") == said
    assert typeset(text, "en") == text


def test_no_french_line_can_begin_with_its_punctuation() -> None:
    """Neither the report's own words nor those of the policy folder."""
    policy = policy_words(Path(__file__).parents[2] / "expectations", "fr")
    quoted = [text for one in policy.controls.values() for text in (one.title, one.remedy, *one.legal)]
    own = [words("fr").text(key) for key in words("fr").keys()]  # noqa: SIM118 - a method, not a mapping
    assert [text for text in (*own, *quoted, *policy.clauses.values()) if _LOOSE.search(text)] == []


def test_refuses_a_language_without_words() -> None:
    with pytest.raises(LanguageError, match="language 'de': write one of fr, en"):
        words("de")


def test_a_missing_word_is_an_error() -> None:
    with pytest.raises(KeyError):
        Words("fr", {}).text("ui.contents")


def test_periods_are_spoken() -> None:
    assert [words("fr").period(text) for text in ("P3Y", "P1M", "P30D", "PT72H")] == [
        "3\u00a0ans",
        "1\u00a0mois",
        "30\u00a0jours",
        "PT72H",
    ]
