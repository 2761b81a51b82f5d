"""Fixture: a run folder of an invented company, with every outcome in it."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TODAY = date(2026, 11, 1)
CANARY = "jeanne.canari@exemple.example"  # stands for the value of an input cell: it must never come out

_DATA = Path(__file__).parent / "data"
_FILES = {
    "contacts": "hubspot-crm-exports-all-contacts-2026-11-01.csv",
    "interactions": "hubspot-engagements.csv",
    "contracts": "erp-contrats.xlsx",
    "user_accounts": "exportUsers_2026-11-1.csv",
    "directory_entries": "annuaire.ldif",
    "usage_logs": "logs/app-requests-2026-10.jsonl.gz",
    "navigation_events": "access.log",
    "transfers": "registre-transferts.xlsx",
}
_ROWS = {
    "contacts": (4_260, 4),
    "interactions": (15_020, 0),
    "contracts": (318, 1),
    "user_accounts": (634, 0),
    "directory_entries": (702, 3),
    "usage_logs": (42_134, 11),
    "navigation_events": (24_584, 27),
    "transfers": (40, 0),
}


def write_run(parent: Path, *, lang: str = "fr") -> Path:
    """A run folder under `parent`, as `dpo-audit check` leaves one."""
    run = parent / "2026-11-01T0500Z-3f9c2a71"
    run.mkdir(parents=True, mode=0o700)
    _write_json(run / "run.json", _facts(run.name, lang))
    _write_json(run / "controls.json", controls())
    _write_json(run / "aggregates.json", _aggregates())
    _write_json(run / "anonymity.json", [_anonymity()])
    _write_json(run / "lapses.json", _lapses())
    _write_findings(run / "findings.parquet")
    _write_quarantine(run / "quarantine.parquet")
    return run


def _lapses() -> list[dict[str, Any]]:
    contracts, missing = {"dataset": "contracts", "column": "end"}, {"dataset": "ndas", "column": "expires_at"}
    return [
        *(
            {**contracts, "ends_on": day, "records": n}
            for day, n in (("2027-02-28", 9), ("2027-01-31", 2), (None, 1234))
        ),
        {**missing, "not_evaluated": "dataset_not_supplied", "about": "ndas"},
    ]


def write_empty_run(parent: Path, *, lang: str = "fr") -> Path:
    """A run folder in which nothing was supplied: every control is not evaluated."""
    run = parent / "2026-11-01T0500Z-00000000"
    run.mkdir(parents=True, mode=0o700)
    facts = _facts(run.name, lang) | {"inputs": [], "assumptions": [], "problems": [], "unrecognised": []}
    _write_json(run / "run.json", facts)
    nothing = dict.fromkeys(("population", "pass", "fail", "exempt", "indeterminate", "review"), 0)
    rows = [
        row | nothing | {"outcome": "not_evaluated", "reason": "dataset_not_supplied", "reasons": {}}
        for row in controls()
    ]
    _write_json(run / "controls.json", rows)
    _write_json(run / "aggregates.json", [])
    return run


def write_policy(folder: Path) -> Path:
    """A policy folder with the controls of the run, in words that tests can foretell."""
    clauses = {}
    for row in controls():
        title = row["id"].replace("_", " ")
        said = {name: row[name] for name in ("id", "clause", "layer", "family", "severity", "dataset")}
        said |= {
            "title": {"fr": f"fr {title}", "en": f"en {title}"},
            "statement": {"fr": "énoncé", "en": "statement"},
            "remedy": {"fr": "Corriger.", "en": "Correct it."},
            "legal": [{"cite": {"fr": "RGPD, article 5", "en": "GDPR, Article 5"}}],
            "datasets": [row["dataset"]],
            "expect": {"expect_column_values_to_not_be_null": {}},
        }
        clauses[row["clause"]] = {"fr": f"clause {row['clause']}", "en": f"clause {row['clause']}"}
        place = folder / "controls" / row["family"]
        place.mkdir(parents=True, exist_ok=True)
        _write_json(place / f"{row['id']}.yaml", said)
    policy = {
        "company": {"name": "Exemple SA"},
        "policy": {
            "title": {"fr": "Politique", "en": "Policy"},
            "version": "2026-01-20",
            "in_force_since": "2026-01-20",
        },
        "language": "fr",
        "time_zone": "Europe/Paris",
        "parameters": {},
        "lists": {},
        "clauses": clauses,
    }
    _write_json(folder / "policy.yaml", policy)
    return folder


def _facts(run_id: str, lang: str) -> dict[str, object]:
    return {
        "run_id": run_id,
        "tool_version": "0.1.0",
        "as_of": "2026-11-01T06:00:00+01:00",
        "engine": "local",
        "language": lang,
        "policy": {
            "id": "ama-privacy-policy",
            "version": "2026-01-20",
            "sha256": "5d" * 32,
            "folder": "expectations",
        },
        "parameters": {"as_of": None, "fail_on": "never"},
        "inputs": [
            {
                "file": file,
                "sha256": f"{index:x}" * 64,
                "bytes": 1024 * (index + 1),
                "dataset": dataset,
                "mapping": "canonical",
                "format": Path(file).suffix.lstrip("."),
                "encoding": "utf-8",
                "rows_read": sum(_ROWS[dataset]),
                "rows_loaded": _ROWS[dataset][0],
                "rows_quarantined": _ROWS[dataset][1],
                "notes": [],
            }
            for index, (dataset, file) in enumerate(_FILES.items())
        ],
        "unrecognised": ["lisez-moi.txt"],
        "packages": {"duckdb": "2.0.0", "great-expectations": "1.24.1", "plotly": "7.1.0"},
        "durations": {"load": 0.8, "check": 2.1},
        "assumptions": [
            {
                "code": "response_window",
                "why": {
                    "fr": "Délai laissé pour répondre à une relance",
                    "en": "Time given to answer a recontact",
                },
                "value": "P1M",
                "default": "P1M",
                "approved_by": None,
            },
            {
                "code": "k",
                "why": {
                    "fr": "Taille minimale d’un groupe dans les journaux",
                    "en": "Smallest group in the usage logs",
                },
                "value": 15,
                "default": 11,
                "approved_by": "DPO",
            },
        ],
        "problems": [],
    }


def controls() -> list[dict[str, Any]]:
    """The rows of controls.json."""
    return [json.loads(line) for line in (_DATA / "controls.jsonl").read_text("utf-8").splitlines()]


def _aggregates() -> list[dict[str, object]]:
    flows = list(csv.reader((_DATA / "flows.csv").read_text("utf-8").splitlines()))
    made = [
        _due("prospects_kept_at_most_3_years", "contacts", 214, 2_871, 1_400, 1_090),
        _due("former_customers_kept_at_most_3_years", "contacts", 41, 902, 900, 1_000),
        _due("navigation_data_kept_at_most_30_days", "navigation_events", 6_377, 18_204, 75, 30),
        _due("named_users_kept_at_most_2_years", "user_accounts", 0, 611, 1, 720),
    ]
    made.append(
        _aggregate(
            "named_users_kept_at_most_2_years",
            "user_accounts",
            "sensitivity",
            ["start_event", "overdue"],
            [["contract_end", 0], ["last_login_at", 61], ["created_at", 204]],
        )
    )
    sizes = [
        [1, 312],
        [2, 140],
        [3, 66],
        [4, 61],
        [5, 40],
        [7, 31],
        [8, 20],
        [10, 12],
        [12, 44],
        [25, 31],
        [140, 9],
    ]
    made += [
        _aggregate(
            "usage_logs_meet_k_anonymity",
            "usage_logs",
            "class_sizes",
            ["class_size", "classes", "rows"],
            [[size, classes, size * classes * 9] for size, classes in sizes],
        ),
        _aggregate(
            "usage_log_ids_do_not_persist",
            "usage_logs",
            "days_per_id",
            ["days", "ids"],
            [[1, 831], *([days, 620 // days] for days in range(2, 41))],
        ),
        _aggregate(
            "usage_logs_resist_inference",
            "usage_logs",
            "class_diversity",
            ["distinct_values", "classes", "rows"],
            [[1, 88, 400], [2, 61, 601], [3, 212, 9_000], [4, 405, 32_133]],
        ),
        _aggregate(
            "usage_logs_resist_inference",
            "usage_logs",
            "class_closeness",
            ["t", "classes"],
            [[t / 100, 90 - t * 2] for t in range(3, 38)],
        ),
        _aggregate(
            "usage_log_ids_do_not_link_to_users",
            "usage_logs",
            "dictionary",
            ["digest", "bits", "ids", "candidates", "found", "beyond"],
            [
                ["any", 24, 1_000, 50_000, 0, 0],
                ["any", 128, 1_845, 50_000, 0, 0],
                ["md5", 24, 1_000, 50_000, 3, 0],
                ["md5", 128, 1_845, 50_000, 310, 1],
                ["sha3_256:before:2", 128, 1_845, 50_000, 4, 1],
                ["uuid5:dns", 128, 1_845, 50_000, 2, 1],
                ["same", 0, 0, 0, 5, 1],
            ],
        ),
        _aggregate(
            "transfers_covered_by_adequacy_scc_or_bcr",
            "transfers",
            "flows",
            flows[0],
            [_flow(row) for row in flows[1:]],
        ),
    ]
    return made


def _anonymity() -> dict[str, object]:
    """How far the usage logs are from anonymous."""
    kinds = {"ip": "address", "at": "time", "country": "country", "customer_domain": "text"}

    def way(ip: str, at: str, country: str, out: int, k: int | None, loss: float, *, passes: bool) -> dict[str, object]:
        levels = {"ip": ip, "at": at, "country": country, "customer_domain": "removed"}
        told = {"l": 4 if k else None, "t": 0.08 if k else None}
        return {"levels": levels, "loss": loss, "out": out, "classes": 9, "k": k, **told, "passes": passes}

    month = way("removed", "month", "whole", 20, 14, 0.7, passes=True)
    hour = way("network", "hour", "removed", 61, 12, 0.6, passes=True)
    return {
        "dataset": "usage_logs",
        "thresholds": {
            "quasi_identifiers": ["customer_domain", "country"],
            "sensitive": "action",
            **{"k": 11, "l": 3, "t": 0.2, "risk": 0.09, "homogeneous": 0.9, "id_order": 0.1, "suppression": 0.02},
        },
        "singling_out": {
            **{"people": 9_200, "classes": 766, "k": 2, "unique": 0, "above": 1_731},
            **{"prosecutor": 0.5, "prosecutor_average": 0.0832},
        },
        "population": {
            **{"dataset": "user_accounts", "on": ["customer_domain"], "people": 634, "classes": 40, "k": 4},
            **{"journalist": 0.25, "marketer": 0.0031, "missing": 0, "small": 7, "small_people": 31},
        },
        "inference": {
            **{"records": 42_134, "classes": 766, "l": 1, "l_entropy": 1.0, "c": None, "t": 0.3799, "alpha": 1.0},
            **{"beta": 6.25, "beta_enhanced": 2.1, "delta": 1.98, "homogeneous": 400},
        },
        "ids": {
            **{"ids": 2_845, "uuid": 12, "digest": 2_800, "number": 0, "other": 33, "time_bearing": 12},
            **{"rank_correlation": -0.31, "lasting": 2_014},
        },
        "reversals": [
            {"column": "ip", "space": "ipv4", "size": 1 << 32, "digests": 3, "tried": 0, "undone": 0},
            {
                **{"column": "anonymous_id", "space": "french_mobile", "size": 200_000_000, "digests": 2_800},
                **{"tried": 714_286, "undone": 7},
            },
        ],
        "meetings": [
            {"dataset": "user_accounts", "records": 42_134, "events": 634, "met": 9_000, "by_chance": 512.5},
            {"dataset": "form_submissions", "records": 42_134, "events": 80, "met": 60, "by_chance": 70.0},
        ],
        "advice": {
            "columns": kinds,
            "people": 3_100,
            "share": 0.25,
            "now": way("whole", "whole", "whole", 3_100, None, 0.0, passes=False),
            "tried": [hour, month, way("removed", "day", "whole", 900, None, 0.75, passes=False)],
            "least": [hour, month],
            "whole": False,
        },
    }


def _flow(row: list[str]) -> list[object]:
    country, basis, start, end, verdict, count = row
    return [country or None, basis, start, end or None, verdict, int(count)]


def _aggregate(
    control: str, dataset: str, name: str, columns: list[str], rows: list[list[object]]
) -> dict[str, object]:
    return {"control_id": control, "dataset": dataset, "name": name, "columns": columns, "rows": rows}


def _due(control: str, dataset: str, late: int, lawful: int, oldest: int, farthest: int) -> dict[str, object]:
    """Records spread over the days before and after today, more of them near it."""
    rows = _spread(late, oldest, -1, "FAIL") + _spread(lawful, farthest, 1, "PASS")
    columns = ["due_on", "verdict", "records"]
    return _aggregate(control, dataset, "due_by_day", columns, sorted(rows))


def _spread(records: int, reach: int, direction: int, verdict: str) -> list[list[object]]:
    by_day: dict[str, int] = {}
    for index in range(records):
        days = 1 + int(reach * (index / max(records, 1)) ** 1.6)
        day = (TODAY + timedelta(days=direction * days)).isoformat()
        by_day[day] = by_day.get(day, 0) + 1
    return [[day, verdict, count] for day, count in by_day.items()]


def _write_findings(path: Path) -> None:
    columns: dict[str, list[object]] = {name: [] for name in _FINDING}
    for control in controls():
        number = 0
        for verdict, reason, count in _found(control):
            for _ in range(min(count, 400)):  # enough to group and to sort
                number += 1
                late = (number * 7) % 1_300 + 1 if verdict == "FAIL" and control["family"] == "retention" else None
                due = TODAY - timedelta(days=late) if late else None
                values = (
                    control["id"],
                    control["dataset"],
                    _FILES[str(control["dataset"])],
                    number,
                    f"{hash_of(str(control['id']), number):016x}",
                    verdict,
                    reason,
                    None,
                    due,
                    late,
                    None,
                )
                for name, value in zip(_FINDING, values, strict=True):
                    columns[name].append(value)
    pq.write_table(pa.table(columns, schema=pa.schema(list(_FINDING.items()))), path)


def _found(control: dict[str, object]) -> list[tuple[str, str, int]]:
    """Reasons with the verdict each stands for, taken from the control's own counts."""
    left = {verdict: int(str(control[verdict.lower()])) for verdict in ("FAIL", "INDETERMINATE", "REVIEW", "EXEMPT")}
    found = []
    for reason, count in dict(control["reasons"]).items():  # type: ignore[call-overload]
        verdict = next(verdict for verdict, n in left.items() if n >= count)
        left[verdict] -= count
        found.append((verdict, reason, count))
    return found


def hash_of(control: str, number: int) -> int:
    """A stable number of 64 bits: Python's own hash changes from run to run."""
    return int.from_bytes(f"{control}{number}".encode()[-8:], "big")


_FINDING = {
    "control_id": pa.string(),
    "dataset": pa.string(),
    "source_file": pa.string(),
    "source_row": pa.int64(),
    "record_ref": pa.string(),
    "verdict": pa.string(),
    "reason": pa.string(),
    "clock_at": pa.timestamp("us"),
    "due_at": pa.date32(),
    "days_overdue": pa.int64(),
    "detail": pa.string(),
}


def _write_quarantine(path: Path) -> None:
    reasons = [
        ("contacts", 4, "collected_at", "bad_date"),
        ("contracts", 1, "contract_id", "key_duplicate"),
        ("directory_entries", 3, None, "missing_dn"),
        ("usage_logs", 11, None, "broken_line"),
        ("navigation_events", 27, None, "unreadable_line"),
    ]
    rows = [
        (dataset, _FILES[dataset], row, column, reason)
        for dataset, count, column, reason in reasons
        for row in range(1, count + 1)
    ]
    names = ("dataset", "source_file", "source_row", "column", "reason")
    pq.write_table(pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)}), path)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")
