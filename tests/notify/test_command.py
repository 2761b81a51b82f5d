"""--notify: each URL hears once how the command ended, and the command ends as it would without."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from audit_lib.sample.canaries import canaries
from tests.audit.conftest import PROGRAM, audit
from tests.judging import ROOT
from tests.notify.servers import Received, mail_server, web_server

SMALL = ("tests/second_policy/exports", "--policy", "tests/second_policy/policy")


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> "pytest.MonkeyPatch":
    monkeypatch.setenv("DPO_AUDIT_MAIL_FROM", "audit@example.eu")
    return monkeypatch


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "key"


def _said(received: Received) -> str:
    return "\n".join(
        [*map(str, received.documents), *(str(one["Subject"]) + one.get_content() for one in received.letters)]
    )


def test_the_samples_are_told_in_counts_by_mail_and_by_webhook(
    tmp_path: Path, key_file: Path, mail: pytest.MonkeyPatch
) -> None:
    with mail_server() as letters, web_server() as hooks:
        mail.setenv("DPO_AUDIT_SMTP", f"smtp://localhost:{letters.port}")
        mail.setenv("HOOK", f"http://127.0.0.1:{hooks.port}/services/T0/secret")
        urls = ("--notify", "mailto:dpo@example.eu", "--notify", "env:HOOK", "--notify", "env:HOOK")
        done = audit("check", "data_samples", "--out", tmp_path / "out", "--fail-on", "high", *urls, key=key_file)
    assert done.returncode == 1, done.stderr
    [run] = (tmp_path / "out").iterdir()
    found = json.loads((run / "controls.json").read_text("utf-8"))
    [letter], [told] = letters.letters, hooks.documents
    assert (told["company"], told["run_id"], told["status"]) == ("AMA", run.name, 1)
    assert sum(told["outcomes"].values()) == len(found)
    violated = [one["severity"] for one in found if one["outcome"] == "violated"]
    assert told["outcomes"]["violated"] == len(violated) == sum(told["violated"].values())
    assert told["violated"]["critical"] == violated.count("critical")
    assert letter["Subject"] == told["subject"]
    said = _said(letters) + _said(hooks)
    assert [one for one in canaries() if one in said] == []
    facts = json.loads((run / "run.json").read_text("utf-8"))
    hidden = [*(one["file"] for one in facts["inputs"]), *(one["id"] for one in found), str(tmp_path)]
    assert [one for one in hidden if one in said] == []
    kept = [path.read_bytes() for path in run.rglob("*") if path.is_file()]
    assert not [one for one in (*kept, done.stdout.encode(), done.stderr.encode()) if b"secret" in one and b"T0" in one]


def test_a_notification_that_fails_changes_nothing_of_the_run(tmp_path: Path, key_file: Path) -> None:
    with web_server(status=500) as received:
        url = f"http://127.0.0.1:{received.port}/secret"
        done = audit("check", *SMALL, "--out", tmp_path / "told", "--notify", url, key=key_file)
    without = audit("check", *SMALL, "--out", tmp_path / "untold", key=key_file)
    assert done.returncode == without.returncode == 0
    assert done.stderr.splitlines()[-1] == "--notify http://127.0.0.1/…: not sent: the server answered 500"
    assert done.stdout.splitlines()[-1] == "note: 1 of 1 notifications could not be sent"
    assert "secret" not in done.stdout + done.stderr
    [told], [untold] = (tmp_path / "told").iterdir(), (tmp_path / "untold").iterdir()
    assert told.name == untold.name
    assert (told / "controls.json").read_bytes() == (untold / "controls.json").read_bytes()


def test_wrong_input_is_told_once_by_its_status(tmp_path: Path, key_file: Path) -> None:
    with web_server() as received:
        options = ("--as-of", "zqxvalue", "--lang", "fr", "--notify", f"http://127.0.0.1:{received.port}/")
        done = audit("check", *SMALL, "--out", tmp_path / "out", *options, key=key_file)
    assert done.returncode == 2
    [told] = received.documents
    assert (told["company"], told["status"]) == ("Harbour Lane Cycles", 2)
    assert told["subject"] == "Harbour Lane Cycles\u202f: l’audit a échoué (statut 2)"
    assert "zqxvalue" not in _said(received)


def test_a_run_with_a_problem_is_told_with_its_counts(tmp_path: Path, key_file: Path) -> None:
    exports = Path(shutil.copytree(ROOT / SMALL[0], tmp_path / "exports"))
    (exports / "staff.csv").write_text("user_id,department,job,start,end\n,zqxwhere,mechanic,2020-01-01,\n", "utf-8")
    with web_server() as received:
        options = ("--policy", SMALL[2], "--notify", f"http://127.0.0.1:{received.port}/")
        done = audit("check", exports, "--out", tmp_path / "out", *options, key=key_file)
    assert done.returncode == 2
    assert "staff.csv: rows: none of the 1 can be used" in done.stderr
    [told] = received.documents
    assert told["subject"] == "Harbour Lane Cycles: 7 controls are violated (incomplete, status 2)"
    assert (told["status"], told["outcomes"]["violated"], told["outcomes"]["not_evaluated"]) == (2, 7, 2)
    assert [word for word in ("zqxwhere", "staff") if word in _said(received)] == []


def test_a_policy_that_cannot_be_read_is_told_too(tmp_path: Path, key_file: Path) -> None:
    with web_server() as received:
        options = ("--policy", tmp_path / "none", "--notify", f"http://127.0.0.1:{received.port}/")
        done = audit("check", SMALL[0], "--out", tmp_path / "out", *options, key=key_file)
    assert done.returncode == 2
    [told] = received.documents
    assert told["subject"] == "the audit failed (status 2)"
    assert str(tmp_path) not in _said(received)


def test_a_run_that_is_stopped_is_told(tmp_path: Path, key_file: Path) -> None:
    environment = {**os.environ, "DPO_AUDIT_KEY_FILE": str(key_file)}
    with web_server() as received:
        url = f"http://127.0.0.1:{received.port}/"
        command = [PROGRAM, "check", "data_samples", "--out", tmp_path / "out", "--notify", url]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as started:
            assert started.stderr
            for line in started.stderr:
                if line == "· check\n":
                    started.send_signal(signal.SIGTERM)
    assert started.returncode == 3
    [told] = received.documents
    assert (told["company"], told["status"]) == ("AMA", 3)
    assert list((tmp_path / "out").iterdir()) == []


def test_wrong_addresses_are_all_told_and_the_right_ones_hear_of_it(tmp_path: Path, key_file: Path) -> None:
    with web_server() as received:
        urls = ["http://hooks.example.eu/secret", "env:NO_SUCH_HOOK", "ftp://x/secret"]
        urls += [f"http://127.0.0.1:{received.port}/"]
        options = [part for url in urls for part in ("--notify", url)]
        done = audit("check", *SMALL, "--out", tmp_path / "out", *options, key=key_file)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if not line.startswith("· ")]
    assert [re.split(r"[:…] ", line)[0] for line in lines] == [
        "--notify http://hooks.example.eu/…",
        "--notify env:NO_SUCH_HOOK",
        "--notify",
    ]
    assert "secret" not in done.stderr
    assert [one["status"] for one in received.documents] == [2]
    assert not (tmp_path / "out").exists()
