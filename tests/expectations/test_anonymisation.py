"""Anonymisation: what still points at a person, and what does not."""

import base64
import hashlib
import uuid
from typing import Any

import pytest

from audit_lib.expectations import (
    ExpectGroupSizeAtLeast,
    ExpectIdsNotLinkable,
    ExpectIdsNotPersistent,
    ExpectNoDirectIdentifier,
    ExpectNoFullIpAddress,
    ExpectNoIdentifierLeft,
    ExpectOnlyAggregatesAfter,
    ExpectOnlyDeclaredColumns,
    ExpectSensitiveValuesDiverse,
)
from audit_lib.expectations.rule import NotEvaluated
from tests.judging import AS_OF, PARIS, verdicts

WHEN = {"as_of": AS_OF, "time_zone": PARIS}
IP = {**WHEN, "column": "ip", "masked_share": 0.95}


def log(**fields: Any) -> dict[str, Any]:
    return {"event_id": "e", "ip": None, "action": None, **fields}


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("90.63.250.17", "FAIL full_ip"),
        ("90.63.250.17:55008", "FAIL full_ip"),
        ("10.0.0.1, 90.63.250.17", "FAIL full_ip"),
        ("::ffff:90.63.250.17", "FAIL full_ip"),
        ("2a01:e0a:1:2::3", "FAIL full_ip"),
        ("[2a01:e0a:1:2::3]:443", "FAIL full_ip"),
        ("2a01:e0a:1:2:3:4:5:6", "FAIL full_ip"),
        ("2a01:e0a:1::", "PASS"),
        ("2a01:e0a:1:0:0:0:0:0", "PASS"),
        ("fe80::1", "PASS"),
        ("10.1.2.3", "PASS"),
        ("172.31.255.255", "PASS"),
        ("172.32.0.1", "FAIL full_ip"),
        ("100.64.0.1", "PASS"),
        ("203.0.113.7", "PASS"),
        ("192.168.1.10", "PASS"),
        ("0.0.0.0", "PASS"),
        ("90.63.x.x", "PASS"),
        ("90.63.250.xxx", "PASS"),
        (None, "PASS"),
        ("d41d8cd98f00b204e9800998ecf8427e", "REVIEW ip_digest"),
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "REVIEW ip_digest"),
        ("unknown host", "INDETERMINATE ip_unreadable"),
        # RULINGS: documentation and private blocks are not public, whatever way they are written.
        ("2001:db8::7", "PASS"),
        ("2001:DB8:0:1:2:3:4:5", "PASS"),
        ("3fff::1", "PASS"),
        ("2001:2::5", "PASS"),
        ("fe80::1%eth0", "PASS"),
        ("::ffff:a01:203", "PASS"),
        ("::ffff:5a3f:fa11", "FAIL full_ip"),
        ("0:0:0:0:0:ffff:5a3f:fa11", "FAIL full_ip"),
        ("64:ff9b::5a3f:fa11", "FAIL full_ip"),
        # IPv6 is masked from /48, one address of a list being enough to fail.
        ("2a01:e0a:1:2::", "FAIL full_ip"),
        ("2a01:e0a:1::,2a01:e0a:2::", "PASS"),
        ("2a01:e0a:1::, 2a01:e0a:1:2::3", "FAIL full_ip"),
        ("2a01:e0a:1::, 90.63.250.17", "FAIL full_ip"),
        ("-", "PASS"),
        ("90.63.250", "PASS"),
        # A cut digest is a digest; what cannot be an address is no pass.
        ("d41d8cd98f00b204", "REVIEW ip_digest"),
        ("999.1.1.1", "INDETERMINATE ip_unreadable"),
        ("1513093137", "INDETERMINATE ip_unreadable"),
        ("00:1a:2b:3c:4d:5e", "INDETERMINATE ip_unreadable"),
    ],
)
def test_addresses(ip: str | None, expected: str) -> None:
    masked = [log(ip="90.63.250.0")] * 99
    found = verdicts(ExpectNoFullIpAddress(**IP), {"usage_logs": [log(ip=ip), *masked]})
    assert found == [expected, *["PASS"] * 99]


