"""A notification arrives once, encrypted where it must be, or one line without a secret says why not."""

import re
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path

import pytest

from audit_lib.notify import AddressError, Message, address, sent
from tests.notify.servers import mail_server, web_server

MESSAGE = Message(
    "AMA : 3 contrôles\u202f!", "Première ligne\n.\nDernière ligne\n", {"status": 0, "outcomes": {"empty": 2}}
)
FROM = {"DPO_AUDIT_MAIL_FROM": "audit@example.eu"}


def _mail(port: int, login: str = "", scheme: str = "smtp") -> Mapping[str, str]:
    return {**FROM, "DPO_AUDIT_SMTP": f"{scheme}://{login}localhost:{port}"}


def _sent(text: str, environment: Mapping[str, str]) -> list[str]:
    return list(sent(MESSAGE, [address(text, environment)] * 2))


def test_a_letter_arrives_once_and_says_what_it_says() -> None:
    with mail_server() as received:
        assert _sent("mailto:dpo@example.eu", _mail(received.port)) == []
    [letter] = received.letters
    assert (letter["From"], letter["To"]) == ("audit@example.eu", "dpo@example.eu")
    assert letter["Subject"] == MESSAGE.subject
    assert letter.get_content().splitlines() == MESSAGE.text.splitlines()
    assert received.raw[0].isascii()
    assert received.commands[0] == "ehlo example.eu"  # not the name of this machine
    assert socket.gethostname() not in received.raw[0].decode()
    assert not [line for line in received.commands if line.startswith(("STARTTLS", "AUTH"))]


def test_a_password_is_sent_encrypted(
    encrypted: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(encrypted) as received:
        assert _sent("mailto:dpo@example.eu", _mail(received.port, "me:s3cret%2Fpass@")) == []
    assert len(received.letters) == 1
    verbs = [line.split(" ")[0].upper() for line in received.commands]
    assert verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]


def test_a_certificate_that_nothing_vouches_for_is_refused(encrypted: ssl.SSLContext) -> None:
    with mail_server(encrypted) as received:
        [line] = _sent("mailto:dpo@example.eu", _mail(received.port, "me:s3cret%2Fpass@"))
    assert line == (
        "--notify mailto:…@example.eu: not sent: the certificate of the server is not one that this machine trusts"
    )
    assert received.letters == []
    assert not [line for line in received.commands if "AUTH" in line]


def test_a_password_is_not_sent_in_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    found = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: found("127.0.0.1", *rest, **more))
    with mail_server() as received:
        environment = {**FROM, "DPO_AUDIT_SMTP": f"smtp://me:secret@mail.example.eu:{received.port}"}
        [line] = _sent("mailto:dpo@example.eu", environment)
    assert line.endswith("offers no encryption, and the password would be sent in clear")
    assert [line.split(" ")[0].upper() for line in received.commands] == ["EHLO", "QUIT"]


@pytest.mark.parametrize(
    "refuses, why", [("RCPT", "the mail server refused the recipient"), ("DATA", "the mail server answered 550")]
)
def test_words_of_a_mail_server_are_not_repeated(refuses: str, why: str) -> None:
    with mail_server(refuses=refuses) as received:
        lines = _sent("mailto:dpo@example.eu", _mail(received.port))
    assert lines == [f"--notify mailto:…@example.eu: not sent: {why}"]
    assert received.letters == []


def test_a_webhook_gets_a_text_and_counts_once() -> None:
    with web_server() as received:
        assert _sent(f"http://127.0.0.1:{received.port}/services/secret", {}) == []
    assert received.paths == ["/services/secret"]
    assert received.documents == [
        {
            "text": f"{MESSAGE.subject}\n\n{MESSAGE.text}",
            "subject": MESSAGE.subject,
            "status": 0,
            "outcomes": {"empty": 2},
        }
    ]


