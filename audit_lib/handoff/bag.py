"""Bag: files with a manifest that `sha256sum -c` reads (BagIt, RFC 8493)."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from audit_lib.datasets import sha256

_VERSION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_MANIFEST, _TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"
INFO = "bag-info.txt"
PAYLOAD = "data/"


def bag(
    payload: Mapping[str, bytes | Path], tags: Mapping[str, bytes], info: Mapping[str, str]
) -> dict[str, bytes | Path]:
    """Every file of a bag by its name: the payload, under data/, and what vouches for it."""
    files: dict[str, bytes | Path] = {f"{PAYLOAD}{name}": content for name, content in payload.items()}
    size = sum(len(one) if isinstance(one, bytes) else one.stat().st_size for one in files.values())
    said = {**info, "Payload-Oxum": f"{size}.{len(files)}"}
    known = {
        **tags,
        "bagit.txt": _VERSION,
        INFO: "".join(f"{name}: {value}\n" for name, value in said.items()).encode(),
        _MANIFEST: _listed({name: digest(content) for name, content in files.items()}),
    }
    return {**files, **known, _TAGS: _listed({name: digest(content) for name, content in known.items()})}


def digest(content: bytes | Path) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else sha256(content)


def _listed(digests: Mapping[str, str]) -> bytes:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def information(text: bytes) -> dict[str, str]:
    """What bag-info.txt says. Lines that it cannot have are left out: the manifest vouches for them all the same."""
    lines = (line.partition(": ") for line in text.decode("utf-8", "replace").splitlines())
    return {name: value for name, colon, value in lines if colon}


def faults(sums: Mapping[str, str], manifests: Mapping[str, bytes]) -> Iterator[str]:
    """Where the files, by the digests that they have, are not those of the two manifests; nothing when they are."""
    tags = {name for name in sums if not name.startswith(PAYLOAD) and name != _TAGS}
    for manifest, names in ((_MANIFEST, sums.keys() - tags - {_TAGS}), (_TAGS, tags)):
        if manifest not in manifests:
            yield f"{manifest} is missing"
            continue
        said = dict(_said(manifests[manifest]))
        yield from (f"{name}: not in {manifest}" for name in sorted(names - said.keys()))
        yield from (f"{name}: missing, {manifest} has it" for name in sorted(said.keys() - names))
        yield from (
            f"{name}: its bytes are not those of {manifest}"
            for name in sorted(said.keys() & names)
            if said[name] != sums[name]
        )
    if sums.get("bagit.txt") != digest(_VERSION):
        yield "bagit.txt does not say that this is a bag"


def _said(manifest: bytes) -> Iterator[tuple[str, str]]:
    for line in manifest.decode("utf-8", "replace").splitlines():
        found, _, name = line.partition("  ")
        yield name, found


MANIFESTS = (_MANIFEST, _TAGS)
