"""Signing: detached signatures and time-stamps that OpenSSH and OpenSSL make and verify, not this program."""

import base64
import re
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

from audit_lib.handoff.bag import digest

# What an OpenSSH signature is for: one of another purpose does not count.
NAMESPACE = "dpo-audit-bundle"
SSH, CMS, STAMP, QUERY = ".sig", ".p7s", ".tsr", ".tsq"
_PACKAGES = {"ssh-keygen": "openssh-client", "openssl": "openssl"}
_BEGIN, _END, _WIDTH = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----", 70
# What no signature covers of a CMS file, as OpenSSL writes it (RFC 5652): version 1, SHA-256, a content that is beside;
# a signer of version 1; the algorithm before the signature, ECDSA with SHA-256 or RSA.
_UNCOVERED = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rb"\x02\x01\x01\x31\x0d\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
        rb"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01",
        rb"\x31[\x81\x82].{1,2}\x30[\x81\x82].{1,2}\x02\x01\x01\x30",
        rb"(\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02|"
        rb"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00)\x04",
    )
)
_PRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


class SigningError(Exception):
    """No signature was made, or none can be looked at: says what to do."""


class MissingProgramError(Exception):
    """Nothing can be said of a signature: the program that makes and verifies it is not here. Says what to install."""


@dataclass(frozen=True)
class Signer:
    """A private key: OpenSSH's, or of a certificate (PEM) that CMS names."""

    key: Path
    certificate: Path | None = None

    @property
    def suffix(self) -> str:
        return CMS if self.certificate else SSH

    def fingerprint(self) -> str:
        """What names the key, or the certificate, to whoever verifies. Raises SigningError."""
        if self.certificate:
            return f"certificate {_of_certificate(self.certificate.read_bytes(), str(self.certificate))}"
        if not self.key.is_file():
            raise SigningError(f"--sign {self.key}: no such file: write a private key of OpenSSH")
        done = _run("ssh-keygen", "-l", "-f", str(self.key))
        if done.returncode or not (found := _PRINT.search(done.stdout)):
            raise SigningError(
                f"--sign {self.key}: it is no key of OpenSSH: make one with ssh-keygen -t ed25519, or add --certificate"
            )
        return f"key {found[0]}"

    def sign(self, file: Path) -> Path:
        """Writes the signature beside the file; its path. Raises SigningError."""
        made = file.with_name(file.name + self.suffix)
        made.unlink(missing_ok=True)
        if self.certificate:
            asked = ("cms", "-sign", "-binary", "-in", file, "-signer", self.certificate, "-inkey", self.key)
            done = _run("openssl", *map(str, asked), "-md", "sha256", "-outform", "DER", "-out", str(made))
            said = "OpenSSL does not sign with it: write the certificate's own key, RSA or EC"
        else:
            done = _run("ssh-keygen", "-q", "-Y", "sign", "-f", str(self.key), "-n", NAMESPACE, str(file))
            said = _last(done.stderr)
        if done.returncode or not made.is_file():
            made.unlink(missing_ok=True)
            raise SigningError(f"--sign {self.key}: {said}")
        return made


@dataclass(frozen=True)
class Signed:
    """A signature that is good. `by`: who signed, when the verifier said whom they trust; `fingerprint`: of the key."""

    fingerprint: str
    by: str | None


def verified(file: Path, signature: Path, trusted: Path | None) -> Signed:
    """`trusted`: an allowed_signers file of OpenSSH, or the certificates (PEM) that issue signers' certificates.

    Raises SigningError: the signature is not this file's, or nobody's who is trusted; MissingProgramError.
    """
    return (_by_certificate if signature.name.endswith(CMS) else _by_key)(file, signature, trusted)


