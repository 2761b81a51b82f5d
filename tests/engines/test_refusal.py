"""Refusal: a rule that the engine cannot run leaves the others their results, whatever their steps are called."""

from dataclasses import replace
from pathlib import Path

import duckdb

from audit_lib.engines.duckdb import DuckDB
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Lookup, Relation, Rule, Step
from audit_lib.expectations.sql import filled, select, sql
from tests.judging import AS_OF, PARIS


def _rule(value: str, *, rows: bool) -> Rule:
    """A rule with a step named like those of others, worked out of `value`."""
    step = Step("found", select("SELECT 0 AS f, 1 AS r, :value AS v", value=sql(value)), rows=rows)
    lookup = Lookup("l", select("SELECT * FROM found"), {"f": sql("b._file"), "r": sql("b._row")})
    return Rule((Branch(filled(lookup["v"]), Verdict.FAIL, "kept_too_long"),), steps=(step,), lookups=(lookup,))


def test_steps_of_the_same_name_do_not_refuse_one_another(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE contacts AS SELECT 0 AS _file, 1 AS _row, 0 AS _at, 'x' AS contact_id")
    relation = Relation("contacts", {"contact_id": "text"}, frozenset({"contact_id"}), key=("contact_id",))
    (tmp_path / "findings").mkdir()
    judge = DuckDB(con, {"contacts": relation}, files=("f",), key=b"k" * 32, out=tmp_path / "findings")
    setting = judge.setting("contacts", AS_OF, PARIS)
    wrong = replace(_rule("1", rows=False), scope=sql("CAST(contact_id AS INT) = 1"))
    found = judge.judge(
        setting, {"wrong": wrong, "on_disk": _rule("1", rows=True), "in_memory": _rule("1", rows=False)}
    )
    assert found["wrong"] == {"not_evaluated": "engine_refused", "about": "ConversionException"}
    assert [found[name]["counts"]["FAIL"] for name in ("on_disk", "in_memory")] == [1, 1]
