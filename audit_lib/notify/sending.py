"""Sending: how long it may take, and why it did not succeed."""

import ssl

TIMEOUT_SECONDS = 20  # of each step of a conversation


class NotSentError(Exception):
    """A notification did not arrive; says why in words of ours, since those of a server may quote a secret."""


def why(error: OSError) -> str:
    reason = getattr(error, "reason", None)
    if isinstance(reason, OSError):
        return why(reason)
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the certificate of the server is not one that this machine trusts"
    if isinstance(error, TimeoutError):
        return f"no answer in {TIMEOUT_SECONDS} s"
    if isinstance(error, ssl.SSLError):
        return "no encrypted connection could be made"
    return error.strerror or type(error).__name__
