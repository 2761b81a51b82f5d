"""Handoff: what a finished run gives to other programs: OSCAL, DPV, a bill of materials."""

from audit_lib.handoff.documents import documents

__all__ = ["documents"]
