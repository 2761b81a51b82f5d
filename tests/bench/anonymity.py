"""Anonymity: the measures beside pyCANON's, ten million rows beside the plain aggregate, a dictionary attack, and the
detectors beside Presidio's.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tests.bench import data, tables
from tests.bench.asked import Asked
from tests.bench.contestant import Contestant, progress, race, ran
from tests.bench.environments import environment, pin
from tests.expectations.corpus import KINDS, corpus
from tests.expectations.test_detectors import judged

RIVALS = Path(__file__).with_name("rivals")
PEOPLE = 1_000_000
# Public tables, where somebody has them: a file, its separator, quasi-identifiers, sensitive columns.
PUBLIC = (
    ("pycanon/drug_type.csv", ",", ["Age", "Sex", "BP", "Cholesterol"], ["Drug", "Na_to_K"]),
    ("pycanon/drugs_k5.csv", ",", ["Age", "Sex", "BP", "Cholesterol"], ["Drug"]),
    ("pycanon/hospital_anonymized.csv", ",", ["age", "gender", "city"], ["disease"]),
    ("anjana/hospital_extended.csv", ",", ["age", "gender", "city"], ["disease"]),
    ("arx/adult_subset.csv", ";", ["sex", "age", "race"], ["salary-class", "occupation"]),
    ("arx/adult_subset.csv", ";", ["sex", "race"], ["age"]),
)
MADE = """
COPY (SELECT 20 + 10 * (hash(i) % 7) AS age, 'r' || (hash(i, 1) % 20) AS region, hash(i, 2) % 2 AS gender,
  'd' || least(hash(i, 3) % 30, hash(i, 4) % 30) AS disease, hash(i, 5) % 200 AS stay
  FROM range({people}) t(i)) TO '{file}' (HEADER)"""
QUASI = ["age", "region", "gender"]
CLOSE = 1e-9


def section(asked: Asked) -> Iterator[str]:
    """Four tables."""
    yield from ["## Anonymity", ""]
    yield from _measures(asked)
    yield from _ten_million(asked)
    yield from _attack(asked)
    yield from _detectors(asked)


def _measures(asked: Asked) -> Iterator[str]:
    made = asked.scratch / "people.csv"
    duckdb.sql(MADE.format(people=PEOPLE, file=made))
    wanted = [
        (asked.samples / file, sep, quasi, one) for file, sep, quasi, some in PUBLIC for one in some if asked.samples
    ]
    wanted += [(made, ",", QUASI, "disease"), (made, ",", QUASI, "stay")]
    canon = environment("canon")
    yield from [f"### Measures, pyCANON {pin('canon', 'pycanon')}", ""]
    if canon.problem:
        yield from [f"pyCANON could not be installed: {canon.problem}", ""]
        return
    rows = []
    for file, separator, quasi, sensitive in wanted:
        progress(f"{file.name}: {sensitive}")
        theirs = json.loads(
            ran([canon.python, "-P", RIVALS / "canon.py", file, separator, ",".join(quasi), sensitive])[0]
        )
        relation = f"read_csv('{file}', delim = '{separator}', header = true)"
        ours = json.loads(ran([sys.executable, "-m", "tests.bench.measured", relation, ",".join(quasi), sensitive])[0])
        rows.append(compared(f"{file.stem}, {sensitive}", ours, theirs))
    yield from tables.table(["table", "equal to 1e-9", "others", "dpo-audit", "pyCANON", "times"], rows)
    yield "pyCANON tells whole numbers for entropy and recursive diversity, the latter from the rarest value of a"
    yield "class, where the definition starts from the commonest: what it would tell of our classes is compared."
    yield ""


def compared(name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """A line of the table: which measures are equal, which are not, seconds of each."""
    equal, other = [], []
    for measure, value in theirs["values"].items():
        mine = ours["values"].get("c_from_the_rarest" if measure == "c" else measure)
        if measure == "l_entropy":
            # Rounded down, whichever way the last digit of a power of e goes.
            mine = next((whole for whole in (int(mine + CLOSE), int(mine - CLOSE)) if whole == value), mine)
        same = mine is value if value is None or mine is None else abs(mine - value) <= CLOSE * max(1, abs(value))
        (equal if same else other).append(measure if same else f"{measure} {mine} ({value:g})")
    times = theirs["seconds"] / ours["seconds"]
    return [name, f"{len(equal)} of 9", ", ".join(other) or "–", *_seconds(ours, theirs), f"{times:,.0f}"]


def _seconds(*some: dict[str, Any]) -> list[str]:
    return [f"{one['seconds']:.3f} s" for one in some]


def _ten_million(asked: Asked) -> Iterator[str]:
    """k, l, t and all others of the logs, people counted one by one, beside the smallest group of rows."""
    logs = data.parquet(asked.data, max(asked.rows))
    relation = f"read_parquet('{logs.pattern}', union_by_name = true)"
    least = f"SELECT min(n) FROM (SELECT count(*) AS n FROM {relation} GROUP BY customer_domain, country)"
    measured = ["-m", "tests.bench.measured", relation, "customer_domain,country", "action", "anonymous_id"]
    everyone = [
        Contestant("DuckDB, smallest group of rows", [sys.executable, "-c", _FLOOR, least], is_floor=True),
        Contestant("dpo-audit, every measure", [sys.executable, *measured]),
    ]
    race(everyone, asked.runs)
    yield from [f"### Measures of {max(asked.rows):,} rows of logs", ""]
    yield from tables.times(everyone)


_FLOOR = "import duckdb, sys; duckdb.sql('SET threads = 2'); print(duckdb.sql(sys.argv[1]).fetchall())"


def _attack(asked: Asked) -> Iterator[str]:
    attack = Contestant("", [sys.executable, "-m", "tests.bench.attack", str(PEOPLE)], json.loads)
    race([attack], 1)
    found: dict[str, Any] = dict(attack.found)
    yield from [f"### A dictionary attack of {PEOPLE:,} ids against {PEOPLE:,} users", ""]
    heads = ["planted", "linked", "linked wrongly", "expected by chance, a way", "spellings", "seconds", "peak memory"]
    yield from tables.table(
        heads,
        [
            [
                f"{found['planted']:,}",
                f"{found['found']:,}",
                str(found["wrong"]),
                f"{found['chance']:.2g}",
                f"{found['spellings']:,}",
                f"{found['seconds']:.1f}",
                f"{max(attack.megabytes):,.0f} MB",
            ]
        ],
    )


def _detectors(asked: Asked) -> Iterator[str]:
    texts = corpus()
    progress("detectors")
    ours, seconds = judged()
    scores = {"dpo-audit": _scores([(one.kind, found) for one, found in ours])}
    speed = {"dpo-audit": len(texts) / seconds}
    presidio = environment("presidio")
    if not presidio.problem:
        name = f"Presidio {pin('presidio', 'presidio_analyzer')}"
        file = asked.scratch / "texts.json"
        file.write_text(json.dumps([one.text for one in texts]), "utf-8")
        said = json.loads(ran([presidio.python, "-P", RIVALS / "recognised.py", file])[0])
        scores[name] = _scores([(one.kind, found) for one, found in zip(texts, said["found"], strict=True)])
        speed[name] = len(texts) / said["seconds"]
    yield from [f"### Detectors on {len(texts):,} labelled texts", ""]
    heads = ["kind", *(f"{who}, {what}" for who in scores for what in ("precision", "recall"))]
    yield from tables.table(
        heads, ([kind, *(one[kind][at] for one in scores.values() for at in (0, 1))] for kind in KINDS)
    )
    yield from [f"{who}: {rows:,.0f} texts a second." for who, rows in speed.items()]
    yield from [presidio.problem and f"Presidio could not be installed: {presidio.problem}", ""]


def _scores(judgements: Sequence[tuple[str | None, str | None]]) -> dict[str, tuple[str, str]]:
    right = Counter(kind for kind, found in judgements if kind == found)
    found, there = Counter(found for _, found in judgements), Counter(kind for kind, _ in judgements)
    return {
        kind: (f"{right[kind] / found[kind]:.4f}" if found[kind] else "–", f"{right[kind] / there[kind]:.4f}")
        for kind in KINDS
    }
