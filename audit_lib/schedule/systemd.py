"""systemd: a service that audits, and the timer that starts it."""

import re

from audit_lib.schedule.job import Job, filled

_PLAIN = re.compile(r"[A-Za-z0-9_@+=:,./-]+")


def units(job: Job, calendar: str, *, system: bool) -> dict[str, str]:
    """The text of each unit by its file's name. `system`: of the machine rather than of a user."""
    service = filled(
        "service",
        exports=_literal(job.exports),
        network=filled("network") if system else "",
        folder=_literal(job.folder),
        environment="".join(f"Environment={quoted(f'{k}={v}', exec_line=False)}\n" for k, v in job.environment.items()),
        secrets=_literal(job.secrets),
        command=" ".join(map(quoted, job.alone)),
        limit=job.limit,
        log="".join(f"Standard{one}=append:{_literal(job.log)}\n" for one in ("Output", "Error")) if job.log else "",
        hardening=filled("hardening") if system else "",
    )
    timer = filled("timer", exports=_literal(job.exports), calendar=calendar)
    return {f"{job.name}.service": service, f"{job.name}.timer": timer}


def quoted(word: str, *, exec_line: bool = True) -> str:
    """One word of a line, as systemd.syntax(7) reads it. On an ExecStart line, variables have a value too."""
    word = _literal(word)
    if exec_line:
        word = word.replace("$", "$$")
    if _PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _literal(text: str) -> str:
    """A text in which no % stands for something."""
    return text.replace("%", "%%")
