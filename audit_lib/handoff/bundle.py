"""Bundle: a run and all that vouches for it, in one archive; the same run gives the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit_lib.handoff import archive, bag, lists
from audit_lib.handoff.documents import documents
from audit_lib.handoff.drawn import Drawn, Sampling, drawn
from audit_lib.handoff.page import FIRST_PAGE, first_page
from audit_lib.handoff.sbom import lock
from audit_lib.policy import PolicyFolder, load_policy
from audit_lib.report import Run
from audit_lib.report.words import LANGUAGES
from audit_lib.suites import catalogue

RUN = "run/"
_SCHEMAS = Path(__file__).parents[1] / "schemas"


class BundleError(Exception):
    """No bundle can be made of the run: says what to write."""


@dataclass(frozen=True)
class Previous:
    """The bundle that this one follows: its name and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Asked:
    """What a bundle is made with. `signer`: the fingerprint of who will sign it; `seed`: of the sample."""

    signer: str | None = None
    previous: Previous | None = None
    seed: str | None = None


def name_of(run: Run) -> str:
    return f"dpo-audit-{run.facts['run_id']}"


def write(run: Run, target: Path, asked: Asked) -> None:
    """Writes the archive. BundleError; OSError when the run or the target cannot be read or written."""
    facts = run.facts
    how = sampling(facts, asked.seed)
    sample = drawn(run.folder, facts["inputs"], how)
    policy = load_policy(run.folder / "policy")
    payload = _payload(run, policy, sample)
    info = {
        "Source-Organization": facts["policy"]["id"],
        "External-Identifier": facts["run_id"],
        "External-Description": f"Audit at {facts['as_of']} by the policy of version {facts['policy']['version']}",
        "Bag-Software-Agent": f"dpo-audit {facts['tool_version']}",
        "Run-Key": facts["key"],
        "Signed-By": asked.signer or "nobody",
        "Previous-Bundle": f"{asked.previous.sha256} {asked.previous.name}" if asked.previous else "none",
    }
    page = first_page(run, policy, sample, how, payload.keys(), info)
    files = bag.bag(payload, {FIRST_PAGE: page.encode()}, info)
    base = name_of(run)
    archive.write(target, {f"{base}/{name}": content for name, content in files.items()})


def sampling(facts: Mapping[str, Any], seed: str | None) -> Sampling:
    """How the sample of a run is drawn: unless an auditor gives a seed, what was audited is the seed. BundleError."""
    sure, wrong = (facts["parameters"].get(name) for name in ("sample_confidence", "sample_deviation"))
    if not all(isinstance(one, float) and 0 < one < 1 for one in (sure, wrong)):
        raise BundleError("policy.yaml: parameters: sample_confidence and sample_deviation: write shares such as 0.95")
    return Sampling(sure, wrong, seed or lists.inputs_digest(facts["inputs"]))


def _payload(run: Run, policy: PolicyFolder, sample: Drawn) -> dict[str, bytes | Path]:
    folder = run.folder
    found: dict[str, bytes | Path] = {
        f"{RUN}{path.relative_to(folder).as_posix()}": path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    texts = {
        **lists.tables(run, policy, sample),
        **{f"CATALOGUE.{lang}.md": catalogue(policy, lang) for lang in LANGUAGES},
        "inputs.sha256": lists.inputs(run.facts),
        **{f"machine/{name}": text for name, text in documents(run, f"../{RUN}").items()},
        **{f"machine/{path.name}": path.read_text("utf-8") for path in sorted(_SCHEMAS.glob("*.json"))},
    }
    found |= {name: text.encode() for name, text in texts.items()}
    if locked := lock():
        found["environment/requirements.lock"] = locked.encode()
    return found