def test_a_last_byte_of_zero_is_a_mask_only_when_the_file_masks() -> None:
    mixed = [log(ip="90.63.250.0"), *[log(ip="90.63.250.9")] * 9]
    assert verdicts(ExpectNoFullIpAddress(**IP), {"usage_logs": mixed}) == ["FAIL full_ip"] * 10


@pytest.mark.parametrize(
    ("others", "masks"),
    [
        (["90.63.250.0"] * 18 + ["90.63.250.9"], True),
        (["90.63.250.0"] * 17 + ["90.63.250.9"], False),
        # A blanked address is no address that was masked.
        (["0.0.0.0"] * 90 + ["90.63.250.9"], False),
    ],
)
def test_a_file_masks_from_95_percent_of_its_addresses(others: list[str], masks: bool) -> None:
    rows = [log(ip="90.63.250.0"), *(log(ip=ip) for ip in others)]
    assert verdicts(ExpectNoFullIpAddress(**IP), {"usage_logs": rows})[0] == ("PASS" if masks else "FAIL full_ip")


def test_the_addresses_of_the_texts_show_a_mask_too() -> None:
    masked = [log(action="from 90.63.250.0")] * 3
    assert verdicts(ExpectNoFullIpAddress(**IP), {"usage_logs": masked}) == ["PASS"] * 3
    mixed = [log(action="from 90.63.250.0"), log(action="from 90.63.250.17")]
    assert verdicts(ExpectNoFullIpAddress(**IP), {"usage_logs": mixed}) == ["FAIL full_ip_in_text"] * 2


def test_without_an_ip_column_nothing_is_proved() -> None:
    rows = [{"event_id": "e", "action": "login"}, {"event_id": "f", "action": "from 90.63.250.17"}]
    assert verdicts(ExpectNoFullIpAddress(**IP), {"usage_logs": rows}) == [
        "INDETERMINATE ip_not_supplied",
        "FAIL full_ip_in_text",
    ]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("GET /from/90.63.250.17", "FAIL full_ip_in_text"),
        ("connected from 90.63.250.17", "FAIL full_ip_in_text"),
        ("client=90.63.250.17;", "FAIL full_ip_in_text"),
        ("http://90.63.250.17/x", "FAIL full_ip_in_text"),
        ("peer 2a01:e0a:1:2::3 left", "FAIL full_ip_in_text"),
        ("version 1.2.3", "PASS"),
        ("Chrome/120.0.6099.71", "PASS"),
        ("v90.63.250.17", "PASS"),
        ("at 12:30:45", "PASS"),
        ("ratio 2023:10:05", "PASS"),
        ("version 90.63.250.17", "PASS"),
        ('{"appVersion":"5.2.1.10"}', "PASS"),
        ("XpertEye/5.2.1.10", "PASS"),
        ("range 90.63.250.1-90.63.250.17", "FAIL full_ip_in_text"),
        ("peer 2a01:e0a:1:2::3.", "FAIL full_ip_in_text"),
        ("peer 2a01:e0a:1:0000:0000:0000:0000:0000", "PASS"),
        ("peer 2a01:e0a:1:2:: left", "FAIL full_ip_in_text"),
        ("peer 2001:db8::1", "PASS"),
        ('{"ip": "2a01:e0a:1:2::3"}', "FAIL full_ip_in_text"),
        ("GET /?ip=2a01%3Ae0a%3A1%3A2%3A%3A3", "FAIL full_ip_in_text"),
        (base64.b64encode(b"peer=90.63.250.17").decode(), "FAIL full_ip_in_text"),
    ],
)
def test_addresses_in_text(action: str, expected: str) -> None:
    assert verdicts(ExpectNoFullIpAddress(**IP), {"usage_logs": [log(action=action)]}) == [expected]


