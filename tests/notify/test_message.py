"""What is said of a run: its counts, in its language, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from audit_lib.notify import failed, finished
from audit_lib.report.words import words

FACTS: dict[str, Any] = {
    "run_id": "20261101T050000Z-09ffa92b",
    "as_of": "2026-11-01T06:00:00+01:00",
    "policy": {"id": "AMA"},
    "notes": ["crm/secret.csv: a note"],
    "inputs": [{"file": "crm/secret.csv"}],
}
CONTROLS = [
    {"id": f"control_{number}", "severity": severity, "outcome": outcome, "dataset": "contacts"}
    for number, (severity, outcome) in enumerate(
        [
            *[("critical", "violated")] * 2,
            ("low", "violated"),
            ("high", "not_evaluated"),
            ("high", "compliant"),
            ("high", "compliant"),
            ("medium", "empty"),
        ]
    )
]
CHANGES = {"new": 1234, "open": 5, "resolved": 1}


def test_counts_in_english() -> None:
    message = finished(FACTS, CONTROLS, words("en"), changes=CHANGES, notes=["The run of October was interrupted."])
    assert message.subject == "AMA: 3 controls are violated"
    assert message.text.splitlines() == [
        "Audit of AMA, of the exports of 1 November 2026 at 06:00 UTC+1.",
        "Run 20261101T050000Z-09ffa92b.",
        "",
        "Controls by outcome:",
        "- Violated: 3",
        "- Not evaluated: 1",
        "- Indeterminate: 0",
        "- To review: 0",
        "- Empty scope: 1",
        "- Compliant: 2",
        "",
        "Violated controls by severity:",
        "- Critical: 2",
        "- High: 0",
        "- Medium: 0",
        "- Low: 1",
        "",
        "Records since the previous run:",
        "- New: 1,234",
        "- Reappeared: 0",
        "- Still open: 5",
        "- Resolved: 1",
        "- Not shown: 0",
        "- Accepted: 0",
        "- Acceptance expired: 0",
        "",
        "The run of October was interrupted.",
        "",
        "The report is on the machine of the audit, in the folder of the run.",
    ]
    assert message.facts == {
        "company": "AMA",
        "run_id": "20261101T050000Z-09ffa92b",
        "as_of": "2026-11-01T06:00:00+01:00",
        "status": 0,
        "outcomes": {
            "violated": 3,
            "not_evaluated": 1,
            "indeterminate": 0,
            "review": 0,
            "empty": 1,
            "compliant": 2,
        },
        "violated": {"critical": 2, "high": 0, "medium": 0, "low": 1},
        "changes": {**dict.fromkeys(("reappeared", "not_shown", "accepted", "expired"), 0), **CHANGES},
        "notes": ["The run of October was interrupted."],
    }


def test_counts_in_french() -> None:
    message = finished(FACTS, CONTROLS, words("fr"), changes=CHANGES)
    assert message.subject == "AMA\u202f: 3\u00a0contrôles font apparaître des manquements"
    lines = message.text.splitlines()
    assert lines[0] == "Audit de AMA, sur les exports du 1er novembre 2026 à 06:00 UTC+1."
    assert "- Nouveaux\u202f: 1\u202f234" in lines and "- Critique\u202f: 2" in lines


def test_a_first_run_says_nothing_of_changes() -> None:
    message = finished(FACTS, CONTROLS, words("en"))
    assert "changes" not in message.facts and "notes" not in message.facts
    assert "previous" not in message.text


@pytest.mark.parametrize("status, said", [(1, ""), (2, " (incomplete, status 2)")])
def test_a_status_is_told(status: int, said: str) -> None:
    message = finished(FACTS, CONTROLS, words("en"), status=status)
    assert message.subject == f"AMA: 3 controls are violated{said}"
    assert message.facts["status"] == status
    assert f"(status {status})" in message.text


@pytest.mark.parametrize("status", [2, 3])
def test_a_failure_is_told_without_a_reason(status: int) -> None:
    message = failed(status, "AMA", words("en"))
    assert message.subject == f"AMA: the audit failed (status {status})"
    assert message.facts == {"company": "AMA", "status": status}
    assert failed(status, "", words("fr")).subject == f"l’audit a échoué (statut {status})"


def test_a_subject_is_one_line() -> None:
    assert failed(3, "A\r\nBcc: x@y.eu", words("en")).subject == "A Bcc: x@y.eu: the audit failed (status 3)"


def test_nothing_of_a_record_a_file_or_a_control_is_said() -> None:
    message = finished(FACTS, CONTROLS, words("fr"), changes=CHANGES)
    said = message.subject + message.text + json.dumps(message.facts)
    assert [word for word in ("secret", "crm", "control_", "contacts", str(Path.home())) if word in said] == []
