"""Presidio: its pattern recognisers on labelled texts, in French and English; prints kinds and seconds as JSON.

Without a language model, which no index of packages offers: names, which only a model finds, are not asked of it.

python presidio.py TEXTS (a JSON list)
"""

import json
import sys
import time
from pathlib import Path

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import (
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    MacAddressRecognizer,
    PhoneRecognizer,
)

KINDS = {
    "EMAIL_ADDRESS": "email",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "PHONE_NUMBER": "phone",
    "MAC_ADDRESS": "mac",
}


class Blank(SpacyNlpEngine):
    """A tokenizer and no model."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp = {"en": spacy.blank("en")}


def main(file: str) -> None:
    """The kind of the surest finding in each text; none where nothing is found."""
    texts = json.loads(Path(file).read_text("utf-8"))
    registry = RecognizerRegistry(supported_languages=["en"])
    for recogniser in (EmailRecognizer(), IbanRecognizer(), IpRecognizer(), MacAddressRecognizer()):
        registry.add_recognizer(recogniser)
    registry.add_recognizer(PhoneRecognizer(supported_regions=["FR", "GB", "US", "DE", "BE", "MA"]))
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    start = time.perf_counter()
    found = []
    for text in texts:
        results = analyzer.analyze(text, language="en", entities=list(KINDS))
        best = max(results, key=lambda one: one.score, default=None)
        found.append(KINDS[best.entity_type] if best else None)
    print(json.dumps({"found": found, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main(sys.argv[1])