USERS = [
    {
        "user_id": "u-000001",
        "login": "jean.dupont",
        "email": "jean.dupont@client.example",
        "first_name": "Jean",
        "last_name": "Dupont",
        "phone": "+33 6 39 98 12 34",
    },
    {
        "user_id": "u-000002",
        "login": "sup_admin",
        "email": "e.legoff@client.example",
        "first_name": "Élodie",
        "last_name": "Le Goff",
        "phone": "0033 2 99 11 22 33",
    },
]
ENCODED = base64.b64encode(b"mail=jean.dupont@client.example").decode()


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sent to a.b@client.example", "FAIL email_found"),
        ("to=a.b%40client.example", "FAIL email_found"),
        (f"token={ENCODED}", "FAIL email_found"),
        ('{"mail": "a.b@client.example"}', "FAIL email_found"),
        ("[email protected]", "PASS"),
        ("called +33639981234", "FAIL phone_found"),
        ("called 06 39 98 12 34", "FAIL phone_found"),
        ("order 0639981234567", "PASS"),
        ("device 00:1A:2B:3C:4D:5E", "FAIL mac_found"),
        ("imei 49-015420-323751-8", "FAIL imei_found"),
        ("opened by jean.dupont", "FAIL known_user_found"),
        ("opened by Jean Dupont", "FAIL known_user_found"),
        ("user=Jean%20Dupont", "FAIL known_user_found"),
        ("opened by Jean Martin", "PASS"),
        ("call_started", "PASS"),
        (None, "PASS"),
        # CONTROLS: URL-encoded, base64 or inside JSON, whatever is found.
        ("to=x%2Ey%40host%2Eexample", "FAIL email_found"),
        ("page caf%E9, user=Jean%20Dupont", "FAIL known_user_found"),
        ("x=%E9, to a.b@client.example", "FAIL email_found"),
        (base64.urlsafe_b64encode(b"~~~?>by a.b@client.example").decode().rstrip("="), "FAIL email_found"),
        (f"GET /token/{ENCODED}", "FAIL email_found"),
        (base64.b64encode(b"phone=+33639981234;").decode(), "FAIL phone_found"),
        (base64.b64encode("par Élodie Le Goff".encode()).decode(), "FAIL known_user_found"),
        ("é.ù@société.fr", "FAIL email_found"),
        ("***@client.example", "PASS"),
        ("06\u202f39\u202f98\u202f12\u202f34", "FAIL phone_found"),
        ("q=06+39+98+12+34", "FAIL phone_found"),
        ("+33 (0)6 39 98 12 34", "FAIL phone_found"),
        ("+1 415 555 2671", "FAIL phone_found"),
        ("+44 20 7946 0958", "FAIL phone_found"),
        ("at +48.1172-001.6777", "PASS"),
        ("SIRET 73282932000074", "REVIEW siret_found"),
        ("2026-10-01T12:30:45.123456Z", "PASS"),
        ("mac:00:1a:2b:3c:4d:5e", "FAIL mac_found"),
        ("m=00%3A1A%3A2B%3A3C%3A4D%3A5E", "FAIL mac_found"),
        ("001A.2B3C.4D5E", "FAIL mac_found"),
        ("2026.1001.1230", "PASS"),
        ("eui 00:11:22:33:44:55:66:77", "PASS"),
        ("imei 49 015420 323751 8", "FAIL imei_found"),
        ("serial 490154203237519", "PASS"),
        ("LE GOFF Élodie", "FAIL known_user_found"),
        ("elodie le goff", "FAIL known_user_found"),
        ('{"first": "Jean", "last": "Dupont"}', "FAIL known_user_found"),
        ('{"by": "\\u00c9lodie Le Goff"}', "FAIL known_user_found"),
        ("?first=Jean&last=Dupont", "FAIL known_user_found"),
        ("by sup_admin, ok", "FAIL known_user_found"),
        ("by jean.dupont.", "FAIL known_user_found"),
        ("Jean Martin, Pierre Dupont", "PASS"),
        ("550e8400-e29b-41d4-a716-446655440000", "PASS"),
    ],
)
def test_direct_identifiers(action: str | None, expected: str) -> None:
    rule = ExpectNoDirectIdentifier(**WHEN, users="user_accounts", ids=["anonymous_id"], leave=["ip", "month"])
    rows = [log(action=action, anonymous_id="0639981234")]
    assert verdicts(rule, {"usage_logs": rows, "user_accounts": USERS}) == [expected]


