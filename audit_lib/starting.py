"""Starting: a policy folder for another company, from the product's own."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from audit_lib.policy import load_policy
from audit_lib.suites import write

# What no other company can take over: it is written anew.
_HEAD = """\
# The promises of the privacy policy as data. Write here who made them, then go through the parameters (choices that
# the policy leaves open), the lists (what its text enumerates) and the clauses, and delete the controls of what it
# does not promise.
company:
  name: {company}

policy:
  title:
    fr: Politique de confidentialité
    en: Privacy policy
  version: "1"
  in_force_since: {since}

language: {language}       # of the report: fr or en
time_zone: {zone}    # days begin and end here

"""
_FINDINGS = """\
# What the policy's own text contradicts or leaves open: no data are needed to see it. An entry, PF-01, PF-02 …, has
# title, why, remedy, clause and severity, and may have evidence.
{}
"""
_EXCEPTIONS = """\
# Findings that somebody answers for until a day, when they are back. An entry has a name of yours, and control, records
# (the record_ref of findings), reason, approved_by, approved_on and expires_on, the last day.
{}
"""
_APPROVED = re.compile(r"^(    approved_by: ).*$", re.MULTILINE)
_OWN_DOMAINS = re.compile(r"^(  own_domains: ).*$", re.MULTILINE)
_OWN_SALTS = re.compile(r"^(  known_salts: ).*$", re.MULTILINE)
_PARAMETERS = "# Choices that are ours"


class StartError(ValueError):
    """The folder cannot be started; says what to write."""


def start(source: Path, target: Path, *, company: str, language: str) -> Iterator[str]:
    """Writes a policy folder that can be audited at once; the names of what was written. Raises StartError.

    `source`: the folder to start from. Its controls, tables of the law, vocabulary and mappings are copied; nobody has
    approved its parameters, and the findings on its text are its own.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StartError("is not empty: write the name of a new folder")
    policy = load_policy(source).policy
    target.mkdir(parents=True, exist_ok=True)
    for name in ("controls", "law", "mappings", "vocabulary"):
        if not (source / name).is_dir():
            continue
        shutil.copytree(source / name, target / name)
        yield name
    _, mark, rest = (source / "policy.yaml").read_text("utf-8").partition(_PARAMETERS)
    head = _HEAD.format(
        company=json.dumps(company, ensure_ascii=False),
        language=language,
        since=policy.policy.in_force_since,
        zone=policy.time_zone,
    )
    for own, instead in ((_APPROVED, "null"), (_OWN_DOMAINS, "[example.com]"), (_OWN_SALTS, "[salt, pepper, secret]")):
        rest = own.sub(rf"\g<1>{instead}", rest)
    (target / "policy.yaml").write_text(f"{head}{mark}{rest}", "utf-8")
    yield "policy.yaml"
    (target / "policy_findings.yaml").write_text(_FINDINGS, "utf-8")
    yield "policy_findings.yaml"
    (target / "exceptions.yaml").write_text(_EXCEPTIONS, "utf-8")
    yield "exceptions.yaml"
    yield from write(load_policy(target), target)
