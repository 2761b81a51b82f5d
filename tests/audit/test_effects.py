"""Effects: what --set changes is counted twice, once with the policy's own value."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit.conftest import audit

PROSPECTS, CUSTOMERS = "prospects_kept_at_most_3_years", "former_customers_kept_at_most_3_years"


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("tried")
    done = audit("check", "data_samples", "--out", out, "--set", "response_window=P3M", key=key_file)
    assert done.returncode == 0, done.stderr
    [folder] = out.iterdir()
    return folder, done.stdout


def _by_id(folder: Path) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in json.loads((folder / "controls.json").read_text("utf-8"))}


def test_only_the_controls_that_use_it_are_told_and_both_counts_are_real(
    tried: tuple[Path, str], whole_run: tuple[Path, str]
) -> None:
    folder, _ = tried
    effects = {one["control_id"]: one for one in json.loads((folder / "run.json").read_text("utf-8"))["effects"]}
    before, after = _by_id(whole_run[0]), _by_id(folder)
    users = {name for name, one in before.items() if "response_window" in one["parameters"]}
    assert users == set(effects) and {PROSPECTS, CUSTOMERS} <= users
    for name, effect in effects.items():
        assert effect["parameters"] == ["response_window"]
        for which, run in (("before", before), ("after", after)):
            assert effect[which]["outcome"] == run[name]["outcome"]
            assert effect[which]["counts"] == {verdict: run[name][verdict] for verdict in effect[which]["counts"]}
    assert effects[PROSPECTS]["before"]["counts"]["fail"] > effects[PROSPECTS]["after"]["counts"]["fail"]


def test_the_command_says_it(tried: tuple[Path, str]) -> None:
    folder, printed = tried
    [effect] = [
        one for one in json.loads((folder / "run.json").read_text("utf-8"))["effects"] if one["control_id"] == PROSPECTS
    ]
    before, after = effect["before"]["counts"], effect["after"]["counts"]
    changed = ", ".join(f"{name} {before[name]} → {after[name]}" for name in ("fail", "review"))
    assert f"effect of response_window: {PROSPECTS}: {changed}\n" in printed


def test_without_set_there_is_no_effect(whole_run: tuple[Path, str]) -> None:
    assert json.loads((whole_run[0] / "run.json").read_text("utf-8"))["effects"] == []
