"""Handoff: what an external auditor receives, verifies without trusting us, and runs again; what programs read."""

from audit_lib.handoff.documents import documents

__all__ = ["documents"]
