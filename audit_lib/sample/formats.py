"""Formats: how the invented company's tools write their exports, byte for byte the same each time."""

import base64
import csv
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audit_lib.sample.expected import Account, Row
from audit_lib.sample.people import cp1252

Headers = Mapping[str, str]  # canonical or extra column -> header in the file


@dataclass(frozen=True)
class Layout:
    """A delimited file: its headers and how it writes dates and codes."""

    headers: Headers
    delimiter: str = ","
    encoding: str = "utf-8"
    date: str = "%Y-%m-%d"
    instant: str = "%Y-%m-%d %H:%M"
    dates: frozenset[str] = frozenset()
    instants: frozenset[str] = frozenset()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # column -> code -> word

    def cell(self, column: str, value: str) -> str:
        if column in self.dates or column in self.instants:
            return self._time(value, self.date if column in self.dates else self.instant)
        words = self.words.get(column)
        if words and value:
            value = ";".join(words.get(part, part) for part in value.split(";"))
        return cp1252(value) if self.encoding == "cp1252" else value

    def _time(self, value: str, style: str) -> str:
        """A value that is no ISO date is a planted mistake: written as it is."""
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            return value
        if moment.tzinfo is not None:
            return value
        if len(value) == 10 and style != self.date:  # a planted day without an hour happens in the morning
            moment = moment.replace(hour=10, minute=30)
        return f"{moment:{style}}"


def write_table(folder: Path, file: str, rows: Iterable[Row], layout: Layout, account: Account) -> None:
    """A CSV file with CRLF, as spreadsheets and CRMs write them."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=layout.encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=layout.delimiter, lineterminator="\r\n")
        writer.writerow(layout.headers.values())
        for number, row in enumerate(rows, 1):
            values = row.values | row.extra
            writer.writerow(layout.cell(column, values.get(column, "")) for column in layout.headers)
            account.add(file, number, row)


def write_lines(
    folder: Path,
    file: str,
    rows: Iterable[Row],
    line: Callable[[Mapping[str, str]], Mapping[str, object]],
    account: Account,
) -> None:
    """A file of JSON Lines; `line` is the object of a row."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for number, row in enumerate(rows, 1):
            stream.write(json.dumps(line(row.values), ensure_ascii=False) + "\n")
            account.add(file, number, row)


def write_ldif(
    folder: Path,
    file: str,
    rows: Iterable[Row],
    attributes: Headers,
    classes: tuple[str, ...],
    account: Account,
) -> None:
    """An LDIF file as ldapsearch prints it: comments, base64 where needed, lines folded at 76."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii", newline="\n") as stream:
        stream.write("# extended LDIF\n#\n# LDAPv3\n# scope subtree, requesting: * +\n#\nversion: 1\n\n")
        for number, row in enumerate(rows, 1):
            stream.writelines(f"{line}\n" for line in _entry(number, row, attributes, classes))
            account.add(file, number, row)
        stream.write("# search result\n# numResponses: end\n")


def _entry(number: int, row: Row, attributes: Headers, classes: tuple[str, ...]) -> Iterator[str]:
    values = row.values | row.extra
    domain = values.get("customer_domain") or values.get("domain") or "nulle-part.example"
    suffix = ",".join(f"dc={part}" for part in domain.split("."))
    name = f"uid={values['login']}" if "login" in values else f"entryid={values['entry_id']}"
    yield f"# entry {number}"
    yield from _folded("dn", f"{name},ou=utilisateurs,ou=clients,o=Semaphore Assistance,{suffix}")
    for name in classes:
        yield f"objectClass: {name}"
    for column, attribute in attributes.items():
        if value := values.get(column, ""):
            for part in value.split(";"):
                yield from _folded(attribute, _generalised(part) if column.endswith("_at") else part)
    yield ""


def _generalised(value: str) -> str:
    """LDAP's GeneralizedTime, in UTC; the planted instants are given in UTC here."""
    return f"{dt.datetime.fromisoformat(value):%Y%m%d%H%M%SZ}"


def _folded(attribute: str, value: str) -> Iterator[str]:
    plain = value.isascii() and not value.startswith((" ", ":", "<"))
    line = f"{attribute}: {value}" if plain else f"{attribute}:: {base64.b64encode(value.encode()).decode()}"
    yield line[:76]
    for start in range(76, len(line), 75):
        yield f" {line[start : start + 75]}"


def write_cookies_txt(folder: Path, file: str, rows: Iterable[Row], account: Account) -> None:
    """A cookies.txt as browsers export it; the value of a cookie and how it is protected are extras of its row."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["# Netscape HTTP Cookie File", "# This is a generated file! Do not edit.", ""]
    for row in rows:
        lines.append(row.extra.get("line") or _cookie_line(row))
        account.add(file, len(lines), row)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def _cookie_line(row: Row) -> str:
    domain, expires = row.values["domain"], row.values.get("expires_at")
    fields = (
        f"{'#HttpOnly_' if 'http_only' in row.extra else ''}{domain}",
        "TRUE" if domain.startswith(".") else "FALSE",
        "/",
        "TRUE",
        f"{dt.datetime.fromisoformat(expires).timestamp():.0f}" if expires else "0",
        row.values["name"],
        row.extra["value"],
    )
    return "\t".join(fields)


def write_har(folder: Path, file: str, rows: Iterable[Row], account: Account) -> None:
    """A visit as a browser records it, one exchange a row: its cookie in a list, or in a header only."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = []
    for number, row in enumerate(rows, 1):
        entries.append(_exchange(row))
        account.add(file, number, row)
    creator = {"name": "Navigateur", "version": "1.0"}
    document = {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": entries}}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _exchange(row: Row) -> dict[str, object]:
    name, value, domain = row.values["name"], row.extra["value"], row.values["domain"]
    listed = {"name": name, "value": value, "domain": domain, "path": "/", "expires": row.values["expires_at"]}
    header = f"{name}={value}; Path=/; Domain={domain}; Max-Age={row.extra.get('age')}; Secure"
    return {
        "startedDateTime": row.values["set_at"],
        "time": 84.2,
        "request": {"method": "GET", "url": f"https://{domain.lstrip('.')}/{row.extra.get('page', '')}", "cookies": []},
        "response": {
            "status": 200,
            "cookies": [] if "age" in row.extra else [listed],
            "headers": [{"name": "Set-Cookie", "value": header}] if "age" in row.extra else [],
            "content": {"size": 12, "mimeType": "text/html", "text": row.extra.get("page", "<p>…</p>")},
        },
    }


def write_sheet(
    folder: Path, file: str, titles: tuple[str, str], rows: Iterable[Row], layout: Layout, account: Account
) -> None:
    """A workbook with two merged title rows above the headers, and true date cells."""
    import xlsxwriter  # type: ignore[import-untyped]

    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": dt.datetime(2026, 11, 1), "author": ""})
        sheet = book.add_worksheet("Registre")
        heading, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
        for number, title in enumerate(titles):
            sheet.merge_range(number, 0, number, len(layout.headers) - 1, title, heading)
        sheet.write_row(2, 0, layout.headers.values(), heading)
        for number, row in enumerate(rows, 1):
            for index, column in enumerate(layout.headers):
                value = row.values.get(column, "")
                if value and column in layout.dates:
                    sheet.write_datetime(2 + number, index, dt.datetime.fromisoformat(value), day)
                elif value:
                    sheet.write_string(2 + number, index, layout.cell(column, value))
            account.add(file, number, row)
