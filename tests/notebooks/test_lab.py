"""Lab: a notebook opened and run in JupyterLab, as the DPO does it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.notebooks.conftest import KEY

LAB = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]
PATIENCE_SECONDS = 30
# JupyterLab takes away cells out of sight, which a test could not tell from cells without output
EVERYTHING_IN_SIGHT = {"windowingMode": "none"}


@pytest.fixture
def server(project: Path, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """JupyterLab on this machine alone, behind its token, with the settings of `make lab`; ended by its process id."""
    settings = tmp_path / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(EVERYTHING_IN_SIGHT), "utf-8")
    folders = {
        "JUPYTER_CONFIG_PATH": project / "notebooks" / ".jupyter",
        "JUPYTER_CONFIG_DIR": tmp_path / "config",
        "JUPYTER_RUNTIME_DIR": tmp_path / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": tmp_path / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": tmp_path / "workspaces",
        "IPYTHONDIR": tmp_path / "ipython",
        KEY: project / "key",
    }
    environment = os.environ | {name: str(folder) for name, folder in folders.items()}
    asked = [*LAB, f"--ServerApp.root_dir={project}", "--allow-root"]
    with subprocess.Popen(asked, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield _told(process, tmp_path / "runtime")
        finally:
            process.terminate()


def _told(process: "subprocess.Popen[bytes]", folder: Path) -> dict[str, Any]:
    """What the server writes once it listens: its address and its token."""
    place = folder / f"jpserver-{process.pid}.json"
    until = time.monotonic() + PATIENCE_SECONDS
    while not place.is_file():
        assert process.poll() is None and time.monotonic() < until, "JupyterLab did not start"
        time.sleep(0.1)
    told: dict[str, Any] = json.loads(place.read_text("utf-8"))
    return told


def _wait_for_kernel(server: dict[str, Any], page: Page) -> None:
    """Until the kernel is connected: before, running cells asks which kernel to take."""
    until = time.monotonic() + PATIENCE_SECONDS
    ready = False
    while not ready:
        assert time.monotonic() < until, "the kernel did not start"
        page.wait_for_timeout(100)
        sessions = page.request.get(f"{server['url']}api/sessions?token={server['token']}").json()
        kernels = [session["kernel"] for session in sessions]
        ready = any(one["execution_state"] == "idle" and one["connections"] for one in kernels)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(1_000 * PATIENCE_SECONDS)
    yield opened
    opened.close()


def test_the_summary_runs_in_jupyterlab(server: dict[str, Any], page: Page) -> None:
    wrong: list[str] = []
    elsewhere: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    own = (server["url"], f"blob:{server['url']}")
    page.on("request", lambda asked: None if asked.url.startswith(own) else elsewhere.append(asked.url))
    page.goto(f"{server['url']}lab/tree/notebooks/10_summary.ipynb?token={server['token']}")
    _wait_for_kernel(server, page)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    headline = page.locator(".jp-OutputArea .dpo-conclusion")
    headline.wait_for()
    assert "contrôles font apparaître des manquements" in headline.inner_text()
    last = page.locator(".jp-CodeCell .jp-OutputArea .dpo-table.unproven")
    last.wait_for()
    assert page.locator(".jp-OutputArea .js-plotly-plot .main-svg .barlayer").count() > 0
    assert page.locator(".jp-OutputArea-output[data-mime-type*='error'], [data-mime-type*='stderr']").count() == 0
    assert page.locator(".jp-toast-button, .jp-Dialog").count() == 0  # no offer of news
    assert wrong == [] and elsewhere == []
