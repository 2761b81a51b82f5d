"""Benchmarks: how far the audit is from the floor, and from what one would use instead."""
