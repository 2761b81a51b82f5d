"""Catalog: the controls of a run, with their law, in both languages."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

from trestle.oscal.catalog import Catalog

from audit_lib.handoff import documents
from audit_lib.policy import load_policy
from tests.handoff.conftest import opened, props


def test_the_catalog_has_each_control_under_its_clause_in_both_languages(said: dict[str, Any], samples: Path) -> None:
    policy = load_policy(samples / "policy")
    groups = said["catalog.json"]["catalog"]["groups"]
    found = {control["id"]: (group["id"], control) for group in groups for control in group["controls"]}
    assert len(found) == 60
    assert [props(group)["label"] for group in groups[:4]] == [["1.2"], ["1.4"], ["1.5"], ["2.1"]]
    for control in policy.controls:
        clause, shown = found[control.id]
        parts = {part["name"]: part for part in shown["parts"]}
        assert clause == f"clause-{control.clause}"
        assert (shown["title"], parts["statement"]["prose"]) == (control.title.en, control.statement.en)
        assert parts["guidance"]["prose"] == control.remedy.en
        assert _plain(parts["translation"]["title"]) == control.title.fr
        assert _plain(parts["translation"]["prose"]) == control.statement.fr
        assert _plain(parts["translation"]["parts"][0]["prose"]) == control.remedy.fr
        assert [link["text"] for link in shown["links"]] == [one.cite.en for one in control.legal]


def test_links_lead_to_the_law(said: dict[str, Any], samples: Path) -> None:
    catalog = said["catalog.json"]["catalog"]
    resources = {one["uuid"]: one for one in catalog["back-matter"]["resources"]}
    shown = {control["id"]: control for group in catalog["groups"] for control in group["controls"]}
    for control in load_policy(samples / "policy").controls:
        cited = [resources[link["href"][1:]] for link in shown[control.id]["links"]]
        assert [one.get("rlinks", [{"href": None}])[0]["href"] for one in cited] == [one.url for one in control.legal]


def test_in_french_prose_is_french(samples: Path) -> None:
    catalog = json.loads(documents(opened(samples, "fr"))["catalog.json"])["catalog"]
    control = next(one for group in catalog["groups"] for one in group["controls"] if one["id"] == "purposes_declared")
    parts = {part["name"]: part for part in control["parts"]}
    assert control["title"] == "Finalités du registre déclarées"
    assert (parts["translation"]["class"], parts["translation"]["title"]) == ("en", "Purposes of the register declared")


def test_a_parameter_has_the_value_of_the_run_and_the_policys_own(samples: Path, tmp_path: Path) -> None:
    run = opened(samples)
    tried = {**run.facts["parameters"], "k": 5, "finance_departments": ["finance", " ", "two\nlines"]}
    path = tmp_path / "catalog.json"
    made = documents(dataclasses.replace(run, facts={**run.facts, "parameters": tried}))
    path.write_text(made[path.name], "utf-8")
    assert Catalog.oscal_read(path) is not None
    shown = {one["label"]: one for one in json.loads(made[path.name])["catalog"]["params"]}
    assert (shown["k"]["values"], props(shown["k"])["own-value"]) == (["5"], ["11"])
    assert shown["finance_departments"]["values"] == ["finance", "two lines"]
    assert "own-value" not in props(shown["l"])


def _plain(text: str) -> str:
    """Without the narrow and no-break spaces of French typography."""
    return re.sub("[\u202f\u00a0]", " ", text)
