"""Documents: the same run gives the same bytes, and nothing that a person could be known by."""

import json
import re
import shutil
from pathlib import Path

import pytest

from audit_lib.handoff import documents
from audit_lib.report import RunError
from audit_lib.sample.canaries import canaries
from tests.handoff.conftest import NAMES, opened
from tests.judging import ROOT


def test_the_same_run_gives_the_same_bytes_wherever_it_is(samples: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(samples, tmp_path / samples.name))
    first = documents(opened(samples))
    assert list(first) == NAMES
    assert documents(opened(moved)) == documents(opened(samples)) == first
    assert not [name for name, text in first.items() if str(tmp_path) in text or str(ROOT) in text]


def test_another_run_has_other_names(samples: Path, every_outcome: Path) -> None:
    one, other = (json.loads(documents(opened(run))["catalog.json"]) for run in (samples, every_outcome))
    assert not set(re.findall(r'"uuid": "(.*?)"', json.dumps(one))) & set(
        re.findall(r'"uuid": "(.*?)"', json.dumps(other))
    )


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_canary_is_handed_over(samples: Path, lang: str) -> None:
    for name, text in documents(opened(samples, lang)).items():
        low = text.casefold()
        assert [one for one in canaries() if one.casefold() in low] == [], name
        assert "@" not in re.sub(r"\"@\w+\"|pkg:pypi/[\w.%-]+@", "", text), name


def test_a_run_without_its_policy_is_refused(samples: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(samples, tmp_path / "run"))
    with_policy = opened(run)
    path = run / "policy/policy.yaml"
    path.write_text(path.read_text("utf-8") + "# later\n", "utf-8")
    with pytest.raises(RunError, match=r"^run: policy is not the one of run\.json"):
        documents(with_policy)
    shutil.rmtree(run / "policy")
    with pytest.raises(RunError, match=r"^run: policy is missing: give the folder of a finished run$"):
        documents(with_policy)
