"""Not supplied: the controls that need a missing dataset say so, and nothing else changes."""

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from audit_lib.policy import load_policy
from tests.audit.conftest import audit
from tests.judging import ROOT

GONE = {"cookie_scan", "staff", "mailings", "breaches", "other_records"}
# It judges four datasets, and goes on with those that are there.
SEEN = "undeclared_transfers_detected"


def _controls(folder: Path) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in json.loads((folder / "controls.json").read_text("utf-8"))}


def test_only_the_controls_that_need_it_change(whole_run: tuple[Path, str], tmp_path: Path, key_file: Path) -> None:
    exports = Path(shutil.copytree(ROOT / "data_samples", tmp_path / "exports"))
    manifest = yaml.safe_load((exports / "exports.yaml").read_text("utf-8"))
    for name in GONE:
        said = manifest["datasets"].pop(name)["file"]
        for pattern in [said] if isinstance(said, str) else said:
            for path in exports.glob(pattern):
                path.unlink()
    (exports / "exports.yaml").write_text(yaml.safe_dump(manifest), "utf-8")
    done = audit("check", exports, "--out", tmp_path / "out", key=key_file)
    assert done.returncode == 0, done.stderr
    [folder] = (tmp_path / "out").iterdir()
    before, after = _controls(whole_run[0]), _controls(folder)
    needs = {one.id: set(one.datasets) & GONE for one in load_policy(ROOT / "expectations").controls}
    for name, missing in needs.items():
        if name == SEEN:
            assert (after[name]["outcome"], after[name]["about"]) == ("violated", "cookie_scan")
        elif missing:
            assert (after[name]["outcome"], after[name]["reason"]) == ("not_evaluated", "dataset_not_supplied"), name
            assert after[name]["about"] in missing, name
            assert after[name]["population"] == 0
        else:
            assert after[name] == before[name], name
