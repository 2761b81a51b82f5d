"""Cookies: what a scanner, a browser and the recording of a visit show of the sites to which the policy applies."""

from collections.abc import Iterator

from audit_lib.sample import canaries
from audit_lib.sample.expected import (
    CHOICE,
    CLEAN,
    PROVIDERS,
    TRACKING,
    UNDECLARED,
    Expected,
    Row,
    fail,
    just,
    outside,
    review,
    unsure,
)

_SITE = ".ama.bzh"
_AUDIENCE, _ADVERTISING, _TECHNICAL = (
    {"purpose": "audience"},
    {"purpose": "advertising"},
    {"purpose": "necessary", "strictly_necessary": "oui"},
)
_ASIDE = outside("cookie technique", "technical cookie")
_STRANGER = fail("provider_undeclared", "tiers non annoncé", "third party not declared")
_OTHER_TOOL = review("tool_to_review", "autre outil d’un tiers annoncé", "another tool of a declared third party")
_STRANGE_TOOL = fail("tool_undeclared", "outil d’un tiers non annoncé", "tool of a third party that is not declared")
_NO_PURPOSE = unsure("purpose_missing", "catégorie absente", "no category")
_NOWHERE = unsure("country_unknown", "pays inconnu ou absent", "country unknown or blank")
_UNTOLD = unsure("consent_state_missing", "état du choix absent", "state of the choice missing")


def scanned() -> Iterator[Row]:
    """The report of a scanner, whose visitor accepts at 9:05 unless the row says otherwise."""
    for number, row in enumerate([*_whose(), *_when(), *_from()]):
        usual = {
            "provider": "Éditeur du site",
            "strictly_necessary": "non",
            "consent_state": "accepted",
            "choice_at": "2026-10-30T09:05:00",
            "set_at": "2026-10-30T09:05:02",
            "expires_at": "2027-01-28T09:05:02",
            "country": "Irlande",
            "observed_at": f"2026-10-30T10:{number:02d}:00",
        }
        yield Row(usual | row.values, row.judged, {"value": f"v{number:03d}"} | row.extra)


def _cookie(
    name: str,
    domain: str,
    values: dict[str, str],
    provider: Expected = CLEAN,
    tool: Expected = CLEAN,
    choice: Expected = CLEAN,
    value: str = "",
    seen: Expected | None = None,
) -> Row:
    judged = {CHOICE: choice, PROVIDERS: provider, TRACKING: tool} | ({UNDECLARED: seen} if seen else {})
    return Row({"name": name, "domain": domain} | values, judged, {"value": value} if value else {})


