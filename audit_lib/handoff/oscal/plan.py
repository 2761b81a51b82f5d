"""Plan: what the audit set out to do, as an OSCAL assessment plan; results must name one."""

from typing import Any

from audit_lib.handoff.handed import Handed
from audit_lib.handoff.oscal import catalog
from audit_lib.handoff.oscal.frame import evidence, metadata
from audit_lib.handoff.oscal.scope import assets, datasets, reviewed

NAME = "assessment-plan.json"


def plan(handed: Handed) -> dict[str, Any]:
    """The system is what was exported: a resource says that there is no plan of its security."""
    words = handed.run.words
    system = handed.uuid("system")
    found = datasets(handed)
    document = {
        "uuid": handed.uuid(NAME),
        "metadata": metadata(handed, "handoff.plan", handed.run.facts["run_id"]),
        "import-ssp": {"href": f"#{system}", "remarks": words.text("handoff.no_system")},
        "local-definitions": {"components": found} if found else None,
        "reviewed-controls": reviewed(handed),
        "assessment-subjects": [{"type": "component", "include-all": {}}] if found else None,
        "assessment-assets": assets(handed),
        "tasks": [
            {
                "uuid": handed.uuid("task"),
                "type": "action",
                "title": words.text("handoff.task"),
                "timing": {"on-date": {"date": handed.at}},
            }
        ],
        "back-matter": {
            "resources": [
                {"uuid": system, "title": words.text("handoff.system"), "description": words.text("handoff.no_system")},
                {
                    "uuid": handed.uuid("catalog"),
                    "title": catalog.NAME,
                    "description": words.text("handoff.catalog_file"),
                    "rlinks": [{"href": catalog.NAME, "media-type": "application/json"}],
                },
                *(one for one in evidence(handed) if one["title"] == "run.json"),
            ]
        },
    }
    return {"assessment-plan": {name: said for name, said in document.items() if said}}