def test_a_known_user_is_also_a_column_of_ids() -> None:
    rule = ExpectNoDirectIdentifier(**WHEN, users="user_accounts", ids=["anonymous_id", "ip"], leave=["month"])
    rows = [log(ip="a.b@client.example"), log(anonymous_id="JEAN.DUPONT"), log(ip="0639981234"), log(ip="10.0.0.1")]
    assert verdicts(rule, {"usage_logs": rows, "user_accounts": USERS}) == [
        "FAIL email_found",
        "FAIL known_user_found",
        "PASS",
        "PASS",
    ]


@pytest.mark.parametrize("users", [[{"user_id": "u-000001", "login": None, "email": None}]])
def test_an_empty_user_base_proves_nothing(users: list[dict[str, Any]]) -> None:
    direct = ExpectNoDirectIdentifier(**WHEN, users="user_accounts", ids=["anonymous_id"])
    rows = [log(action="login", anonymous_id="x"), log(action="to a.b@client.example", anonymous_id="y")]
    assert verdicts(direct, {"usage_logs": rows, "user_accounts": users}) == [
        "INDETERMINATE no_known_user",
        "FAIL email_found",
    ]
    known = {"user_accounts": {"email": "email", "login": "login", "user_id": "id"}}
    link = ExpectIdsNotLinkable(
        **WHEN, column="anonymous_id", known=known, shortest=12, chance=1e-5, users="user_accounts"
    )
    rows = [log(anonymous_id="x"), log(anonymous_id="u-000001")]
    assert verdicts(link, {"usage_logs": rows, "user_accounts": users}) == [
        "INDETERMINATE no_known_user",
        "FAIL id_is_known_identifier",
    ]
    with pytest.raises(NotEvaluated, match="column_not_supplied"):
        verdicts(link, {"usage_logs": rows, "user_accounts": [{"user_id": "u-000001"}]})


def digest(function: str, text: str) -> str:
    return hashlib.new(function, text.encode()).hexdigest()


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("jean.dupont", "FAIL id_is_known_identifier"),
        ("JEAN.DUPONT@client.example", "FAIL id_is_known_identifier"),
        ("u-000001", "FAIL id_is_known_identifier"),
        (digest("md5", "jean.dupont@client.example"), "FAIL hash_of_known_email"),
        (digest("md5", "JEAN.DUPONT@CLIENT.EXAMPLE")[:16], "FAIL hash_of_known_email"),
        (digest("sha256", "jean.dupont").upper(), "FAIL hash_of_known_login"),
        (digest("sha1", "jean.dupont")[:20], "FAIL hash_of_known_login"),
        (digest("sha256", "0639981234"), "FAIL hash_of_known_phone"),
        (digest("sha1", "+33639981234"), "FAIL hash_of_known_phone"),
        (digest("sha1", "33639981234"), "FAIL hash_of_known_phone"),
        (digest("sha256", "salt:jean.dupont"), "PASS"),
        (digest("md5", "jean.dupont")[:8], "PASS"),
        # CONTROLS: e-mail, login, phone, name variants x common hashes, encodings and truncations.
        ("jean.dupont%40client.example", "FAIL id_is_known_identifier"),
        (b64(b"jean.dupont"), "FAIL id_is_known_identifier"),
        (b"jean.dupont".hex(), "FAIL id_is_known_identifier"),
        ("Élodie Le Goff", "FAIL id_is_known_identifier"),
        (str(uuid.UUID(digest("md5", "jean.dupont"))), "FAIL hash_of_known_login"),
        (b64(hashlib.sha256(b"jean.dupont").digest()), "FAIL hash_of_known_login"),
        (b64(bytes.fromhex(digest("sha1", "jean.dupont")))[:20].replace("+", "-"), "FAIL hash_of_known_login"),
        (digest("md5", "Jean Dupont"), "FAIL hash_of_known_name"),
        (digest("sha1", "dupont.jean"), "FAIL hash_of_known_name"),
        (digest("sha256", "elodie le goff"), "FAIL hash_of_known_name"),
        (digest("md5", "ÉLODIELE GOFF"), "FAIL hash_of_known_name"),
        (digest("md5", "u-000002"), "FAIL hash_of_known_id"),
        (digest("md5", "0299112233"), "FAIL hash_of_known_phone"),
        (digest("md5", "+33299112233"), "FAIL hash_of_known_phone"),
        (digest("md5", "0033639981234"), "FAIL hash_of_known_phone"),
        (digest("md5", "06 39 98 12 34"), "FAIL hash_of_known_phone"),
        (str(uuid.UUID(int=7)), "PASS"),
        (digest("sha256", "nobody")[:16], "PASS"),
        (None, "INDETERMINATE id_missing"),
    ],
)
def test_links(identifier: str | None, expected: str) -> None:
    known = {
        "user_accounts": {
            **{"email": "email", "login": "login", "phone": "phone", "user_id": "id"},
            **{"first_name": "first_name", "last_name": "last_name"},
        }
    }
    rule = ExpectIdsNotLinkable(
        **WHEN, column="anonymous_id", known=known, shortest=10, chance=1e-5, count="count", users="user_accounts"
    )
    rows = [log(anonymous_id=identifier, count=None)]
    assert verdicts(rule, {"usage_logs": rows, "user_accounts": USERS}) == [expected]


