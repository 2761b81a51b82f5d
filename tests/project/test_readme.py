"""README: what it shows works as it is written."""

import re
import shutil
from pathlib import Path

from typer.testing import CliRunner

from audit_lib.policy import load_policy
from audit_lib.suites import derive

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_worked_example_is_a_right_control(tmp_path: Path) -> None:
    folder = tmp_path / "expectations"
    shutil.copytree(ROOT / "expectations", folder)
    [path] = re.findall(r"^`expectations/(controls/\S+\.yaml)`:$", README, re.MULTILINE)
    [example] = re.findall(r"```yaml\n(id: .*?)```", README, re.DOTALL)
    (folder / path).write_text(example, "utf-8")
    found = load_policy(folder)
    assert found.errors == ()
    assert Path(path).stem in {control.id for control in found.controls}
    assert f'"control": "{Path(path).stem}"' in derive(found)["suites/interactions.json"]


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(links) >= 5
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_every_command_exists() -> None:
    from audit_lib.cli import app

    said = CliRunner().invoke(app, ["--help"]).stdout
    for command in sorted(set(re.findall(r"dpo-audit (\w+)", README))):
        assert re.search(rf"^\s+{command}\b", said, re.MULTILINE), command
    targets = set(re.findall(r"make (\w+)", README)) - {"ends"}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [target for target in sorted(targets) if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
