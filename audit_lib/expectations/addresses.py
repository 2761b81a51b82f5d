"""Addresses: patterns of public IP addresses, from the registry of special-purpose blocks."""

import ipaddress
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_HOST = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]?)"
_HEX = "[0-9A-Fa-f]{1,4}"

DIGEST = "^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128})$"
# Characters that only addresses, masks, ports and lists of them are made of.
READABLE = "^[]0-9A-Fa-fxX*.:/%,; []+$|[Rr]edacted"
ENDS_IN_ZERO = r"\.0($|[^0-9.])"
# Global unicast is 2000::/3. Zeros after the third group are a mask of /48 or shorter.
IPV6_MAPPED = f"::[Ff]{{4}}:{_HEX}:{_HEX}($|[^0-9A-Fa-f:.])"
IPV6 = f"(^|[^0-9A-Fa-f:.])[23][0-9A-Fa-f]{{3}}:({_HEX}:){{0,6}}(:{_HEX}|{_HEX}|:)"
IPV6_MASKED = f"(^|[^0-9A-Fa-f:.])[23][0-9A-Fa-f]{{3}}(:{_HEX}){{0,2}}(::|(:0{{1,4}}){{5}})($|[^0-9A-Fa-f:.])"
# In a text a clock or a ratio also has colons: only a compressed or a complete address counts.
IPV6_IN_TEXT = (
    f"(^|[^0-9A-Fa-f:.])[23][0-9A-Fa-f]{{3}}"
    f"((:{_HEX}){{7}}|(:{_HEX}){{3,6}}::({_HEX})?|(:{_HEX}){{0,6}}::{_HEX}(:{_HEX})*)($|[^0-9A-Fa-f:.])"
)


def public_ipv4(blocks: Iterable[str], *, in_text: bool = False, host: bool = False) -> str:
    """Pattern of an IPv4 address outside the CIDR blocks; `host`: its last byte is not zero.

    `in_text` leaves out what reads like a version number (a letter, a slash or a hyphen before it).
    """
    last = _HOST if host else _BYTE
    body = _outside(tuple(sorted(blocks)), last)
    if in_text:
        return rf"(^|[^0-9A-Za-z._/-]|//){body}($|[^0-9A-Za-z._-]|\.($|[^0-9]))"
    return rf"(^|[^0-9.]){body}($|[^0-9.])"


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
