"""Opening: the run that a notebook shows, made on the spot when none is named."""

import hashlib
import subprocess
import sys
from pathlib import Path

from audit_lib.report.runs import Run, RunError, load

_COMMAND = "from audit_lib.cli import main; main()"  # dpo-audit, of this interpreter
_PROGRESS = "· "
_LINES_TOLD = 20
_PROJECT = Path(__file__).resolve().parents[2]
_KEPT = Path("runs") / "notebooks"  # under the project: one folder for each state of the exports and the policy


def open_run(
    run: str = "",
    *,
    exports: str = "data_samples",
    policy: str = "expectations",
    as_of: str = "",
    lang: str = "fr",
) -> Run:
    """The run in folder `run`, or a check of `exports` made now and kept for the next notebook.

    Paths count from the current folder, then from the project's. RunError says which folder is missing.
    """
    rules = _folder(policy, "policy")
    if run:
        return load(_folder(run, "run"), policy=rules, lang=lang)
    data = _folder(exports, "exports")
    kept = _root() / _KEPT / _state(data, rules, as_of)
    if not (found := _finished(kept)):
        found = [_check(data, kept, rules, as_of, lang)]
    return load(found[-1], policy=rules, lang=lang)


def _check(exports: Path, out: Path, policy: Path, as_of: str, lang: str) -> Path:
    """Check in a process of its own: it needs memory once, and DuckDB asks for widgets inside Jupyter."""
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    asked = ["check", str(exports), "--out", str(out), "--policy", str(policy), "--lang", lang, "--anonymity"]
    asked += ["--history", "none"]
    asked += ["--as-of", as_of] if as_of else []
    ended = subprocess.run([sys.executable, "-c", _COMMAND, *asked], capture_output=True, text=True, check=False)
    if not (found := _finished(out)):
        said = [line for line in ended.stderr.splitlines() if not line.startswith(_PROGRESS)]
        raise RunError("\n".join(said[-_LINES_TOLD:]) or f"the check stopped with status {ended.returncode}")
    return found[-1]


def _folder(text: str, parameter: str) -> Path:
    given = Path(text).expanduser()
    inside = Path(*(part for part in given.parts if part != ".."))  # "../data_samples" from notebooks/
    for path in (given, _root() / inside):
        if path.is_dir():
            return path.resolve()
    raise RunError(f"{parameter}: no folder '{text}': write its path from this notebook or from the project")


def _root() -> Path:
    """The project's folder: the one that holds notebooks and expectations, or this package."""
    here = Path.cwd()
    marks = ("notebooks", "expectations")
    above = (folder for folder in (here, *here.parents) if all((folder / mark).is_dir() for mark in marks))
    return next(above, _PROJECT)


def _state(exports: Path, policy: Path, as_of: str) -> str:
    """A fingerprint of what the check would read: names, sizes and times of change, not contents."""
    digest = hashlib.sha256(as_of.encode())
    for folder in (exports, policy):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                facts = path.stat()
                digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _finished(kept: Path) -> list[Path]:
    return sorted(path.parent for path in kept.glob("*/run.json") if not path.parent.name.startswith("."))