def test_an_aggregate_has_no_id_to_link() -> None:
    known = {"user_accounts": {"email": "email"}}
    rule = ExpectIdsNotLinkable(
        **WHEN, column="anonymous_id", known=known, shortest=10, chance=1e-5, count="count", users="user_accounts"
    )
    assert verdicts(rule, {"usage_logs": [{"event_id": "e", "count": 20}], "user_accounts": USERS}) == ["PASS"]


def test_persistence_is_counted_in_paris_days() -> None:
    rule = ExpectIdsNotPersistent(**WHEN, column="anonymous_id", at="at", count="count")
    rows = [
        log(anonymous_id="a", at="2026-10-10T08:00:00"),
        log(anonymous_id="a", at="2026-10-10T21:59:59"),
        log(anonymous_id="b", at="2026-10-10T08:00:00"),
        log(anonymous_id="b", at="2026-10-10T22:00:00"),
        log(anonymous_id=None, at="2026-10-10T22:00:00"),
        log(anonymous_id="c", at=None),
    ]
    assert verdicts(rule, {"usage_logs": rows}) == [
        "PASS",
        "PASS",
        "FAIL persistent_id",
        "FAIL persistent_id",
        "INDETERMINATE id_missing",
        "INDETERMINATE clock_missing",
    ]


def test_a_future_instant_is_no_day() -> None:
    rule = ExpectIdsNotPersistent(**WHEN, column="anonymous_id", at="at", count="count")
    rows = [log(anonymous_id="a", at="2026-10-10T08:00:00"), log(anonymous_id="a", at="2027-01-10T08:00:00")]
    assert verdicts(rule, {"usage_logs": rows}) == ["PASS", "INDETERMINATE clock_in_future"]


def test_without_a_time_zone_midnight_is_unknown() -> None:
    rule = ExpectIdsNotPersistent(**WHEN, column="anonymous_id", at="at")
    instants = {
        "a": ["2026-10-10T21:30:00", "2026-10-10T22:30:00"],
        "b": ["2026-10-10T08:00:00", "2026-10-11T09:30:00"],
        "c": ["2026-10-10T22:30:00"],
    }
    rows = [log(anonymous_id=one, at=at, at__naive=True) for one, ats in instants.items() for at in ats]
    unknown = "INDETERMINATE time_zone_unknown"
    assert verdicts(rule, {"usage_logs": rows}, naive=frozenset({"at"})) == [
        *[unknown] * 2,
        *["FAIL persistent_id"] * 2,
        "PASS",
    ]


