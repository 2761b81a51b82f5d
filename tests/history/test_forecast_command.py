"""The command forecast: counted again from the raw exports, in both languages, and what it refuses."""

import csv
import datetime as dt
import json
import shutil
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from audit_lib.sample.canaries import canaries
from tests.history.conftest import Program, checked, told, visits
from tests.judging import ROOT

PARIS = ZoneInfo("Europe/Paris")
VISITS = "navigation_data_kept_at_most_30_days"


def due_of(said: dict[str, list[dict[str, object]]], control: str) -> dict[str, object]:
    [found] = [one for one in said["due"] if one["control_id"] == control]
    return found


def test_visits_of_the_samples_are_counted_again(samples_run: Path, program: Program) -> None:
    now, expected = dt.datetime(2026, 11, 1, 6, tzinfo=PARIS), Counter[str]()
    with (ROOT / "data_samples" / "web" / "navigation.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                at = dt.datetime.fromisoformat(row["event_at"])
            except ValueError:
                continue
            at = at.astimezone(PARIS) if at.tzinfo else at.replace(tzinfo=PARIS)
            last = at.date() + dt.timedelta(days=30)
            # 1970 is what a system writes for no date.
            if at <= now and at.year > 1970:
                expected["overdue" if last < now.date() else f"{last:%Y-%m}"] += 1
    assert sum(expected.values()) > 150
    found = due_of(told(program, "forecast", samples_run), VISITS)
    assert {"overdue": found["overdue"], **found["months"]["PASS"]} == expected  # type: ignore[index, dict-item]
    assert found["clause"] == "5.2.2"


def test_what_the_samples_say_will_end(samples_run: Path, program: Program) -> None:
    """Written from data_samples by hand: erp, registers, security, hr."""
    exports = {
        (one["dataset"], one["column"]): (one["months"], one["later"], one["undated"], one["clause"])
        for one in told(program, "forecast", samples_run)["lapses"]["exports"]
    }
    assert exports == {
        # Nine licences end in February; a contract, a licence and a subscription end today.
        ("contracts", "end"): ({"2026-11": 3, "2027-02": 9}, 0, 19, "5.2.3"),
        ("recipients", "contract_to"): ({"2026-12": 26}, 0, 6, "4"),
        ("authorisations", "expires_at"): ({"2026-11": 1}, 0, 13, "1.2"),
        ("ndas", "expires_at"): ({"2026-11": 1}, 0, 61, "1.2"),
        # One certificate ended at the very instant of the exports, one a second later.
        ("endpoints", "certificate_expires_at"): ({"2026-11": 1, "2027-03": 12}, 0, 1, "1.2"),
        ("secure_admins", "to"): ({}, 0, 2, "5.3"),
    }


def test_the_adequacy_of_the_united_kingdom_ends_in_five_years(samples_run: Path, program: Program) -> None:
    assert told(program, "forecast", samples_run)["lapses"]["law"] == []
    [found] = told(program, "forecast", samples_run, "--months", "120")["lapses"]["law"]
    assert (found["country"], found["until"], found["basis"]) == ("GB", "2031-12-27", "adequacy")
    assert (found["flows"], found["uncovered"]) == ({"PASS": 2}, 2)


@pytest.mark.parametrize(
    ("as_of", "days", "months"),
    [
        # Thirty days later: 31 January, 1 February, 28 February, 1 March.
        (
            "2027-01-31T18:00:00+01:00",
            ["2027-01-01", "2027-01-02", "2027-01-29", "2027-01-30"],
            {"2027-01": 1, "2027-02": 2},
        ),
        # 29 February, 1 March, 30 March.
        ("2028-02-29T18:00:00+01:00", ["2028-01-30", "2028-01-31", "2028-02-29"], {"2028-02": 1, "2028-03": 2}),
    ],
)
def test_at_the_end_of_a_month(
    as_of: str, days: list[str], months: dict[str, int], tmp_path: Path, program: Program
) -> None:
    exports = visits(tmp_path / "exports", days, "2028-03-01T06:00:00+01:00")
    run = checked(program, exports, tmp_path / "out", "--as-of", as_of)
    said = told(program, "forecast", run, "--months", "1")
    found = due_of(said, VISITS)
    assert found["months"] == {"PASS": months}
    assert found["later"] == len(days) - sum(months.values())
    assert said["first"] == as_of[:10]


def test_what_was_not_supplied_is_told(tmp_path: Path, program: Program) -> None:
    exports = visits(tmp_path / "exports", ["2026-10-31"], "2026-11-01T06:00:00+01:00")
    run = checked(program, exports, tmp_path / "out")
    done = program("forecast", run, "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert (
        "  Customers’ contracts and licences (clause 5.2.3): not evaluated (Data not supplied – contracts)\n"
        in done.stdout
    )
    assert "  No control could judge the register of transfers: which safeguards flows rely on is not known.\n" in (
        done.stdout
    )
    assert "  5.2.1 · Prospects kept at most 3 years after their last contact: Data not supplied, contacts\n" in (
        done.stdout
    )
    said = told(program, "forecast", run)
    # The other control of visits says which columns they may have.
    assert (len(said["not_evaluated"]), [one["control_id"] for one in said["due"]]) == (58, [VISITS])


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "fr",
            [
                "Prévisions après l’audit du 1er novembre 2026 à 06:00 UTC+1",
                "Du 1er novembre 2026 au 30 novembre 2027",
                "5.2.2 · Données issues des cookies",
                "  A  Données de navigation conservées au plus 30\u00a0jours",
                "  Déjà échus (manquements)      5",
                "  novembre 2026               151",
                "  décembre 2026                 1",
                "  À échoir dans la période    152",
            ],
        ),
        (
            "en",
            [
                "Forecast after the audit of 1 November 2026 at 06:00 UTC+1",
                "  A  Navigation data kept at most 30 days",
                "  Overdue already (breaches)      5",
                "  November 2026                 151",
                "  Falling due in the period     152",
            ],
        ),
    ],
)
def test_the_text(samples_run: Path, program: Program, lang: str, lines: list[str]) -> None:
    done = program("forecast", samples_run, "--lang", lang)
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert [line for line in lines if line not in said] == []
    assert not [one for one in canaries() if one.casefold() in done.stdout.casefold()]


