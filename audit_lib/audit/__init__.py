"""Audit: runs the suites over the exports and publishes what they showed."""

from audit_lib.audit.check import ConfigurationError, Earlier, Read, Request, check

__all__ = ["ConfigurationError", "Earlier", "Read", "Request", "check"]
