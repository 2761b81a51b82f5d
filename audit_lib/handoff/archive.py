"""Archive: a zip that has one form only, so that no byte of it can change unseen."""

import errno
import hashlib
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

# The earliest that a zip can say: files of a bundle have no date of their own.
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16  # a plain file, never a link
_UNIX = 3
_AT_ONCE = 1 << 20

# A file, its size and its bytes in pieces.
_Entry = tuple[str, int, Iterable[bytes]]


class ArchiveError(Exception):
    """The file is no archive of ours: says what is wrong with it."""


def write(target: Path, files: Mapping[str, bytes | Path]) -> None:
    """Files in the order of their names, stored as they are: the same files give the same bytes everywhere."""
    with target.open("wb") as out:
        _write(out, (_entry(name, files[name]) for name in sorted(files)))


def _entry(name: str, content: bytes | Path) -> _Entry:
    if isinstance(content, bytes):
        return name, len(content), (content,)
    return name, content.stat().st_size, _pieces(content)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            yield piece


def _write(out: IO[bytes], entries: Iterable[_Entry]) -> None:
    # A compressor may write other bytes in its next version.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, size, pieces in entries:
            info = zipfile.ZipInfo(name, _DATE)
            info.external_attr, info.create_system, info.file_size = _MODE, _UNIX, size
            with archive.open(info, "w") as entry:
                for piece in pieces:
                    entry.write(piece)


class Archive:
    """An archive that is in the one form. Use with `contextlib.closing`."""

    def __init__(self, path: Path) -> None:
        """Reads every byte and unpacks nothing. Raises ArchiveError; OSError, for which the archive is not to blame."""
        self._file = path.open("rb")
        try:
            with _blaming("it is no zip"):
                self._zip = zipfile.ZipFile(self._file)
            self._infos = _checked(self._zip.infolist(), path.stat().st_size)
            self.base = _base(self._infos)
            self._sums: dict[str, str] = {}
            self._compare(path)
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        self._zip.close()
        self._file.close()

    def sums(self) -> dict[str, str]:
        """The SHA-256 of each file, by its name in the base folder."""
        return {self._inside(name): digest for name, digest in self._sums.items()}

    def read(self, name: str) -> bytes:
        """A small file of the base folder. KeyError when there is none of this name."""
        return self._zip.read(self._infos[f"{self.base}/{name}"])

    def unpack(self, under: str, folder: Path) -> None:
        """Writes the files whose names in the base folder begin with `under` into a folder, without it."""
        for name, info in self._infos.items():
            if self._inside(name).startswith(under):
                path = folder / self._inside(name).removeprefix(under)
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as out:
                    out.writelines(self._read(info))

    def _inside(self, name: str) -> str:
        return name.removeprefix(f"{self.base}/")

    def _read(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with _blaming("a file in it cannot be read"):
            entry = self._zip.open(info)
        with entry:
            while piece := self._piece(entry):
                yield piece

    @staticmethod
    def _piece(entry: IO[bytes]) -> bytes:
        with _blaming("a file in it cannot be read"):
            return entry.read(_AT_ONCE)

    def _compare(self, path: Path) -> None:
        """With the archive that `write` makes of the same files: order, directory, dates, everything around them."""
        with tempfile.TemporaryFile() as again, path.open("rb") as original:
            _write(again, ((name, info.file_size, self._summed(info)) for name, info in sorted(self._infos.items())))
            again.seek(0)
            while piece := original.read(_AT_ONCE):
                if again.read(len(piece)) != piece:
                    raise ArchiveError("it was not written in one piece: something was put in, moved or changed")
            if again.read(1):
                raise ArchiveError("it is cut short")

    def _summed(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for piece in self._read(info):
            digest.update(piece)
            yield piece
        self._sums[info.filename] = digest.hexdigest()


@contextmanager
def _blaming(what: str) -> Iterator[None]:
    """Raises ArchiveError for what a wrong zip makes zipfile do: a place before its beginning is EINVAL."""
    try:
        yield
    except (ValueError, RuntimeError, EOFError, zipfile.BadZipFile) as error:
        raise ArchiveError(f"{what} ({type(error).__name__})") from None
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise ArchiveError(f"{what} ({type(error).__name__})") from None


def _checked(infos: list[zipfile.ZipInfo], size: int) -> dict[str, zipfile.ZipInfo]:
    """By name, once nothing in the directory could harm who unpacks it. Raises ArchiveError."""
    for info in infos:
        parts = PurePosixPath(info.filename).parts
        plain = info.filename == "/".join(parts) and not {"..", "/"} & set(parts) and "\\" not in info.filename
        if not plain or not info.filename.isprintable() or ":" in info.filename:
            raise ArchiveError("it has a file whose name leads out of its folder")
        if info.external_attr != _MODE:
            raise ArchiveError("it has something else than plain files, such as a link")
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise ArchiveError("it has a file that is not stored as it is")
    found = {info.filename: info for info in infos}
    if len(found) < len(infos):
        raise ArchiveError("it has two files of one name")
    # Entries that share bytes could hold more than there is.
    if sum(info.file_size for info in infos) > size:
        raise ArchiveError("its files are larger than itself")
    return found


def _base(infos: Mapping[str, object]) -> str:
    bases = {name.partition("/")[0] for name in infos}
    if len(bases) != 1 or any("/" not in name for name in infos):
        raise ArchiveError("its files are not in one folder")
    return bases.pop()