def test_group_size_counts_individuals_not_rows() -> None:
    rule = ExpectGroupSizeAtLeast(
        **WHEN,
        quasi_identifiers=["customer_domain", "country"],
        individual="anonymous_id",
        k=3,
        count="count",
    )
    rows = [
        *[log(customer_domain="a", country="FR", anonymous_id=f"p{n}") for n in range(3)],
        *[log(customer_domain="b", country="FR", anonymous_id="one")] * 9,
        log(customer_domain="c", country="FR", anonymous_id=None, count=3),
        log(customer_domain="d", country="FR", anonymous_id=None, count=2),
        # Suppressed values match nothing: ten of them are ten classes of one.
        *[log(customer_domain=None, country="FR", anonymous_id=f"s{n}") for n in range(10)],
        log(customer_domain="*", country="FR", anonymous_id="star"),
        log(customer_domain=None, country="FR", anonymous_id=None, count=5),
        log(customer_domain="a", country="FR", anonymous_id=None),
    ]
    small = "FAIL class_too_small"
    assert verdicts(rule, {"usage_logs": rows}) == [
        *["PASS"] * 3,
        *[small] * 9,
        "PASS",
        small,
        *[small] * 10,
        small,
        "PASS",
        "INDETERMINATE id_missing",
    ]


def test_counts_and_masks_make_no_crowd() -> None:
    rule = ExpectGroupSizeAtLeast(
        **WHEN, quasi_identifiers=["customer_domain"], individual="anonymous_id", k=3, count="count"
    )
    rows = [
        # Rows of one individual stand for the largest count of theirs, not for the sum.
        *[log(customer_domain="a", anonymous_id="one", count=1)] * 5,
        *[log(customer_domain="b", anonymous_id="two", count=3)] * 2,
        *[log(customer_domain="***", anonymous_id=f"m{n}") for n in range(3)],
        *[log(customer_domain=domain, anonymous_id=domain) for domain in ("c.example", "C.example", "C.EXAMPLE")],
        log(customer_domain="d", anonymous_id=None, count=0),
    ]
    small = "FAIL class_too_small"
    assert verdicts(rule, {"usage_logs": rows}) == [*[small] * 5, *["PASS"] * 2, *[small] * 3, *["PASS"] * 4]
    with pytest.raises(NotEvaluated, match="column_not_supplied"):
        verdicts(rule, {"usage_logs": [log(anonymous_id="one")]})


def test_a_count_weighs_in_the_spread() -> None:
    rule = ExpectSensitiveValuesDiverse(
        **WHEN, quasi_identifiers=["customer_domain"], sensitive="action", l=2, t=0.2, count="count"
    )
    rows = [
        *[log(customer_domain="a", action=action, count=50) for action in "xy"],
        log(customer_domain="b", action="x", count=9),
        log(customer_domain="b", action="y", count=1),
        log(customer_domain="b", action="z", count=0),
    ]
    assert verdicts(rule, {"usage_logs": rows}) == ["PASS"] * 2 + ["FAIL t_too_high"] * 3


def test_what_a_statistic_adds_up_over_is_no_class_of_one() -> None:
    rule = ExpectSensitiveValuesDiverse(
        **WHEN,
        quasi_identifiers=["customer_domain", "country"],
        sensitive="action",
        l=3,
        t=0.5,
        count="count",
        individual="anonymous_id",
    )
    cell = {"customer_domain": "*", "country": "FR", "count": 20}
    rows = [
        *[log(**cell, anonymous_id=None, action=action) for action in "xyz"],
        log(**{**cell, "customer_domain": None}, anonymous_id=None, action="x"),
        # Who has an id is a person, however many they stand for.
        log(**cell, anonymous_id="a1", action="x"),
        log(**{**cell, "country": "DE"}, anonymous_id=None, action="x"),
    ]
    assert verdicts(rule, {"usage_logs": rows}) == ["PASS"] * 4 + ["FAIL l_too_low"] * 2


