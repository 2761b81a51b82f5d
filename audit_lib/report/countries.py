"""Countries: their names in the language of the report."""

import gettext
from functools import cache

from audit_lib.report.words import Words


@cache
def _french() -> gettext.NullTranslations:
    import pycountry

    return gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"], fallback=True)


def country_name(words: Words, code: str | None) -> str:
    """The name of an ISO 3166-1 alpha-2 code, or of EPO; the code itself when it has no name."""
    if not code:
        return words.text("countries.unknown")
    if code in words.block("countries"):
        return words.text(f"countries.{code}")
    import pycountry

    found = pycountry.countries.get(alpha_2=code)
    if found is None:
        return code
    name = _french().gettext(found.name) if words.lang == "fr" else str(getattr(found, "common_name", found.name))
    head, comma, tail = name.partition(", ")
    return f"{tail} {head}" if comma else name
