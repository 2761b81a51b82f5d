"""DPV: the graph says of each control what it is about and its status, in terms that were looked up."""

import json
from pathlib import Path
from typing import Any

from audit_lib.handoff import documents
from audit_lib.policy.vocabulary import PREFIXES, iri
from tests.handoff.conftest import opened

DPV = PREFIXES["dpv"]


def _graph(run: Path) -> tuple[Any, Any, list[Any]]:
    said = json.loads(documents(opened(run))["dpv.jsonld"])
    assert said["@context"].items() >= PREFIXES.items()
    assessment, controller, policy, *rules = said["@graph"]
    assert assessment["dpv:hasPolicy"] == {"@id": policy["@id"]}
    return assessment, controller, rules


def test_each_control_is_a_rule_with_its_status(samples: Path) -> None:
    assessment, controller, rules = _graph(samples)
    controls = json.loads((samples / "controls.json").read_text("utf-8"))
    assert len(rules) == 60
    assert assessment["dpv:hasRule"] == [{"@id": rule["@id"]} for rule in rules]
    assert assessment["dpv:hasDataController"] == {"@id": controller["@id"]}
    for control, rule in zip(controls, rules, strict=True):
        assert rule["dct:identifier"] == control["id"]
        assert [iri(one["@id"]) for one in rule["dct:subject"]] == control["dpv"]
        assert rule["dpv:hasComplianceStatus"] == {"@id": control["status"]}
        assert {one["@language"] for one in rule["dct:title"]} == {"fr", "en"}


def test_what_was_not_shown_is_unknown_and_says_why(every_outcome: Path) -> None:
    rules = {rule["dct:identifier"]: rule for rule in _graph(every_outcome)[2]}
    found = {
        name: (rule["dpv:hasComplianceStatus"]["@id"].removeprefix(DPV), rule.get("dpv:hasApplicability"))
        for name, rule in rules.items()
    }
    assert found == {
        "cookies_of_declared_providers": ("ComplianceViolation", None),
        "every_processing_has_a_name": ("ComplianceViolation", None),
        "leads_kept_at_most_18_months": ("ComplianceUnknown", None),
        "leavers_lose_access": ("Compliant", None),
        "newsletters_need_consent": ("ComplianceUnknown", {"@id": "dpv:NotApplicable"}),
        "purposes_are_ours": ("ComplianceViolation", None),
        "requests_answered_in_20_days": ("Compliant", None),
        "till_for_declared_departments": ("ComplianceIndeterminate", None),
        "web_events_kept_at_most_90_days": ("ComplianceUnknown", {"@id": "dpv:NotAvailable"}),
    }
