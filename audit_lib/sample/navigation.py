"""Navigation: the audience events of the website, kept thirty days, with columns that nobody declared."""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from audit_lib.sample import canaries
from audit_lib.sample.expected import (
    CLEAN,
    NAVIGATION,
    NAVIGATION_FIELDS,
    Expected,
    Row,
    fail,
    just,
    review,
    unsure,
)

LEAST_EVENTS = 160
MOST_EVENTS = 500_000
_UNDECLARED_CANARIES = {
    "referrer": f"https://{canaries.SITE}.example/",
    "advertising_id": canaries.ADVERTISING_ID,
    "screen": canaries.SCREEN,
}
_PARIS = ZoneInfo("Europe/Paris")
_TOO_OLD = fail("kept_too_long", "fin septembre, trop ancien", "end of September, too old")


def navigation_events(rows: int) -> Iterator[Row]:
    plants = _plants()
    for number in range(min(max(LEAST_EVENTS, rows // 20), MOST_EVENTS)):
        row = plants[number] if number < len(plants) else _event(_instant(number), CLEAN, number)
        yield Row({"event_id": f"N-{number + 1:07d}"} | row.values, row.judged, row.extra)


def _instant(number: int) -> str:
    """Between 3 and 31 October 2026, in Paris time with its offset."""
    start = dt.datetime(2026, 10, 3, 7, 0, tzinfo=dt.UTC)
    return (start + dt.timedelta(days=number % 28, minutes=number * 7 % 720)).astimezone(_PARIS).isoformat()


def _event(at: str, kept: Expected, number: int = 0, fields: Expected = CLEAN, **extra: str) -> Row:
    values = {
        "event_at": at,
        "visitor_id": f"v{number * 2654435761 % 4294967296:08x}",
        "os": ("Windows", "Android", "iOS", "macOS", "Linux")[number % 5],
        "browser": ("Firefox", "Chrome", "Safari", "Edge")[number % 4],
        "browser_version": str(120 + number % 24),
        "language": ("fr-FR", "de-DE", "es-ES", "it-IT")[number % 4],
    }
    return Row(values, {NAVIGATION: kept, NAVIGATION_FIELDS: fields}, extra)


def _plants() -> list[Row]:
    last = just("trentième jour", "thirtieth day")
    after = fail("kept_too_long", "trente et unième jour", "thirty-first day")
    forbidden = fail(
        "forbidden_column",
        "URL, référent, identifiant publicitaire ou adresse IP",
        "URL, referrer, advertising id or IP address",
    )
    screen = review("undeclared_column", "taille d’écran, non déclarée", "screen size, undeclared")
    missing = unsure("clock_missing", "sans date", "no date")
    recent = "2026-10-20T10:00:00+02:00"
    canary = _event(recent, CLEAN, 3, forbidden, url=f"/demo/{canaries.PAGE}", **_UNDECLARED_CANARIES)
    canary.values.update(
        event_id=canaries.VISIT_ID,
        visitor_id=canaries.VISITOR_ID,
        os=canaries.SYSTEM,
        browser=canaries.BROWSER,
        language=canaries.LANGUAGE,
    )
    return [
        _event("2026-10-02T09:30:00+02:00", last, 1),
        _event(
            "2026-10-02T00:15:00+02:00",
            just("trentième jour à Paris, la veille en UTC", "thirtieth day in Paris, the day before in UTC"),
            2,
        ),
        _event("2026-10-01T22:15:00Z", last, 3),
        _event("2026-10-01T23:50:00+02:00", after, 4),
        _event("2026-10-01T08:00:00+02:00", after, 5),
        _event("2026-09-12T08:00:00+02:00", fail("kept_too_long", "septembre", "September"), 6),
        _event("2025-11-01T08:00:00+01:00", fail("kept_too_long", "un an", "one year old"), 7),
        _event("", missing, 8),
        _event("1970-01-01T00:00:00Z", unsure("clock_missing", "date sentinelle", "sentinel date"), 9),
        _event(
            "2026-11-01T06:00:01+01:00",
            unsure("clock_in_future", "une seconde après l’export", "one second after the export"),
            10,
        ),
        _event(
            "2026-11-01T06:00:00+01:00",
            just("à l’instant de l’export", "at the instant of the export"),
            11,
            just("colonnes non déclarées laissées vides", "undeclared columns left blank"),
        ),
        _event("2026-10-25T02:30:00+02:00", just("heure double, première fois", "repeated hour, first time"), 12),
        _event("2026-10-25T02:30:00+01:00", just("heure double, seconde fois", "repeated hour, second time"), 13),
        _event(recent, CLEAN, 14, forbidden, url="/contact"),
        _event(recent, CLEAN, 15, forbidden, referrer="https://moteur.example/recherche"),
        _event(recent, CLEAN, 16, forbidden, advertising_id="38400000-8cf0-11bd-b23e-10b96e40000d"),
        _event(recent, CLEAN, 17, forbidden, ip="193.0.6.0"),
        _event(recent, CLEAN, 18, forbidden, url="/offre", screen="1920x1080"),
        _event(recent, CLEAN, 19, screen, screen="1440x900"),
        _event(recent, CLEAN, 20, screen, screen="390x844"),
        _event("2026-09-30T12:00:00+02:00", _TOO_OLD, 21, screen, screen="390x844"),
        canary,
    ]
