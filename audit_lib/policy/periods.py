"""Periods: ISO 8601 periods, of the calendar such as P3Y, P13M or P30D, and of hours such as PT72H."""

import re

_HOURS = re.compile(r"PT(\d{1,4})H")
_PERIOD = re.compile(r"P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,4})D)?")


class PeriodError(ValueError):
    """The text is not an ISO 8601 period of the kind that is asked for."""


def parts(period: str) -> tuple[int, int]:
    """(months, days) of a period. Raises PeriodError."""
    match = _PERIOD.fullmatch(period)
    if not match:
        raise PeriodError("write P3Y, P13M or P30D")
    years, months, weeks, days = (int(group or 0) for group in match.groups())
    return 12 * years + months, 7 * weeks + days


def hours(period: str) -> int:
    """Hours of a period that runs on instants, such as PT72H. Raises PeriodError."""
    match = _HOURS.fullmatch(period)
    if not match:
        raise PeriodError("write PT72H")
    return int(match[1])
