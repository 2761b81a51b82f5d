"""Tamper: no alteration of a bundle goes unseen."""

import io
import random
import shutil
import struct
import subprocess
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit_lib.handoff import archive, bag
from audit_lib.handoff.signing import CMS, SSH, Signer
from audit_lib.handoff.verify import Trust, Verified, verify
from tests.handoff.conftest import PROGRAM, Home

# A kind of alteration, what was altered, and the files that an auditor then has: the archive and its signature.
_Altered = tuple[str, str, bytes, bytes | None]


@pytest.fixture(scope="module")
def whole(bundle: Path) -> bytes:
    return bundle.read_bytes()


@pytest.fixture(scope="module")
def signature(bundle: Path) -> bytes:
    return bundle.with_name(bundle.name + SSH).read_bytes()


def _files(whole: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _rebuilt(files: dict[str, bytes], folder: Path) -> bytes:
    """The archive that a forger would make with our own code."""
    path = folder / "forged.zip"
    archive.write(path, files)
    return path.read_bytes()


def _remade(files: dict[str, bytes], folder: Path) -> bytes:
    """The same with manifests that fit: only the signature is against it."""
    base = next(iter(files)).partition("/")[0]
    inside = {name.partition("/")[2]: content for name, content in files.items()}
    payload = {name.removeprefix(bag.PAYLOAD): one for name, one in inside.items() if name.startswith(bag.PAYLOAD)}
    own = ("bagit.txt", bag.INFO, *bag.MANIFESTS)
    tags = {name: one for name, one in inside.items() if not name.startswith(bag.PAYLOAD) and name not in own}
    info = bag.information(inside[bag.INFO])
    info.pop("Payload-Oxum")
    made = bag.bag(payload, tags, info)
    return _rebuilt({f"{base}/{name}": bytes(one) for name, one in made.items() if isinstance(one, bytes)}, folder)


def _changed(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1]) if content else b"x"


def _each_file(whole: bytes, signature: bytes, folder: Path) -> Iterator[_Altered]:
    files = _files(whole)
    base = next(iter(files)).partition("/")[0]
    for name, content in files.items():
        yield "bytes", name, _rebuilt({**files, name: _changed(content)}, folder), signature
        if name.partition("/")[2] not in (*bag.MANIFESTS, "bagit.txt"):
            forged = _remade({**files, name: _changed(content)}, folder)
            if forged != whole:  # the number of bytes in bag-info.txt is told anew
                yield "bytes and manifests", name, forged, signature
        yield "removed", name, _rebuilt({one: said for one, said in files.items() if one != name}, folder), signature
        moved = {(f"{name}.bak" if one == name else one): said for one, said in files.items()}
        yield "renamed", name, _rebuilt(moved, folder), signature
        at = whole.index(content) if content else 0
        if content:
            place = at + len(content) // 2
            yield "one bit", name, whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :], signature
    for added in ("added.txt", "data/added.txt", "data/run/added.json", "data/run/policy/controls/added.yaml"):
        yield "added", added, _rebuilt({**files, f"{base}/{added}": b"x"}, folder), signature
        yield "added and manifests", added, _remade({**files, f"{base}/{added}": b"x"}, folder), signature


def _signatures(whole: bytes, signature: bytes, folder: Path, stranger: Path) -> Iterator[_Altered]:
    for place in range(len(signature)):
        yield "signature", str(place), whole, signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
    yield "signature", "removed", whole, None
    yield "signature", "cut", whole, signature[:-40]
    yield "signature", "longer", whole, signature + b"\n"
    (folder / "stranger.zip").write_bytes(whole)
    other = Signer(stranger).sign(folder / "stranger.zip").read_bytes()
    yield "signature", "somebody else's", whole, other


