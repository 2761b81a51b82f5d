"""Addresses: where a notification goes: a mailbox or a webhook, and how it is shown without its secret."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

SERVER, SENDER = "DPO_AUDIT_SMTP", "DPO_AUDIT_MAIL_FROM"
NAMED = "env:"
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]+@(?P<domain>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PORTS = {"smtp": 587, "smtps": 465}  # of submission: RFC 6409, RFC 8314


class AddressError(ValueError):
    """Nothing can be sent there; says what to write, and nothing that may be secret."""


@dataclass(frozen=True, repr=False)
class Server:
    """A mail server. `user` empty: it is not told who sends."""

    host: str
    port: int
    tls: bool
    user: str
    password: str


@dataclass(frozen=True, repr=False)
class Mailbox:
    """Who receives, who sends and through which server."""

    to: str
    sender: str
    server: Server

    def __str__(self) -> str:
        return f"mailto:…@{domain(self.to)}"


@dataclass(frozen=True, repr=False)
class Hook:
    """A webhook: whoever knows its URL can write to it."""

    url: str

    def __str__(self) -> str:
        found = urlsplit(self.url)
        return f"{found.scheme}://{found.hostname}/…"


Address = Mailbox | Hook


def address(text: str, environment: Mapping[str, str]) -> Address:
    """What --notify says, itself or by the name of the variable that holds it. Raises AddressError."""
    if text.startswith(NAMED):
        name = _variable(text)
        if not environment.get(name):
            raise AddressError(f"--notify {NAMED}{name}: the variable is not set: give it a mailto: or https:// URL")
        text = environment[name]
    scheme, _, rest = text.partition(":")
    if scheme == "mailto":
        return _mailbox(rest, environment)
    if scheme in ("http", "https"):
        return _hook(text)
    raise AddressError(f"--notify: write mailto:dpo@example.eu, an https:// URL, or {NAMED}NAME of a variable with one")


def named(text: str) -> None:
    """Refuses what must not be written where others may read it. Raises AddressError."""
    if text.startswith(NAMED):
        _variable(text)
    elif text.startswith("mailto:"):
        _recipient(text.removeprefix("mailto:"))
    else:
        raise AddressError("--notify: whoever knows a webhook can write to it: write env:NAME of a variable")


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def domain(mailbox: str) -> str:
    return mailbox.rpartition("@")[2]


def _variable(text: str) -> str:
    name = text.removeprefix(NAMED)
    if not _VARIABLE.fullmatch(name):
        raise AddressError(f"--notify {NAMED}…: write the name of an environment variable after it")
    return name


def _recipient(text: str) -> str:
    if not _MAILBOX.fullmatch(text):
        raise AddressError("--notify mailto:…: write one address and nothing after it; repeat the option for another")
    return text


def _mailbox(text: str, environment: Mapping[str, str]) -> Mailbox:
    to = _recipient(text)
    sender = environment.get(SENDER, "")
    if not _MAILBOX.fullmatch(sender):
        raise AddressError(f"{SENDER}: write the address that sends, such as audit@example.eu")
    return Mailbox(to, sender, _server(environment.get(SERVER, "")))


def _server(text: str) -> Server:
    found, port = _split(text, f"{SERVER}: write smtp://user:password@host:587 or smtps://user:password@host:465")
    if found.scheme not in _PORTS or found.path not in ("", "/") or found.query or found.fragment:
        raise AddressError(f"{SERVER}: write smtp://user:password@host:587, a sign such as / in the password as %2F")
    return Server(
        host=str(found.hostname),
        port=port or _PORTS[found.scheme],
        tls=found.scheme == "smtps",
        user=unquote(found.username or ""),
        password=unquote(found.password or ""),
    )


def _hook(text: str) -> Hook:
    found, _ = _split(text, "--notify https://…: write a URL with a host, in ASCII, without spaces")
    if found.username is not None:
        raise AddressError(f"--notify {found.scheme}://{found.hostname}/…: write it without a user")
    if found.scheme == "http" and not is_this_machine(str(found.hostname)):
        raise AddressError(f"--notify http://{found.hostname}/…: write https://, or a server of this machine")
    return Hook(text)


def _split(text: str, otherwise: str) -> tuple[SplitResult, int | None]:
    """The parts of a URL, and its port. Raises AddressError with what to write otherwise."""
    try:
        found = urlsplit(text)
        port = found.port
    except ValueError:
        raise AddressError(otherwise) from None
    if not found.hostname or not text.isascii() or not text.isprintable() or " " in text:
        raise AddressError(otherwise)
    return found, port
