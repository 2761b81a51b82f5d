"""Audit: runs the suites over the exports and publishes what they showed."""

from audit_lib.audit.check import ConfigurationError, Request, check

__all__ = ["ConfigurationError", "Request", "check"]
