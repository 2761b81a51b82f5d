"""Places: on each day of a record, its country is in the EEA, adequate, or in the register of transfers."""

from enum import IntEnum

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.gaps import gaps
from audit_lib.expectations.periods import Moment, local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Rule, Setting, Step, written
from audit_lib.expectations.safeguards import ALWAYS_FROM, ALWAYS_TO
from audit_lib.expectations.sql import (
    FALSE,
    NULL,
    TRUE,
    any_of,
    blank,
    filled,
    holds,
    replace_all,
    select,
    sql,
    text_list,
    union_all,
)


class Ground(IntEnum):
    """What a day in a country may rest on, the surest first."""

    INSIDE = 0
    SURE = 1
    UNDATED_ROW = 2
    UNKNOWN_OFFSET = 3
    PART_OF_COUNTRY = 4


# Why a day that rests on this ground, and on no surer one, is not proven.
_DOUBTS = {
    Ground.UNDATED_ROW: "start_missing",
    Ground.UNKNOWN_OFFSET: "time_zone_unknown",
    Ground.PART_OF_COUNTRY: "adequacy_scope_unknown",
}


_LAW = "SELECT country, CAST(lo AS DATE) AS lo, CAST(hi AS DATE) AS hi, level FROM law"


class ExpectCountriesCovered(RecordExpectation):
    """On each calendar day of a record its country is in the EEA or has a row of the register of transfers.

    `place`: the column of the country; with `regions` a table of the law gives the country of each place. The days go
    from `since` to `until`, or to the audit's day while it is blank; without `until` there is only the first. A record
    that is `gone` must say when, unless it is `restorable` for days: then it is still there. `adequacy`: a country
    found adequate needs no row; where only a part of it is, a record without a row is INDETERMINATE. `third_only`:
    records that were never outside the EEA are out of scope.
    """

    place: str
    regions: str = ""
    since: str
    until: str = ""
    gone: str = ""
    restorable: str = ""
    adequacy: bool
    third_only: bool

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.place, self.since)
        since, until = setting.moment(self.since), self._until(setting)
        first = _days(setting, since)
        last = _days(setting, until) if until else first
        place = self._place(setting)
        days = {day: f"d{at}" for at, day in enumerate(dict.fromkeys([first.low, first.high, last.low, last.high]))}
        names = [days[day] for day in (first.low, first.high, last.low, last.high)]
        found = Lookup("found", _found(names), {"k": place, **{name: day for day, name in days.items()}})
        unknown = blank(found["country"])
        future = [setting.later(one.at) for one in (since, until) if one]
        backwards = sql(":until < :since", until=until.high, since=since.low) if until else FALSE
        return Rule(
            scope=any_of([unknown, filled(found["at_most"])]) if self.third_only else TRUE,
            branches=(
                Branch(unknown, Verdict.INDETERMINATE, "region_unknown" if self.regions else "country_unknown"),
                Branch(blank(since.at), Verdict.INDETERMINATE, "clock_missing"),
                Branch(self._vanished(setting), Verdict.INDETERMINATE, "end_missing"),
                Branch(any_of(future), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(holds(backwards), Verdict.INDETERMINATE, "dates_contradictory"),
                Branch(_is(found["at_least"], max(Ground)), Verdict.FAIL, "country_not_registered"),
                Branch(_is(found["at_most"], max(Ground)), Verdict.INDETERMINATE, "time_zone_unknown"),
                *(
                    Branch(_is(found["at_most"], Ground(ground - 1)), Verdict.INDETERMINATE, reason)
                    for ground, reason in _DOUBTS.items()
                    if self.adequacy or ground is not Ground.PART_OF_COUNTRY
                ),
            ),
            clock=since.at,
            detail=text_list([found["country"], found["uncovered"]] if self.until else [found["country"]], " "),
            steps=(
                *self._regions(setting),
                Step("spans", self._spans(setting, place, days)),
                Step("days", _calendar(setting)),
                self._law(setting),
                Step("grounds", union_all([select(_LAW), *_register(setting)])),
                Step("gaps", gaps("grounds", ("country",), len(Ground))),
            ),
            lookups=(found,),
        )

    def _place(self, setting: Setting) -> exp.Expression:
        """The country, or the region as an API names it: `West Europe`, `(Europe) West Europe` and `westeurope`."""
        place = setting.column(self.place)
        return replace_all(sql("LOWER(:place)", place=place), "^ *[(][^)]*[)]|[^a-z0-9]", "") if self.regions else place

    def _until(self, setting: Setting) -> Moment | None:
        if not self.until:
            return None
        until, there = setting.moment(self.until), self._still_there(setting)
        shown = [
            sql("CASE WHEN NOT :there THEN :at END", there=there, at=at) for at in (until.at, until.low, until.high)
        ]
        return Moment(*shown)

    def _still_there(self, setting: Setting) -> exp.Expression:
        return holds(sql(":days > 0", days=setting.column(self.restorable))) if self.restorable else FALSE

    def _vanished(self, setting: Setting) -> exp.Expression:
        """Nothing says until when the record was there."""
        if not self.gone:
            return FALSE
        return holds(
            sql(
                ":gone AND NOT :there AND :until IS NULL",
                gone=setting.column(self.gone),
                there=self._still_there(setting),
                until=setting.column(self.until),
            )
        )

    def _spans(self, setting: Setting, place: exp.Expression, days: dict[exp.Expression, str]) -> exp.Select:
        """(k, country, d…): the places and days of the records, each once."""
        records = exp.alias_(exp.to_table(setting.relation.name), "b", table=True)
        country = exp.column("country", table="t") if self.regions else place
        shown = {"k": place, "country": country, **{name: day for day, name in days.items()}}
        query = exp.select(*(exp.alias_(of, name) for name, of in shown.items())).from_(records).distinct()
        if not self.regions:
            return query
        return query.join("regions AS t", on=sql("t.region = :place", place=place), join_type="left")

    def _regions(self, setting: Setting) -> list[Step]:
        """(region, country)."""
        if not self.regions:
            return []
        countries = {row["region"]: row["country"] for row in setting.table(self.regions)}
        return [written("regions", ("region", "country"), countries.items())]

    def _law(self, setting: Setting) -> Step:
        """(country, lo, hi, level): the EEA and, where it counts, adequacy."""
        grounds = {"whole": Ground.SURE, "partial": Ground.PART_OF_COUNTRY, "listed": Ground.PART_OF_COUNTRY}
        adequate = setting.table("adequacy") if self.adequacy else []
        levels = [
            *((row, Ground.INSIDE) for row in setting.table("eea")),
            *((row, grounds[row["scope"]]) for row in adequate if row["scope"] in grounds),
        ]
        rows = ((row["country"], row["valid_from"], row["valid_to"] or ALWAYS_TO, level.value) for row, level in levels)
        return written("law", ("country", "lo", "hi", "level"), rows)


def _days(setting: Setting, moment: Moment) -> Moment:
    """Its calendar days, none later than the audit's; the audit's where it is blank."""
    return Moment(
        *(
            sql("LEAST(COALESCE(:day, :today), :today)", day=local_date(at, setting.time_zone), today=setting.today)
            for at in (moment.at, moment.low, moment.high)
        )
    )


def _calendar(setting: Setting) -> exp.Select:
    """(country, s, e): all the days of each country."""
    return select(
        "SELECT DISTINCT country, CAST(:always AS DATE) AS s, :today AS e FROM spans WHERE country IS NOT NULL",
        always=ALWAYS_FROM,
        today=setting.today,
    )


def _register(setting: Setting) -> list[exp.Select]:
    """(country, lo, hi, level): the days of the rows of the register, whatever they rest on."""
    register = setting.other("transfers", "country", "start")
    start, end = register.moment("start"), register.moment("end")

    def rows(ground: Ground, start: exp.Expression, end: exp.Expression, when: exp.Expression) -> exp.Select:
        return select(
            "SELECT country, COALESCE(:first, CAST(:always AS DATE)) AS lo, "
            "COALESCE(:last, CAST(:ever AS DATE)) AS hi, CAST(:level AS INT) AS level "
            "FROM transfers WHERE country IS NOT NULL AND :when",
            first=local_date(start, setting.time_zone),
            always=ALWAYS_FROM,
            last=local_date(end, setting.time_zone),
            ever=ALWAYS_TO,
            level=ground.value,
            when=when,
        )

    sure = rows(Ground.SURE, start.high, end.low, filled(start.at))
    undated = rows(Ground.UNDATED_ROW, exp.cast(NULL, "TIMESTAMP"), end.high, blank(start.at))
    if start.sure and end.sure:
        return [sure, undated]
    return [sure, undated, rows(Ground.UNKNOWN_OFFSET, start.low, end.high, filled(start.at))]


def _found(names: list[str]) -> exp.Select:
    """(k, d…, country, at_least, at_most, uncovered): of each place and its days, the least sure ground that some day
    does not even rest on; null where every day is INSIDE.

    `names`: the columns of the earliest and latest first day, then of the earliest and latest last one. `at_least`
    holds whichever days they were, `at_most` for some that they may have been.
    """
    early, first, last, late = names
    keys = ", ".join(f"p.{name}" for name in ("k", "country", *dict.fromkeys(names)))
    return select(
        f"SELECT {keys}, MAX(CASE WHEN g.lo <= p.{last} AND g.hi >= p.{first} THEN g.sure END) AS at_least, "
        "MAX(g.sure) AS at_most, "
        f"STRING_AGG(CASE WHEN g.sure = :all THEN CONCAT(CAST(GREATEST(g.lo, p.{early}) AS TEXT), '/', "
        f"CAST(LEAST(g.hi, p.{late}) AS TEXT)) END, '; ' ORDER BY g.lo) AS uncovered "
        f"FROM spans AS p LEFT JOIN gaps AS g ON g.country = p.country AND g.lo <= p.{late} AND g.hi >= p.{early} "
        f"GROUP BY {keys}",
        all=max(Ground).value,
    )


def _is(level: exp.Expression, ground: Ground) -> exp.Expression:
    return holds(sql(":level = :ground", level=level, ground=ground.value))
