"""Corpus: texts as logs and forms hold them, in French and in English, each labelled with the identifier in it.

Made from a seed. The negatives look like identifiers: numbers of the same length with a wrong key, masks, versions.
"""

import base64
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

FIRST = [
    "Élodie",
    "Jean-Pierre",
    "Maëlle",
    "Karim",
    "Sofia",
    "Håkon",
    "Zoë",
    "Yann",
    "Anaïs",
    "Björn",
    "Chloé",
    "Idris",
]
LAST = [
    "Le Goff",
    "Dupont-Aignan",
    "Nguyen",
    "O’Brien",
    "García",
    "Kowalski",
    "Benali",
    "Müller",
    "Da Silva",
    "Guézennec",
]
DOMAINS = ["client.example", "mail.example.org", "groupe-armor.fr", "XPERTEYE.example.com", "sub.domaine.example.bzh"]

FRENCH = [
    "Utilisateur {} connecté au module assistance",
    "appel transféré à {}, sans suite",
    "Contact : {}.",
    "ouverture du dossier par {} le 12/03/2026",
    "« {} » a demandé un export",
]
ENGLISH = [
    "session opened for {} from the console",
    "forwarded to {} (no answer)",
    "Contact: {}.",
    "report shared with {}; 3 files",
    'caller="{}" status=ok',
]
MACHINE = ['{{"who": "{}", "ok": true}}', "GET /help?q={}&lang=fr", "[{}]", "{}", "k1={};k2=7"]

KINDS = ("email", "phone", "ip", "mac", "imei", "iban", "nir", "siret", "known_user")


@dataclass(frozen=True)
class Said:
    """A text, and the kind of identifier in it; none in a negative."""

    text: str
    kind: str | None


def corpus(seed: int = 2026, *, positives: int = 640, negatives: int = 21_000) -> list[Said]:
    """`positives` of each kind, all encoded in the ways that logs do, and so many negatives."""
    rng = random.Random(seed)
    found = [Said(_placed(rng, value), kind) for kind, make in _MAKE.items() for value in _some(rng, make, positives)]
    makers = list(_NEGATIVE)
    found += [Said(_placed(rng, makers[place % len(makers)](rng)), None) for place in range(negatives)]
    rng.shuffle(found)
    return found


def users() -> list[dict[str, str]]:
    """The user base whose people `known_user` texts name."""
    people = [(first, last) for first in FIRST for last in LAST]
    return [
        {
            "user_id": f"u-{number:06}",
            "login": f"{first[0]}{last}{number}".lower().replace(" ", "").replace("’", ""),
            "email": f"person{number}@client.example",
            "first_name": first,
            "last_name": last,
        }
        for number, (first, last) in enumerate(people)
    ]


def _some(rng: random.Random, make: Callable[[random.Random], str], count: int) -> Iterator[str]:
    return (make(rng) for _ in range(count))


