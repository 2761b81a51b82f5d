"""Months: the invented company in November, December and January, with what was planted in between."""

import os
import shutil
import subprocess
from pathlib import Path

import duckdb

from tests.judging import ROOT

PROGRAM = ROOT / ".venv" / "bin" / "dpo-audit"
CONTACTS = "crm/hubspot-crm-exports-all-contacts-2026-11-01.csv"
CONTACTS_FR = "crm/hubspot-crm-exports-tous-les-contacts-2026-11-01.csv"
PROSPECTS, ERASED = "prospects_kept_at_most_3_years", "erased_subjects_absent_everywhere"
NOVEMBER, DECEMBER, JANUARY = (f"{day}T06:00:00+01:00" for day in ("2026-11-01", "2026-12-01", "2027-01-01"))
OPEN = "verdict IN ('FAIL', 'INDETERMINATE', 'REVIEW')"
# Prospects kept too long, by Record ID.
DELETED, MENDED, ACCEPTED, STAYS, SET_ASIDE = (f"20500000{n}" for n in (2, 3, 4, 5, 6))
NEW = "205999001"
_ERASED_PERSON = "nolwenn.kerdoncuff@atelier-92.example"


def program(*arguments: str | Path, home: Path) -> "subprocess.CompletedProcess[str]":
    """The program, whose key and history are in `home`."""
    environment = {
        **os.environ,
        "DPO_AUDIT_KEY_FILE": str(home / "key"),
        "DPO_AUDIT_HISTORY": str(home / "history.sqlite"),
    }
    command = [PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)


def checked(exports: Path, policy: Path, as_of: str, home: Path, *more: str) -> Path:
    """The folder of a run at this instant."""
    done = program(
        "check", exports, "--out", home / "runs", "--policy", policy, "--as-of", as_of, "--lang", "en", *more, home=home
    )
    assert done.returncode == 0, done.stderr
    [folder] = [line.removeprefix("run: ") for line in done.stdout.splitlines() if line.startswith("run: ")]
    return Path(folder)


# What planted records are in, or are looked for in.
_KEPT = ("crm", "directory", "erp", "logs", "registers/registre-demandes.xlsx")


def exports(folder: Path) -> Path:
    """The company's customers and users: its other registers say nothing of the planted records."""
    for name in _KEPT:
        source, target = ROOT / "data_samples" / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    lines = (ROOT / "data_samples" / "exports.yaml").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("  ") or any(name in line for name in _KEPT)]
    (folder / "exports.yaml").write_text("".join(kept), "utf-8")
    return folder


def policy(folder: Path) -> Path:
    shutil.copytree(ROOT / "expectations", folder)
    return folder


def reference(run: Path, control: str, row: int, file: str = CONTACTS) -> str:
    """The reference of the record in a row of a file."""
    query = "SELECT record_ref FROM read_parquet(?) WHERE control_id = ? AND source_file = ? AND source_row = ?"
    [(found,)] = duckdb.execute(query, [str(run / "findings.parquet"), control, file, row]).fetchall()
    return str(found)


def accept(policy: Path, record: str, until: str) -> None:
    (policy / "exceptions.yaml").write_text(
        f"""trial:
  control: {PROSPECTS}
  records: ["{record}"]
  reason: A trial goes on.
  approved_by: Legal department
  approved_on: 2026-11-10
  expires_on: {until}
""",
        "utf-8",
    )


def in_december(exports: Path) -> None:
    """A prospect is deleted, one writes again, one has no readable date; an old one is imported; a person is erased."""
    lines = _lines(exports / CONTACTS)
    heads = lines[0].split(",")
    del lines[_place(lines, DELETED)]
    _change(lines, MENDED, heads.index("Last inbound contact"), "2026-11-15 10:00")
    _change(lines, SET_ASIDE, heads.index("Create Date"), "2021-02-31 09:12")
    old = lines[_place(lines, STAYS)].split(",")
    lines.append(",".join([NEW, "Ada", "Ancienne", "ada.ancienne@atelier-01.example", *old[4:]]))
    _write(exports / CONTACTS, lines)
    lines = _lines(exports / CONTACTS_FR)
    _write(exports / CONTACTS_FR, [line for line in lines if _ERASED_PERSON not in line])


def in_january(exports: Path) -> None:
    """The date can be read again, and the erased person is imported once more."""
    lines, before = _lines(exports / CONTACTS), _lines(ROOT / "data_samples" / CONTACTS)
    lines[_place(lines, SET_ASIDE)] = before[_place(before, SET_ASIDE)]
    _write(exports / CONTACTS, lines)
    shutil.copy(ROOT / "data_samples" / CONTACTS_FR, exports / CONTACTS_FR)


def _lines(path: Path) -> list[str]:
    """Whatever its encoding: each byte is a character."""
    return path.read_bytes().decode("latin-1").splitlines()


def _write(path: Path, lines: list[str]) -> None:
    path.write_bytes(("\n".join(lines) + "\n").encode("latin-1"))


def _place(lines: list[str], record: str) -> int:
    [place] = [place for place, line in enumerate(lines) if line.startswith(f"{record},")]
    return place


def _change(lines: list[str], record: str, column: int, value: str) -> None:
    place = _place(lines, record)
    cells = lines[place].split(",")
    cells[column] = value
    lines[place] = ",".join(cells)
