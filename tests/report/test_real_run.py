"""Real run: the report on the samples, in a browser, in both languages."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from audit_lib.report import figures, load, write
from tests.report.conftest import NOTEBOOKS

ROOT = NOTEBOOKS.parent
PROGRAM = [sys.executable, "-c", "from audit_lib.cli import main; main()"]
CHARTS = 19
HIDDEN_ON_PAPER = (".skip", ".toc", "footer", ".dpo-data")


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of `dpo-audit check data_samples --anonymity`."""
    out = tmp_path_factory.mktemp("real")
    environment = {**os.environ, "DPO_AUDIT_KEY_FILE": str(out / "key")}
    asked = ["check", "data_samples", "--out", str(out / "runs"), "--anonymity"]
    subprocess.run([*PROGRAM, *asked], cwd=ROOT, env=environment, capture_output=True, check=True)
    [folder] = (out / "runs").iterdir()
    return folder


@pytest.fixture(scope="module", params=["fr", "en"])
def report(request: pytest.FixtureRequest, checked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """report.html of the run, without its PDF."""
    run = tmp_path_factory.mktemp(request.param) / checked.name
    shutil.copytree(checked, run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROWSER_PATH", "/nowhere")
        made = write(
            run,
            exports=ROOT / "data_samples",
            policy=ROOT / "expectations",
            notebooks=NOTEBOOKS,
            lang=str(request.param),
        )
    return made.html


@pytest.fixture
def page(report: Path, browser: Browser) -> Iterator[Page]:
    """The report, drawn; `said` and `asked` tell what the page printed and requested."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.said, opened.asked = [], []  # type: ignore[attr-defined]
    opened.on("console", lambda message: opened.said.append(message.text))  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.said.append(str(error)))  # type: ignore[attr-defined]
    opened.on("request", lambda request: opened.asked.append(request.url))  # type: ignore[attr-defined]
    opened.goto(report.as_uri())
    opened.wait_for_function("document.documentElement.dataset.drawn")
    yield opened
    opened.close()


def test_every_chart_is_drawn_in_silence_from_one_file(page: Page, report: Path) -> None:
    assert page.evaluate("document.documentElement.dataset.drawn") == str(CHARTS)
    assert page.locator("figure.chart .js-plotly-plot .barlayer path").count() > 100
    assert page.locator("figure.chart .js-plotly-plot .barlayer").count() >= CHARTS
    assert page.said == [] and page.asked == [report.as_uri()]  # type: ignore[attr-defined]
    assert page.evaluate("document.documentElement.scrollWidth") == 1280


def test_every_line_of_the_contents_leads_somewhere(page: Page) -> None:
    links = page.locator(".toc a")
    assert links.count() > 30
    for anchor in links.evaluate_all("all => all.map(a => a.getAttribute('href'))"):
        assert page.locator(anchor).evaluate("e => /^H[23]$/.test(e.tagName)")
    part = page.locator(".toc > ol > li > a").last
    part.click()
    assert page.url.endswith(str(part.get_attribute("href")))


def test_paper_hides_what_only_a_screen_needs(page: Page) -> None:
    for place in HIDDEN_ON_PAPER:
        assert page.locator(place).count() > 0
    page.emulate_media(media="print")
    for place in HIDDEN_ON_PAPER:
        assert page.locator(f"{place} >> visible=true").count() == 0
    assert page.locator("figure.chart >> visible=true").count() == CHARTS
    assert page.locator(".cover, main h2 >> visible=true").count() == 1 + len(list(NOTEBOOKS.glob("*.ipynb")))


def test_labels_do_not_run_into_one_another(page: Page) -> None:
    """Ticks of every axis, by their boxes on the screen."""
    overlaps = page.evaluate(
        """() => [...document.querySelectorAll('figure.chart')].flatMap(figure => {
            const ticks = [...figure.querySelectorAll('.xtick text')].map(t => t.getBoundingClientRect());
            return ticks.filter((a, i) => ticks.some((b, j) => j > i && Math.abs(a.top - b.top) < 2
                && a.left < b.right && b.left < a.right)).map(() => figure.querySelector('figcaption').textContent);
        })"""
    )
    assert overlaps == []


def test_technical_names_are_not_cut(page: Page) -> None:
    """A name on several lines breaks after a part, or its own part is too long for the column."""
    wrapped = page.evaluate(
        """() => [...document.querySelectorAll('.dpo-table code.whole')]
            .filter(e => e.getClientRects().length > 1).map(e => e.textContent)"""
    )
    assert wrapped == []


def test_a_flow_inside_the_eea_is_in_the_table_alone(checked: Path) -> None:
    run = load(checked, policy=ROOT / "expectations", lang="en")
    chart = figures.flows_over_time(run)
    lines = [line for trace in chart.figure.data for line in trace.y]  # type: ignore[union-attr]
    assert [line for line in lines if "Germany" in line] == []
    assert "Germany" in chart.table.html  # type: ignore[union-attr]
    assert "European Patent Organisation · no safeguard" in lines
    told = {line.partition(" · ")[0] for line in lines if "no safeguard" in line}
    assert chart.title.startswith(f"Periods without a safeguard to {len(told)} of ")  # type: ignore[union-attr]
