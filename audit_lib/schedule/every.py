"""Every: how often an audit runs, as systemd and as cron write it."""

import os
import re
import shutil
import subprocess

# In the morning, when the exports of the night are there.
_CALENDARS = {"monthly": "*-*-01 06:00:00", "weekly": "Mon *-*-* 06:00:00", "daily": "*-*-* 06:00:00"}
# What a run is told, so that it notices which are missing.
PERIODS = {"monthly": "P1M", "weekly": "P7D", "daily": "P1D"}
_CRON = {"monthly": "0 6 1 * *", "weekly": "0 6 * * 1", "daily": "0 6 * * *"}
# What is taken without systemd's own judgement: days of the week, a date with * for any, a time.
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_PLAIN = re.compile(
    rf"(?:{_DAY}(?:(?:,|\.\.){_DAY})* )?(?:\*|\d{{4}})-(?:\*|0[1-9]|1[0-2])-(?:\*|0[1-9]|[12]\d|3[01])"
    r"(?: (?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?"
)
_EXAMPLE = "write monthly, weekly, daily, or systemd's OnCalendar such as 'Mon *-*-01..07 06:00'"


class EveryError(ValueError):
    """No schedule; says what to write."""


def calendar(text: str) -> str:
    """systemd's OnCalendar. Raises EveryError."""
    if text in _CALENDARS:
        return _CALENDARS[text]
    if not text.isprintable() or "%" in text or text.startswith("-"):
        raise EveryError(f"--every '{text}': {_EXAMPLE}")
    if judge := shutil.which("systemd-analyze"):
        said = subprocess.run(
            [judge, "calendar", text], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False
        )
        if said.returncode:
            raise EveryError(f"--every '{text}': {_EXAMPLE}")
        if re.search(r"^\s*Next elapse: never$", said.stdout, re.MULTILINE):
            raise EveryError(f"--every '{text}': no such day is to come")
    elif not _PLAIN.fullmatch(text):
        raise EveryError(f"--every '{text}': write monthly, weekly, daily, or a date and a time such as '*-*-01 06:00'")
    return text


def cron_fields(text: str) -> str:
    """cron's five fields. Raises EveryError."""
    if text not in _CRON:
        raise EveryError(f"--every '{text}': write monthly, weekly or daily, or use --form systemd")
    return _CRON[text]
