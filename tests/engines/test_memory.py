"""Memory: what does not fit is worked out on disk, with the same verdicts, and a limit that was given stays."""

from pathlib import Path

import duckdb
import pytest

from audit_lib.datasets import connect
from audit_lib.engines import duckdb as engine
from audit_lib.expectations import ExpectGroupSizeAtLeast, ExpectIdsNotPersistent, RecordExpectation
from audit_lib.expectations.rule import Relation
from tests.judging import AS_OF, PARIS

ROWS, LASTING = 400_000, 20_000
ASKED = {"as_of": AS_OF, "time_zone": PARIS}
PERSISTENT = ExpectIdsNotPersistent(column="anonymous_id", at="at", **ASKED)
CROWDS = ExpectGroupSizeAtLeast(quasi_identifiers=["country"], individual="anonymous_id", k=ROWS // 4, **ASKED)


def logs(work: Path, limit: str | None) -> engine.DuckDB:
    """Two rows an id, a minute apart; for the first ids, two days apart. A quarter of the ids is in Italy."""
    con = connect(work, limit)
    con.execute(
        "CREATE VIEW usage_logs AS SELECT 0 AS _file, i AS _row, i AS _at, "
        "md5(CAST(i // 2 AS VARCHAR)) AS anonymous_id, "
        "TIMESTAMP '2026-01-01 12:00:00' "
        f'+ to_minutes(i % 2 * CASE WHEN i < {LASTING} THEN 2880 ELSE 1 END) AS "at", '
        f"CASE WHEN i // 2 % 4 = 0 THEN 'IT' ELSE 'FR' END AS country FROM range({ROWS}) AS t(i)"
    )
    columns = {"anonymous_id": "text", "at": "instant", "country": "country"}
    relation = Relation("usage_logs", columns, frozenset(columns), key=("_file", "_row"), rows=ROWS)
    return engine.DuckDB(con, {"usage_logs": relation}, files=("given",), key=b"k" * 32, out=work / "findings")


def counts(judge: engine.DuckDB, *expectations: RecordExpectation) -> list[dict[str, int]]:
    setting = judge.setting("usage_logs", AS_OF, PARIS)
    rules = {str(place): one.rule(setting) for place, one in enumerate(expectations)}
    return [tally["counts"] for tally in judge.judge(setting, rules).values()]


def bytes_allowed(judge: engine.DuckDB) -> int:
    [(allowed,)] = judge._con.execute("SELECT parse_formatted_bytes(current_setting('memory_limit'))").fetchall()
    return int(allowed)


@pytest.mark.parametrize("limit", [None, "100MB"])
def test_many_groups_are_worked_out_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str | None) -> None:
    monkeypatch.setattr(engine, "_LITTLE_MEMORY", 24 << 20)
    (tmp_path / "findings").mkdir()
    judge = logs(tmp_path, limit)
    before = bytes_allowed(judge)
    persistent, crowds = counts(judge, PERSISTENT, CROWDS)
    assert persistent["FAIL"] == LASTING
    assert persistent["PASS"] == ROWS - LASTING
    # Italy has 50,000 people, fewer than k; France 150,000.
    assert crowds["FAIL"] == ROWS // 4
    assert crowds["PASS"] == ROWS - ROWS // 4
    assert bytes_allowed(judge) == pytest.approx(before, rel=0.01)


def test_a_limit_below_that_of_many_groups_stays(tmp_path: Path) -> None:
    judge = logs(tmp_path, "48MB")
    for most, allowed in ((200 << 20, 48_000_000), (16 << 20, 16 << 20), (None, 48_000_000)):
        with judge._memory(most):
            assert bytes_allowed(judge) == pytest.approx(allowed, rel=0.01)
        assert bytes_allowed(judge) == pytest.approx(48_000_000, rel=0.01)


def test_nothing_is_left_of_a_step_that_was_kept_in_a_file(tmp_path: Path) -> None:
    from audit_lib.expectations import ExpectNoFullIpAddress
    from audit_lib.policy import load_policy
    from tests.judging import ROOT

    (tmp_path / "findings").mkdir()
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute(
        "CREATE TABLE usage_logs AS SELECT 0 AS _file, i AS _row, i AS _at, '0.0.0.0' AS ip, "
        "CASE WHEN i = 7 THEN 'from 81.2.69.142' ELSE 'call ' || i END AS action FROM range(50) AS t(i)"
    )
    columns = {"ip": "text", "action": "text"}
    relation = Relation("usage_logs", columns, frozenset(columns), key=("_file", "_row"), rows=50)
    law = load_policy(ROOT / "expectations").law
    judge = engine.DuckDB(
        con, {"usage_logs": relation}, law=law, files=("given",), key=b"k" * 32, out=tmp_path / "findings"
    )
    [found] = counts(judge, ExpectNoFullIpAddress(column="ip", masked_share=0.95, **ASKED))
    assert found["FAIL"] == 1
    assert {path.name for path in tmp_path.glob("*.parquet")} == {"marks.parquet", "shown.parquet"}
