"""Policy: the promises as data, and the law they are held against."""

from audit_lib.policy.load import PolicyError, PolicyFolder, digests, load_policy, whole_digest
from audit_lib.policy.models import (
    AcceptedException,
    Citation,
    Company,
    Control,
    Document,
    Evidence,
    Finding,
    Lapse,
    Parameter,
    Policy,
    Text,
    clause_order,
)

__all__ = [
    "AcceptedException",
    "Citation",
    "Company",
    "Control",
    "Document",
    "Evidence",
    "Finding",
    "Lapse",
    "Parameter",
    "Policy",
    "PolicyError",
    "PolicyFolder",
    "Text",
    "clause_order",
    "digests",
    "load_policy",
    "whole_digest",
]
