"""Hashes: every digest in use links an id to the identifier it was made of, and chance links none."""

import hashlib
import uuid
import zlib
from collections.abc import Callable

import pytest

from audit_lib.expectations import ExpectIdsNotLinkable
from tests.judging import AS_OF, PARIS, engine, verdicts

SALTS = ["pepper", "xperteye"]
LOGIN, FULL = "jean.dupont", "FAIL hash_of_known_login"
USERS = [{"user_id": "u-000001", "login": LOGIN, "email": "jean.dupont@client.example"}]
KNOWN = {"user_accounts": {"login": "login", "email": "email", "user_id": "id"}}


def rule(**changes: object) -> ExpectIdsNotLinkable:
    said = {"column": "anonymous_id", "known": KNOWN, "users": "user_accounts", "shortest": 6, "chance": 1e-5}
    return ExpectIdsNotLinkable(as_of=AS_OF, time_zone=PARIS, **{**said, "salts": SALTS, **changes})


def judged(*ids: str, users: list[dict[str, str]] = USERS, **changes: object) -> list[str]:
    rows = [{"event_id": f"e{place}", "anonymous_id": one} for place, one in enumerate(ids)]
    return verdicts(rule(**changes), {"usage_logs": rows, "user_accounts": users})


def named(function: Callable[..., uuid.UUID], space: uuid.UUID) -> str:
    return str(function(space, LOGIN))


@pytest.mark.parametrize(
    "identifier",
    [
        *(hashlib.new(name, LOGIN.encode()).hexdigest() for name in ("sha224", "sha384", "sha512", "sha3_256")),
        *(hashlib.new(name, LOGIN.encode()).hexdigest() for name in ("sha3_224", "sha3_384", "sha3_512", "blake2b")),
        hashlib.blake2s(LOGIN.encode()).hexdigest(),
        hashlib.blake2b(LOGIN.encode(), digest_size=32).hexdigest().upper(),
        hashlib.sha512(LOGIN.encode()).hexdigest()[:20],
        f"{zlib.crc32(LOGIN.encode()):08x}",
        *(named(uuid.uuid3, space) for space in (uuid.NAMESPACE_DNS, uuid.NAMESPACE_X500)),
        *(named(uuid.uuid5, space) for space in (uuid.NAMESPACE_URL, uuid.NAMESPACE_OID)),
        named(uuid.uuid5, uuid.NAMESPACE_DNS).replace("-", ""),
        hashlib.md5(b"pepper" + LOGIN.encode()).hexdigest(),
        hashlib.sha1(LOGIN.encode() + b"xperteye").hexdigest(),
        hashlib.sha256(b"xperteye" + LOGIN.encode()).hexdigest()[:24],
        hashlib.md5(LOGIN.encode()).hexdigest()[:8],
    ],
)
def test_a_digest_links(identifier: str) -> None:
    assert judged(identifier, "0a1b2c3d4e5f60718293a4b5c6d7e8f9") == [FULL, "PASS"]


@pytest.mark.parametrize(
    "identifier",
    [
        hashlib.sha256(b"a secret that nobody lists" + LOGIN.encode()).hexdigest(),
        hashlib.sha512(b"jean.durand").hexdigest(),
        str(uuid.uuid5(uuid.UUID(int=9), LOGIN)),
        hashlib.md5(LOGIN.encode()).hexdigest()[:5],
    ],
)
def test_what_no_known_way_makes_does_not(identifier: str) -> None:
    assert judged(identifier) == ["PASS"]


def test_of_short_hashes_only_more_than_chance_links() -> None:
    """A thousand ids of six digits and ten thousand candidates: some meet, and none because of it."""
    users = [{"user_id": f"u-{n:06}", "login": f"login{n}"} for n in range(4_000)]
    random = [hashlib.sha256(f"thrown away {n}".encode()).hexdigest()[:6] for n in range(1_000)]
    known = {"user_accounts": {"login": "login", "user_id": "id"}}
    tables = {"usage_logs": [{"anonymous_id": one} for one in random], "user_accounts": users}
    judge = engine(tables)
    expectation = rule(known=known)
    setting = judge.setting("usage_logs", AS_OF, PARIS)
    tally = judge.judge(setting, {"": expectation.rule(setting)})[""]
    assert tally["counts"] == {"PASS": 1_000, "FAIL": 0, "EXEMPT": 0, "INDETERMINATE": 0, "REVIEW": 0}
    [dictionary] = [one for one in tally["aggregates"] if one["name"] == "dictionary"]
    met = [dict(zip(dictionary["columns"], row, strict=True)) for row in dictionary["rows"]]
    by_chance = [one for one in met if one["found"] and one["digest"] != "same"]
    assert by_chance
    assert not any(one["beyond"] for one in by_chance)
    # As many hashed ids as a company would have: all link.
    hashed = [hashlib.sha256(f"login{n}".encode()).hexdigest()[:6] for n in range(200)]
    assert judged(*random[:800], *hashed, users=users, known=known).count(FULL) >= 200


def test_chance_decides_how_many_are_enough() -> None:
    one = hashlib.md5(LOGIN.encode()).hexdigest()[:7]
    assert judged(one, chance=1e-5) == [FULL]
    assert judged(one, chance=1e-9) == ["PASS"]
    assert judged(one, shortest=8) == ["PASS"]


def test_a_large_user_base_is_hashed_in_part_first() -> None:
    users = [{"user_id": f"u-{n:06}", "login": f"login{n}"} for n in range(30_000)]
    ids = [hashlib.sha512(f"login{n}".encode()).hexdigest() for n in range(0, 30_000, 100)]
    known = {"user_accounts": {"login": "login"}}
    assert judged(*ids, users=users, known=known) == [FULL] * 300
