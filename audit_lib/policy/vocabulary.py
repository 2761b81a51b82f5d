"""Vocabulary: terms of the W3C Data Privacy Vocabulary, short as a control writes them and whole."""

from typing import Annotated

from pydantic import Field

# The namespaces of version 2.3, as its files declare them.
PREFIXES = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "justifications": "https://w3id.org/dpv/justifications#",
    "risk": "https://w3id.org/dpv/risk#",
    "tech": "https://w3id.org/dpv/tech#",
}
PATTERN = rf"^({'|'.join(PREFIXES)}):[A-Za-z0-9][A-Za-z0-9-]*$"
Term = Annotated[str, Field(pattern=PATTERN)]


def iri(term: str) -> str:
    prefix, _, name = term.partition(":")
    return PREFIXES[prefix] + name
