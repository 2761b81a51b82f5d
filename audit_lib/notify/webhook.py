"""Webhook: a notification as JSON, with a `text` that Slack, Mattermost, Teams and their like show."""

import http.client
import json
import ssl
from urllib.error import HTTPError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from audit_lib.notify.addresses import Hook
from audit_lib.notify.message import Message
from audit_lib.notify.sending import TIMEOUT_SECONDS, NotSentError, why


def post(message: Message, to: Hook) -> None:
    """Raises NotSentError."""
    content = {"text": f"{message.subject}\n\n{message.text}", "subject": message.subject, **message.facts}
    asked = Request(  # noqa: S310 - the scheme was looked at
        to.url,
        data=json.dumps(content).encode("ascii"),
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "dpo-audit"},
        method="POST",
    )
    try:
        with _opener(to).open(asked, timeout=TIMEOUT_SECONDS):
            pass
    except HTTPError as error:
        error.close()
        raise NotSentError(f"the server answered {error.code}") from None
    except OSError as error:
        raise NotSentError(why(error)) from None
    except (http.client.HTTPException, ValueError) as error:
        raise NotSentError(type(error).__name__) from None


def _opener(to: Hook) -> OpenerDirector:
    """With the proxies of the environment, which have nothing to do with a server of this machine.

    No redirect is followed: urllib would do it with a GET, nothing would arrive, and all would look well.
    """
    opener = OpenerDirector()
    for handler in (
        ProxyHandler({} if to.url.startswith("http:") else None),
        HTTPHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        HTTPErrorProcessor(),
        HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener
