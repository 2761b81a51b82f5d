"""Notify: tells people, once and in counts, how a run ended.

Great Expectations' actions are not used: they name suites, assets and batches, their API action posts whole results
with the values that failed, and they know success or failure only, where a run has six outcomes.
"""

from collections.abc import Iterable, Iterator

from audit_lib.notify.addresses import Address, AddressError, Hook, address, named
from audit_lib.notify.message import Message, failed, finished
from audit_lib.notify.sending import NotSentError

__all__ = ["Address", "AddressError", "Message", "address", "failed", "finished", "named", "sent"]


def sent(message: Message, addresses: Iterable[Address]) -> Iterator[str]:
    """Sends to each address once; a line for each that could not be reached, without what may be secret in it."""
    from audit_lib.notify.mail import send
    from audit_lib.notify.webhook import post

    for one in dict.fromkeys(addresses):
        try:
            if isinstance(one, Hook):
                post(message, one)
            else:
                send(message, one)
        except NotSentError as error:
            yield f"--notify {one}: not sent: {error}"