def test_diversity_and_closeness() -> None:
    rule = ExpectSensitiveValuesDiverse(
        **WHEN, quasi_identifiers=["customer_domain"], sensitive="action", l=3, t=0.2, count="count"
    )
    rows = [
        *[log(customer_domain="a", action=action) for action in "xyz" * 10],
        *[log(customer_domain="b", action=action) for action in "xxxxxxxyz"],
        *[log(customer_domain="c", action=action) for action in "xy"],
        log(customer_domain=None, action="x"),
        log(customer_domain="a", action=None),
        log(customer_domain="a", action=None, count=40),
    ]
    assert verdicts(rule, {"usage_logs": rows}) == [
        *["PASS"] * 30,
        *["FAIL t_too_high"] * 9,
        *["FAIL l_too_low"] * 2,
        "FAIL l_too_low",
        "INDETERMINATE value_missing",
        "out",
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"at": "2024-10-31T10:00:00", "action": "login"}, "FAIL not_aggregated"),
        ({"at": "2024-11-01T10:00:00", "action": "login"}, "out"),
        ({"at": "2024-10-31T10:00:00"}, "FAIL not_aggregated"),
        # The first instant of a month, in Paris, is a month.
        ({"at": "2024-09-30T22:00:00", "country": "FR", "count": 20}, "PASS"),
        ({"month": "2024-09", "country": "FR", "count": 11}, "PASS"),
        ({"month": "2024-09", "country": "FR", "count": 10}, "REVIEW small_cell"),
        ({"month": "2024-09", "country": "FR", "count": 20, "ip": "90.63.0.0"}, "FAIL not_aggregated"),
        ({"month": "2024-09", "country": "FR", "count": 20, "ip": "0.0.0.0"}, "PASS"),
        ({"month": "2024-09", "country": "FR", "count": 20, "city": "Rennes"}, "FAIL not_aggregated"),
        ({"month": "2024-09", "country": "FR", "count": 20, "category": "calls"}, "PASS"),
        ({"month": "2024-10", "country": "FR", "count": 1}, "REVIEW small_cell"),
        ({"month": "2024-11", "country": "FR", "count": 1}, "out"),
        ({"country": "FR", "count": 1}, "INDETERMINATE clock_missing"),
        ({"at": "2027-01-01T00:00:00"}, "INDETERMINATE clock_in_future"),
        ({"month": "2027-01", "count": 20}, "INDETERMINATE clock_in_future"),
        ({"month": "2026-11", "count": 20}, "out"),
        ({"month": "2024-13", "count": 20}, "INDETERMINATE clock_missing"),
        # Either of the two dates makes the row old.
        ({"at": "2025-06-01T10:00:00", "month": "2024-09", "count": 20}, "FAIL not_aggregated"),
        ({"at": "2024-06-01T10:00:00", "month": "2026-09", "count": 20}, "FAIL not_aggregated"),
        ({"at": "2024-10-30T22:59:59", "at__naive": True}, "FAIL not_aggregated"),
        ({"at": "2024-10-31T23:00:00", "at__naive": True}, "INDETERMINATE time_zone_unknown"),
        ({"at": "2024-11-01T22:59:59", "at__naive": True}, "INDETERMINATE time_zone_unknown"),
        ({"at": "2024-11-01T23:00:00", "at__naive": True}, "out"),
    ],
)
def test_only_aggregates_are_kept(row: dict[str, Any], expected: str) -> None:
    rule = ExpectOnlyAggregatesAfter(
        **WHEN,
        period="P2Y",
        at="at",
        month="month",
        count="count",
        k=11,
        allowed=["event_id", "country", "month", "count", "category"],
        masks={"ip": ["0.0.0.0"]},
    )
    supplied = dict.fromkeys(["at", "month", "country", "count"])
    naive = frozenset({"at"}) if "at__naive" in row else frozenset()
    assert verdicts(rule, {"usage_logs": [{**log(), **supplied, **row}]}, naive=naive) == [expected]


