"""Handoff: what an external auditor receives, verifies without trusting us, and runs again."""