def _directory(whole: bytes, signature: bytes, folder: Path) -> Iterator[_Altered]:
    chance = random.Random(7)
    start = whole.index(b"PK\x01\x02")
    places = {*chance.sample(range(start, len(whole)), 150), *range(len(whole) - 22, len(whole))}
    places |= {chance.randrange(30) for _ in range(30)}
    for place in sorted(places):
        yield "zip", str(place), whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], signature
    yield "zip", "before", b"x" + whole, signature
    yield "zip", "after", whole + b"x", signature
    yield "zip", "cut", whole[:-1], signature
    yield "zip", "empty", b"", signature
    yield "zip", "comment", whole[:-2] + struct.pack("<H", 3) + b"sly", signature
    files = _files(whole)
    backwards = _zipped([(name, files[name]) for name in reversed(files)])
    yield "zip", "reordered", backwards, signature
    yield "zip", "dated", _zipped(list(files.items()), year=2026), signature
    yield "zip", "compressed", _zipped(list(files.items()), compress=zipfile.ZIP_DEFLATED), signature


def _zipped(files: list[tuple[str, bytes]], **how: int) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as opened:
        warnings.simplefilter("ignore", UserWarning)  # of two files of one name
        for name, content in files:
            info = zipfile.ZipInfo(name, (how.get("year", 1980), 1, 1, 0, 0, 0))
            info.external_attr = how.get("mode", 0o100644) << 16
            info.compress_type = how.get("compress", zipfile.ZIP_STORED)
            opened.writestr(info, content)
    return out.getvalue()


def _hostile(whole: bytes, signature: bytes, folder: Path) -> Iterator[_Altered]:
    files = list(_files(whole).items())
    base = files[0][0].partition("/")[0]
    for name in (
        "../evil",
        "/etc/evil",
        f"{base}/../../evil",
        f"{base}\\evil",
        "C:/evil",
        f"{base}/a/../evil",
        f"{base}//evil",
    ):
        yield "hostile", name, _zipped([*files, (name, b"x")]), signature
    yield "hostile", "link", _zipped([*files, (f"{base}/link", b"/etc/passwd")], mode=0o120777), signature
    yield "hostile", "twice", _zipped([*files, files[0]]), signature
    yield (
        "hostile",
        "bomb",
        _zipped([*files, (f"{base}/bomb", bytes(50_000_000))], compress=zipfile.ZIP_DEFLATED),
        signature,
    )
    yield "hostile", "overlapping", _overlapping(whole), signature
    yield "hostile", "two folders", _zipped([*files, ("other/file", b"x")]), signature
    yield "hostile", "a control character", _zipped([*files, (f"{base}/a\x1b[2Jb", b"x")]), signature


def _overlapping(whole: bytes) -> bytes:
    """Every name in the directory leads to the bytes of the largest file."""
    found = bytearray(whole)
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        largest = max(opened.infolist(), key=lambda info: info.file_size)
    place = whole.index(b"PK\x01\x02")
    while whole[place : place + 4] == b"PK\x01\x02":
        name, extra, comment = struct.unpack("<HHH", whole[place + 28 : place + 34])
        found[place + 20 : place + 28] = struct.pack("<II", largest.file_size, largest.file_size)
        found[place + 42 : place + 46] = struct.pack("<I", largest.header_offset)
        place += 46 + name + extra + comment
    return bytes(found)


def _seen(altered: _Altered, name: str, folder: Path, allowed: Path | None) -> Verified:
    path = folder / name
    beside = path.with_name(name + SSH)
    beside.unlink(missing_ok=True)
    path.write_bytes(altered[2])
    if altered[3] is not None:
        beside.write_bytes(altered[3])
    return verify(path, Trust(signers=allowed))


@pytest.mark.parametrize("trusting", [True, False], ids=["with --signers", "without"])
def test_what_was_not_altered_is_whole(bundle: Path, home: Home, *, trusting: bool) -> None:
    found = verify(bundle, Trust(signers=home.allowed if trusting else None))
    assert [check.name for check in found.checks if check.state == "wrong"] == []
    assert {check.name: check.state for check in found.checks}["signature"] == ("good" if trusting else "unknown")


