"""Mail: a notification in a mailbox, through the server of the environment."""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

from audit_lib.notify.addresses import Mailbox, Server, domain, is_this_machine
from audit_lib.notify.message import Message
from audit_lib.notify.sending import TIMEOUT_SECONDS, NotSentError, why


def send(message: Message, to: Mailbox) -> None:
    """Raises NotSentError."""
    try:
        with _opened(to) as server:
            _signed_in(server, to.server)
            server.send_message(_letter(message, to))
    except smtplib.SMTPResponseException as error:
        raise NotSentError(f"the mail server answered {error.smtp_code}") from None
    except smtplib.SMTPRecipientsRefused:
        raise NotSentError("the mail server refused the recipient") from None
    except smtplib.SMTPServerDisconnected:
        raise NotSentError("the mail server ended the connection") from None
    except smtplib.SMTPException as error:
        raise NotSentError(type(error).__name__) from None
    except OSError as error:
        raise NotSentError(why(error)) from None
    except ValueError as error:
        raise NotSentError(type(error).__name__) from None


def _opened(to: Mailbox) -> smtplib.SMTP:
    # Otherwise it would tell the server the name of this machine.
    own = domain(to.sender)
    server = to.server
    if server.tls:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, own, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(server.host, server.port, own, timeout=TIMEOUT_SECONDS)


def _signed_in(connection: smtplib.SMTP, server: Server) -> None:
    """Encrypted where the server can; a password never leaves this machine in clear."""
    encrypted = server.tls
    connection.ehlo_or_helo_if_needed()
    if not encrypted and connection.has_extn("starttls"):
        connection.starttls(context=ssl.create_default_context())
        encrypted = True
    if not server.user:
        return
    if not encrypted and not is_this_machine(server.host):
        raise NotSentError("the mail server offers no encryption, and the password would be sent in clear")
    connection.login(server.user, server.password)


def _letter(message: Message, to: Mailbox) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"] = to.sender, to.to, message.subject
    # When a letter is sent is a matter of the post: nothing of the audit depends on it.
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain=domain(to.sender))
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text, cte="quoted-printable")
    return letter
