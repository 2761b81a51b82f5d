"""Scope: what an audit is of and by what it is made, as a plan and its results both say it."""

from typing import Any

from audit_lib.handoff.handed import Handed
from audit_lib.handoff.oscal.frame import line, props


def reviewed(handed: Handed) -> dict[str, Any]:
    return {"control-selections": [{"include-controls": [{"control-id": one.id} for one in handed.run.controls]}]}


def datasets(handed: Handed) -> list[dict[str, Any]]:
    """A component for each dataset that was supplied, with the files or queries that it was read from."""
    words = handed.run.words
    by_name: dict[str, list[dict[str, Any]]] = {}
    for one in handed.run.facts["inputs"]:
        if one["dataset"]:
            by_name.setdefault(one["dataset"], []).append(one)
    return [
        {
            "uuid": dataset_id(handed, name),
            "type": "dataset",
            "title": line(words.label("datasets", name)),
            "description": words.text("handoff.dataset", name=name, files=words.count("files", len(inputs))),
            "props": [*props(dataset=name), *_inputs(inputs)],
            "status": {"state": "operational"},
        }
        for name, inputs in sorted(by_name.items())
    ]


def dataset_id(handed: Handed, name: str) -> str:
    return handed.uuid("dataset", name)


def assets(handed: Handed) -> dict[str, Any]:
    """The program that judged, and the packages that it ran with."""
    facts = handed.run.facts
    tool = tool_id(handed)
    return {
        "components": [
            {
                "uuid": tool,
                "type": "software",
                "title": "dpo-audit",
                "description": handed.run.words.text("handoff.tool"),
                "props": [
                    {"name": "version", "value": line(str(facts["tool_version"]))},
                    *props(engine=facts["engine"], **facts["environment"]),
                ],
                "status": {"state": "operational"},
            }
        ],
        "assessment-platforms": [
            {"uuid": handed.uuid("platform"), "title": "dpo-audit", "uses-components": [{"component-uuid": tool}]}
        ],
    }


def tool_id(handed: Handed) -> str:
    return handed.uuid("tool")


def origin(handed: Handed) -> dict[str, Any]:
    """Who observed: the program, no person."""
    return {"actors": [{"type": "tool", "actor-uuid": tool_id(handed)}]}


def _inputs(inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Names, digests and rows of what was read; those of one input share a group."""
    return [
        {**prop, "group": f"input-{place}"}
        for place, one in enumerate(inputs, 1)
        for prop in props(file=one["file"], sha256=one["sha256"], rows=one["rows_loaded"])
    ]
