"""HAR: what a browser recorded of a visit (HTTP Archive 1.2), of which only the cookies that responses set are kept.

Read as a stream: a recording of some minutes holds whole pages and images, hundreds of megabytes of JSON.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from audit_lib.sources import text
from audit_lib.sources.raw import BAD_ENCODING, UNDECODABLE, Raw, SourceError
from audit_lib.sources.table import Table

START = re.compile(r'\s*\{\s*"log"\s*:\s*\{')
CREATOR = re.compile(r'"creator"\s*:\s*\{')

_LONE = re.compile("[\ud800-\udfff]")
_SIGN = re.compile(r"[^\s\ufeff]")
# Characters of one exchange: what is longer is no page but a download.
_LONGEST = 1 << 26


def read(con: duckdb.DuckDBPyConnection, path: Path, work: Path, declared: str | None, name: str, *, scan: bool) -> Raw:
    """One row a cookie that a response sets, `_row` its rank; values are left out, and so are deletions of cookies.

    Cookies that scripts set are in no response. Raises SourceError when the file is cut or damaged, or sets no cookie.
    """
    file = text.read(path, work, declared, scan=scan)
    table = Table(con, name)
    for entry in _entries(_Json(text.decoded(file.path, "utf-8-sig"))):
        for cookie in _cookies(_object(entry)):
            odd = any(UNDECODABLE in cell for cell in cookie.values() if cell)
            table.add(table.count + 1, BAD_ENCODING if odd else None, cookie)
    table.flush()
    if not table.count:
        raise SourceError(
            "content", "no response sets a cookie: export the HAR with sensitive data, or take it out of the folder"
        )
    headers = table.headers
    return Raw("har", table.select, headers, ("VARCHAR",) * len(headers), file.encoding)


class _Json:
    """One JSON text, of which no more is in memory than the value being read."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._held, self._at = "", 0
        self._decoder = json.JSONDecoder()

    def names(self) -> Iterator[str]:
        """The names in the object that comes next; the value of each must be read before the next name."""
        for _ in self._members("{", "}"):
            name = self.value()
            self._take(":")
            yield name

    def values(self) -> Iterator[Any]:
        """The values of the array that comes next."""
        for _ in self._members("[", "]"):
            yield self.value()

    def value(self) -> Any:
        """The value that comes next."""
        self._sign()
        more = True
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held, self._at)
            except (ValueError, RecursionError):
                if not more or len(self._held) > _LONGEST:
                    raise _damaged() from None
            else:
                # A number may go on in the next piece.
                if end < len(self._held) or not more:
                    self._at = end
                    return value
            more = self._read()

    def _members(self, opening: str, closing: str) -> Iterator[None]:
        self._take(opening)
        if self._sign() == closing:
            self._at += 1
            return
        while True:
            yield
            if self._take(f",{closing}") == closing:
                return

    def _take(self, signs: str) -> str:
        sign = self._sign()
        if sign not in signs:
            raise _damaged()
        self._at += 1
        return sign

    def _sign(self) -> str:
        """The next character that is no space."""
        while True:
            if found := _SIGN.search(self._held, self._at):
                self._at = found.start()
                return found[0]
            self._at = len(self._held)
            if not self._read():
                raise _damaged()

    def _read(self) -> bool:
        """Holds twice as much, so that a long value is tried few times; False at the end of the text."""
        held = self._held[self._at :]
        wanted, found = max(len(held), 1), []
        for piece in self._pieces:
            found.append(piece)
            wanted -= len(piece)
            if wanted <= 0:
                break
        self._held, self._at = held + "".join(found), 0
        return bool(found)


def _damaged() -> SourceError:
    return SourceError("content", "the HAR file is cut, damaged or holds a download too long: record the visit again")


def _entries(recorded: _Json) -> Iterator[Any]:
    for name in recorded.names():
        if name != "log":
            recorded.value()
            continue
        for part in recorded.names():
            if part == "entries":
                yield from recorded.values()
            else:
                recorded.value()


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return list(map(_object, value)) if isinstance(value, list) else []


def _cookies(entry: dict[str, Any]) -> Iterator[dict[str, str | None]]:
    """Cookies that the response of an exchange sets."""
    response, request = _object(entry.get("response")), _object(entry.get("request"))
    started = _instant(entry.get("startedDateTime"))
    # Some tools write both, some one of them.
    for said in _objects(response.get("cookies")) or _set_by(_objects(response.get("headers"))):
        expires = _expiry(said, started)
        if started and expires and expires <= started:
            continue
        at = started.isoformat() if started else None
        yield {
            "name": _text(said.get("name")),
            "domain": _text(said.get("domain")) or _text(_host(request.get("url"))),
            "observed_at": at,
            "set_at": at,
            "expires_at": expires.isoformat() if expires else None,
        }


def _set_by(headers: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for header in headers:
        if str(header.get("name")).lower() == "set-cookie":
            yield from map(_parsed, str(header.get("value")).split("\n"))


def _parsed(header: str) -> dict[str, str]:
    first, *others = header.split(";")
    attributes = (attribute.partition("=")[::2] for attribute in others)
    return {key.strip().lower(): said.strip() for key, said in attributes} | {"name": first.partition("=")[0].strip()}


def _expiry(cookie: dict[str, Any], started: dt.datetime | None) -> dt.datetime | None:
    """When the cookie is deleted, its age before its date; None for one of the session, or when it cannot be read."""
    try:
        age = dt.timedelta(seconds=int(cookie["max-age"]))
        return started + age if started else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return _instant(cookie.get("expires"))


def _instant(said: Any) -> dt.datetime | None:
    """An instant in UTC from ISO 8601 or from a date of HTTP."""
    if not isinstance(said, str):
        return None
    for parse in (dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(said)
            return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
        except (TypeError, ValueError, OverflowError):
            continue
    return None


def _host(url: Any) -> str | None:
    try:
        return urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        return None


def _text(said: Any) -> str | None:
    # JSON may escape half a character, which no text can hold.
    return _LONE.sub(UNDECODABLE, said) if isinstance(said, str) else None
