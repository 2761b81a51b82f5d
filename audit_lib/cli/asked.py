"""Asked: the options that several commands share, and what they mean."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from audit_lib.cli.said import WRONG_INPUT, stop


class Language(StrEnum):
    FR = "fr"
    EN = "en"


class Engine(StrEnum):
    LOCAL = "local"
    POSTGRES = "postgres"
    SPARK = "spark"


class Logs(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class FailOn(StrEnum):
    """Worst severity tolerated: a violated control at or above it ends with status 1."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEVER = "never"


Exports = Annotated[Path, typer.Argument(help="Folder of exports.", show_default=False)]
Out = Annotated[Path, typer.Option("--out", help="Folder that receives the run.", show_default=False)]
AsOf = Annotated[str, typer.Option("--as-of", help="Audit instant, ISO 8601. By default the one of the exports.")]
Lang = Annotated[Language | None, typer.Option("--lang", help="Language of the report. By default the policy's.")]
Judge = Annotated[Engine | None, typer.Option("--engine", help="What judges. By default what holds the data.")]
PolicyFolder = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy folder. By default expectations/ here, or the product's."),
]
RunPolicy = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy folder. By default the one that the run was judged by.", show_default=False),
]
Set = Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE: another value for a parameter.")]
Memory = Annotated[str, typer.Option("--memory-limit", help="Memory of DuckDB, such as 2GB. By default 80 % of all.")]
Master = Annotated[str, typer.Option("--master", help="Spark's master, with --engine spark.")]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep", help="Private folder of what is read: the next audit reads only new files.", show_default=False
    ),
]

Anonymity = Annotated[bool, typer.Option("--anonymity", help="Measure the tables that should be anonymous too.")]
HistoryAt = Annotated[
    str,
    typer.Option(
        "--history", help="File or PostgreSQL URL that remembers runs, or none. By default DPO_AUDIT_HISTORY."
    ),
]
Every = Annotated[str, typer.Option("--every", help="How often an audit is due, such as P1M: tells what is missing.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.", show_default=False)]


def settings(said: Iterable[str]) -> dict[str, str]:
    """What each --set says, by name."""
    said = list(said)
    wrong = [f"--set '{one}': write NAME=VALUE" for one in said if "=" not in one]
    names = [one.partition("=")[0] for one in said]
    wrong += [f"--set {name}: written twice, keep one" for name in sorted({n for n in names if names.count(n) > 1})]
    if wrong:
        stop(WRONG_INPUT, wrong)
    return dict(one.split("=", 1) for one in said)


def instant(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError:
        stop(WRONG_INPUT, [f"--as-of '{text}': write an ISO 8601 instant, such as 2026-11-01T06:00:00+01:00"])
    if value.tzinfo is None:
        stop(WRONG_INPUT, [f"--as-of '{text}': add the offset, such as {value.isoformat()}+01:00"])
    return value


def home(name: str) -> Path:
    """A folder of the product: here, or beside the package when the command runs from elsewhere."""
    here = Path(name)
    return here if here.is_dir() else Path(__file__).resolve().parents[2] / name


def own_policy(run: Path, policy: Path | None) -> Path:
    """The policy folder that was named, else the one that the run was judged by."""
    return policy or (run / "policy" if (run / "policy").is_dir() else home("expectations"))


def open_run(folder: Path, policy: Path | None, lang: Language | None) -> Any:
    from audit_lib.policy import PolicyError
    from audit_lib.report import RunError, load

    try:
        return load(folder, policy=own_policy(folder, policy), lang=lang.value if lang else None)
    except RunError as error:
        stop(WRONG_INPUT, [str(error)])
    except PolicyError as error:
        stop(WRONG_INPUT, error.errors)
