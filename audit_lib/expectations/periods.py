"""Periods: ISO 8601 calendar arithmetic, clamped to the month's end, and its boundary as a literal."""

import calendar
import datetime as dt

from sqlglot import exp

from audit_lib.expectations.sql import Value, col, sql
from audit_lib.policy.periods import PeriodError, parts

__all__ = ["PeriodError", "add", "first_lawful", "local_date", "naive_flag", "plus"]


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


def naive_flag(column: str, naive: frozenset[str]) -> exp.Expression:
    """True where the column was written without an offset and no source time zone is known."""
    return sql("COALESCE(:flag, FALSE)", flag=col(f"{column}__naive")) if column in naive else exp.false()
