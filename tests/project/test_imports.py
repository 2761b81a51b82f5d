"""Imports: they point one way, and starting the command loads nothing heavy."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "audit_lib").rglob("*.py"))

# A part may import those before it.
ORDER = [
    "unforeseen",
    "beside",
    "yaml",
    "policy",
    "sources",
    "datasets",
    "anonymity",
    "reading",
    "expectations",
    "engines",
    "suites",
    "starting",
    "audit",
    "history",
    "report",
    "reporting",
    "remediation",
    "handoff",
    "cli",
]
ALLOWED = {part: set(ORDER[: place + 1]) for place, part in enumerate(ORDER)}
ALLOWED["sample"] = {"sample", "yaml", "policy", "datasets"}
ALLOWED["cli"] = {*ORDER, "sample"}

# Libraries that only some parts may know, so that the others do not depend on them.
ONLY_IN = {
    "plotly": {"report"},
    "papermill": {"report"},
    "nbconvert": {"report"},
    "adbc_driver_postgresql": {"sources"},
    "pyspark": {"engines"},
    "great_expectations": {"expectations", "engines", "audit"},
    "sqlglot": {"expectations", "engines", "audit"},
    "duckdb": {"sources", "datasets", "anonymity", "engines", "history", "report", "remediation", "sample"},
    "yaml": {"yaml", "report", "sample"},
    "typer": {"cli"},
}
HEAVY = {
    "duckdb",
    "great_expectations",
    "pandas",
    "plotly",
    "pyarrow",
    "sqlglot",
    "papermill",
    "pydantic",
    "pyspark",
    "yaml",
}


def _part(path: Path) -> str:
    return path.relative_to(ROOT / "audit_lib").parts[0].removesuffix(".py")


def _imported(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: write absolute imports"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=_ids)
def test_imports_point_one_way(path: Path) -> None:
    part = _part(path)
    ours = {name.split(".")[1] for name in _imported(path) if name.startswith("audit_lib.")}
    wrong = {name for name in ours if name in ALLOWED} - ALLOWED.get(part, set())
    assert wrong == set(), f"{part} may import {', '.join(sorted(ALLOWED.get(part, set())))}"


def test_every_part_has_its_place() -> None:
    assert {_part(path) for path in FILES} - ALLOWED.keys() == {"__init__"}


@pytest.mark.parametrize("path", FILES, ids=_ids)
def test_libraries_stay_in_their_part(path: Path) -> None:
    used = {name.split(".")[0] for name in _imported(path)} & ONLY_IN.keys()
    assert {name for name in used if _part(path) not in ONLY_IN[name]} == set()


@pytest.mark.parametrize("path", FILES, ids=_ids)
def test_no_clock_is_read(path: Path) -> None:
    clocks = {"now", "today", "utcnow", "time_ns"}
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    assert [node.lineno for node in calls if node.func.attr in clocks] == []
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    sql = re.compile(r"\bcurrent_(date|timestamp|time)\b|\b(now|today|getdate)\(\)", re.IGNORECASE)
    assert [node.lineno for node in texts if sql.search(node.value)] == []


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; sys.argv = ['dpo-audit', '--help']; from audit_lib.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", script], capture_output=True, text=True, check=True
    )
    assert "Usage: dpo-audit" in done.stdout
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert loaded & HEAVY == set()
