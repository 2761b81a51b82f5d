"""Opening: the run that a notebook shows, made on the spot when none is named."""

import hashlib
from datetime import datetime
from pathlib import Path

from audit_lib.report.runs import Run, RunError, load

_PROJECT = Path(__file__).resolve().parents[2]
_KEPT = (
    Path("runs") / "notebooks"
)  # under the project: one folder for each state of the exports and the policy


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
    from audit_lib.audit import Request, check

    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    instant = datetime.fromisoformat(as_of) if as_of else None
    folder, _ = check(Request(exports=exports, out=out, policy=policy, as_of=instant, language=lang))
    return folder


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
