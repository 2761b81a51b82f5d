"""Addresses: patterns of public IP addresses, from the registry of special-purpose blocks."""

import ipaddress
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_HOST = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]?)"
_HEX = "[0-9A-Fa-f]{1,4}"
_BEFORE, _AFTER = "(^|[^0-9A-Fa-f:.])", r"($|[^0-9A-Fa-f:.]|\.($|[^0-9]))"

# Sixteen digits at least: a shorter one may be an address written as a number.
DIGEST = "^[0-9A-Fa-f]{16,128}$"
# What stands around addresses in lists, URLs and JSON: blanked, so that each address has a blank on both sides.
AROUND = "[](){}<>\"',;=&?|"
# What every address has.
SIGNS = "[.:]"
IPV4 = rf"(^|[^0-9.]){_BYTE}(\.{_BYTE}){{3}}($|[^0-9.])"
IPV4_HOST = rf"(^|[^0-9.]){_BYTE}(\.{_BYTE}){{2}}\.{_HOST}($|[^0-9.])"
BLANKED = "0.0.0.0"  # noqa: S104 - an address that a tool has blanked
# What a version number follows: a word for it, or the product that it is of, but not the folder of a path.
VERSION = (
    r"([Vv][Ee][Rr][Ss][Ii][Oo][Nn]|(^|[^0-9A-Za-z])([Vv]|[Vv]ers?|[Bb]uild|[Rr]elease|[Ff]irmware))"
    r"[ .:=\"]*[0-9]+(\.[0-9]+)+"
)
PRODUCT = r"(^|[^0-9A-Za-z/._-])[A-Za-z][0-9A-Za-z._-]*/[0-9]+(\.[0-9]+)+"

# Global unicast is 2000::/3; IPv4 is also written inside IPv6, mapped or for NAT64. A clock or a ratio also has
# colons: only a compressed or a complete address counts.
_INSIDE = r"((::|(0{1,4}:){5}|0::)[Ff]{4}:|0{0,2}64:[Ff]{2}9[Bb](::|(:0{1,4}){4}:))"
IPV6 = (
    f"{_BEFORE}([23][0-9A-Fa-f]{{3}}"
    f"((:{_HEX}){{7}}|(:{_HEX}){{3,6}}::({_HEX})?|(:{_HEX}){{0,6}}::{_HEX}(:{_HEX})*)"
    f"|{_INSIDE}{_HEX}:{_HEX}){_AFTER}"
)
# Zeros after the third group are a mask of /48 or shorter.
IPV6_MASKED = f"{_BEFORE}[23][0-9A-Fa-f]{{3}}(:{_HEX}){{0,2}}(:|:0{{1,4}})+{_AFTER}"
# IPv4 whose last byte is zero, inside IPv6 in hexadecimal.
IPV6_ZEROED = f"{_BEFORE}{_INSIDE}{_HEX}:([0-9A-Fa-f]{{1,2}}00|0{{1,4}}){_AFTER}"

_PART = f"({_BYTE}|[xX*]+)"
_READABLE = "|".join(
    [
        rf"(::[Ff]{{4}}:|(0{{1,4}}:){{5}}[Ff]{{4}}:)?{_PART}(\.{_PART}){{1,3}}(:[0-9]{{1,5}})?",
        r"(([0-9A-Fa-f]{1,4}|[xX*]+):){7}([0-9A-Fa-f]{1,4}|[xX*]+)(%[0-9A-Za-z]+)?( *:[0-9]{1,5})?",
        r"(:|([0-9A-Fa-fxX*]{1,4}:)+):([0-9A-Fa-fxX*]{1,4}:)*([0-9A-Fa-fxX*]{1,4})?(%[0-9A-Za-z]+)?( *:[0-9]{1,5})?",
        "[xX*-]+|[Rr]edacted",
    ]
)
# Nothing but addresses, masks and ports, with blanks between and the length of a mask behind.
READABLE = f"^ *({_READABLE})(/[0-9]{{1,3}})?( +({_READABLE})(/[0-9]{{1,3}})?)* *$"


def public_ipv4(blocks: Iterable[str], *, in_text: bool = False, host: bool = False) -> str:
    """Pattern of an IPv4 address outside the CIDR blocks; `host`: its last byte is not zero.

    `in_text` leaves out what reads like a version number (a letter or a hyphen before it, a hyphen and a letter
    behind).
    """
    last = _HOST if host else _BYTE
    body = _outside(tuple(sorted(blocks)), last)
    if in_text:
        # Behind a percent sign two of the digits are an escape: %200.0.0.0 is a blank and zeros.
        return rf"(^|[^0-9A-Za-z.%_-]){body}($|[^0-9A-Za-z._-]|\.($|[^0-9])|-[0-9])"
    return rf"(^|[^0-9.]){body}($|[^0-9.])"


