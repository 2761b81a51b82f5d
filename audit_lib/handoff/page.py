"""Page: the first thing that an auditor reads, in both languages, with what to type to check it without us."""

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from audit_lib.handoff.drawn import Drawn, Sampling
from audit_lib.handoff.signing import NAMESPACE
from audit_lib.policy import PolicyFolder
from audit_lib.report import Run, load
from audit_lib.report.runs import OUTCOMES
from audit_lib.report.template import template
from audit_lib.report.words import LANGUAGES

FIRST_PAGE = "START-HERE.html"
_TEMPLATES = Path(__file__).parent / "templates"
# What the page explains of the archive, in this order: a word's key and the place.
_PLACES = {
    "report": "data/run/report.html",
    "notebooks": "data/run/notebooks/",
    "controls": "data/run/controls.json",
    "findings": "data/run/findings.parquet",
    "exemptions": "data/tables/exemptions.csv",
    "sample": "data/tables/sample.csv",
    "inputs": "data/inputs.sha256",
    "assumptions": "data/tables/assumptions.csv",
    "knowledge": "data/tables/knowledge.csv",
    "quarantine": "data/run/quarantine.parquet",
    "validations": "data/run/validations/",
    "policy": "data/run/policy/",
    "changes": "data/run/changes.json",
    "environment": "data/environment/",
    "machine": "data/machine/",
}


def first_page(
    run: Run,
    policy: PolicyFolder,
    sample: Drawn,
    sampling: Sampling,
    names: Collection[str],
    info: Mapping[str, str],
) -> str:
    """HTML without anything from outside, the same for the same run. `names`: the payload's files."""
    runs = {lang: load(run.folder, policy=run.folder / "policy", lang=lang) for lang in LANGUAGES}
    base = f"dpo-audit-{run.facts['run_id']}"
    page: str = template(_TEMPLATES / "start.html.j2").render(
        languages=[_said(one, policy, sample, sampling, names, info) for one in runs.values()],
        css=(_TEMPLATES / "start.css").read_text("utf-8"),
        info=info,
        facts=run.facts,
        commands=commands_of(f"{base}.zip", base),
    )
    return page


def commands_of(archive: str, base: str) -> dict[str, str]:
    """What to type to check an archive of this name, whose folder is `base`, by the word's key of the step."""
    return {
        "step_signature": "ssh-keygen -Y verify -f allowed_signers -I SIGNER "
        f"-n {NAMESPACE} -s {archive}.sig < {archive}",
        "step_certificate": f"openssl cms -verify -binary -inform DER -in {archive}.p7s -content {archive} "
        "-CAfile company.pem -purpose any -out /dev/null",
        "step_stamp": f"openssl ts -verify -data {archive} -in {archive}.tsr -CAfile authority.pem",
        "step_files": f"unzip {archive} && cd {base} && sha256sum -c tagmanifest-sha256.txt manifest-sha256.txt",
        "step_exports": f"sha256sum -c {base}/data/inputs.sha256",
        "ours": f"dpo-audit verify {archive} --signers allowed_signers\ndpo-audit rerun {archive} EXPORTS",
    }


def _said(
    run: Run,
    policy: PolicyFolder,
    sample: Drawn,
    sampling: Sampling,
    names: Collection[str],
    info: Mapping[str, str],
) -> dict[str, Any]:
    """What the template shows in one language."""
    words, facts = run.words, run.facts
    sums = {name: sum(one[f"rows_{name}"] for one in facts["inputs"]) for name in ("read", "loaded", "quarantined")}
    [(findings,)] = run.query("findings", "SELECT count(*) FROM found") or [(0,)]
    chosen = [one for one in facts["assumptions"] if "approved_by" in one]
    verified = [row["verified_on"] for rows in policy.law.values() for row in rows if row.get("verified_on")]
    unseen = [run.title(one.id) for one in run.controls if one.outcome in ("not_evaluated", "empty")]
    return {
        "words": words,
        "company": run.policy.company,
        "as_of": words.instant(run.as_of),
        "engine": words.text(f"bundle.engines.{facts['engine']}"),
        "outcomes": [
            (
                name,
                words.label("outcomes", name),
                words.sentence("outcomes", name),
                sum(c.outcome == name for c in run.controls),
            )
            for name in OUTCOMES
        ],
        "counts": {
            "controls": words.count("controls", len(run.controls)),
            "records": words.count("rows_read", sums["read"]),
            "files": words.count("files", len(facts["inputs"])),
            "loaded": words.number(sums["loaded"]),
            "aside": words.number(sums["quarantined"]),
            "findings": words.count("findings", findings),
        },
        "has_report": "run/report.html" in names,
        "places": [
            (place, words.text(f"bundle.files.{key}")) for key, place in _PLACES.items() if _there(place, names)
        ],
        "sample": {
            "findings": words.number(sample.findings),
            "records": words.number(sample.records),
            "confidence": words.percent(sampling.confidence),
            "deviation": words.percent(sampling.deviation),
            "seed": sampling.seed,
        },
        "assumed": {
            "assumptions": words.count("assumptions", len(chosen)),
            "unapproved": words.number(sum(one["approved_by"] is None for one in chosen)),
            "exceptions": words.count("exceptions", len(policy.exceptions)),
        },
        "oldest": words.day(dt.date.fromisoformat(min(verified))) if verified else "",
        "limits": list(words.block("bundle.limit").values()),
        "unseen": words.listing(unseen),
        "versions": _versions(facts),
        "signer": words.text("bundle.unsigned") if info["Signed-By"] == "nobody" else info["Signed-By"],
        "previous": info["Previous-Bundle"].partition(" ")[::2] if info["Previous-Bundle"] != "none" else None,
    }


def _versions(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    shown = ("duckdb", "great-expectations", "sqlglot", "pyspark")
    packages = [(name, facts["packages"][name]) for name in shown if name in facts["packages"]]
    return [("dpo-audit", facts["tool_version"]), *facts["environment"].items(), *packages]


def _there(place: str, names: Collection[str]) -> bool:
    inside = place.removeprefix("data/")
    return any(name == inside or (inside.endswith("/") and name.startswith(inside)) for name in names)
