"""Working days: a last day that is a Saturday, a Sunday or a public holiday moves to the next day that is none."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from dateutil.easter import easter  # type: ignore[import-untyped]
from sqlglot import exp

from audit_lib.expectations.rule import Lookup, Setting, Step, written
from audit_lib.expectations.sql import select, sql

TABLE = "public_holidays"
STEP = "moved"
# Days before are not moved, nor those of later years than the next ten.
_FIRST, _AHEAD = 1990, 10
_MONDAY = dt.date(1900, 1, 1)
_SATURDAY = 5


def moved(setting: Setting) -> tuple[Step, Step]:
    """STEP (day, working), the days that a public holiday moves further than the weekend would, and what it reads."""
    rows = _moved(tuple(row["day"] for row in setting.table(TABLE)), setting.today.year + _AHEAD)
    days = written("holidays", ("d", "w"), ((day.isoformat(), next_.isoformat()) for day, next_ in rows))
    return days, Step(STEP, select("SELECT CAST(d AS DATE) AS day, CAST(w AS DATE) AS working FROM holidays"))


def working(day: exp.Expression, alias: str) -> tuple[exp.Expression, Lookup]:
    """The day, or the next working one (Reg. 1182/71, art. 3(4)), and the lookup of STEP that it takes."""
    found = Lookup(alias, exp.select("*").from_(STEP), {"day": day})
    since = exp.DateDiff(
        this=day, expression=exp.cast(exp.Literal.string(_MONDAY.isoformat()), "DATE"), unit=exp.var("DAY")
    )
    weekday = sql("MOD(:since, 7)", since=since)
    weekend = sql(
        "CASE :weekday WHEN 5 THEN CAST(:day + INTERVAL '2' DAY AS DATE) "
        "WHEN 6 THEN CAST(:day + INTERVAL '1' DAY AS DATE) ELSE :day END",
        weekday=weekday,
        day=day,
    )
    return sql("COALESCE(:working, :weekend)", working=found["working"], weekend=weekend), found


@lru_cache
def _moved(rules: tuple[str, ...], last: int) -> tuple[tuple[dt.date, dt.date], ...]:
    holidays = {day for year in range(_FIRST, last + 1) for day in _holidays(rules, year)}
    near = {day - dt.timedelta(days=back) for day in holidays for back in range(3)}
    return tuple((day, _next(day, holidays)) for day in sorted(near) if _next(day, holidays) != _next(day, ()))


def _holidays(rules: Iterable[str], year: int) -> Iterator[dt.date]:
    for rule in rules:
        if told := re.fullmatch(r"easter([+-]\d+)", rule):
            yield easter(year) + dt.timedelta(days=int(told[1]))
        else:
            yield dt.date.fromisoformat(f"{year}-{rule}")


def _next(day: dt.date, holidays: Iterable[dt.date]) -> dt.date:
    while day.weekday() >= _SATURDAY or day in holidays:
        day += dt.timedelta(days=1)
    return day
