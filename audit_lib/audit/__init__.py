"""Audit: runs the suites over the exports and publishes what they showed."""

from audit_lib.audit.check import check
from audit_lib.audit.request import ConfigurationError, Earlier, Read, Request

__all__ = ["ConfigurationError", "Earlier", "Read", "Request", "check"]
