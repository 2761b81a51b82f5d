"""Text: which encoding a file is in, and a UTF-8 copy of it where it is in another."""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from audit_lib.sources.raw import UNDECODABLE, SourceError

CHUNK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 18

_GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MULTI_BYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}",
)
# A capital with an accent, then a quotation mark, a dash or a space: ordinary cp1252, and a valid UTF-8
# sequence too.
_CHANCE = re.compile(rb"[\xc8-\xdf][\x85\x91-\x97\xa0\xab\xb0\xbb]")
_MARK = "dpo_undecodable"


@dataclass(frozen=True)
class Text:
    """A file that DuckDB can read as UTF-8: itself, or a copy in the work folder. `encoding` is the
    original's.
    """

    path: Path
    encoding: str
    sample: str
    whole: bool  # the sample is all of it
    compression: str = "none"


def is_compressed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == _GZIP


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked if it is in gzip."""
    return gzip.open(path, "rb") if is_compressed(path) else path.open("rb")  # type: ignore[return-value]


def head(path: Path, size: int = SAMPLE_BYTES) -> bytes:
    """The first bytes of a file, unpacked. Raises SourceError when the gzip stream is cut or damaged."""
    try:
        with opened(path) as stream:
            return stream.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SourceError("gzip", "the file is cut or damaged, export it again") from None


def read(path: Path, work: Path, declared: str | None = None, *, scan: bool = False) -> Text:
    """The file as UTF-8 text. A sample decides its encoding unless `scan` asks for every byte to be looked
    at.
    """
    start = head(path)
    encoding = _normal(declared) if declared else _encoding_of(path, start, scan)
    if encoding in ("utf-8", "utf-8-sig"):
        if not scan or _valid(path):
            whole = len(start) < SAMPLE_BYTES
            return Text(path, encoding, _sample(start, "utf-8-sig"), whole, "gzip" if is_compressed(path) else "none")
        encoding = "utf-8 with other bytes"
    copy = work / f"{len(list(work.iterdir()))}-{path.name.removesuffix('.gz')}"
    codec = "utf-8-sig" if encoding == "utf-8 with other bytes" else encoding
    with copy.open("w", encoding="utf-8", newline="") as target:
        target.writelines(decoded(path, codec))
    with copy.open(encoding="utf-8", newline="") as stream:
        sample = stream.read(SAMPLE_BYTES)
    return Text(copy, encoding, sample, len(sample) < SAMPLE_BYTES)


def _normal(declared: str) -> str:
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        raise SourceError("encoding", "write utf-8, cp1252, utf-16 or another encoding that Python knows") from None
    return "cp1252" if name == "iso8859-1" else name


def _encoding_of(path: Path, start: bytes, scan: bool) -> str:
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    if not scan:
        try:
            codecs.getincrementaldecoder("utf-8")().decode(start)
        except UnicodeDecodeError:
            return _encoding_of(path, start, scan=True)
        return "utf-8"
    if _valid(path):
        return "utf-8"
    return "utf-8" if _shows_utf8(path) else "cp1252"


def lines(path: Path) -> Iterator[bytes]:
    """Lines with their ends. Raises SourceError when the gzip stream is cut or damaged."""
    try:
        with opened(path) as stream:
            yield from stream
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SourceError("gzip", "the file is cut or damaged, export it again") from None


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with opened(path) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SourceError("gzip", "the file is cut or damaged, export it again") from None


def _valid(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _shows_utf8(path: Path) -> bool:
    """At least one sequence of bytes is UTF-8 and hardly anything else."""
    tail = b""
    for chunk in _chunks(path):
        piece = tail + chunk
        if _MULTI_BYTE.search(_CHANCE.sub(b"??", piece)):
            return True
        tail = piece[-3:]
    return False


def decoded(path: Path, codec: str) -> Iterator[str]:
    """The text of a file in pieces; bytes that it cannot hold become UNDECODABLE."""
    decoder = codecs.getincrementaldecoder(codec)(errors=_MARK)
    for chunk in _chunks(path):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _sample(start: bytes, codec: str) -> str:
    return codecs.getincrementaldecoder(codec)(errors="replace").decode(start)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODABLE, error.end


codecs.register_error(_MARK, _mark)
