"""Report: six notebooks, one page and one PDF from a run, in both languages."""

import json
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import plotly
import pypdf
import pytest
from playwright.sync_api import Browser

from audit_lib.report import Report, RunError, html, load, write
from audit_lib.report.html import report_html
from audit_lib.report.shown import PLOTLY_TYPE
from audit_lib.report.writing import ORDER
from tests.report.conftest import NOTEBOOKS
from tests.report.fixture import controls, write_empty_run, write_policy

Written = tuple[Path, Report, str]
FIGURES = 12


def test_writes_the_notebooks_the_page_and_the_pdf(written: Written) -> None:
    run, report, _ = written
    assert report.html == run / "report.html" and report.pdf == run / "report.pdf" and report.messages == ()
    assert sorted(path.stem for path in (run / "notebooks").iterdir()) == sorted(ORDER)


def test_nothing_of_this_machine_is_in_what_is_written(written: Written) -> None:
    run, report, _ = written
    texts = [report.html, *(run / "notebooks").glob("*.ipynb")]
    assert [path.name for path in texts if str(run.parent) in path.read_text("utf-8")] == []


def test_the_same_run_gives_the_same_page(written: Written) -> None:
    run, report, lang = written
    opened = load(run, policy=run.parents[1] / "expectations", lang=lang)
    again = report_html(opened, [run / "notebooks" / f"{name}.ipynb" for name in ORDER])
    assert again == report.html.read_text("utf-8")


def test_the_page_is_one_file_with_nothing_to_fetch(written: Written) -> None:
    page = written[1].html.read_text("utf-8")
    assert "default-src 'none'" in page
    own = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', own) == []
    assert page.count("plotly.js (basic - minified) v") == 1


def test_a_chart_of_another_kind_brings_the_whole_script(written: Written, browser: Browser, tmp_path: Path) -> None:
    run, _, lang = written
    figure = {"data": [{"type": "heatmap", "z": [[1, 2], [3, 4]]}], "layout": {"title": {"text": "By hour"}}}
    shown = nbformat.v4.new_output("display_data", data={PLOTLY_TYPE: figure})
    own = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("figure", outputs=[shown])])
    nbformat.write(own, tmp_path / "own.ipynb")
    opened = load(run, policy=run.parents[1] / "expectations", lang=lang)
    report = tmp_path / "report.html"
    report.write_text(report_html(opened, [run / "notebooks" / "10_summary.ipynb", tmp_path / "own.ipynb"]), "utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report.as_uri())
    page.wait_for_function("document.documentElement.dataset.drawn")
    assert said == []
    assert page.locator(".js-plotly-plot .heatmaplayer image").count() == 1
    page.close()


def test_our_part_of_plotly_is_of_the_version_installed() -> None:
    whole = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    basic = Path(html.__file__).parent / "templates" / "plotly-basic.min.js"
    versions = [re.search(r"plotly\.js .*?v([\d.]+)", file.read_text("utf-8")[:200]) for file in (whole, basic)]
    assert versions[0] and versions[1] and versions[0][1] == versions[1][1]


def test_the_page_has_no_code_and_no_bilingual_title(written: Written) -> None:
    page = written[1].html.read_text("utf-8")
    assert "open_run(" not in page and "What we hold" not in page


def test_the_page_names_every_control(written: Written) -> None:
    _, report, lang = written
    page = report.html.read_text("utf-8").replace("\u00a0", " ")
    assert [row["id"] for row in controls() if f"{lang} {row['id'].replace('_', ' ')}" not in page] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_draws_without_errors_or_requests(written: Written, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(written[1].html.as_uri())
    page.wait_for_function("document.documentElement.dataset.drawn")
    assert said == []
    assert asked == [written[1].html.as_uri()]
    assert page.locator(".js-plotly-plot .main-svg .barlayer").count() >= FIGURES
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_the_page_can_be_read_without_seeing_it(written: Written, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(written[1].html.as_uri())
    assert page.evaluate("document.documentElement.lang") == written[2]
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1 and levels.count(2) == len(ORDER)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.evaluate("[...document.querySelectorAll('[role=img]')].every(f => f.ariaLabel.length > 40)")
    assert page.evaluate(
        "[...document.querySelectorAll('table')].every(t => t.caption && t.querySelector('th[scope]'))"
    )
    anchors = page.evaluate("[...document.querySelectorAll('.toc a')].map(a => a.getAttribute('href').slice(1))")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert set(anchors) <= set(ids) and len(ids) == len(set(ids))
    page.close()


def test_the_pdf_is_tagged_and_has_an_outline(written: Written) -> None:
    _, report, lang = written
    assert report.pdf is not None
    read = pypdf.PdfReader(report.pdf)
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert str(read.trailer["/Root"]["/Lang"]) == lang
    assert len(read.outline) > 0
    assert 10 <= len(read.pages) <= 30
    assert f"1 / {len(read.pages)}" in read.pages[0].extract_text()
    assert report.pdf.stat().st_size < 2_000_000


def test_without_a_browser_the_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    run = write_empty_run(tmp_path, lang="en")
    policy = write_policy(tmp_path / "expectations")
    report = write(run, exports=tmp_path, policy=policy, notebooks=NOTEBOOKS, lang="en")
    assert report.pdf is None and not (run / "report.pdf").exists()
    assert report.messages == (
        "report.pdf was not made: no Chromium browser. Install the system's package “chromium”, then run again.",
    )
    page = report.html.read_text("utf-8")
    assert "None of the 21 controls reached a conclusion: nothing was shown." in page
    assert page.count('class="dpo-nothing"') > FIGURES // 2


def test_says_what_a_run_folder_lacks(tmp_path: Path) -> None:
    policy = write_policy(tmp_path / "expectations")
    run = write_empty_run(tmp_path / "runs")
    rows = json.loads((run / "controls.json").read_text("utf-8"))
    del rows[2]["population"]
    (run / "controls.json").write_text(json.dumps(rows), "utf-8")
    with pytest.raises(RunError, match=r"^controls.json: row 3: population: missing$"):
        load(run, policy=policy)
    (run / "run.json").unlink()
    with pytest.raises(RunError, match=r"run.json is missing: give the folder of a finished run$"):
        load(run, policy=policy)
