"""Others: statistics kept by country, and an inventory of all that no other clause covers."""

from collections.abc import Iterator

from audit_lib.sample import canaries
from audit_lib.sample.expected import CELLS, CLEAN, OTHERS, Expected, Row, exempt, fail, just, review, unsure


def statistics() -> Iterator[Row]:
    small = review("small_cell", "moins de onze personnes", "fewer than eleven people")
    planted = [
        ("11", just("onze personnes", "eleven people")),
        ("10", small),
        ("1", small),
        ("0", just("aucune personne", "nobody")),
        ("", unsure("count_missing", "effectif absent", "no count")),
        ("4 120", CLEAN),
    ]
    countries = ("FR", "DE", "ES", "IT", "BE", "NL")
    for number, country in enumerate(countries * 4):
        values = {"country": country, "period": f"{2021 + number // 6}", "users": str(140 + 37 * number)}
        yield Row(values | {"category": "Empreinte numérique"}, {CELLS: CLEAN})
    for country, (users, judged) in zip(countries, planted, strict=True):
        yield Row({"country": country, "period": "2025", "users": users, "category": "Déplacements"}, {CELLS: judged})
    secret = {"period": canaries.STATISTIC_PERIOD, "category": canaries.STATISTIC}
    yield Row({"country": "PT", "users": "3"} | secret, {CELLS: small})


def other_records() -> Iterator[Row]:
    for number, row in enumerate(_others(), 1):
        yield Row({"record_id": f"A-{number:03d}", "dataset": "Candidatures"} | row.values, row.judged)


def _other(used: str, judged: Expected = CLEAN, /, **columns: str) -> Row:
    return Row({"last_used_at": used} | columns, {OTHERS: judged})


def _voucher(clock: str, judged: Expected, /, **columns: str) -> Row:
    values = {"dataset": "Factures", "category": "accounting_voucher", "archive_basis": "L123-22"}
    return _other("2018-03-12", judged, **(values | {"archive_clock": clock} | columns))


def _others() -> list[Row]:
    old = fail("kept_too_long", "dernière utilisation il y a plus de 5 ans", "last used more than 5 years ago")
    incomplete = unsure("archive_incomplete", "point de départ absent", "no start of the period")
    invalid = fail("archive_invalid", "durée d’archivage dépassée", "archive period over")
    canary = {
        "record_id": canaries.RECORD_ID,
        "dataset": canaries.RECORD_SET,
        "category": canaries.RECORD_CATEGORY,
    }
    return [
        _other("2026-06-15"),
        _other("2024-02-07", dataset="Photos d’événements"),
        _other(
            "2021-11-01", just("dernière utilisation il y a 5 ans jour pour jour", "last used 5 years ago to the day")
        ),
        _other("2021-10-31", old),
        _other("2016-04-04", old, **canary),
        _other(
            "2020-05-04",
            fail("kept_too_long", "restauré depuis : ce n’est pas un usage", "restored since: no use"),
            restored_at="2025-02-03",
        ),
        _other(
            "2025-02-03",
            unsure("use_unproven", "l’usage noté est la restauration", "the use on record is the restore"),
            restored_at="2025-02-03",
        ),
        _other(
            "2025-02-04",
            just("utilisé le lendemain de la restauration", "used the day after the restore"),
            restored_at="2025-02-03",
        ),
        _other("", unsure("clock_missing", "dernière utilisation inconnue", "last use unknown")),
        _other("1970-01-01", unsure("clock_missing", "dernière utilisation inconnue", "last use unknown")),
        _other("2026-11-02", unsure("clock_in_future", "utilisation datée de demain", "use dated tomorrow")),
        _voucher(
            "2018-12-31", exempt("in_legal_archive", "pièce comptable de moins de 10 ans", "voucher under 10 years old")
        ),
        _voucher(
            "2016-11-01",
            exempt("in_legal_archive", "pièce comptable de 10 ans jour pour jour", "voucher 10 years old to the day"),
        ),
        _voucher("2016-10-31", invalid),
        _voucher(
            "2018-12-31",
            fail("archive_invalid", "ce n’est pas une pièce comptable", "not a voucher"),
            category="contract",
        ),
        _voucher("", incomplete),
        _voucher("2018-12-31", old, archive_basis=""),
    ]
