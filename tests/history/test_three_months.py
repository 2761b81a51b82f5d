"""Three months of the invented company: what became of each finding is exactly what was planted."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.history import months
from tests.history.months import DECEMBER, ERASED, JANUARY, NOVEMBER, OPEN, PROSPECTS, program

_Finding = tuple[str, str]


@dataclass(frozen=True)
class Months:
    """The three runs, and the references of the planted records by what was done to them."""

    home: Path
    runs: tuple[Path, Path, Path]
    planted: Mapping[str, str]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Months:
    home = tmp_path_factory.mktemp("months")
    exports, policy = months.exports(home / "exports"), months.policy(home / "policy")
    first = months.checked(exports, policy, NOVEMBER, home)
    # Before the rows are moved: prospects are in the order of their ids.
    planted = {
        name: months.reference(first, PROSPECTS, row)
        for name, row in (("deleted", 2), ("mended", 3), ("accepted", 4), ("stays", 5), ("set_aside", 6))
    }
    months.accept(policy, planted["accepted"], "2026-12-15")
    months.in_december(exports)
    second = months.checked(exports, policy, DECEMBER, home)
    months.in_january(exports)
    third = months.checked(exports, policy, JANUARY, home)
    return Months(home, (first, second, third), planted)


def _open(run: Path) -> set[_Finding]:
    query = f"SELECT control_id, record_ref FROM read_parquet(?) WHERE {OPEN}"
    return set(duckdb.execute(query, [str(run / "findings.parquet")]).fetchall())


def _records(three: Months, earlier: int, later: int) -> dict[_Finding, dict[str, str]]:
    done = program("diff", three.runs[earlier], three.runs[later], "--records", home=three.home)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    found = {(row["control_id"], row["record_ref"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def _in(found: dict[_Finding, dict[str, str]], *states: str) -> set[_Finding]:
    return {finding for finding, row in found.items() if row["state"] in states}


def test_december_says_what_was_done(three: Months) -> None:
    found = _records(three, 0, 1)
    planted = {name: found[PROSPECTS, reference] for name, reference in three.planted.items()}
    assert {name: row["state"] for name, row in planted.items()} == {
        "deleted": "deleted",
        "mended": "mended",
        "accepted": "open",
        "stays": "open",
        "set_aside": "not_shown",
    }
    assert planted["stays"]["days_open"] == "30"
    assert planted["accepted"]["accepted_until"] == "2026-12-15"
    assert planted["deleted"]["closed_on"] == "2026-12-01T05:00:00Z"
    assert sum(row["accepted_until"] != "" for row in found.values()) == 1
    [new] = [
        row
        for row in found.values()
        if (row["control_id"], row["state"], row["source_file"]) == (PROSPECTS, "new", months.CONTACTS)
        and row["source_row"] == "161"
    ]
    assert new["reason"] == "kept_too_long"


def test_january_says_what_came_back(three: Months) -> None:
    found = _records(three, 1, 2)
    states = {name: found.get((PROSPECTS, reference), {}) for name, reference in three.planted.items()}
    assert states["deleted"] == states["mended"] == {}
    assert states["stays"]["days_open"] == "61"
    # In December its row could not be read: it was open all the time.
    assert (states["set_aside"]["state"], states["set_aside"]["days_open"]) == ("reappeared", "61")
    assert states["accepted"]["accepted_until"] == ""
    back = {finding for finding in _in(found, "reappeared") if finding[0] == ERASED}
    person = months.reference(three.runs[0], ERASED, 42, "registers/registre-demandes.xlsx")
    assert back == {(ERASED, person)}
    assert found[ERASED, person]["days_open"] == "0"


@pytest.mark.parametrize(("earlier", "later"), [(0, 1), (1, 2), (0, 2)])
def test_no_finding_is_lost(three: Months, earlier: int, later: int) -> None:
    """Told again by sets of the findings alone."""
    found = _records(three, earlier, later)
    before, after = _open(three.runs[earlier]), _open(three.runs[later])
    once = set().union(*(_open(run) for run in three.runs[: earlier + 1]))
    assert _in(found, "new") == after - once
    assert _in(found, "open") == after & before
    assert _in(found, "reappeared") == (after & once) - before
    assert _in(found, "deleted", "mended", "resolved", "not_shown") == before - after
    assert found.keys() == before | after


def test_changes_are_in_the_run(three: Months) -> None:
    for place, (run, before) in enumerate(zip(three.runs, (None, *three.runs[:2]), strict=True)):
        changes = json.loads((run / "changes.json").read_text("utf-8"))
        assert changes["previous"] == (before and {"run_id": before.name, "as_of": (NOVEMBER, DECEMBER)[place - 1]})
        now = _open(run)
        assert sum(one["new"] + one["open"] + one["reappeared"] for one in changes["controls"].values()) == len(now)
        states = [(one["state"], one["records"], one["open"]) for one in changes["exceptions"]]
        assert states == [[], [("in_force", 1, 1)], [("expired", 1, 1)]][place]
        prospects = changes["controls"][PROSPECTS]
        accepted = tuple(prospects[name] for name in ("accepted", "accepted_fail", "expired"))
        assert accepted == [(0, 0, 0), (1, 1, 0), (0, 0, 1)][place]


def test_diff_is_readable_in_both_languages(three: Months) -> None:
    for lang, said in (
        ("en", ["1 November 2026 → 1 December 2026", "not shown", "Exceptions: 1 findings accepted, 0 whose"]),
        ("fr", ["1er\u00a0novembre 2026 → 1er\u00a0décembre 2026", "supprimé", "Exceptions\u202f: 1"]),
    ):
        done = program("diff", *three.runs[:2], "--lang", lang, home=three.home)
        assert done.returncode == 0, done.stderr
        counts = [
            line for line in done.stdout.splitlines() if "→" in line and ("contacts" in line or "Contacts" in line)
        ]
        assert any("319 → 317" in line for line in counts), done.stdout
        for words in said:
            assert words.replace("\u00a0", " ") in done.stdout.replace("\u00a0", " "), words


def test_diff_for_programs(three: Months) -> None:
    done = program("diff", three.runs[0], three.runs[2], "--json", home=three.home)
    said = json.loads(done.stdout)
    assert [one["as_of"] for one in said["runs"]] == [NOVEMBER, JANUARY]
    found = {(one["control_id"], one["record_ref"]): one["state"] for one in said["records"]}
    assert len(found) == len(said["records"]) == sum(sum(one["states"].values()) for one in said["controls"])
    # Deleted in December, which January remembers.
    assert found[PROSPECTS, three.planted["deleted"]] == "deleted"
    assert found[PROSPECTS, three.planted["set_aside"]] == "open"


def test_the_history_remembers_the_runs(three: Months) -> None:
    done = program("history", three.home / "runs", "--json", home=three.home)
    runs = json.loads(done.stdout)
    assert [one["run_id"] for one in runs] == [run.name for run in three.runs]
    assert [len(one["controls"]) for one in runs] == [60, 60, 60]
    assert [one["previous"] for one in runs] == [None, runs[0]["run_id"], runs[1]["run_id"]]
    for one, run in zip(runs, three.runs, strict=True):
        assert sum(int(control["new"] + control["open"] + control["reappeared"]) for control in one["controls"]) == len(
            _open(run)
        )
    shown = program("history", three.home / "runs", "--lang", "fr", home=three.home).stdout.splitlines()
    assert len(shown) == 4
    assert shown[1].startswith(f"2026-11-01  {three.runs[0].name} ")


def test_a_breach_that_somebody_answers_for_wakes_nobody(three: Months) -> None:
    """--fail-on leaves out a control all of whose breaches are accepted."""
    from audit_lib.cli.auditing import breached

    controls = [{"id": "a", "severity": "high", "fail": 2}, {"id": "b", "severity": "low", "fail": 1}]
    assert breached(controls, {"a": {"accepted_fail": 2}}, ["critical", "high"]) is False
    assert breached(controls, {"a": {"accepted_fail": 1}}, ["critical", "high"]) is True
    assert breached(controls, {}, ["critical", "high", "medium", "low"]) is True


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_runs_the_wrong_way_round(three: Months, lang: str) -> None:
    done = program("diff", three.runs[1], three.runs[0], "--lang", lang, home=three.home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == ["write the earlier run first, then a later one"]
