"""Remediation: from the findings of a run to the work of those who own the data."""

from audit_lib.remediation.actions import write_actions
from audit_lib.remediation.locate import LocateError, located

__all__ = ["LocateError", "located", "write_actions"]