def special_ipv6(blocks: Iterable[str]) -> str:
    """Pattern of an IPv6 address inside the CIDR blocks, those of IPv4 as IPv6 writes them included.

    Only what `IPV6` finds needs to be told apart: 2000::/3, and IPv4 inside IPv6.
    """
    starts = []
    for block in sorted(blocks):
        network = ipaddress.ip_network(block)
        if network.version == 4:
            high, low = _groups(int(network.network_address) << 96, network.prefixlen, 2)
            starts.append(f"{_INSIDE}{high}:{low}")
        elif network.subnet_of(ipaddress.IPv6Network("2000::/3")):
            starts += _starts(ipaddress.IPv6Network(block))
    return f"{_BEFORE}({'|'.join(starts)}){_AFTER}" if starts else "^$^"


def _starts(network: ipaddress.IPv6Network) -> Iterator[str]:
    """The block's groups and what follows; groups that may be zero may also hide in `::`."""
    count = -(-network.prefixlen // 16)
    groups = list(_groups(int(network.network_address), network.prefixlen, count))
    first = int(network.network_address)
    yield f"{':'.join(groups)}:[0-9A-Fa-f:.]*"
    for cut in range(1, count):
        if not first >> (128 - 16 * count) & ((1 << 16 * (count - cut)) - 1):
            yield f"{':'.join(groups[:cut])}::[0-9A-Fa-f:.]*"


def _groups(first: int, prefix: int, count: int) -> Iterator[str]:
    """Patterns of the first `count` groups of 16 bits of a block, with or without leading zeros."""
    for place in range(count):
        value = first >> (112 - 16 * place) & 0xFFFF
        yield _group(value, max(0, min(16, prefix - 16 * place)))


def _group(value: int, bits: int) -> str:
    """Pattern of a group whose first `bits` bits are those of `value`."""
    digits, fixed = f"{value:04x}", bits // 4
    head = digits[:fixed].lstrip("0")
    free = 4 - fixed
    tail = ""
    if bits % 4:
        low = int(digits[fixed], 16)
        tail = f"[{''.join(_cased(f'{low + n:x}') for n in range(1 << (4 - bits % 4)))}]"
        free -= 1
    if head:
        zeros = fixed - len(head)
        return f"0{{0,{zeros}}}" + "".join(f"[{_cased(digit)}]" for digit in head) + tail + _free(free, free)
    if not tail:
        return f"0{{0,{fixed}}}" + (_free(1, free) if free else "") if free else "0{1,4}"
    longest = f"0{{0,{fixed}}}{tail}{_free(free, free)}"
    return f"({longest}|{_free(1, free)})" if digits[fixed] == "0" and free else longest


def _cased(digit: str) -> str:
    return digit if digit.isdigit() else digit + digit.upper()


def _free(least: int, most: int) -> str:
    return f"[0-9A-Fa-f]{{{least},{most}}}" if most else ""


@lru_cache
def _outside(blocks: tuple[str, ...], last: str) -> str:
    taken = [ipaddress.IPv4Network(block) for block in blocks if ":" not in block]
    return f"({'|'.join(_alternatives(taken, ipaddress.IPv4Network('0.0.0.0/0'), last))})"


def _alternatives(taken: list[ipaddress.IPv4Network], within: ipaddress.IPv4Network, last: str) -> Iterator[str]:
    """Patterns of what is left of `within` byte by byte, bytes with the same continuation side by side."""
    depth = within.prefixlen // 8
    tails = []
    for part in within.subnets(new_prefix=within.prefixlen + 8):
        inside = [network for network in taken if network.overlaps(part)]
        if any(part.subnet_of(network) for network in inside):
            continue
        byte = int(part.network_address) >> (24 - 8 * depth) & 255
        if not inside or depth == 2:
            tail = r"\.".join([_BYTE] * (2 - depth) + [last])
        else:
            tail = f"({'|'.join(_alternatives(inside, part, last))})"
        tails.append((tail, byte))
    for tail, group in groupby(sorted(tails), key=lambda pair: pair[0]):
        yield rf"({_numbers([byte for _, byte in group])})\.{tail}"


def _numbers(values: list[int]) -> str:
    """A short pattern of these numbers: last digits as a class, tens that share them side by side."""
    by_tens: dict[str, str] = {}
    for value in sorted(values):
        tens = str(value // 10) if value >= 10 else ""
        by_tens[tens] = by_tens.get(tens, "") + str(value % 10)
    by_digits: dict[str, list[str]] = {}
    for tens, digits in by_tens.items():
        by_digits.setdefault(digits, []).append(tens)
    parts = []
    for digits, found in by_digits.items():
        last = "[0-9]" if digits == "0123456789" else f"[{digits}]" if len(digits) > 1 else digits
        parts.append(f"({'|'.join(found)}){last}" if found != [""] else last)
    return "|".join(parts)
