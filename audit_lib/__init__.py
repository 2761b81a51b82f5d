"""dpo-audit: checks that the databases keep the promises of the privacy policy."""

__version__ = "0.1.0"