def test_no_alteration_passes(bundle: Path, whole: bytes, signature: bytes, home: Home, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(stranger)], check=True)
    altered = [
        *_each_file(whole, signature, tmp_path),
        *_signatures(whole, signature, tmp_path, stranger),
        *_directory(whole, signature, tmp_path),
        *_hostile(whole, signature, tmp_path),
    ]
    assert len(altered) >= 500
    assert all((one[2], one[3]) != (whole, signature) for one in altered)
    kinds: dict[str, int] = {}
    passed = []
    for place, one in enumerate(altered):
        kinds[one[0]] = kinds.get(one[0], 0) + 1
        # Whom one trusts does not matter to see that something was altered; every tenth is looked at both ways.
        ways = (None, home.allowed) if place % 10 == 0 else (None,)
        passed += [one[:2] for allowed in ways if not _seen(one, bundle.name, tmp_path, allowed).wrong]
    assert passed == []
    assert kinds.keys() >= {
        "bytes",
        "bytes and manifests",
        "removed",
        "renamed",
        "added",
        "signature",
        "zip",
        "hostile",
    }


def test_a_bundle_of_somebody_else_is_not_taken_for_ours(home: Home, bundle: Path, tmp_path: Path) -> None:
    """Made with our program from our own run, signed with another key: only who names the signer sees it."""
    stranger = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(stranger)], check=True)
    run = bundle.with_name(bundle.stem.removeprefix("dpo-audit-"))
    done = home.program("bundle", run, "--sign", stranger, "--out", tmp_path / "theirs", "--history", "none")
    assert done.returncode == 0, done.stderr
    theirs = tmp_path / "theirs" / bundle.name
    assert not verify(theirs, Trust()).wrong
    assert verify(theirs, Trust(signers=home.allowed)).wrong


def test_a_bundle_that_nobody_signed(home: Home, bundle: Path, tmp_path: Path) -> None:
    run = bundle.with_name(bundle.stem.removeprefix("dpo-audit-"))
    assert home.program("bundle", run, "--out", tmp_path, "--history", "none").returncode == 0
    unsigned = verify(tmp_path / bundle.name, Trust())
    assert {check.name: check.state for check in unsigned.checks}["signature"] == "unknown"
    assert verify(tmp_path / bundle.name, Trust(signers=home.allowed)).wrong


def test_a_certificate_signs_too(home: Home, bundle: Path, tmp_path: Path) -> None:
    shutil.copy(bundle, tmp_path)
    path = tmp_path / bundle.name
    key, certificate = tmp_path / "own.key", tmp_path / "own.pem"
    made = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/O=Cycles/CN=DPO",
        "-days",
        "3650",
    ]
    subprocess.run(["openssl", *made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    Signer(key, certificate).sign(path)
    # The bundle names an OpenSSH key: a certificate is somebody else.
    assert verify(path, Trust()).wrong
    run = bundle.with_name(bundle.stem.removeprefix("dpo-audit-"))
    out = tmp_path / "out"
    asked = ("bundle", run, "--sign", key, "--certificate", certificate, "--out", out, "--history", "none")
    assert home.program(*asked).returncode == 0
    signed = out / bundle.name
    assert not verify(signed, Trust(signers=certificate)).wrong
    beside = signed.with_name(signed.name + CMS)
    plain = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", beside, "-content", signed]
    trusted = ["-CAfile", certificate, "-purpose", "any", "-out", "/dev/null"]
    subprocess.run([*plain, *trusted], env={"PATH": "/usr/bin:/bin"}, check=True, capture_output=True)
    good = beside.read_bytes()
    chance = random.Random(7)
    passed = []
    for place in sorted(chance.sample(range(len(good)), 120)):
        beside.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        if not verify(signed, Trust(signers=certificate)).wrong:
            passed.append(place)
    assert passed == []


def test_a_machine_that_is_short_is_no_proof_against_a_bundle(home: Home, bundle: Path, tmp_path: Path) -> None:
    """A full disk, a file that cannot be read, a program that is missing: nothing was shown, and that is said."""
    limited = f"ulimit -f 100; exec '{PROGRAM}' verify '{bundle}'"
    full = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, check=False)
    assert (full.returncode, full.stdout) == (3, "")
    assert full.stderr.endswith(": File too large\n")
    (tmp_path / "programs").mkdir()
    without = home.program("verify", bundle, PATH=str(tmp_path / "programs"))
    assert (without.returncode, without.stdout) == (3, "")
    assert without.stderr == "ssh-keygen is missing: apt-get install openssh-client\n"