def test_it_reads_nothing_but_the_run(samples_run: Path, tmp_path: Path, program: Program) -> None:
    alone = tmp_path / "run"
    shutil.copytree(samples_run, alone)
    for name in ("notebooks", "validations"):
        shutil.rmtree(alone / name, ignore_errors=True)
    assert told(program, "forecast", alone) == told(program, "forecast", samples_run)
    (alone / "lapses.json").unlink()
    assert told(program, "forecast", alone)["lapses"]["exports"] is None
    assert "audit again to know them" in program("forecast", alone, "--lang", "en").stdout


def test_what_it_refuses(samples_run: Path, tmp_path: Path, program: Program) -> None:
    for arguments, line in (
        ([tmp_path], f"{tmp_path}: it has no folder policy: give the folder of a finished run of this version"),
        ([samples_run, "--set", "k=5"], "--exports: write it with --set: the folder that was checked"),
        ([samples_run, "--exports", "data_samples"], "--set: write it with --exports: NAME=VALUE"),
    ):
        done = program("forecast", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{line}\n")
    for months in ("0", "1201", "many"):
        done = program("forecast", samples_run, "--months", months)
        assert (done.returncode, done.stdout) == (2, "")
        assert "--months" in done.stderr


def test_json_is_one_document(samples_run: Path, program: Program) -> None:
    said = json.loads(program("forecast", samples_run, "--json", "--months", "1").stdout)
    assert (said["first"], said["last"], said["months"]) == ("2026-11-01", "2026-12-31", ["2026-11", "2026-12"])
    controls = {one["id"]: one for one in json.loads((samples_run / "controls.json").read_text("utf-8"))}
    for one in said["due"]:
        counted = controls[one["control_id"]]
        assert one["records"]["EXEMPT"] == counted["exempt"]
        assert sum(one["months"].get("PASS", {}).values()) + one["later"] <= counted["pass"]
        assert one["overdue"] <= counted["fail"]
