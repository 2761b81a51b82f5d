"""Schedule: what the machine's scheduler is given, so that an audit runs by itself."""

from audit_lib.schedule.airflow import dag
from audit_lib.schedule.cron import LineError, line
from audit_lib.schedule.every import PERIODS, EveryError, calendar, cron_fields
from audit_lib.schedule.install import InstallError, commands, installed, started, unit_folder
from audit_lib.schedule.job import Job
from audit_lib.schedule.jupyter import notebook
from audit_lib.schedule.systemd import units

__all__ = [
    "PERIODS",
    "EveryError",
    "InstallError",
    "Job",
    "LineError",
    "calendar",
    "commands",
    "cron_fields",
    "dag",
    "installed",
    "line",
    "notebook",
    "started",
    "unit_folder",
    "units",
]
