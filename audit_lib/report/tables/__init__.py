"""Tables: what a run found, in rows that people read."""

from audit_lib.report.tables.anonymity import advice, attack, measures
from audit_lib.report.tables.changes import changes, exceptions
from audit_lib.report.tables.controls import not_shown, outcomes, reasons, to_act_on
from audit_lib.report.tables.coverage import coverage, without_retention_rule
from audit_lib.report.tables.effects import effects
from audit_lib.report.tables.inputs import assumptions, files, provenance, quarantine
from audit_lib.report.tables.lapses import lapses
from audit_lib.report.tables.overview import headline, overview
from audit_lib.report.tables.policy import policy_findings
from audit_lib.report.tables.remarks import notes

__all__ = [
    "advice",
    "assumptions",
    "attack",
    "changes",
    "coverage",
    "effects",
    "exceptions",
    "files",
    "headline",
    "lapses",
    "measures",
    "not_shown",
    "notes",
    "outcomes",
    "overview",
    "policy_findings",
    "provenance",
    "quarantine",
    "reasons",
    "to_act_on",
    "without_retention_rule",
]
