"""Bundle: what is in it, that standard programs alone verify it, and that it is the same twice."""

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path

import duckdb
import pytest

from audit_lib.handoff.drawn import Sampling, size
from audit_lib.handoff.signing import NAMESPACE
from audit_lib.sample.canaries import canaries
from tests.handoff.conftest import NAME, Home, make_home
from tests.judging import ROOT

# A machine that has nothing of ours.
PLAIN = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path, Path]:
    """A machine, the run of the samples with its report, and its bundle."""
    home = make_home(tmp_path_factory.mktemp("reported"))
    done = home.program("run", "data_samples", "--out", home.folder / "runs", "--lang", "en")
    assert done.returncode == 0, done.stderr
    [run] = (home.folder / "runs").iterdir()
    return home, run, home.bundle(run, "--stamp")


@pytest.fixture(scope="module")
def unpacked(reported: tuple[Home, Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a plain unzip makes."""
    folder = tmp_path_factory.mktemp("unpacked")
    _plain("unzip", "-q", reported[2], "-d", folder)
    [base] = folder.iterdir()
    assert base.name == reported[2].stem
    return base


def _plain(*command: str | Path, at: Path | None = None, told: Path | None = None) -> str:
    with (told or Path(os.devnull)).open("rb") as given:
        done = subprocess.run(
            [str(one) for one in command], cwd=at, env=PLAIN, stdin=given, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_standard_programs_alone_verify_it(reported: tuple[Home, Path, Path], unpacked: Path) -> None:
    home, _, bundle = reported
    signature = bundle.with_name(f"{bundle.name}.sig")
    asked = ("-Y", "verify", "-f", home.allowed, "-I", NAME, "-n", NAMESPACE, "-s", signature)
    assert f'Good "{NAMESPACE}" signature for {NAME}' in _plain("ssh-keygen", *asked, told=bundle)
    listed = _plain("sha256sum", "-c", "tagmanifest-sha256.txt", "manifest-sha256.txt", at=unpacked).splitlines()
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    assert len(listed) == len(files) - 1  # all but the manifest of the manifest
    assert all(line.endswith(": OK") for line in listed)
    told = _plain("sha256sum", "-c", unpacked / "data/inputs.sha256", at=ROOT / "data_samples").splitlines()
    assert len(told) == 47
    assert "exports.yaml: OK" in told


def test_the_first_page_says_what_to_type(reported: tuple[Home, Path, Path], unpacked: Path) -> None:
    """Its commands, typed as they are."""
    home, _, bundle = reported
    page = (unpacked / "START-HERE.html").read_text("utf-8")
    commands = re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)
    plain = [one.replace("&lt;", "<").replace("&amp;", "&").replace("SIGNER", NAME) for one in commands]
    folder = home.folder / "auditor"
    folder.mkdir()
    for name in (bundle.name, f"{bundle.name}.sig"):
        shutil.copy(bundle.with_name(name), folder)
    shutil.copy(home.allowed, folder)
    ours = [command for command in plain if command.startswith(("ssh-keygen", "unzip"))]
    assert len(ours) == 4 and len(set(ours)) == 2  # in both languages
    for command in sorted(set(ours)):
        done = subprocess.run(["sh", "-c", command], cwd=folder, env=PLAIN, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    places = re.findall(r"(?<![\w/])data/[\w./]+", page)
    assert len(set(places)) >= 18
    assert [place for place in places if not (unpacked / place.rstrip(".")).exists()] == []
    for lang, words in (("fr", "Vérifier qu’il est entier, sans nous"), ("en", "Check that it is whole, without us")):
        assert f'<article id="{lang}" lang="{lang}">' in page
        assert words in page
    assert "58" in page and "http" not in page.replace("http-equiv", "")


def test_a_plain_file_manager_sees_files_and_no_more(reported: tuple[Home, Path, Path]) -> None:
    bundle = reported[2]
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    with zipfile.ZipFile(bundle) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert names == sorted(names)
        assert {name.partition("/")[0] for name in names} == {bundle.stem}
        assert names[0] == f"{bundle.stem}/START-HERE.html"
    assert f"{bundle.stem}/data/run/report.pdf" in names


def test_it_holds_what_an_auditor_needs(reported: tuple[Home, Path, Path], unpacked: Path) -> None:
    _, run, _ = reported
    for path in run.rglob("*"):
        if path.is_file():
            assert (unpacked / "data/run" / path.relative_to(run)).read_bytes() == path.read_bytes()
    expected = {
        *("CATALOGUE.en.md", "CATALOGUE.fr.md", "inputs.sha256", "environment/requirements.lock"),
        *(f"machine/{name}" for name in ("assessment-plan.json", "assessment-results.json", "catalog.json")),
        *(f"machine/{name}" for name in ("dpv.jsonld", "sbom.cdx.json", "run.schema.json", "controls.schema.json")),
        *(f"tables/{name}.csv" for name in ("assumptions", "controls", "exemptions", "findings", "inputs")),
        *("tables/knowledge.csv", "tables/sample.csv"),
    }
    found = {
        path.relative_to(unpacked / "data").as_posix() for path in (unpacked / "data").rglob("*") if path.is_file()
    }
    assert {name for name in found if not name.startswith("run/")} == expected


def _table(unpacked: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((unpacked / f"data/tables/{name}.csv").read_text("utf-8"))))


def test_tables_say_what_the_run_says(reported: tuple[Home, Path, Path], unpacked: Path) -> None:
    _, run, _ = reported
    facts = json.loads((run / "run.json").read_text("utf-8"))
    [(findings, exempt)] = duckdb.execute(
        "SELECT count(*), count(*) FILTER (verdict = 'EXEMPT') FROM read_parquet(?)", [str(run / "findings.parquet")]
    ).fetchall()
    assert len(_table(unpacked, "findings")) == findings
    assert len(_table(unpacked, "exemptions")) == exempt > 0
    controls = _table(unpacked, "controls")
    assert len(controls) == 60 and all(one["clause"] and one["legal"] and one["title"] for one in controls)
    assert sum(int(one["rows_read"]) for one in _table(unpacked, "inputs")) == 4201
    assert {one["code"] for one in _table(unpacked, "assumptions")} == {one["code"] for one in facts["assumptions"]}
    law = {one["table"]: one for one in _table(unpacked, "knowledge")}
    assert law["law/adequacy.csv"]["verified_on_last"] == "2026-08-05"
    for name, one in law.items():
        assert one["sha256"] == facts["policy"]["files"][name]


def test_the_sample_can_be_drawn_again(reported: tuple[Home, Path, Path], unpacked: Path) -> None:
    _, run, _ = reported
    rows = _table(unpacked, "sample")
    drawn = [row for row in rows if row["part"] == "findings"]
    seed = re.findall(r"The seed is ([0-9a-f]{64})", (unpacked / "START-HERE.html").read_text("utf-8"))[0]
    known = duckdb.execute(
        "SELECT control_id, verdict, source_file, source_row FROM read_parquet(?)", [str(run / "findings.parquet")]
    ).fetchall()
    strata = {one[:2] for one in known}
    assert {(row["control_id"], row["verdict"]) for row in drawn} == strata
    assert len(drawn) == max(len(strata), size(len(known), Sampling(0.95, 0.05, seed)))
    # By hand: each stratum's first, in the order of SHA-256.
    import hashlib

    def place(one: tuple[str, str, str, int]) -> str:
        return hashlib.sha256(f"{seed} {one[0]} {one[2]} {one[3]}".encode()).hexdigest()

    firsts = {stratum: min((one for one in known if one[:2] == stratum), key=place) for stratum in strata}
    assert {(row["control_id"], row["verdict"], row["source_file"], int(row["source_row"])) for row in drawn} == set(
        firsts.values()
    )
    records = [row for row in rows if row["part"] == "records"]
    assert len({(row["source_file"], row["source_row"]) for row in records}) == len(records)
    facts = json.loads((run / "run.json").read_text("utf-8"))
    read = {one["file"]: one["rows_read"] for one in facts["inputs"]}
    assert {row["source_file"] for row in records} == {name for name, rows in read.items() if rows}
    assert all(1 <= int(row["source_row"]) <= read[row["source_file"]] for row in records)


def test_no_canary_is_in_it(unpacked: Path) -> None:
    for path in unpacked.rglob("*"):
        if path.is_file() and path.suffix not in (".pdf", ".parquet") and "/run/" not in path.as_posix():
            low = path.read_text("utf-8").casefold()
            assert not [one for one in canaries() if one.casefold() in low], path.name


def test_twice_the_same_bytes(reported: tuple[Home, Path, Path], tmp_path: Path) -> None:
    home, run, bundle = reported
    again = home.bundle(run, "--out", tmp_path)
    assert again.read_bytes() == bundle.read_bytes()
    assert again.with_name(f"{again.name}.sig").read_bytes() == bundle.with_name(f"{bundle.name}.sig").read_bytes()
    elsewhere = Path(shutil.copytree(run, tmp_path / "elsewhere" / run.name))
    for path in elsewhere.rglob("*"):
        os.utime(path, (1, 1))
    moved = home.bundle(elsewhere, "--history", "none")
    assert moved.read_bytes() == bundle.read_bytes()


def test_bundles_follow_each_other(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    first, second = (home.run("--as-of", f"2026-0{month}-30T18:00:00+01:00") for month in (5, 6))
    one, two = home.bundle(first), home.bundle(second)
    done = home.program("verify", two, "--signers", home.allowed)
    assert done.returncode == 0, done.stdout
    assert f"follows {one.name}, SHA-256 " in done.stdout
    assert home.bundle(second).read_bytes() == two.read_bytes()
    # The one before is bundled again with another key, or is not there, or is another.
    kept = one.read_bytes()
    one.write_bytes(kept[:-1])
    wrong = home.program("verify", two, "--signers", home.allowed)
    assert wrong.returncode == 1 and "should follow" in wrong.stdout
    one.unlink()
    unseen = home.program("verify", two, "--signers", home.allowed)
    assert unseen.returncode == 0 and "which is not here: give it with --previous" in unseen.stdout
    (tmp_path / "kept.zip").write_bytes(kept)
    given = home.program("verify", two, "--signers", home.allowed, "--previous", tmp_path / "kept.zip")
    assert given.returncode == 0 and "not shown" not in given.stdout


def test_a_time_stamp_can_be_attached(reported: tuple[Home, Path, Path], tmp_path: Path) -> None:
    home, _, bundle = reported
    for name in (bundle.name, f"{bundle.name}.sig", f"{bundle.name}.tsq"):
        shutil.copy(bundle.with_name(name), tmp_path)
    stamped = tmp_path / bundle.name
    authority = _authority(tmp_path)
    answer = tmp_path / f"{bundle.name}.tsr"
    asked = ("-reply", "-queryfile", f"{stamped}.tsq", "-config", tmp_path / "authority.cnf", "-out", answer)
    subprocess.run(["openssl", "ts", *map(str, asked)], check=True, capture_output=True)
    good = home.program("verify", stamped, "--signers", home.allowed, "--authorities", authority)
    assert good.returncode == 0, good.stdout
    assert re.search(r"^ok +Time-stamp +\w{3} ", good.stdout, re.MULTILINE)
    unknown = home.program("verify", stamped, "--signers", home.allowed)
    assert re.search(r"^not shown +Time-stamp ", unknown.stdout, re.MULTILINE)
    changed = answer.read_bytes()
    answer.write_bytes(changed[:-5] + bytes([changed[-5] ^ 1]) + changed[-4:])
    assert home.program("verify", stamped, "--authorities", authority).returncode == 1


def _authority(folder: Path) -> Path:
    """A time-stamping authority of this machine."""
    subject = ("-subj", "/CN=Authority", "-addext", "extendedKeyUsage=critical,timeStamping", "-days", "3650")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "tsa.key", "-out", folder / "tsa.pem")
    subprocess.run(["openssl", *map(str, made), *subject], check=True, capture_output=True)
    (folder / "serial").write_text("01\n", "ascii")
    (folder / "authority.cnf").write_text(
        f"[tsa]\ndefault_tsa = own\n[own]\nserial = {folder}/serial\nsigner_cert = {folder}/tsa.pem\n"
        f"signer_key = {folder}/tsa.key\ncerts = {folder}/tsa.pem\ndefault_policy = 1.2.3.4.1\n"
        "digests = sha256\nsigner_digest = sha256\n",
        "utf-8",
    )
    return folder / "tsa.pem"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--sign", "no-such-key"], "--sign no-such-key: no such file: write a private key of OpenSSH"),
        (["--certificate", "own.pem"], "--certificate: add --sign with its private key"),
        (["--sign", "pyproject.toml"], "--sign pyproject.toml: it is no key of OpenSSH: make one with "),
    ],
)
def test_what_cannot_sign_is_told(
    reported: tuple[Home, Path, Path], tmp_path: Path, arguments: list[str], line: str
) -> None:
    home, run, _ = reported
    done = home.program("bundle", run, "--out", tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(line)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_bundle_is_told(reported: tuple[Home, Path, Path], tmp_path: Path) -> None:
    home, _, _ = reported
    missing = home.program("verify", tmp_path / "none.zip")
    assert (missing.returncode, missing.stderr) == (2, f"{tmp_path / 'none.zip'}: no such file\n")
    (tmp_path / "text.zip").write_text("no zip", "utf-8")
    wrong = home.program("verify", tmp_path / "text.zip", "--lang", "fr")
    assert wrong.returncode == 1
    assert "Le dossier n’est pas ce qu’il devrait être" in wrong.stdout


def test_the_pdf_can_be_signed_too(reported: tuple[Home, Path, Path], tmp_path: Path) -> None:
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    home, run, bundle = reported
    key, certificate = tmp_path / "own.key", tmp_path / "own.pem"
    extensions = ("-addext", "keyUsage=critical,digitalSignature,nonRepudiation")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=AMA/CN=DPO", "-days", "3650", *extensions)
    subprocess.run(["openssl", *made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    out = tmp_path / "out"
    asked = ("--sign", key, "--certificate", certificate, "--sign-pdf", "--out", out, "--history", "none")
    done = home.program("bundle", run, *asked)
    assert done.returncode == 0, done.stderr
    signed = out / f"{bundle.stem}.report.pdf"
    assert f"beside: {signed}" in done.stdout
    content = signed.read_bytes()
    assert content.startswith((run / "report.pdf").read_bytes())
    trusted = ValidationContext(trust_roots=[load_cert_from_pemder(str(certificate))], allow_fetching=False)
    for pdf, whole in ((content, True), (content[:2000] + b"x" + content[2001:], False)):
        [signature] = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_signatures
        status = validate_pdf_signature(signature, trusted)
        assert (status.intact, status.valid) == (whole, True)
        assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    alone = home.program("bundle", run, "--sign", home.key, "--sign-pdf", "--out", tmp_path / "no")
    assert (alone.returncode, alone.stderr.partition(":")[0]) == (2, "--sign-pdf")


def test_a_run_that_was_changed_is_told(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    run = home.run()
    assert home.program("bundle", run, "--out", tmp_path / "one").stderr == ""
    (run / "notes.txt").write_text("Added by hand.", "utf-8")
    changed = home.program("bundle", run, "--out", tmp_path / "two")
    assert changed.returncode == 0
    assert (
        changed.stderr
        == f"{run}: its files are not those that were published: a notebook or a report was changed since\n"
    )
