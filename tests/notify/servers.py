"""Servers: a mail server and a web server of this machine, which keep what they are sent."""

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass
class Received:
    """What arrived: letters or documents, the commands of a mail client, how many requests."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def mail_server(context: ssl.SSLContext | None = None, *, refuses: str = "") -> Iterator[Received]:
    """Offers STARTTLS when it has a certificate. `refuses`: the command that it answers with 550."""
    received = Received()

    class Session(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                verb = line.split(" ")[0].upper()
                received.commands.append(line)
                if verb == refuses:
                    self.say("550 secret words of the server")
                elif verb == "EHLO":
                    offers = ["STARTTLS"] if context and not isinstance(self.connection, ssl.SSLSocket) else []
                    said = ["here", "AUTH PLAIN", *offers]
                    for number, one in enumerate(said, start=1):
                        self.say(f"250{' ' if number == len(said) else '-'}{one}")
                elif verb == "STARTTLS" and context:
                    self.say("220 go on")
                    try:
                        self.connection = context.wrap_socket(self.connection, server_side=True)
                    except (ssl.SSLError, OSError):
                        return
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                elif verb == "AUTH":
                    self.say("235 welcome")
                elif verb == "DATA":
                    self.say("354 go on")
                    self.keep()
                    self.say("250 kept")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 yes")

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def keep(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b"."))
            received.raw.append(b"".join(lines))
            received.letters.append(cast(EmailMessage, message_from_bytes(b"".join(lines), policy=default)))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server, _serving(server):
        received.port = server.server_address[1]
        yield received


@contextmanager
def web_server(status: int = 200, location: str = "", context: ssl.SSLContext | None = None) -> Iterator[Received]:
    """Answers every request with the same status, and with where to go instead when it says so."""
    received = Received()

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/json; charset=utf-8"
            received.paths.append(self.path)
            received.raw.append(content)
            received.documents.append(json.loads(content))
            self.answer()

        def do_GET(self) -> None:
            received.paths.append(f"GET {self.path}")
            self.answer()

        def answer(self) -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server, _serving(server):
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        received.port = server.server_address[1]
        yield received