def _placed(rng: random.Random, value: str) -> str:
    """The value in a text; one in eight encoded."""
    text = rng.choice([*FRENCH, *ENGLISH, *MACHINE]).format(value)
    match rng.randrange(24):
        case 0:
            return f"/track?d={quote(text)}"
        case 1:
            return base64.b64encode(text.encode()).decode()
        case 2:
            return f"payload={base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"
    return text


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def _hex(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789abcdef") for _ in range(count))


def _luhn(digits: str) -> str:
    """The digit that completes the number (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _email(rng: random.Random) -> str:
    local = rng.choice(["jean.dupont", "e.legoff", "info", "a-b_c", "support+ticket42", "J.Kowalski", "contact2026"])
    return f"{local}{rng.randrange(999)}@{rng.choice(DOMAINS)}"


def _phone(rng: random.Random) -> str:
    pairs = [rng.choice(["1", "2", "3", "4", "5", "6", "7", "9"]), *(_digits(rng, 2) for _ in range(4))]
    gap = rng.choice([" ", ".", "-", "", "\u00a0"])
    national = f"0{pairs[0]}" + gap + gap.join(pairs[1:])
    inside = pairs[0] + gap + gap.join(pairs[1:])
    return rng.choice(
        [
            national,
            f"+33 {inside}",
            f"+33{''.join(pairs)}",
            f"0033 {inside}",
            f"+33 (0){inside}",
            f"+44 20 {_digits(rng, 4)} {_digits(rng, 4)}",
            f"+1 212 {rng.randrange(200, 999)} {_digits(rng, 4)}",
            f"+49 30 {_digits(rng, 8)}",
            f"+32 4{_digits(rng, 2)} {_digits(rng, 2)} {_digits(rng, 2)} {_digits(rng, 2)}",
            f"+212 6 {_digits(rng, 2)} {_digits(rng, 2)} {_digits(rng, 2)} {_digits(rng, 2)}",
        ]
    )


def _public_ipv4(rng: random.Random) -> str:
    first = rng.choice([5, 37, 46, 62, 78, 80, 81, 82, 83, 86, 90, 91, 92, 109, 176, 185, 212, 213, 217])
    return f"{first}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"


def _ip(rng: random.Random) -> str:
    four = _public_ipv4(rng)
    six = ":".join(["2a01", *(_hex(rng, 4) for _ in range(6)), f"{rng.randrange(1, 65535):x}"])
    short = f"2001:41d0:{_hex(rng, 3)}f:1::{rng.randrange(1, 65535):x}"
    return rng.choice(
        [
            four,
            f"{four}:{rng.randrange(1024, 65535)}",
            f"10.0.0.4, {four}, 192.168.1.1",
            f"::ffff:{four}",
            six,
            short,
            f"[{six}]:443",
        ]
    )


def _mac(rng: random.Random) -> str:
    pairs = [_hex(rng, 2) for _ in range(6)]
    pairs[0] = "3c"
    made = rng.choice([":".join(pairs), "-".join(pairs), f"3c{pairs[1]}.{pairs[2]}{pairs[3]}.{pairs[4]}{pairs[5]}"])
    return made.upper() if rng.random() < 0.5 else made


def _imei(rng: random.Random) -> str:
    body = rng.choice(["35", "86", "01", "49", "99"]) + _digits(rng, 12)
    whole = body + _luhn(body)
    return rng.choice([whole, f"{whole[:2]}-{whole[2:8]}-{whole[8:14]}-{whole[14]}", f"IMEI {whole}"])


def _iban_key(country: str, account: str) -> str:
    """ISO 13616: 98 less the remainder by 97, letters as numbers from 10."""
    number = "".join(str(int(one, 36)) for one in f"{account}{country}00")
    return f"{98 - int(number) % 97:02}"


def _iban(rng: random.Random) -> str:
    country, account = rng.choice(
        [
            ("FR", _digits(rng, 10) + "".join(rng.choice("0123456789ABCDEFGHJ") for _ in range(11)) + _digits(rng, 2)),
            ("DE", _digits(rng, 18)),
            ("ES", _digits(rng, 20)),
            ("BE", _digits(rng, 12)),
            ("GB", "NWBK" + _digits(rng, 14)),
            ("IT", "X" + _digits(rng, 22)),
        ]
    )
    whole = country + _iban_key(country, account) + account
    return rng.choice([whole, " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))])


def _nir(rng: random.Random) -> str:
    """INSEE: 97 less the remainder of the thirteen digits, Corsica's 2A and 2B as 19 and 18."""
    place = rng.choice([f"{rng.randrange(1, 96):02}", "2A", "2B", "97"])
    body = f"{rng.choice('12')}{rng.randrange(100):02}{rng.randrange(1, 13):02}{place}{rng.randrange(1, 990):03}"
    body += f"{rng.randrange(1, 999):03}"
    key = 97 - int(body.replace("2A", "19").replace("2B", "18")) % 97
    spaced = f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:13]} {key:02}"
    return rng.choice([f"{body}{key:02}", spaced])


def _siret(rng: random.Random) -> str:
    siren = _digits(rng, 8)
    siren += _luhn(siren)
    nic = siren + "000" + rng.choice("1234")
    whole = nic + _luhn(nic)
    spaced = f"{whole[:3]} {whole[3:6]} {whole[6:9]} {whole[9:]}"
    return rng.choice(
        [f"SIRET {whole}", f"SIRET : {spaced}", spaced, f"siren={siren}", f"SIREN {siren[:3]} {siren[3:6]} {siren[6:]}"]
    )


def _known_user(rng: random.Random) -> str:
    user = rng.choice(users())
    first, last = user["first_name"], user["last_name"]
    return rng.choice([f"{first} {last}", f"{last.upper()} {first}", user["login"], f"{first.lower()} {last.lower()}"])


_MAKE: dict[str, Callable[[random.Random], str]] = {
    "email": _email,
    "phone": _phone,
    "ip": _ip,
    "mac": _mac,
    "imei": _imei,
    "iban": _iban,
    "nir": _nir,
    "siret": _siret,
    "known_user": _known_user,
}


def _wrong_last(rng: random.Random, number: str) -> str:
    """The number with another last digit: its key is wrong."""
    return number[:-1] + str((int(number[-1]) + rng.randrange(1, 9)) % 10)