def test_a_webhook_over_https(encrypted: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server(context=encrypted) as received:
        url = f"https://localhost:{received.port}/secret"
        [line] = _sent(url, {})
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert _sent(url, {}) == []
    assert "certificate" in line and "secret" not in line
    assert received.paths == ["/secret"]


def test_proxies_of_the_environment_are_used_but_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with web_server(status=503) as proxy, web_server() as received:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert _sent(f"http://127.0.0.1:{received.port}/secret", {}) == []
        [line] = _sent("https://hooks.example.eu/secret", {})
    assert len(received.documents) == 1
    assert line.startswith("--notify https://hooks.example.eu/…: not sent: ") and "secret" not in line


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 500])
def test_no_redirect_is_followed_and_no_failure_is_hidden(status: int) -> None:
    with web_server() as elsewhere, web_server(status, f"http://127.0.0.1:{elsewhere.port}/") as received:
        lines = _sent(f"http://localhost:{received.port}/secret", {})
    assert lines == [f"--notify http://localhost/…: not sent: the server answered {status}"]
    assert elsewhere.paths == []


def test_a_server_that_is_not_there(unused: int) -> None:
    lines = [
        *_sent(f"http://127.0.0.1:{unused}/secret", {}),
        *_sent("mailto:dpo@example.eu", _mail(unused, "me:s3cret%2Fpass@")),
        *_sent("mailto:dpo@example.eu", _mail(unused, scheme="smtps")),
    ]
    assert lines == [
        "--notify http://127.0.0.1/…: not sent: Connection refused",
        "--notify mailto:…@example.eu: not sent: Connection refused",
        "--notify mailto:…@example.eu: not sent: Connection refused",
    ]


@pytest.fixture
def unused() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@pytest.mark.parametrize(
    "text, environment, said",
    [
        ("dpo@example.eu", {}, "--notify: write mailto:dpo@example.eu, an https:// URL, or env:NAME of a variable"),
        ("mailto:a@b.eu,c@d.eu", FROM, "--notify mailto:…: write one address"),
        ("mailto:a@b.eu?subject=x", FROM, "--notify mailto:…: write one address"),
        ("mailto:a@b.eu\nBcc: x@y.eu", FROM, "--notify mailto:…: write one address"),
        ("mailto:a@b.eu", {}, "DPO_AUDIT_MAIL_FROM: write the address that sends"),
        ("mailto:a@b.eu", FROM, "DPO_AUDIT_SMTP: write smtp://user:password@host:587 or smtps://"),
        ("mailto:a@b.eu", {**FROM, "DPO_AUDIT_SMTP": "smtp://me:sec/ret@h"}, "DPO_AUDIT_SMTP: write smtp://"),
        ("mailto:a@b.eu", {**FROM, "DPO_AUDIT_SMTP": "http://h"}, "DPO_AUDIT_SMTP: write smtp://"),
        ("http://hooks.example.eu/sec/ret", {}, "--notify http://hooks.example.eu/…: write https://"),
        ("https://me:sec@hooks.example.eu/ret", {}, "--notify https://hooks.example.eu/…: write it without a user"),
        ("https:///sec/ret", {}, "--notify https://…: write a URL with a host"),
        ("https://h:port/sec/ret", {}, "--notify https://…: write a URL with a host"),
        ("https://h/sec ret", {}, "--notify https://…: write a URL with a host"),
        ("env:HOOK", {}, "--notify env:HOOK: the variable is not set"),
        ("env:https://h/secret", {}, "--notify env:…: write the name of an environment variable"),
        ("env:HOOK", {"HOOK": "ftp://h/sec/ret"}, "--notify: write mailto:"),
    ],
)
def test_a_wrong_address_is_one_line_without_its_secret(text: str, environment: Mapping[str, str], said: str) -> None:
    with pytest.raises(AddressError, match=f"^{re.escape(said)}") as raised:
        address(text, environment)
    assert "\n" not in str(raised.value)
    assert not re.search("sec|ret", str(raised.value).replace("address", ""))


def test_an_address_does_not_show_its_secret() -> None:
    environment = {"HOOK": "https://hooks.example.eu/secret", **_mail(25, "me:secret@")}
    shown = [address("env:HOOK", environment), address("mailto:dpo@example.eu", environment)]
    assert [str(one) for one in shown] == ["https://hooks.example.eu/…", "mailto:…@example.eu"]
    assert "secret" not in repr(shown)
