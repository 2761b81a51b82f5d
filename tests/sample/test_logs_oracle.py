"""The verdicts of the log sets, found again from the committed files by plain counting."""

import csv
import datetime as dt
import gzip
import ipaddress
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

SAMPLES = Path(__file__).parents[2] / "data_samples"
PARIS = ZoneInfo("Europe/Paris")
EXTRACTED = dt.datetime(2026, 11, 1, 5, tzinfo=dt.UTC)
K, L, T = 11, 3, 0.2  # the defaults of the policy
NO_ADDRESS = ("", "0.0.0.0")

Key = tuple[str, int]
Verdicts = dict[Key, tuple[str, str]]


def _log_rows() -> dict[Key, dict[str, str]]:
    rows: dict[Key, dict[str, str]] = {}
    for path in sorted((SAMPLES / "logs").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                found = {name: "" if value is None else str(value) for name, value in json.loads(line).items()}
                rows[f"logs/{path.name}", number] = found
    with (SAMPLES / "logs/agregats-par-pays.csv").open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 1):
            rows["logs/agregats-par-pays.csv", number] = row
    combined = re.compile(r'(\S+) - (\S+) \[.*?\] "(.*?)" ')
    for number, line in enumerate((SAMPLES / "logs/access-2026-10.log").read_text("utf-8").splitlines(), 1):
        match = combined.match(line)
        assert match
        ip, user, request = match.groups()
        rows["logs/access-2026-10.log", number] = {
            "ip": ip,
            "anonymous_id": user.strip("-"),
            "action": request,
        }
    return rows


def _expected(control: str) -> Verdicts:
    planted = yaml.safe_load((SAMPLES / "planted.yaml").read_text("utf-8"))
    found = {}
    for finding in planted["controls"][control]["findings"]:
        for part in finding["rows"].split(", "):
            first, _, last = part.partition("-")
            for number in range(int(first), int(last or first) + 1):
                found[finding["file"], number] = (finding["verdict"], finding["reason"])
    return found


@pytest.fixture(scope="module")
def rows() -> dict[Key, dict[str, str]]:
    return _log_rows()


def _country(row: dict[str, str]) -> str:
    country = row.get("country", "")
    return country if len(country) == 2 else ""


def _class(key: Key, row: dict[str, str]) -> tuple[str, ...]:
    """Domain and country; a blank matches nothing, so the individual (or the row) is alone."""
    domain, country = row.get("customer_domain", ""), _country(row)
    if domain and country:
        return (domain, country)
    return ("alone", row.get("anonymous_id") or f"{key}")


def test_every_row_is_counted(rows: dict[Key, dict[str, str]]) -> None:
    assert len(rows) == 2400


def test_event_ids_are_distinct(rows: dict[Key, dict[str, str]]) -> None:
    ids = [row["event_id"] for row in rows.values() if row.get("event_id")]
    assert len(ids) == len(set(ids)) > 2000


def test_group_size(rows: dict[Key, dict[str, str]]) -> None:
    people: dict[tuple[str, ...], set[str]] = defaultdict(set)
    held: Counter[tuple[str, ...]] = Counter()
    for key, row in rows.items():
        if row.get("anonymous_id"):
            people[_class(key, row)].add(row["anonymous_id"])
        else:
            held[_class(key, row)] += int(row.get("count") or 0)
    found: Verdicts = {}
    for key, row in rows.items():
        group = _class(key, row)
        if not row.get("anonymous_id") and not row.get("count"):
            found[key] = ("INDETERMINATE", "id_missing")
        elif len(people[group]) + held[group] < K:
            found[key] = ("FAIL", "class_too_small")
    assert found == _expected("usage_logs_meet_k_anonymity")


def test_persistence(rows: dict[Key, dict[str, str]]) -> None:
    days: dict[str, set[dt.date]] = defaultdict(set)
    for row in rows.values():
        if row.get("anonymous_id") and _day(row):
            days[row["anonymous_id"]].add(_day(row))
    found: Verdicts = {}
    for key, row in rows.items():
        person = row.get("anonymous_id")
        if not person:
            if not row.get("count"):
                found[key] = ("INDETERMINATE", "id_missing")
        elif len(days[person]) > 1:
            found[key] = ("FAIL", "persistent_id")
        elif not _day(row) and not key[0].endswith(".log"):
            found[key] = ("INDETERMINATE", "clock_missing")
        elif _day(row) and dt.datetime.fromisoformat(row["at"]) > EXTRACTED:
            found[key] = ("INDETERMINATE", "clock_in_future")
    assert found == _expected("usage_log_ids_do_not_persist")


def _day(row: dict[str, str]) -> dt.date | None:
    at = row.get("at", "")
    return dt.datetime.fromisoformat(at).astimezone(PARIS).date() if at and not at.startswith("1970") else None


def test_inference(rows: dict[Key, dict[str, str]]) -> None:
    actions: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    overall: Counter[str] = Counter()
    for key, row in rows.items():
        if row.get("action"):
            actions[_class(key, row)][row["action"]] += 1
            overall[row["action"]] += 1
    found: Verdicts = {}
    far: dict[tuple[str, ...], float] = {}
    for key, row in rows.items():
        group = _class(key, row)
        if not row.get("action"):
            if not row.get("count"):
                found[key] = ("INDETERMINATE", "value_missing")
            continue
        if group not in far:
            far[group] = _distance(actions[group], overall)
        if len(actions[group]) < L:
            found[key] = ("FAIL", "l_too_low")
        elif far[group] > T:
            found[key] = ("FAIL", "t_too_high")
    assert found == _expected("usage_logs_resist_inference")
    assert not [t for t in far.values() if abs(t - T) < 0.01]  # no class on the fence


def _distance(inside: Counter[str], overall: Counter[str]) -> float:
    return sum(abs(inside[a] / inside.total() - overall[a] / overall.total()) for a in overall) / 2


def test_masked_addresses_are_at_least_95_percent_but_in_the_access_log(
    rows: dict[Key, dict[str, str]],
) -> None:
    addresses: dict[str, list[bool]] = defaultdict(list)
    for (file, _), row in rows.items():
        try:
            address = ipaddress.ip_address(row.get("ip", ""))
        except ValueError:
            continue
        if address.version == 4:
            addresses[file].append(row["ip"].endswith(".0"))
    shares = {file: sum(zeros) / len(zeros) for file, zeros in addresses.items()}
    assert shares.pop("logs/access-2026-10.log") < 0.5
    assert len(shares) == 4
    assert min(shares.values()) >= 0.95


def test_country_alone(rows: dict[Key, dict[str, str]]) -> None:
    limit = dt.date(2024, 11, 1)
    found: Verdicts = {}
    for key, row in rows.items():
        if key[0].endswith(".log"):
            continue
        day, month = _day(row), row.get("month", "")
        if not day and not month:
            found[key] = ("INDETERMINATE", "clock_missing")
        elif day and dt.datetime.fromisoformat(row["at"]) > EXTRACTED:
            found[key] = ("INDETERMINATE", "clock_in_future")
        elif (day and day < limit) or (month and month < "2024-11"):
            kept = [row.get(name) for name in ("at", "action", "anonymous_id", "customer_domain")]
            if any(kept) or row.get("ip", "") not in NO_ADDRESS:
                found[key] = ("FAIL", "not_aggregated")
            elif int(row["count"]) < K:
                found[key] = ("REVIEW", "small_cell")
    assert found == _expected("ip_country_kept_alone_after_2_years")
