"""DPV: what each control is about and its status of compliance, as linked data of the Data Privacy Vocabulary."""

from typing import Any

from audit_lib.audit.outcome import Outcome, status
from audit_lib.handoff.handed import Handed
from audit_lib.policy import Text
from audit_lib.policy.vocabulary import PREFIXES
from audit_lib.report.runs import Control

NAME = "dpv.jsonld"
# Why a status is unknown, where the vocabulary has a word: data are lacking, or no record is concerned.
_APPLICABILITY = {Outcome.NOT_EVALUATED: "dpv:NotAvailable", Outcome.EMPTY: "dpv:NotApplicable"}


def statuses(handed: Handed) -> dict[str, Any]:
    """A graph: the assessment, its controller, the policy, and a rule for each control with its status."""
    run = handed.run
    controller, policy = (f"urn:uuid:{handed.uuid(name)}" for name in ("party", "policy"))
    assessment = {
        "@id": f"urn:uuid:{handed.uuid('assessment')}",
        "@type": "dpv:ComplianceAssessment",
        "dct:identifier": run.facts["run_id"],
        "dct:date": {"@value": handed.at, "@type": "xsd:dateTime"},
        "dpv:hasPolicy": {"@id": policy},
        "dpv:hasDataController": {"@id": controller},
        "dpv:hasRule": [{"@id": _rule_id(handed, one)} for one in run.controls],
    }
    company = {
        "@id": controller,
        "@type": "dpv:DataController",
        "dpv:hasName": handed.policy.policy.company.name,
    }
    document = {
        "@id": policy,
        "@type": "dpv:Policy",
        "dct:title": _both(handed.policy.policy.policy.title),
        "owl:versionInfo": handed.policy.policy.policy.version,
    }
    return {
        "@context": {
            **PREFIXES,
            "dct": "http://purl.org/dc/terms/",
            "owl": "http://www.w3.org/2002/07/owl#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@graph": [assessment, company, document, *(_rule(handed, one) for one in run.controls)],
    }


def _rule(handed: Handed, control: Control) -> dict[str, Any]:
    defined, outcome = handed.controls[control.id], Outcome(control.outcome)
    made: dict[str, Any] = {
        "@id": _rule_id(handed, control),
        "@type": "dpv:Rule",
        "dct:identifier": control.id,
        "dct:title": _both(defined.title),
        "dct:description": _both(defined.statement),
        "dct:subject": [{"@id": term} for term in defined.dpv],
        "dpv:hasComplianceStatus": {"@id": status(outcome)},
    }
    if outcome in _APPLICABILITY:
        made["dpv:hasApplicability"] = {"@id": _APPLICABILITY[outcome]}
    return made


def _rule_id(handed: Handed, control: Control) -> str:
    return f"urn:uuid:{handed.uuid('rule', control.id)}"


def _both(text: Text) -> list[dict[str, str]]:
    return [{"@value": said, "@language": lang} for lang, said in text.model_dump().items()]