@pytest.mark.parametrize(
    ("month", "as_of", "expected"),
    [
        ("2026-02", "2028-02-28T12:00:00+01:00", "out"),
        ("2026-02", "2028-02-29T12:00:00+01:00", "PASS"),
        ("2024-02", "2026-02-28T12:00:00+01:00", "out"),
        ("2024-02", "2026-03-01T00:00:00+01:00", "PASS"),
        ("2024-10", "2026-10-31T23:59:59+01:00", "out"),
        ("2024-10", "2026-11-01T00:00:00+01:00", "PASS"),
    ],
)
def test_a_month_is_as_old_as_its_last_day(month: str, as_of: str, expected: str) -> None:
    rule = ExpectOnlyAggregatesAfter(
        as_of=as_of,
        time_zone=WHEN["time_zone"],
        period="P2Y",
        at="at",
        month="month",
        count="count",
        k=11,
        allowed=["event_id", "country", "month", "count", "category"],
    )
    rows = [{**log(), "at": None, "month": month, "country": "FR", "count": 11}]
    assert verdicts(rule, {"usage_logs": rows}) == [expected]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "PASS"),
        ({"first_name": "Anonymisé", "last_name": "***", "email": "xxxx"}, "PASS"),
        ({"first_name": "Jean"}, "FAIL identifier_left"),
        ({"company": "a.b@client.example"}, "FAIL email_found"),
        ({"city": "call 06 39 98 12 34"}, "FAIL phone_found"),
        ({"notes": "invoice 2023-0639981234"}, "PASS"),
        ({"anonymised_at": "2026-11-01T05:00:00"}, "PASS"),
        ({"anonymised_at": "2026-11-01T05:00:01"}, "INDETERMINATE clock_in_future"),
        ({"anonymised_at": "2027-01-01", "email": "a.b@client.example"}, "FAIL identifier_left"),
        ({"notes": "was a.b@client.example"}, "FAIL email_found"),
        ({"notes": "call 06 39 98 12 34"}, "FAIL phone_found"),
        ({"notes": "to=a.b%40client.example"}, "FAIL email_found"),
        ({"notes": "device 00:1A:2B:3C:4D:5E"}, "FAIL mac_found"),
        ({"contact_id": "a.b@client.example"}, "FAIL email_found"),
        ({"nickname": "a.b@client.example"}, "FAIL email_found"),
        ({"anonymised_at": "2027-01-01"}, "INDETERMINATE clock_in_future"),
        ({"anonymised_at": None, "first_name": "Jean"}, "out"),
    ],
)
def test_anonymised_contacts(row: dict[str, Any], expected: str) -> None:
    rule = ExpectNoIdentifierLeft(
        **WHEN,
        marked="anonymised_at",
        identifying=["first_name", "last_name", "email", "phone"],
        placeholders=["anonymised", "anonymisé"],
    )
    assert verdicts(rule, {"contacts": [{"contact_id": "c", "anonymised_at": "2025-01-01", **row}]}) == [expected]


def test_undeclared_columns_count_where_they_are_filled() -> None:
    rows = [log(action="x", serial=None), log(action="x", serial="SN1"), log(action="x", serial=None)]
    strict = ExpectOnlyDeclaredColumns(**WHEN, declared=["event_id", "ip", "action"])
    assert verdicts(strict, {"usage_logs": rows}) == ["PASS", "FAIL undeclared_column", "PASS"]
    lenient = ExpectOnlyDeclaredColumns(**WHEN, declared=["event_id", "ip", "action"], review=True)
    assert verdicts(lenient, {"usage_logs": rows}) == ["PASS", "REVIEW undeclared_column", "PASS"]
    forbidden = ExpectOnlyDeclaredColumns(
        **WHEN, declared=["event_id", "ip", "action"], forbidden=["Serial"], review=True
    )
    assert verdicts(forbidden, {"usage_logs": rows}) == ["PASS", "FAIL forbidden_column", "PASS"]


@pytest.mark.parametrize("name", ["m0", "c0", "k", "said", "_why", "it's", "select"])
def test_a_column_may_have_any_name(name: str) -> None:
    rule = ExpectOnlyDeclaredColumns(**WHEN, declared=["event_id", "ip", "action"])
    rows = [log(**{name: "x"}), log(**{name: None})]
    assert verdicts(rule, {"usage_logs": rows}) == ["FAIL undeclared_column", "PASS"]
    assert verdicts(ExpectNoFullIpAddress(**IP), {"usage_logs": [log(**{name: "from 90.63.250.17"})]}) == [
        "FAIL full_ip_in_text"
    ]
