"""Key: the secret that turns a record's key into a reference nobody can turn back."""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

VARIABLE = "DPO_AUDIT_KEY_FILE"
_BYTES = 32


class KeyFileError(ValueError):
    """The key file cannot be used; one line says what to do."""


def key_file() -> Path:
    default = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "dpo-audit" / "key"
    return Path(os.environ.get(VARIABLE) or default).absolute()


def read_key() -> bytes:
    """32 bytes from the file that DPO_AUDIT_KEY_FILE names, made on first use, readable by its owner alone.

    The same key gives the same references from run to run. Raises KeyFileError.
    """
    path = key_file()
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise KeyFileError(f"{VARIABLE}: {path}: others can read it, write: chmod 600 {path}")
        key = bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise KeyFileError(f"{VARIABLE}: {path}: {error.strerror}") from None
    except ValueError as error:
        if isinstance(error, KeyFileError):
            raise
        raise KeyFileError(f"{VARIABLE}: {path}: write {2 * _BYTES} hexadecimal digits") from None
    if len(key) != _BYTES:
        raise KeyFileError(f"{VARIABLE}: {path}: write {2 * _BYTES} hexadecimal digits")
    return key


def name(key: bytes) -> str:
    """What tells one key from another, and from which nobody learns it: references of two keys cannot be compared."""
    return hmac.digest(key, b"dpo-audit: name of a key", "sha256").hex()[:16]


def _make(path: Path) -> None:
    """A key in the file, by this process or by another at this moment: whole, or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
