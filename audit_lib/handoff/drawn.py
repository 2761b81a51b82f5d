"""Drawn: the sample that an auditor looks up by hand, which anybody can draw again."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit_lib.sources.raw import literal

COLUMNS = ("part", "place", "source_file", "source_row", "control_id", "verdict", "reason", "record_ref")


@dataclass(frozen=True)
class Sampling:
    """How a sample is drawn: the largest share of wrong answers that may go unseen, how sure that is, and the seed."""

    confidence: float
    deviation: float
    seed: str


@dataclass(frozen=True)
class Drawn:
    """Rows of COLUMNS: `findings` to confirm, then rows of the exports of which nothing else may be wrong."""

    rows: tuple[tuple[Any, ...], ...]
    findings: int
    records: int


def size(population: int, sampling: Sampling) -> int:
    """The fewest draws without replacement that meet one of the deviating ones with that confidence, if there are as
    many as the deviation says (hypergeometric, no deviation tolerated); all of a small population.
    """
    wrong = math.ceil(sampling.deviation * population)
    missed = 1.0
    for draws in range(population):
        if missed <= 1 - sampling.confidence:
            return draws
        missed *= max(population - draws - wrong, 0) / (population - draws)
    return population


def drawn(run: Path, inputs: Sequence[Mapping[str, Any]], sampling: Sampling) -> Drawn:
    """Findings by the order of SHA-256 of `seed control file row`, the first of each control and verdict before others;
    rows of each file in proportion, by that of `seed file row`.

    A row in which something was found is drawn like any other: what was found of it is in the report.
    """
    findings = tuple(_findings(run, sampling))
    records = tuple(_records([one for one in inputs if one["rows_read"]], sampling))
    return Drawn((*findings, *records), len(findings), len(records))


def _findings(run: Path, sampling: Sampling) -> Iterator[tuple[Any, ...]]:
    import duckdb

    order = f"sha256(concat_ws(' ', {literal(sampling.seed)}, control_id, source_file, source_row))"
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW found AS FROM read_parquet({literal(str(run / 'findings.parquet'))})")
        [(population, strata)] = con.execute(
            "SELECT count(*), count(DISTINCT (control_id, verdict)) FROM found"
        ).fetchall()
        rows = con.execute(
            "SELECT source_file, source_row, control_id, verdict, reason, record_ref FROM ("
            f"SELECT *, {order} AS o, row_number() OVER (PARTITION BY control_id, verdict ORDER BY {order}) AS n "
            "FROM found) "
            f"ORDER BY n > 1, o LIMIT {max(size(population, sampling), strata)}"
        ).fetchall()
    for place, (file, row, *said) in enumerate(rows, 1):
        yield "findings", place, file, row, *said


def _records(files: list[Mapping[str, Any]], sampling: Sampling) -> Iterator[tuple[Any, ...]]:
    total = sum(file["rows_read"] for file in files)
    place = 0
    for file in files:
        share = math.ceil(size(total, sampling) * file["rows_read"] / total)
        for row in _rows(str(file["file"]), int(file["rows_read"]), share, sampling.seed):
            place += 1
            yield "records", place, file["file"], row, None, None, None, None


def _rows(file: str, rows: int, wanted: int, seed: str) -> list[int]:
    """The first distinct rows that SHA-256 of `seed file 1`, `seed file 2` … name, as a number modulo the rows."""
    found: dict[int, None] = {}
    draw = 0
    while len(found) < min(wanted, rows):
        draw += 1
        digest = hashlib.sha256(f"{seed} {file} {draw}".encode()).digest()
        found[int.from_bytes(digest[:8], "big") % rows + 1] = None
    return sorted(found)