def _whose() -> list[Row]:
    cloudflare = review("provider_to_review", "Cloudflare dans un domaine de HubSpot", "Cloudflare in HubSpot’s domain")
    nobody = fail("provider_undeclared", "domaine de personne", "a domain that is nobody’s")
    ours = fail("tool_undeclared", "outil de l’entreprise elle-même", "the company’s own tool")
    later = unsure("clock_in_future", "relevé daté d’après l’export", "scan dated after the export")
    canary = {
        "provider": canaries.COOKIE_PROVIDER,
        "purpose": canaries.COOKIE_PURPOSE,
        "country": canaries.COOKIE_COUNTRY,
    }
    return [
        _cookie("_gcl_au", _SITE, _ADVERTISING),
        _cookie("IDE", ".doubleclick.net", _ADVERTISING),
        _cookie(
            canaries.COOKIE,
            "ad.doubleclick.net",
            _ADVERTISING,
            tool=just("nom inconnu, domaine de Google Ads", "unknown name, domain of Google Ads"),
            value=canaries.COOKIE_VALUE,
        ),
        _cookie("_ga", _SITE, _AUDIENCE, tool=_OTHER_TOOL),
        _cookie("_ga_7Q2XW", "www.amaxperteye.com", _AUDIENCE, tool=_OTHER_TOOL),
        _cookie("__hstc", _SITE, _AUDIENCE, tool=_OTHER_TOOL),
        _cookie("hubspotutk", ".amaxperteye.com", {"purpose": "tracking"}, tool=_OTHER_TOOL),
        _cookie("__cf_bm", ".hubspot.com", _TECHNICAL, cloudflare, _ASIDE, _ASIDE),
        _cookie("__cf_bm", "forms.hsforms.com", _TECHNICAL, cloudflare, _ASIDE, _ASIDE),
        _cookie("_cfuvid", ".hubspot.com", {"purpose": "tracking"}, cloudflare, _OTHER_TOOL),
        _cookie("__cf_bm", _SITE, _TECHNICAL, _STRANGER, _ASIDE, _ASIDE),
        _cookie("__cf_bm", ".nothubspot.com", _TECHNICAL, _STRANGER, _ASIDE, _ASIDE),
        _cookie("_fbp", _SITE, _ADVERTISING, _STRANGER, _STRANGE_TOOL),
        _cookie("_clck", _SITE, _AUDIENCE, _STRANGER, _STRANGE_TOOL),
        _cookie("_hjSessionUser_3141", _SITE, _AUDIENCE, _STRANGER, _STRANGE_TOOL),
        _cookie("_uetvid", _SITE, _ADVERTISING, _STRANGER, _STRANGE_TOOL),
        _cookie("li_sugr", ".linkedin.com", _ADVERTISING, _STRANGER, _STRANGE_TOOL),
        _cookie("fr", ".facebook.com", _ADVERTISING, _STRANGER, _STRANGE_TOOL),
        _cookie("_ga", canaries.COOKIE_DOMAIN, _AUDIENCE, nobody, _STRANGE_TOOL),
        _cookie(
            "mesure",
            _SITE,
            _AUDIENCE,
            just("cookie de l’entreprise", "the company’s own cookie"),
            ours,
        ),
        _cookie("session", "www.ama.bzh", _TECHNICAL, tool=_ASIDE, choice=_ASIDE),
        _cookie("langue", _SITE, {"purpose": "functional", "strictly_necessary": "oui"}, tool=_ASIDE, choice=_ASIDE),
        _cookie("_gcl_au", _SITE, {"purpose": ""}, tool=_NO_PURPOSE),
        _cookie("_gcl_au", _SITE, canary, tool=_NO_PURPOSE, seen=_NOWHERE),
        _cookie("_gcl_au", _SITE, _ADVERTISING | {"observed_at": "2026-11-02T09:00:00"}, later, later, later),
    ]


def _when() -> list[Row]:
    early = fail("set_before_choice", "déposé avant le choix", "set before the choice")
    refused = fail("set_after_refusal", "présent malgré le refus", "there despite the refusal")
    undated = unsure("consent_undated", "date du dépôt ou du choix absente", "setting or choice undated")
    unknown = unsure("necessity_unknown", "nécessité inconnue", "necessity unknown")
    contradictory = unsure("necessity_unknown", "publicité dite nécessaire", "advertising said to be necessary")
    unseen = {"consent_state": "before_choice", "choice_at": "", "set_at": ""}
    untold = unseen | {"strictly_necessary": ""}

    def ads(choice: Expected, /, **columns: str) -> Row:
        return _cookie("_gcl_au", _SITE, _ADVERTISING | columns, choice=choice)

    return [
        ads(early, set_at="2026-10-30T09:04:59"),
        ads(just("déposé à l’instant du choix", "set at the instant of the choice"), set_at="2026-10-30T09:05:00"),
        ads(early, **unseen),
        ads(early, consent_state="before_choice", choice_at=""),
        ads(refused, consent_state="refused"),
        ads(refused, consent_state="refused", choice_at="", set_at=""),
        ads(early, consent_state="refused", set_at="2026-10-30T09:04:00"),
        ads(undated, set_at=""),
        ads(undated, choice_at=""),
        ads(_UNTOLD, consent_state=""),
        ads(_UNTOLD, consent_state=canaries.COOKIE_CHOICE),
        ads(early, consent_state="", set_at="2026-10-30T09:04:00"),
        ads(
            unsure(
                "consent_contradictory", "dit d’avant le choix, daté d’après", "said before the choice, dated after"
            ),
            consent_state="before_choice",
        ),
        ads(unsure("clock_in_future", "choix à venir", "choice to come"), choice_at="2026-11-02T09:05:00"),
        ads(early, **untold),
        _cookie("_gcl_au", _SITE, untold | {"purpose": ""}, tool=_NO_PURPOSE, choice=early),
        _cookie("panier", _SITE, untold | {"purpose": ""}, tool=_NO_PURPOSE, choice=unknown),
        _cookie("langue", _SITE, untold | {"purpose": "functional"}, tool=_ASIDE, choice=unknown),
        _cookie("panier", _SITE, untold | {"purpose": "necessary"}, tool=_ASIDE, choice=_ASIDE),
        _cookie("session", _SITE, unseen | _TECHNICAL, tool=_ASIDE, choice=_ASIDE),
        ads(contradictory, strictly_necessary="oui", **unseen),
        _cookie(
            "_ga",
            _SITE,
            unseen | _AUDIENCE | {"strictly_necessary": "oui"},
            tool=_OTHER_TOOL,
            choice=outside("mesure d’audience exemptée", "exempted audience measurement"),
        ),
    ]


