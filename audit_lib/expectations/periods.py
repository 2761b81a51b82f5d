"""Periods: ISO 8601 calendar arithmetic, clamped to the month's end, and its boundary as a literal."""

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlglot import exp

from audit_lib.expectations.sql import FALSE, NULL, Value, sql
from audit_lib.policy.periods import PeriodError, parts

__all__ = [
    "NEVER",
    "Moment",
    "PeriodError",
    "add",
    "days_between",
    "first_lawful",
    "local_date",
    "midnight",
    "moment",
    "plus",
]


@dataclass(frozen=True)
class Moment:
    """An instant as read, and the earliest and latest that it may be: a day around it when its offset is unknown."""

    at: exp.Expression
    low: exp.Expression
    high: exp.Expression

    @property
    def sure(self) -> bool:
        """No value of it can be off."""
        return bool(self.low == self.at == self.high)


# Offsets of older days are asked of the engine.
_KNOWN, _WEEKS = dt.datetime(1970, 1, 1), 52 * 130

NEVER = Moment(NULL, NULL, NULL)


def moment(at: exp.Expression, naive: exp.Expression = FALSE) -> Moment:
    """`naive` holds where the instant was written without an offset and no source time zone is known."""
    if naive == FALSE:
        return Moment(at, at, at)
    low, high = (
        sql(f"CASE WHEN :naive THEN :at {sign} INTERVAL '1' DAY ELSE :at END", naive=naive, at=at) for sign in "-+"
    )
    return Moment(at, low, high)


def add(day: dt.date, period: str) -> dt.date:
    """The same day number after the period, clamped to the month's end (Reg. 1182/71, art. 3(2)(c))."""
    months, days = parts(period)
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last)) + dt.timedelta(days=days)


def first_lawful(today: dt.date, period: str) -> dt.date:
    """The earliest clock day whose last lawful day is today or later: older clocks have expired."""
    months, days = parts(period)
    total = today.year * 12 + today.month - 1 - months
    year, month = divmod(total, 12)
    last = calendar.monthrange(year, month + 1)[1]
    day = dt.date(year, month + 1, min(today.day, last)) - dt.timedelta(days=days)
    # Clamping makes several days share one limit: step to the boundary itself.
    while add(day, period) < today:
        day += dt.timedelta(days=1)
    while add(day - dt.timedelta(days=1), period) >= today:
        day -= dt.timedelta(days=1)
    return day


def plus(day: Value, period: str) -> exp.Expression:
    """A date expression moved by the period; engines clamp to the month's end too."""
    months, days = parts(period)
    moved = sql("CAST(:day AS DATE)", day=day)
    if months:
        moved = sql(f"CAST(:day + INTERVAL '{months}' MONTH AS DATE)", day=moved)
    if days:
        moved = sql(f"CAST(:day + INTERVAL '{days}' DAY AS DATE)", day=moved)
    return moved


def local_date(instant: exp.Expression, time_zone: str) -> exp.Expression:
    """The calendar day of a UTC instant in the policy's time zone."""
    return sql("CAST(:at AT TIME ZONE 'UTC' AT TIME ZONE :zone AS DATE)", at=instant, zone=time_zone)


def days_between(first: exp.Expression, last: exp.Expression, time_zone: str) -> exp.Expression:
    """Calendar days in the policy's time zone from a UTC instant to one that is not earlier; 0 within a day.

    Engines take long to ask the rules of a time zone: not where the day is the same whatever offset the zone has.
    """
    low, high = offsets(time_zone)
    return sql(
        f"CASE WHEN CAST(:first + INTERVAL '{low}' SECOND AS DATE) = CAST(:last + INTERVAL '{high}' SECOND AS DATE) "
        "AND :first >= :known THEN 0 ELSE :days END",
        first=first,
        last=last,
        known=_KNOWN,
        days=exp.DateDiff(
            this=local_date(last, time_zone), expression=local_date(first, time_zone), unit=exp.var("DAY")
        ),
    )


@lru_cache
def offsets(time_zone: str) -> tuple[int, int]:
    """The least and the greatest offset from UTC that the zone has had since 1970 or will have, in seconds."""
    zone, week = ZoneInfo(time_zone), dt.timedelta(weeks=1)
    found = {(_KNOWN + place * week).replace(tzinfo=dt.UTC).astimezone(zone).utcoffset() for place in range(_WEEKS)}
    seconds = [int(offset.total_seconds()) for offset in found if offset is not None]
    return min(seconds), max(seconds)


def midnight(instant: exp.Expression, time_zone: str) -> exp.Expression:
    """The instant is the first of its day in the policy's time zone: how a date without a time is stored."""
    local = sql(":at AT TIME ZONE 'UTC' AT TIME ZONE :zone", at=instant, zone=time_zone)
    # Not DATE_TRUNC, which becomes Spark's TRUNC: it knows no days.
    return sql(":local = CAST(CAST(:local AS DATE) AS TIMESTAMP)", local=local)
