"""Measures: what the engine says is what the definitions say, worked out record by record."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit_lib.anonymity.inference import inference
from audit_lib.anonymity.singling_out import population, singling_out
from audit_lib.anonymity.table import Table

CLOSE = {"rel": 1e-9, "abs": 1e-12}
ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 4)), min_size=2, max_size=60)


def table(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.register("given", pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)}))
    con.execute("CREATE TABLE t AS SELECT 0 AS _file, row_number() OVER () AS _row, * FROM given")
    return con


def classes(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Counter[Any]]:
    found: dict[tuple[Any, ...], Counter[Any]] = defaultdict(Counter)
    for *keys, value in rows:
        found[tuple(keys)][value] += 1
    return found


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_inference_by_its_definitions(rows: list[tuple[str, str, int]]) -> None:
    whole, total = Counter(row[-1] for row in rows), len(rows)
    found = classes(rows)
    shares = [{value: n / held.total() for value, n in held.items()} for held in found.values()]
    p = {value: n / total for value, n in whole.items()}
    told = inference(table(rows, "abs"), Table("t", ("a", "b"), suppressed=False), "s", homogeneous=0.9, ordered=True)
    least = min(len(q) for q in shares)
    assert (told.records, told.classes, told.l) == (total, len(found), least)
    entropy = min(-sum(q * math.log(q) for q in one.values()) for one in shares)
    assert told.l_entropy == pytest.approx(math.exp(entropy), **CLOSE)
    assert told.alpha == pytest.approx(max(max(one.values()) for one in shares), **CLOSE)
    gain = max(one[v] / p[v] - 1 for one in shares for v in one)
    assert told.beta == pytest.approx(gain, **CLOSE)
    assert told.beta_enhanced == pytest.approx(min(gain, max(-math.log(q) for q in p.values())), **CLOSE)
    assert told.delta == pytest.approx(max(abs(math.log(one[v] / p[v])) for one in shares for v in one), **CLOSE)
    ratios = [held.most_common()[0][1] / sum(n for _, n in held.most_common()[least - 1 :]) for held in found.values()]
    assert told.c == (pytest.approx(max(ratios), **CLOSE) if least > 1 else None)
    assert told.homogeneous == sum(
        h.total() for h, one in zip(found.values(), shares, strict=True) if max(one.values()) > 0.9
    )
    values = sorted(p)
    work = []
    for one in shares:
        apart, moved = 0.0, 0.0
        for value in values:
            apart += one.get(value, 0) - p[value]
            moved += abs(apart)
        work.append(moved / max(len(values) - 1, 1))
    assert told.t == pytest.approx(max(work), **CLOSE)
    equal = inference(table(rows, "abs"), Table("t", ("a", "b"), suppressed=False), "s", homogeneous=0.9)
    assert equal.t == pytest.approx(max(sum(abs(one.get(v, 0) - p[v]) for v in values) / 2 for one in shares), **CLOSE)


@given(ROWS)
@settings(max_examples=30, deadline=None)
def test_singling_out_by_its_definitions(rows: list[tuple[str, str, int]]) -> None:
    sizes = [held.total() for held in classes(rows).values()]
    told = singling_out(table(rows, "abs"), Table("t", ("a", "b"), suppressed=False), threshold=0.2)
    assert (told.people, told.classes, told.k) == (len(rows), len(sizes), min(sizes))
    assert told.unique == sizes.count(1)
    assert told.prosecutor == 1 / min(sizes)
    assert told.prosecutor_average == len(sizes) / len(rows)
    assert told.above == sum(size for size in sizes if 1 / size > 0.2)


def test_people_are_counted_not_records() -> None:
    rows = [("p1", "d", "FR", None)] * 5 + [("p2", "d", "FR", None), ("p3", "d", "DE", None), (None, "d", "DE", 12)]
    con = table(rows, ("person", "domain", "country", "count"))
    told = singling_out(con, Table("t", ("domain", "country"), individual="person", count="count"), threshold=0.09)
    # Two in France; one and a count of twelve in Germany.
    assert (told.people, told.classes, told.k, told.above) == (15, 2, 2, 2)


def test_what_was_taken_away_hides_nobody() -> None:
    rows = [(f"p{n}", "*" if n < 3 else None if n < 5 else "d") for n in range(20)]
    con = table(rows, ("person", "domain"))
    told = singling_out(con, Table("t", ("domain",), individual="person"), threshold=0.09)
    assert (told.people, told.classes, told.k, told.unique) == (20, 6, 1, 5)
    assert singling_out(con, Table("t", ("domain",), suppressed=False), threshold=0.09).classes == 3


def test_k_map_reads_the_whole_population() -> None:
    con = table([(f"p{n}", domain) for n, domain in enumerate("aaabbc")], ("person", "domain"))
    con.execute("CREATE TABLE everybody AS SELECT unnest(['A','a','a','a','b','b','d']) AS of")
    here = Table("t", ("domain",), individual="person")
    singling_out(con, here, threshold=0.09)
    told = population(con, here, "everybody", {"domain": "of"}, k=3)
    # Of c the population knows nobody: it counts the one who is here.
    assert (told.people, told.classes, told.k, told.missing) == (7, 3, 1, 1)
    assert told.marketer == pytest.approx((3 / 4 + 2 / 2 + 1 / 1) / 6)
    assert (told.small, told.small_people) == (2, 3)


def test_of_nobody_nothing_is_said() -> None:
    con = table([("x", "y", 1)], "abs")
    con.execute("DELETE FROM t")
    here = Table("t", ("a", "b"))
    assert singling_out(con, here, threshold=0.09).k is None
    assert inference(con, here, "s", homogeneous=0.9).t is None
    assert population(con, here, "t", {"a": "a"}, k=3).k is None


def test_a_statistic_adds_up_and_a_person_stands_alone() -> None:
    rows = [(None, "*", "FR", 12, action) for action in "abc"] + [
        ("p1", "*", "FR", 3, "a"),
        ("p2", None, "FR", None, "a"),
    ]
    con = table(rows, ("person", "domain", "country", "count", "s"))
    here = Table("t", ("domain", "country"), individual="person", count="count")
    told = inference(con, here, "s", homogeneous=0.9)
    # The three statistics are one class; each of the two people is another, though one of them counts three.
    assert (told.records, told.classes, told.l, told.homogeneous) == (40, 3, 1, 4)
