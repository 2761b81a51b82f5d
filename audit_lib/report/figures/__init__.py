"""Figures: what a run found, drawn; one look, and the numbers beside each."""

from audit_lib.report.figures.anonymity import (
    class_sizes,
    closeness,
    days_per_id,
    diversity,
    generalisations,
    risks,
)
from audit_lib.report.figures.held import records_by_dataset
from audit_lib.report.figures.outcomes import outcomes_by_clause, records_by_verdict
from audit_lib.report.figures.retention import (
    age_against_limit,
    falling_due,
    overdue_by_how_long,
    start_events,
)
from audit_lib.report.figures.transfers import flows_over_time

__all__ = [
    "age_against_limit",
    "class_sizes",
    "closeness",
    "days_per_id",
    "diversity",
    "falling_due",
    "flows_over_time",
    "generalisations",
    "outcomes_by_clause",
    "overdue_by_how_long",
    "records_by_dataset",
    "records_by_verdict",
    "risks",
    "start_events",
]