def _version(rng: random.Random) -> str:
    numbers = ".".join(str(rng.randrange(30)) for _ in range(rng.choice([3, 4])))
    return rng.choice(
        [
            f"v{numbers}",
            f"version {numbers}",
            f"build {numbers}",
            f"Chrome/{rng.randrange(140)}.0.{rng.randrange(9999)}.{rng.randrange(200)}",
        ]
    )


def _order(rng: random.Random) -> str:
    number = str(rng.randrange(1, 10)) + _digits(rng, rng.choice([5, 7, 9, 11, 12, 13, 14, 15]))
    return rng.choice([f"CMD-{number}", f"n° {number}", number, f"order #{number}", f"FAC2026-{number[:6]}"])


def _date(rng: random.Random) -> str:
    day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(2019, 2027)
    clock = f"{rng.randrange(24):02}:{rng.randrange(60):02}"
    return rng.choice(
        [
            f"{day:02}/{month:02}/{year}",
            f"{year}-{month:02}-{day:02}T{clock}:{rng.randrange(60):02}.{_digits(rng, 3)}Z",
            f"{day:02}.{month:02}.{year} {clock}",
            f"{year}{month:02}{day:02}{_digits(rng, 6)}",
            f"17{_digits(rng, 8)}",
            f"17{_digits(rng, 11)}",
        ]
    )


def _masked_ip(rng: random.Random) -> str:
    four = _public_ipv4(rng).rpartition(".")[0]
    return rng.choice(
        [
            f"{four}.x",
            "0.0.0.0",
            f"10.{_digits(rng, 1)}.3.7",
            "192.168.1.24",
            "127.0.0.1",
            f"2a01:{_hex(rng, 3)}1:77::",
            "::1",
            "fe80::1",
            "203.0.113.9",
            f"{four}.***",
        ]
    )


def _masked(rng: random.Random) -> str:
    return rng.choice(
        [
            "[email protected]",
            "j***@***.com",
            "xxxx@xxxx",
            "06 ** ** ** 12",
            "+33 6 XX XX XX XX",
            "FR76 **** **** **** **** **** 123",
            "1 85 ** ** *** *** **",
            "user@",
            "@channel",
            "[redacted]",
        ]
    )


def _hexadecimal(rng: random.Random) -> str:
    whole = _hex(rng, 32)
    return rng.choice(
        [
            _hex(rng, 12),
            _hex(rng, 40),
            whole,
            f"{whole[:8]}-{whole[8:12]}-4{whole[13:16]}-8{whole[17:20]}-{whole[20:]}",
            f"0x{_hex(rng, 12)}",
            f"{_hex(rng, 2)}:{_hex(rng, 2)}:{_hex(rng, 2)}:{_hex(rng, 2)}",
            f"etag-{_hex(rng, 6)}-{_hex(rng, 6)}",
        ]
    )


def _wrong_key(rng: random.Random) -> str:
    imei, nir = _imei(rng), _nir(rng)
    iban = _iban(rng)
    return rng.choice(
        [
            _wrong_last(rng, imei),
            nir[:-2] + f"{(int(nir[-2:]) % 97) + 1:02}",
            iban[:2] + f"{(int(iban[2:4]) + 7) % 97 + 2:02}" + iban[4:],
        ]
    )


def _amount(rng: random.Random) -> str:
    return rng.choice(
        [
            f"{rng.randrange(999)} {_digits(rng, 3)} {_digits(rng, 3)},{_digits(rng, 2)} €",
            f"+{rng.randrange(1, 99)} %",
            f"48.{_digits(rng, 6)}, -1.{_digits(rng, 6)}",
            f"{rng.randrange(99)},{_digits(rng, 3)}.{_digits(rng, 2)} USD",
            f"{_digits(rng, 2)}:{_digits(rng, 2)}:{_digits(rng, 2)}",
            f"REF-{_digits(rng, 2)}-{_digits(rng, 2)}-{_digits(rng, 2)}",
            "16:9",
            "std::vector<int>::size",
        ]
    )


def _words(rng: random.Random) -> str:
    some = [
        "dossier",
        "caméra",
        "écran",
        "logiciel",
        "module",
        "session",
        "lunettes",
        "helmet",
        "battery",
        "remote",
        "guide",
        "stream",
        "montage",
        "usine",
        "plant",
        "Jean",
        "Martin",
        "Élise",
        "Zhang",
        "pump",
        "valve",
    ]
    return " ".join(rng.choice(some) for _ in range(rng.randrange(2, 6)))


_NEGATIVE = (_version, _order, _date, _masked_ip, _masked, _hexadecimal, _wrong_key, _amount, _words, _order)
