"""Frame: what every OSCAL document has: metadata, properties, links, and the run's files as evidence."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from audit_lib.handoff.handed import NAMESPACE, Handed

VERSION = "1.2.1"  # of OSCAL
NS = f"{NAMESPACE}/oscal"
_MEDIA = {
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "ipynb": "application/x-ipynb+json",
    "html": "text/html",
    "pdf": "application/pdf",
}


def metadata(handed: Handed, title: str, version: str) -> dict[str, Any]:
    """`title`: a key of the words. The instant is the run's: a document is made anew, never changed."""
    words = handed.run.words
    company = handed.uuid("party")
    return {
        "title": line(words.text(title, company=handed.policy.policy.company.name, day=words.day(handed.run.today))),
        "last-modified": handed.at,
        "version": line(version),
        "oscal-version": VERSION,
        "props": props(language=words.lang, run=handed.run.facts["run_id"]),
        "roles": [{"id": "controller", "title": words.text("handoff.controller")}],
        "parties": [{"uuid": company, "type": "organization", "name": line(handed.policy.policy.company.name)}],
        "responsible-parties": [{"role-id": "controller", "party-uuids": [company]}],
    }


def props(**said: object) -> list[dict[str, Any]]:
    """A property a name, one a value when it is a list; none for what is empty, which OSCAL cannot say."""
    found = [(name, value) for name, held in said.items() for value in (held if isinstance(held, list) else [held])]
    return [
        {"name": name.replace("_", "-"), "ns": NS, "value": line(str(value))}
        for name, value in found
        if value is not None and str(value).strip()
    ]


def line(text: str) -> str:
    """On one line, which OSCAL wants of a title and of a value. No-break spaces stay."""
    return re.sub(r"[ \t]*[\r\n]+[ \t]*", " ", text.strip())


def evidence(handed: Handed) -> list[dict[str, Any]]:
    """The files of the run as resources, each with its digest."""
    return [
        {
            "uuid": file_id(handed, name),
            "title": line(name),
            "description": handed.run.words.text(f"handoff.files.{_kind(name)}"),
            "rlinks": [
                {
                    "href": f"{handed.evidence}{quote(name)}",
                    "media-type": _MEDIA.get(name.rpartition(".")[2], "application/octet-stream"),
                    "hashes": [{"algorithm": "SHA-256", "value": digest}],
                }
            ],
        }
        for name, digest in handed.files.items()
    ]


def relevant(handed: Handed, names: Iterable[str]) -> list[dict[str, Any]]:
    """Those of the files that the run has, as the evidence of an observation."""
    return [
        {
            "href": f"#{file_id(handed, name)}",
            "description": f"{name}: {handed.run.words.text(f'handoff.files.{_kind(name)}')}",
        }
        for name in names
        if name in handed.files
    ]


def file_id(handed: Handed, name: str) -> str:
    return handed.uuid("file", name)


def _kind(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return folder or file.partition(".")[0]
