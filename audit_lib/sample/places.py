"""Places: where recordings lie, from where they are read, whose cookies are set: countries for the register."""

from collections.abc import Iterator

from audit_lib.sample import canaries
from audit_lib.sample.expected import CLEAN, HOSTING, STORED, UNDECLARED, Expected, Row, fail, just, outside, unsure

_ABSENT = fail("country_not_registered", "pays absent du registre", "country not in the register")
_UNTOLD = unsure("country_unknown", "pays inconnu ou absent", "country unknown or blank")
_FUTURE = unsure("clock_in_future", "date à venir", "date in the future")
_NO_DATE = unsure("clock_missing", "date absente", "no date")
_INSIDE = outside("dans l’EEE", "in the EEA")


def recordings() -> Iterator[Row]:
    rows = [*_whole_countries(), *_registered(), *_deleted(), *_unclear()]
    for number, row in enumerate(rows, 1):
        values = {
            "object_id": f"appel-{number:04d}",
            "name": f"appels/{number:04d}.mp4",
            "store": "azure",
            "customer": "armor-optique.example",
            "deleted": "false",
        }
        yield Row(values | row.values, {STORED: CLEAN} | row.judged)


def _recording(region: str, created: str, hosting: Expected, seen: Expected = _INSIDE, /, **columns: str) -> Row:
    return Row({"region": region, "created_at": created} | columns, {HOSTING: hosting, UNDECLARED: seen})


def _both(region: str, created: str, judged: Expected, /, **columns: str) -> Row:
    return _recording(region, created, judged, judged, **columns)


def _whole_countries() -> list[Row]:
    canary = {
        "object_id": canaries.RECORDING_ID,
        "name": canaries.RECORDING,
        "customer": canaries.RECORDING_CUSTOMER,
    }
    adequate = just("pays adéquat, inscrit au registre", "adequate country, in the register")
    bridge = just("membre, puis passerelle et adéquation", "member, then bridge and adequacy")
    first = just("premier jour de la décision et du flux inscrit", "first day of the decision and of the flow")
    early = fail("country_not_registered", "veille de la décision", "day before the decision")
    alone = just("pays adéquat, sans ligne au registre", "adequate country, no row of the register")
    return [
        _recording("West Europe", "2026-05-04T10:00", CLEAN, **canary),
        _recording("westeurope", "2026-05-04T10:00", just("nom de l’API", "name of the API")),
        _recording("(Europe) France Central", "2026-05-04T10:00", CLEAN),
        _recording("Norway East", "2026-05-04T10:00", CLEAN),
        _both("Switzerland North", "2019-01-07T10:00", adequate),
        _both("UK South", "2020-12-31T10:00", bridge),
        _both("Korea Central", "2021-12-17T00:00", first),
        _both("Korea Central", "2021-12-16T23:59", early),
        _recording("New Zealand North", "2026-01-05T10:00", alone, _ABSENT),
        _recording(
            "Israel Central",
            "2026-01-05T10:00",
            unsure("adequacy_scope_unknown", "pays adéquat en partie", "country adequate in part"),
            _ABSENT,
        ),
        _both("Southeast Asia", "2026-02-02T10:00", _ABSENT),
    ]


def _registered() -> list[Row]:
    first = just("premier jour du flux inscrit", "first day of the flow in the register")
    early = fail("country_not_registered", "veille du flux inscrit", "day before the flow in the register")
    undated = unsure("start_missing", "seule une ligne sans début le couvre", "only a row without a start covers it")
    return [
        _both("East US", "2023-07-10T00:00", first),
        _both("(US) East US", "2023-07-09T23:59", early),
        _both("Central India", "2022-01-05T10:00", first),
        _both("Central India", "2021-03-01T10:00", undated),
    ]


def _deleted() -> list[Row]:
    last = just("supprimé le dernier jour du flux inscrit", "deleted on the last day of the flow in the register")
    late = fail("country_not_registered", "supprimé le lendemain", "deleted the day after")
    kept = fail("country_not_registered", "supprimé, encore restaurable", "deleted, can still be restored")
    no_day = unsure("end_missing", "supprimé sans date", "deleted without a date")
    backwards = unsure("dates_contradictory", "supprimé avant sa création", "deleted before it was made")
    made = ("China North 3", "2025-09-01T10:00")
    return [
        _both(*made, last, deleted="true", deleted_at="2025-12-31T23:59"),
        _both(*made, late, deleted="true", deleted_at="2026-01-01T00:00"),
        _both(*made, kept, deleted="true", deleted_at="2025-12-31T23:59", remaining_retention_days="5"),
        _both(*made, no_day, deleted="true"),
        _both(*made, backwards, deleted="true", deleted_at="2025-08-31T10:00"),
    ]


def _unclear() -> list[Row]:
    unknown = unsure("region_unknown", "région inconnue ou absente", "region unknown or blank")
    return [
        _both("europe", "2026-05-04T10:00", unknown),
        _both(canaries.CALL_REGION, "2026-05-04T10:00", unknown),
        _both("", "2026-05-04T10:00", unknown),
        _recording("North Europe", "", _NO_DATE),
        _both("East US", "", _NO_DATE),
        _recording("North Europe", "2026-11-01T07:00", _FUTURE),
    ]


def accesses() -> Iterator[Row]:
    canary = {"access_id": canaries.ENTRY_ID, "principal": canaries.PRINCIPAL, "ip": canaries.ACCESS_ADDRESS}
    last = just("dernier jour du flux inscrit", "last day of the flow in the register")
    late = fail("country_not_registered", "lendemain du flux inscrit", "day after the flow in the register")
    member = outside("dernier jour de la période transitoire", "last day of the transition period")
    rows = [
        _seen("FR", "2026-06-10T09:00", _INSIDE, **canary),
        _seen("RE", "2026-06-10T09:00", outside("région ultrapériphérique", "outermost region")),
        _seen("GB", "2020-12-31T23:59", member),
        _seen("GB", "2021-01-01T00:00", just("pays tiers, inscrit au registre", "third country, in the register")),
        _seen("IN", "2026-06-10T09:00", CLEAN),
        _seen("US", "2016-03-31T23:59", last),
        _seen("US", "2016-04-01T00:00", late),
        _seen("SG", "2026-06-10T09:00", _ABSENT),
        _seen("", "2026-06-10T09:00", _UNTOLD),
        _seen("US", "", _NO_DATE),
        _seen("US", "2026-11-01T07:00", _FUTURE),
    ]
    for number, row in enumerate(rows, 1):
        usual = {"access_id": f"acces-{number:03d}", "principal": f"compte-{number}", "actor_org": "customer"}
        yield Row(usual | row.values, row.judged)


def _seen(country: str, at: str, judged: Expected, /, **columns: str) -> Row:
    return Row({"country": country, "at": at} | columns, {UNDECLARED: judged})
