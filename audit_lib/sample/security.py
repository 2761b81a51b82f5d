"""Security: what a scanner, an inventory and a look at the forms say of the company's measures."""

from collections.abc import Callable, Iterator

from audit_lib.sample import canaries
from audit_lib.sample.expected import CLEAN, ENDPOINTS, HOSTS, NOTICES, Expected, Row, fail, just, outside, unsure

_UNTOLD = "measure_unknown"


def _rows(
    control: str, planted: list[tuple[dict[str, str], Expected]], usual: Callable[[int], dict[str, str]]
) -> Iterator[Row]:
    """Rows that are as usual but for what is planted, numbered from 1."""
    for number, (values, judged) in enumerate(planted, 1):
        yield Row(usual(number) | values, {control: judged})


def endpoints() -> Iterator[Row]:
    return _rows(
        ENDPOINTS,
        _endpoints(),
        lambda number: {
            "url": f"https://www{number}.semaphore.example/formulaire",
            "collects_personal_data": "oui",
            "https": "oui",
            "http_redirects": "oui",
            "tls_min": "1.2",
            "certificate_expires_at": "2027-03-01T12:00:00",
            "scanned_at": "2026-10-30T04:00:00",
        },
    )


def _endpoints() -> list[tuple[dict[str, str], Expected]]:
    expired = fail("certificate_expired", "certificat expiré", "certificate expired")
    old = fail("version_too_low", "version de TLS trop ancienne", "TLS version too old")
    missing = fail("measure_missing", "HTTPS ou redirection absente", "no HTTPS or no redirection")
    return [
        ({"url": canaries.URL}, CLEAN),
        ({"tls_min": "1.3"}, CLEAN),
        ({"tls_min": "TLS 1.2"}, just("version écrite en toutes lettres", "version written out")),
        (
            {"certificate_expires_at": "2026-11-01T06:00:01"},
            just("certificat valable une seconde de plus", "certificate valid for one more second"),
        ),
        ({"certificate_expires_at": "2026-11-01T06:00:00"}, expired),
        ({"certificate_expires_at": "2026-09-30T12:00:00"}, expired),
        ({"tls_min": "1.0"}, old),
        ({"tls_min": "SSLv3"}, old),
        ({"https": "non"}, missing),
        ({"http_redirects": "non"}, missing),
        ({"http_redirects": ""}, unsure(_UNTOLD, "redirection non relevée", "redirection not told")),
        ({"tls_min": ""}, unsure(_UNTOLD, "version de TLS non relevée", "TLS version not told")),
        ({"certificate_expires_at": ""}, unsure(_UNTOLD, "expiration non relevée", "expiry not told")),
        (
            {"scanned_at": "2026-11-03T04:00:00"},
            unsure("clock_in_future", "analyse datée d’après l’export", "scan dated after the export"),
        ),
        (
            {"collects_personal_data": ""},
            unsure("scope_unknown", "collecte non renseignée", "nothing says whether it collects data"),
        ),
        (
            {"collects_personal_data": "non", "https": "non"},
            outside("ne collecte rien", "collects nothing"),
        ),
    ]


def hosts() -> Iterator[Row]:
    return _rows(
        HOSTS,
        _hosts(),
        lambda number: {
            "host": f"srv-{number:02d}",
            "stores_personal_data": "oui",
            "firewall": "oui",
            "antivirus": "oui",
            "intrusion_detection": "oui",
            "seen_at": "2026-10-31T23:00:00",
        },
    )


def _hosts() -> list[tuple[dict[str, str], Expected]]:
    missing = fail("measure_missing", "une mesure est absente", "a measure is missing")
    return [
        ({"host": canaries.HOST}, CLEAN),
        ({}, CLEAN),
        ({"seen_at": "2026-10-25T00:00:00"}, just("vue le septième jour", "seen on the seventh day")),
        (
            {"seen_at": "2026-10-24T23:59:00"},
            fail("not_seen_lately", "vue huit jours avant", "seen eight days before"),
        ),
        ({"firewall": "non"}, missing),
        ({"antivirus": "non"}, missing),
        ({"intrusion_detection": "non"}, missing),
        ({"antivirus": ""}, unsure(_UNTOLD, "antivirus non renseigné", "antivirus not told")),
        ({"seen_at": ""}, unsure(_UNTOLD, "absente de l’inventaire", "absent from the inventory")),
        ({"seen_at": "2026-11-02T08:00:00"}, unsure("clock_in_future", "vue à venir", "seen in the future")),
        (
            {"stores_personal_data": ""},
            unsure("scope_unknown", "contenu non renseigné", "nothing says what it stores"),
        ),
        ({"stores_personal_data": "non", "firewall": "non"}, outside("aucune donnée personnelle", "no personal data")),
    ]


def notices() -> Iterator[Row]:
    return _rows(
        NOTICES,
        _notices(),
        lambda number: {
            "collection_point": f"formulaire-{number:02d}",
            "shown_at": "2026-09-15",
            "notice_version": "2026-01",
            **dict.fromkeys(_ELEMENTS, "oui"),
        },
    )


_ELEMENTS = ("has_identity", "has_purposes", "has_mandatory_flags", "has_recipients", "has_rights")


def _notices() -> list[tuple[dict[str, str], Expected]]:
    canary = {"collection_point": canaries.FORM, "notice_version": canaries.NOTICE}
    missing = fail("measure_missing", "un élément manque", "an element is missing")
    return [
        (canary, CLEAN),
        ({}, CLEAN),
        ({"shown_at": "2026-11-01"}, just("affichée le jour du contrôle", "shown on the day of the audit")),
        *(({name: "non"}, missing) for name in _ELEMENTS),
        ({"has_rights": "non", "has_identity": ""}, missing),
        ({"has_recipients": ""}, unsure(_UNTOLD, "destinataires non relevés", "recipients not told")),
        ({"notice_version": ""}, unsure(_UNTOLD, "version de la mention absente", "no version of the notice")),
        ({"shown_at": "2026-11-02"}, unsure("clock_in_future", "affichage à venir", "to be shown later")),
    ]
