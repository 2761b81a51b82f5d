"""Policy: the promises as data, and the law they are held against."""

from audit_lib.policy.load import PolicyError, PolicyFolder, load_policy
from audit_lib.policy.models import Citation, Company, Control, Document, Finding, Parameter, Policy, Text

__all__ = [
    "Citation",
    "Company",
    "Control",
    "Document",
    "Finding",
    "Parameter",
    "Policy",
    "PolicyError",
    "PolicyFolder",
    "Text",
    "load_policy",
]
