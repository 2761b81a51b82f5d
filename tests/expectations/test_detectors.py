"""Detectors: on the labelled corpus each kind of identifier is found, and little else."""

import time
from collections import Counter
from functools import cache

import pytest

from audit_lib.expectations import ExpectNoDirectIdentifier, ExpectNoFullIpAddress
from tests.expectations.corpus import KINDS, Said, corpus, users
from tests.judging import AS_OF, PARIS, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
LEAST = 0.99


@cache
def judged() -> tuple[list[tuple[Said, str | None]], float]:
    """Each text and the kind that was found in it, and seconds; both verbs look at all of them at once."""
    texts = corpus()
    rows = [
        {"event_id": f"e{n}", "action": one.text, "ip": "0.0.0.0", "anonymous_id": f"a{n}"}
        for n, one in enumerate(texts)
    ]
    direct = ExpectNoDirectIdentifier(
        **WHEN, users="user_accounts", ids=["event_id", "anonymous_id", "ip"], leave=["ip", "month"]
    )
    address = ExpectNoFullIpAddress(**WHEN, column="ip", masked_share=0.95)
    start = time.perf_counter()
    found = verdicts(direct, {"usage_logs": rows, "user_accounts": users()})
    addresses = verdicts(address, {"usage_logs": rows})
    seconds = time.perf_counter() - start
    return [
        (one, said.split()[-1].removesuffix("_found") if said != "PASS" else "ip" if ip != "PASS" else None)
        for one, said, ip in zip(texts, found, addresses, strict=True)
    ], seconds


def test_the_corpus_is_large_and_mostly_innocent() -> None:
    kinds = Counter(one.kind for one in corpus())
    assert sum(count for kind, count in kinds.items() if kind) >= 5_000
    assert kinds[None] >= 20_000


@pytest.mark.parametrize("kind", KINDS)
def test_precision_and_recall(kind: str) -> None:
    texts, _ = judged()
    right = sum(one.kind == found == kind for one, found in texts)
    precision = right / sum(found == kind for _, found in texts)
    recall = right / sum(one.kind == kind for one, _ in texts)
    print(f"{kind}: precision {precision:.4f}, recall {recall:.4f}")
    assert precision >= LEAST
    assert recall >= LEAST


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FR76 3000 6000 0112 3456 7890 189", "FAIL iban_found"),
        ("iban=DE89370400440532013000;ok", "FAIL iban_found"),
        ("FR76 3000 6000 0112 3456 7890 188", "PASS"),
        ("ZZ76 3000 6000 0112 3456 7890 189", "PASS"),
        ("2 69 05 49 588 157 80", "FAIL nir_found"),
        ("269054958815780", "FAIL nir_found"),
        ("2 69 05 49 588 157 81", "PASS"),
        ("1 85 07 2A 004 001 16", "FAIL nir_found"),
        ("SIREN 732 829 320", "REVIEW siret_found"),
        ("732 829 320 00074", "REVIEW siret_found"),
        ("732 829 320 00075", "PASS"),
        ("73282932000074", "PASS"),
        ("03.02.2020 18:04", "PASS"),
        ("sip:0612345678:5060", "FAIL phone_found"),
        ("06 1234 5678", "FAIL phone_found"),
        ("0612 34 56 78", "FAIL phone_found"),
        ("0612-345-678", "FAIL phone_found"),
        ("BE52 0070 6576 1304", "PASS"),
        ("%200.13.23.8", "PASS"),
        ("2Q8g", "PASS"),
    ],
)
def test_keys_and_contexts(text: str, expected: str) -> None:
    rule = ExpectNoDirectIdentifier(**WHEN, users="user_accounts", leave=["ip", "month"])
    assert verdicts(rule, {"usage_logs": [{"event_id": "e", "action": text}], "user_accounts": users()}) == [expected]