def _by_key(file: Path, signature: Path, trusted: Path | None) -> Signed:
    if not _as_written(signature.read_bytes()):
        raise SigningError("the signature is not as OpenSSH writes it")
    check = _run("ssh-keygen", "-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(signature), told=file)
    found = _PRINT.search(check.stdout + check.stderr)
    if check.returncode or not found:
        raise SigningError("the signature is not of this file")
    fingerprint = f"key {found[0]}"
    if trusted is None:
        return Signed(fingerprint, None)
    names = _run("ssh-keygen", "-Y", "find-principals", "-f", str(trusted), "-s", str(signature)).stdout.split()
    for name in names:
        asked = ("-Y", "verify", "-f", str(trusted), "-I", name, "-n", NAMESPACE, "-s", str(signature))
        if not _run("ssh-keygen", *asked, told=file).returncode:
            return Signed(fingerprint, name)
    raise SigningError(f"{fingerprint} signed it, whom {trusted.name} does not name")


def _as_written(armoured: bytes) -> bool:
    """Whether the text is the one form of its bytes: OpenSSH reads others too."""
    try:
        body = base64.b64decode("".join(armoured.decode("ascii").split("\n")[1:-2]), validate=True)
    except ValueError:
        return False
    return armoured.decode("ascii") == "\n".join([_BEGIN, *wrap(base64.b64encode(body).decode(), _WIDTH), _END, ""])


def _by_certificate(file: Path, signature: Path, trusted: Path | None) -> Signed:
    asked = ["cms", "-verify", "-binary", "-inform", "DER", "-in", str(signature), "-content", str(file)]
    with tempfile.TemporaryDirectory() as private:
        own = Path(private, "signer.pem")
        good = _run("openssl", *asked, "-noverify", "-signer", str(own), "-out", "/dev/null")
        plain = all(one.search(signature.read_bytes()) for one in _UNCOVERED)
        if good.returncode or not own.is_file() or not plain:
            raise SigningError("the signature is not of this file")
        pem = own.read_bytes()
    fingerprint = f"certificate {_of_certificate(pem, signature.name)}"
    if trusted is None:
        return Signed(fingerprint, None)
    if _run("openssl", *asked, "-CAfile", str(trusted), "-purpose", "any", "-out", "/dev/null").returncode:
        raise SigningError(f"{fingerprint} signed it, which {trusted.name} does not vouch for")
    subject = _run("openssl", "x509", "-noout", "-subject", "-nameopt", "RFC2253", told=pem)
    return Signed(fingerprint, subject.stdout.strip().removeprefix("subject="))


def query(file: Path) -> Path:
    """Writes what a time-stamping authority (RFC 3161) answers, beside the file: the hash, nothing of the content."""
    made = file.with_name(file.name + QUERY)
    done = _run("openssl", "ts", "-query", "-data", str(file), "-sha256", "-cert", "-no_nonce", "-out", str(made))
    if done.returncode:
        raise SigningError(f"no time-stamp can be asked for: {_last(done.stderr)}")
    return made


def stamped(file: Path, answer: Path, trusted: Path | None) -> tuple[str, bool]:
    """When an authority saw the file, in its own words, and whether the certificates (PEM) vouch for it.

    Raises SigningError: the answer is not about this file, or not from an authority that is trusted.
    """
    shown = _run("openssl", "ts", "-reply", "-in", str(answer), "-text").stdout
    time = re.search(r"^Time stamp: (.+)$", shown, re.MULTILINE)
    said = "".join(re.findall(r"^    [0-9a-f]{4} - ((?:[0-9a-f]{2}[ -]){16})", shown, re.MULTILINE))
    if not time or re.sub("[ -]", "", said)[:64] != digest(file):
        raise SigningError("the time-stamp is not of this file")
    if trusted is None:
        return time[1], False
    done = _run("openssl", "ts", "-verify", "-data", str(file), "-in", str(answer), "-CAfile", str(trusted))
    if done.returncode:
        raise SigningError(f"the time-stamp is of nobody whom {trusted.name} vouches for")
    return time[1], True


def _of_certificate(pem: bytes, name: str) -> str:
    done = _run("openssl", "x509", "-noout", "-fingerprint", "-sha256", told=pem)
    if done.returncode:
        raise SigningError(f"{name}: it is no certificate (PEM)")
    return "SHA256:" + done.stdout.strip().rpartition("=")[2].replace(":", "").lower()


def _run(program: str, *arguments: str, told: "Path | bytes" = b"") -> "subprocess.CompletedProcess[str]":
    """What the program said, told the bytes of a file or some; it asks for a passphrase on the terminal."""
    with ExitStack() as stack:
        given: dict[str, Any] = (
            {"stdin": stack.enter_context(told.open("rb"))} if isinstance(told, Path) else {"input": told}
        )
        try:
            done = subprocess.run([program, *arguments], **given, capture_output=True, check=False)
        except FileNotFoundError:
            raise MissingProgramError(f"{program} is missing: apt-get install {_PACKAGES[program]}") from None
    texts = (one.decode("utf-8", "replace") for one in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, *texts)


def _last(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line]
    return lines[-1] if lines else "it made no signature"
