"""Digests: the ways of hashing that DuckDB has not, for its function `dpo_digests`."""

import hashlib
import uuid
import zlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_Way = Callable[[bytes], str]
_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}


def digests(texts: "pa.Array", ways: "pa.Array") -> "pa.Array":
    """For each text a list of `way|hexadecimal digits`, by the ways listed with commas, the same for all texts.

    Null of a null; an empty list where no way is listed.
    """
    import pyarrow as pa

    listed = ways[0].as_py() if len(ways) else None
    named = [(f"{way}|", _way(way)) for way in listed.split(",")] if listed else []
    contents = [None if text is None else text.encode() for text in texts.to_pylist()]
    found = [None if content is None else [name + way(content) for name, way in named] for content in contents]
    return pa.array(found, pa.list_(pa.string()))


@cache
def _way(name: str) -> _Way:
    kind, _, space = name.partition(":")
    if kind == "crc32":
        return lambda content: f"{zlib.crc32(content):08x}"
    if kind == "blake2b_32":
        return lambda content: hashlib.blake2b(content, digest_size=32).hexdigest()
    if space:
        return _named(kind, _NAMESPACES[space].bytes)
    made = getattr(hashlib, kind)
    return lambda content: str(made(content).hexdigest())


def _named(kind: str, space: bytes) -> _Way:
    """UUID of version 3 or 5 (RFC 9562), without its hyphens."""
    version = int(kind[-1])
    made = {3: hashlib.md5, 5: hashlib.sha1}[version]
    return lambda content: (
        uuid.UUID(bytes=made(space + content, usedforsecurity=False).digest()[:16], version=version).hex
    )
