"""Command line: opens, calls, prints; every command imports only what it needs."""

from audit_lib.cli.main import app, main

__all__ = ["app", "main"]
