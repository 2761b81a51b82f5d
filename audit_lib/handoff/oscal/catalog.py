"""Catalog: the controls of a run's policy as an OSCAL catalog, by clause, in both languages."""

import json
from typing import Any

from audit_lib.handoff.handed import Handed
from audit_lib.handoff.oscal.frame import NS, line, metadata, props
from audit_lib.policy import Citation, Control, clause_order
from audit_lib.policy.vocabulary import iri
from audit_lib.suites import parameters_of, verb

NAME = "catalog.json"
_RMF = "http://csrc.nist.gov/ns/rmf"  # where the method of an assessment is defined


def catalog(handed: Handed) -> dict[str, Any]:
    """One control for each one that the run judged; its statement and remedy are prose in the run's language, and a
    part named `translation` says them in the other.
    """
    judged = {one.id for one in handed.run.controls}
    controls = sorted((one for one in handed.policy.controls if one.id in judged), key=_place)
    clauses = sorted({one.clause for one in controls}, key=clause_order)
    parameters = sorted(
        {name for one in controls for name in parameters_of(one) & handed.policy.policy.parameters.keys()}
    )
    resources = {_citation_id(handed, one): _citation(handed, one) for control in controls for one in control.legal}
    document = {
        "uuid": handed.uuid(NAME),
        "metadata": metadata(handed, "handoff.catalog", handed.policy.policy.policy.version),
        "params": [_parameter(handed, name) for name in parameters],
        "groups": [_group(handed, number, [one for one in controls if one.clause == number]) for number in clauses],
        "back-matter": {"resources": list(resources.values())},
    }
    return {"catalog": {name: said for name, said in document.items() if said}}


def objective_id(control: str) -> str:
    """What a finding is about: whether the control's objective is met."""
    return f"{control}_obj"


def _place(control: Control) -> tuple[Any, str]:
    return clause_order(control.clause), control.id


def _group(handed: Handed, number: str, controls: list[Control]) -> dict[str, Any]:
    title = handed.policy.policy.clauses[number]
    return {
        "id": f"clause-{number}",
        "class": "clause",
        "title": line(f"{number} {handed.said(title)}"),
        "props": [
            {"name": "label", "value": number},
            *props(**{f"title-{handed.other.lang}": handed.translated(title)}),
        ],
        "controls": [_control(handed, one) for one in controls],
    }


def _control(handed: Handed, control: Control) -> dict[str, Any]:
    return {
        "id": control.id,
        "class": control.family,
        "title": line(handed.said(control.title)),
        "props": props(
            layer=control.layer,
            severity=control.severity,
            verb=verb(control),
            judges=list(control.judged),
            needs=[one for one in control.datasets if one not in control.judged],
            parameter=sorted(parameters_of(control) & handed.policy.policy.parameters.keys()),
            dpv=[iri(term) for term in control.dpv],
        ),
        "links": [
            {"href": f"#{_citation_id(handed, one)}", "rel": "reference", "text": line(handed.said(one.cite))}
            for one in control.legal
        ],
        "parts": _parts(handed, control),
    }


def _parts(handed: Handed, control: Control) -> list[dict[str, Any]]:
    words = handed.run.words
    datasets = words.listing([words.label("datasets", one) for one in control.judged])
    return [
        {"id": f"{control.id}_smt", "name": "statement", "prose": handed.said(control.statement)},
        {"id": objective_id(control.id), "name": "assessment-objective", "prose": handed.said(control.title)},
        {
            "id": f"{control.id}_asm",
            "name": "assessment-method",
            "props": [{"name": "method", "ns": _RMF, "value": "TEST"}],
            "prose": words.text("handoff.method", verb=verb(control), datasets=datasets),
        },
        {"id": f"{control.id}_gdn", "name": "guidance", "prose": handed.said(control.remedy)},
        {
            "id": f"{control.id}_{handed.other.lang}",
            "name": "translation",
            "ns": NS,
            "class": handed.other.lang,
            "title": line(handed.translated(control.title)),
            "prose": handed.translated(control.statement),
            "parts": [
                {
                    "id": f"{control.id}_{handed.other.lang}_gdn",
                    "name": "remedy",
                    "ns": NS,
                    "prose": handed.translated(control.remedy),
                }
            ],
        },
    ]


def _parameter(handed: Handed, name: str) -> dict[str, Any]:
    """A parameter with the value that the run used, and the policy's own where it is another."""
    parameter, used = handed.policy.policy.parameters[name], handed.run.facts["parameters"][name]
    own = [] if used == parameter.value else _texts(parameter.value)
    return {
        "id": f"prm_{name}",
        "label": name,
        # Who approved it is a person's name: only whether somebody did is told.
        "props": props(
            ruling=parameter.ruling, approved="no" if parameter.approved_by is None else "yes", own_value=own
        ),
        "usage": handed.said(parameter.why),
        "values": _texts(used),
    }


def _texts(value: Any) -> list[str]:
    """Each value as OSCAL can hold it: on one line, none that is blank."""
    values = value if isinstance(value, list) else [value]
    texts = [line(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)) for one in values]
    return [text for text in texts if text]


def _citation_id(handed: Handed, citation: Citation) -> str:
    return handed.uuid("citation", citation.cite.en, citation.url or "")


def _citation(handed: Handed, citation: Citation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "uuid": _citation_id(handed, citation),
        "title": line(handed.said(citation.cite)),
        "props": props(**{f"title-{handed.other.lang}": handed.translated(citation.cite)}),
        "citation": {"text": line(handed.said(citation.cite))},
    }
    return {**made, "rlinks": [{"href": citation.url}]} if citation.url else made
