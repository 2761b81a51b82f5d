"""Policy: the promises as data, and the law they are held against."""

from audit_lib.policy.load import PolicyError, PolicyFolder, load_policy
from audit_lib.policy.models import (
    Citation,
    Company,
    Control,
    Document,
    Evidence,
    Finding,
    Parameter,
    Policy,
    Text,
    clause_order,
)

__all__ = [
    "Citation",
    "Company",
    "Control",
    "Document",
    "Evidence",
    "Finding",
    "Parameter",
    "Policy",
    "PolicyError",
    "PolicyFolder",
    "Text",
    "clause_order",
    "load_policy",
]
