"""Publish: the files of a run, written under a temporary name and shown only when complete."""

import hashlib
import json
import platform
import re
import sys
import zoneinfo
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from audit_lib.audit import coverage as covered
from audit_lib.audit import evidence
from audit_lib.audit.outcome import Outcome, Tallies, Tally, outcome, status, whole
from audit_lib.datasets import sha256
from audit_lib.datasets.manifest import NAME
from audit_lib.policy import Control, PolicyFolder, whole_digest
from audit_lib.policy.vocabulary import iri
from audit_lib.suites import parameters_of

FINDING_COLUMNS = (
    "control_id, dataset, source_file, source_row, record_ref, verdict, reason, clock_at, due_at, days_overdue, detail"
)
_NO_FINDING = (
    "SELECT ''::VARCHAR AS control_id, ''::VARCHAR AS dataset, ''::VARCHAR AS source_file, 0::BIGINT AS source_row, "
    "''::VARCHAR AS record_ref, ''::VARCHAR AS verdict, ''::VARCHAR AS reason, NULL::TIMESTAMP AS clock_at, "
    "NULL::DATE AS due_at, NULL::INTEGER AS days_overdue, NULL::VARCHAR AS detail WHERE false"
)


def policy(folder: Path, source: Path, files: Mapping[str, str]) -> None:
    """policy/: the files that the run is judged by, as they were read. Raises OSError, and ValueError when one changed
    since: its name.
    """
    for name, digest in files.items():
        content = (source / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise ValueError(name)
        (folder / "policy" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "policy" / name).write_bytes(content)


def controls(folder: Path, policy: PolicyFolder, tallies: Tallies, parameters: Mapping[str, Any]) -> None:
    """controls.json: what each control showed, by id."""
    by_id = {control.id: control for control in policy.controls}
    _json(
        folder / "controls.json",
        [_control(by_id[name], whole(parts), parameters) for name, parts in tallies.items()],
    )


def _control(control: Control, tally: Tally, parameters: Mapping[str, Any]) -> dict[str, Any]:
    counts, shown = tally["counts"], outcome(tally)
    named = parameters_of(control)
    used = {name: value for name, value in parameters.items() if name in named}
    return {
        "id": control.id,
        "clause": control.clause,
        "layer": control.layer,
        "family": control.family,
        "severity": control.severity,
        "dataset": control.dataset,
        "judges": list(control.judged),
        "dpv": [iri(term) for term in control.dpv],
        "outcome": shown.value,
        "status": status(shown),
        "population": sum(counts.values()),
        **{
            name: counts.get(verdict, 0)
            for name, verdict in (
                ("pass", "PASS"),
                ("fail", "FAIL"),
                ("exempt", "EXEMPT"),
                ("indeterminate", "INDETERMINATE"),
                ("review", "REVIEW"),
            )
        },
        "reason": _main_reason(shown, tally),
        "about": tally.get("about", ""),
        "reasons": {reason: n for said in tally["reasons"].values() for reason, n in sorted(said.items())},
        "parameters": used,
        "earliest_due": tally["earliest_due"],
        "latest_due": tally["latest_due"],
    }


def _main_reason(shown: Outcome, tally: Tally) -> str | None:
    """Why the outcome is not better: the commonest reason of the verdict that decided it."""
    if shown is Outcome.NOT_EVALUATED:
        return str(tally["not_evaluated"])
    verdict = {
        Outcome.VIOLATED: "FAIL",
        Outcome.INDETERMINATE: "INDETERMINATE",
        Outcome.REVIEW: "REVIEW",
    }.get(shown)
    said = tally["reasons"].get(verdict, {})
    return min(said, key=lambda reason: (-said[reason], reason)) if said else None


def aggregates(folder: Path, tallies: Tallies) -> None:
    """aggregates.json: small tables of counts, for the figures."""
    _json(
        folder / "aggregates.json",
        [
            {"control_id": name, "dataset": dataset, **table}
            for name, parts in tallies.items()
            for dataset, tally in parts.items()
            for table in tally.get("aggregates", [])
        ],
    )


def validation(folder: Path, dataset: str, asked: list[dict[str, Any]], tallies: Tallies) -> None:
    """validations/<dataset>.json: the result of a suite, with counts and no value."""
    from audit_lib.audit.validate import sanitised

    results = [
        {
            "control": one["meta"]["control"],
            **sanitised({"expectation": one, "tally": tallies[one["meta"]["control"]][dataset]}),
        }
        for one in asked
    ]
    _json(folder / "validations" / f"{dataset}.json", {"suite": dataset, "results": results})


def findings(con: Any, parts: Path, folder: Path) -> None:
    """findings.parquet: every record and control whose verdict is not PASS, in one stable order."""
    pieces = [_NO_FINDING] + [
        f"SELECT * FROM read_parquet('{_quoted(path)}')" for path in sorted(parts.glob("*.parquet"))
    ]
    con.execute(
        f"COPY (SELECT {FINDING_COLUMNS} FROM ({' UNION ALL '.join(pieces)}) "
        "ORDER BY control_id, source_file, source_row) "
        f"TO '{_quoted(folder / 'findings.parquet')}' (FORMAT parquet)"
    )


def quarantine(con: Any, folder: Path) -> None:
    con.execute(
        'COPY (SELECT dataset, source_file, source_row, "column", reason FROM quarantine '
        "ORDER BY dataset, source_file, source_row) "
        f"TO '{_quoted(folder / 'quarantine.parquet')}' (FORMAT parquet)"
    )


def policy_findings(folder: Path, policy: PolicyFolder, tallies: Tallies) -> None:
    """policy_findings.json: what the policy's text contradicts or leaves open, and what the exports show of it."""
    _json(
        folder / "policy_findings.json",
        [{**_plain(finding), "evidence": evidence.shown(finding, tallies)} for finding in policy.findings],
    )


def coverage(folder: Path, policy: PolicyFolder, tallies: Tallies, loaded: Any) -> None:
    """coverage.json: which clauses were tested, on which data, with what outcome, and what no rule covers."""
    _json(folder / "coverage.json", covered.coverage(policy, tallies, loaded))


def anonymity(folder: Path, measured: list[dict[str, Any]] | None) -> None:
    """anonymity.json: how far the tables that should be anonymous are; no file when nobody measured."""
    if measured is not None:
        _json(folder / "anonymity.json", measured)


def lapses(folder: Path, counted: list[dict[str, Any]]) -> None:
    """lapses.json: what the exports say will end, by day."""
    _json(folder / "lapses.json", counted)


def input_facts(report: Any) -> dict[str, Any]:
    return {
        "file": report.file,
        "sha256": report.sha256,
        "bytes": report.bytes,
        "dataset": report.dataset,
        "mapping": report.mapping,
        "format": report.format,
        "encoding": report.encoding,
        "rows_read": report.rows_read,
        "rows_loaded": report.rows_loaded,
        "rows_quarantined": report.rows_quarantined,
        "notes": list(report.notes),
    }


def manifest(exports: Path) -> dict[str, str] | None:
    """What said of the exports what they do not say themselves, and its SHA-256."""
    path = exports / NAME
    return {"file": NAME, "sha256": sha256(path)} if path.is_file() else None


def digest(inputs: list[dict[str, Any]]) -> str:
    """One SHA-256 of all files: of the list that `sha256sum` would write of them."""
    return whole_digest({one["file"]: str(one["sha256"]) for one in sorted(inputs, key=lambda one: str(one["file"]))})


def assumptions(policy: PolicyFolder, values: Mapping[str, Any], loaded: Any) -> list[dict[str, Any]]:
    """What was decided where the policy or the exports are silent: parameters and detected facts."""
    found: list[dict[str, Any]] = [
        {
            "code": name,
            "value": values[name],
            "default": parameter.value,
            "why": _plain(parameter.why),
            "approved_by": parameter.approved_by,
        }
        for name, parameter in policy.policy.parameters.items()
    ]
    found += [{"code": one.code, **one.params} for one in loaded.assumptions]
    return found


def packages() -> dict[str, str]:
    """The version of each package that is installed, by its normalised name."""
    # Their own files would take 0.1 s to read.
    found = (path.name.removesuffix(".dist-info") for at in sys.path for path in Path(at).glob("*.dist-info"))
    pairs = (name.rpartition("-") for name in found)
    return dict(sorted((re.sub(r"[-_.]+", "-", name).lower(), version) for name, _, version in pairs))


def environment() -> dict[str, str]:
    """What is not a package and may change a result: Python, the system, the time zones' table."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "time_zones": _time_zones(),
    }


def _time_zones() -> str:
    for place in zoneinfo.TZPATH:
        with suppress(OSError):
            return Path(place, "tzdata.zi").read_text("ascii").partition("\n")[0].rpartition(" ")[2]
    with suppress(metadata.PackageNotFoundError):
        return metadata.version("tzdata")
    return ""


def run_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    _json(folder / "run.json", facts)


def _plain(model: Any) -> Any:
    return model.model_dump() if hasattr(model, "model_dump") else model


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")
