"""cron: the line of a crontab."""

import shlex

from audit_lib.schedule.job import Job

_LONGEST = 998  # characters of a command that every cron takes


class LineError(ValueError):
    """cron could not take the line; says what to do."""


def line(job: Job, fields: str) -> str:
    """Raises LineError."""
    log = job.log or f"{job.out}/{job.name}.log"
    command = f"umask 077; cd {shlex.quote(job.folder)} && {shlex.join(job.whole)} >>{shlex.quote(log)} 2>&1"
    # cron ends a command at %, and takes away the backslash before it within quotes too.
    escaped = command.replace("%", r"\%")
    if len(escaped) > _LONGEST:
        raise LineError(
            f"--form cron: a command of {len(escaped)} characters, of {_LONGEST} at most: use shorter paths, or systemd"
        )
    return f"{fields} {escaped}"
