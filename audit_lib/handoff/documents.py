"""Documents: a finished run in the formats that other programs read."""

import json
from typing import Any

from audit_lib.handoff import dpv, sbom
from audit_lib.handoff.handed import handed
from audit_lib.handoff.oscal import catalog, plan, results
from audit_lib.report import Run


def documents(run: Run, evidence: str = "") -> dict[str, str]:
    """The text of each document by its name. The same run gives the same texts, beside the same requirements.lock; none
    holds personal data.

    `evidence`: where the run's folder is from that of the documents, such as `../run/`; by default the same. Raises
    RunError when the run lacks its policy, or has another one than run.json says.
    """
    whole = handed(run, evidence)
    made: dict[str, Any] = {
        catalog.NAME: catalog.catalog(whole),
        plan.NAME: plan.plan(whole),
        results.NAME: results.results(whole),
        dpv.NAME: dpv.statuses(whole),
        sbom.NAME: sbom.inventory(run.facts, sbom.lock()),
    }
    return {name: json.dumps(said, ensure_ascii=False, indent=1) + "\n" for name, said in made.items()}
