"""Results: what a run found, as OSCAL assessment results: an observation and a finding a control, a risk a breach."""

from typing import Any

from audit_lib.audit.outcome import Outcome, status
from audit_lib.handoff.handed import Handed
from audit_lib.handoff.oscal import plan
from audit_lib.handoff.oscal.catalog import objective_id
from audit_lib.handoff.oscal.frame import NS, evidence, line, metadata, props, relevant
from audit_lib.handoff.oscal.scope import assets, dataset_id, datasets, origin, reviewed
from audit_lib.report.runs import Control

NAME = "assessment-results.json"
# State and reason of a finding. OSCAL has no word for what was not shown: it is not satisfied, for another reason than
# a failure. Left out instead, it would look as if nothing were wrong.
STATUS = {
    Outcome.VIOLATED: ("not-satisfied", "fail"),
    Outcome.NOT_EVALUATED: ("not-satisfied", "other"),
    Outcome.INDETERMINATE: ("not-satisfied", "other"),
    Outcome.REVIEW: ("not-satisfied", "other"),
    Outcome.EMPTY: ("not-satisfied", "other"),
    Outcome.COMPLIANT: ("satisfied", "pass"),
}


def results(handed: Handed) -> dict[str, Any]:
    """`collected`, `start` and `end` are the instant of the audit."""
    run, words = handed.run, handed.run.words
    counts = {shown.value: len(run.with_outcome(shown.value)) for shown in Outcome}
    found = datasets(handed)
    violated = run.with_outcome(Outcome.VIOLATED.value, of=run.controls)
    result = {
        "uuid": handed.uuid("result"),
        "title": words.text("handoff.result", run=run.facts["run_id"]),
        "description": ", ".join(
            words.text("handoff.counted", what=words.label("outcomes", outcome), counts=words.number(count))
            for outcome, count in counts.items()
            if count
        ),
        "start": handed.at,
        "end": handed.at,
        "props": props(
            policy_version=run.facts["policy"]["version"], policy_sha256=run.facts["policy"]["sha256"], **counts
        ),
        "local-definitions": {"components": found, "assessment-assets": assets(handed)}
        if found
        else {"assessment-assets": assets(handed)},
        "reviewed-controls": reviewed(handed),
        "observations": [_observation(handed, one) for one in run.controls],
        "risks": [_risk(handed, one) for one in violated],
        "findings": [_finding(handed, one) for one in run.controls],
        "remarks": words.text("handoff.no_opinion"),
    }
    return {
        "assessment-results": {
            "uuid": handed.uuid(NAME),
            "metadata": metadata(handed, "handoff.results", run.facts["run_id"]),
            "import-ap": {"href": plan.NAME},
            "results": [{name: said for name, said in result.items() if said}],
            "back-matter": {"resources": evidence(handed)},
        }
    }


def _observation(handed: Handed, control: Control) -> dict[str, Any]:
    supplied = {one["dataset"] for one in handed.run.facts["inputs"]}
    subjects = [
        {"subject-uuid": dataset_id(handed, one), "type": "component"}
        for one in handed.controls[control.id].datasets
        if one in supplied
    ]
    files = ["controls.json", *(f"validations/{one}.json" for one in handed.controls[control.id].judged)]
    if control.passed < control.population:
        files.append("findings.parquet")
    made = {
        "uuid": handed.uuid("observation", control.id),
        "title": line(handed.run.title(control.id)),
        "description": _told(handed, control),
        "props": _counted(control),
        "methods": ["TEST"],
        "types": ["control-objective"],
        "origins": [origin(handed)],
        "subjects": subjects,
        "relevant-evidence": relevant(handed, files),
        "collected": handed.at,
    }
    return {name: said for name, said in made.items() if said}


def _finding(handed: Handed, control: Control) -> dict[str, Any]:
    outcome = Outcome(control.outcome)
    state, reason = STATUS[outcome]
    made: dict[str, Any] = {
        "uuid": handed.uuid("finding", control.id),
        "title": line(handed.run.title(control.id)),
        "description": _told(handed, control),
        "props": [*_counted(control), *props(dpv_status=status(outcome))],
        "origins": [origin(handed)],
        "target": {
            "type": "objective-id",
            "target-id": objective_id(control.id),
            "status": {
                "state": state,
                "reason": reason,
                "remarks": handed.run.words.sentence("outcomes", outcome.value),
            },
        },
        "related-observations": [{"observation-uuid": handed.uuid("observation", control.id)}],
    }
    if outcome is Outcome.VIOLATED:
        made["related-risks"] = [{"risk-uuid": handed.uuid("risk", control.id)}]
    return made


def _risk(handed: Handed, control: Control) -> dict[str, Any]:
    run = handed.run
    return {
        "uuid": handed.uuid("risk", control.id),
        "title": line(run.title(control.id)),
        "description": _told(handed, control),
        "statement": handed.said(handed.controls[control.id].statement),
        "status": "open",
        "origins": [origin(handed)],
        "characterizations": [
            {
                "origin": origin(handed),
                "facets": [{"name": "severity", "system": NS, "value": control.severity}],
            }
        ],
        "remediations": [
            {
                "uuid": handed.uuid("remedy", control.id),
                "lifecycle": "recommendation",
                "title": run.words.text("handoff.remedy"),
                "description": run.remedy(control.id),
            }
        ],
        "related-observations": [{"observation-uuid": handed.uuid("observation", control.id)}],
    }


def _counted(control: Control) -> list[dict[str, Any]]:
    return props(
        outcome=control.outcome,
        severity=control.severity,
        reason=control.reason,
        population=control.population,
        **{verdict.lower(): count for verdict, count in control.counts().items()},
    )


def _told(handed: Handed, control: Control) -> str:
    """The outcome in words, and how many records have which verdict."""
    words = handed.run.words
    counts = [f"{words.label('verdicts', name)} {words.number(n)}" for name, n in control.counts().items() if n]
    kind = "not_evaluated" if control.outcome == Outcome.NOT_EVALUATED else "reasons"
    reason = words.sentence(kind, control.reason) if control.reason else ""
    about = f"({control.about})" if control.about else ""
    parts = [
        f"{words.label('outcomes', control.outcome)}. {words.sentence('outcomes', control.outcome)}",
        reason,
        about,
    ]
    if counts:
        total = words.count("records", control.population)
        parts.append(f"{words.text('handoff.counted', what=total, counts=', '.join(counts))}.")
    return " ".join(one for one in parts if one)