def _from() -> list[Row]:
    """Technical cookies of the company, kept by providers in these countries."""
    kept = (
        ("France", outside("dans l’EEE", "in the EEA")),
        ("États-Unis", just("pays du registre, à cette date", "country of the register, on that date")),
        ("Israël", fail("country_not_registered", "pays absent du registre", "country not in the register")),
        ("", _NOWHERE),
    )
    return [
        _cookie("session", "www.ama.bzh", _TECHNICAL | {"country": country}, tool=_ASIDE, choice=_ASIDE, seen=seen)
        for country, seen in kept
    ]


def in_browser() -> Iterator[Row]:
    """The jar of a browser: it tells neither purposes nor choices."""
    yield _kept("_gcl_au", _SITE, _UNTOLD, "2027-01-28T08:05:02+00:00", value=canaries.JAR_VALUE)
    yield _kept("hubspotutk", _SITE, _UNTOLD, "2027-04-28T08:05:02+00:00")
    yield _kept("_fbp", _SITE, _UNTOLD, "2027-01-28T08:05:02+00:00", _STRANGER)
    unknown = unsure("necessity_unknown", "nécessité inconnue", "necessity unknown")
    session = _kept("session", "www.ama.bzh", unknown)
    yield Row(session.values, session.judged, session.extra | {"http_only": "oui"})
    yield Row({}, {}, {"line": f"{_SITE}\tTRUE\t/"}, quarantine="unreadable_line")


def _kept(
    name: str, domain: str, choice: Expected, expires: str = "", provider: Expected = CLEAN, value: str = "v"
) -> Row:
    return _cookie(name, domain, {"expires_at": expires}, provider, _NO_PURPOSE, choice, value, _NOWHERE)


def recorded() -> Iterator[Row]:
    """A visit: what responses set, and when."""
    yield _posed("_ga", _SITE, "2026-10-29T10:00:00.120+01:00", _UNTOLD, value=canaries.RECORDED_VALUE)
    yield _posed("IDE", ".doubleclick.net", "2026-10-29T10:00:01.004+01:00", _UNTOLD, age="33696000")
    cloudflare = review("provider_to_review", "Cloudflare dans un domaine de HubSpot", "Cloudflare in HubSpot’s domain")
    page = canaries.RECORDED_PAGE
    yield _posed("__cf_bm", ".hsforms.com", "2026-10-29T10:00:01.310+01:00", _ASIDE, cloudflare, age="1800", page=page)


def _posed(
    name: str, domain: str, at: str, choice: Expected, provider: Expected = CLEAN, value: str = "v", **extra: str
) -> Row:
    values = {"set_at": at, "expires_at": "2027-10-29T09:00:00Z"}
    row = _cookie(name, domain, values, provider, _NO_PURPOSE, choice, seen=_NOWHERE)
    return Row(row.values, row.judged, {"value": value} | extra)
