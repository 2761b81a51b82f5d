"""HTML: one self-contained page from the executed notebooks."""

import re
from collections.abc import Sequence
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from markupsafe import Markup

from audit_lib.report.runs import Run
from audit_lib.report.shown import PLOTLY_TYPE

_TEMPLATES = Path(__file__).parent / "templates"
_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
_MARK = re.compile(r"<[^>]+>")
_BASIC = {"bar", "pie", "scatter"}  # the kinds of traces that plotly-basic draws
_SCRIPT_PLACE = "@@plotly.js@@"


def report_html(run: Run, notebooks: Sequence[Path]) -> str:
    """The report on screen, from executed notebooks in the order given. The same run gives the same bytes."""
    import nbformat
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    merged = nbformat.v4.new_notebook()
    for path in notebooks:
        merged.cells += nbformat.read(path, as_version=4).cells
    for number, cell in enumerate(merged.cells):
        cell.id = f"cell-{number}"  # unique in one notebook only
    config = Config()
    config.TemplateExporter.extra_template_basedirs = [str(_TEMPLATES)]
    config.HTMLExporter.exclude_input = True
    config.NbConvertBase.display_data_priority = [PLOTLY_TYPE, "text/html"]
    exporter = HTMLExporter(config=config, template_name="dpo")
    exporter.environment.globals.update(
        run=run,
        words=run.words,
        facts=run.facts,
        css=_own("pieces.css", "page.css"),
        script=_own("page.js"),
        plotly_js=_SCRIPT_PLACE,
        toc=_contents(merged),
    )
    # HTMLExporter's own would parse the page again for the markup of JupyterLab, which this template does not have.
    body, _ = super(HTMLExporter, exporter).from_notebook_node(merged)
    return str(body).replace(_SCRIPT_PLACE, _plotly_js(merged), 1)


def for_print(html: str) -> str:
    """The same page laid out for paper before the charts are drawn, since they do not reflow in print."""
    return html.replace('<html class="screen"', '<html class="print"', 1)


def _contents(notebook: Any) -> list[dict[str, Any]]:
    """The headings of the outputs, parts with their passages."""
    parts: list[dict[str, Any]] = []
    for level, anchor, text in _headings(notebook):
        line = {"anchor": anchor, "text": unescape(_MARK.sub("", text)), "passages": []}
        if level == "2":
            parts.append(line)
        elif parts:
            parts[-1]["passages"].append(line)
    return parts


def _headings(notebook: Any) -> list[tuple[str, str, str]]:
    shown = (
        output.data["text/html"]
        for cell in notebook.cells
        if cell.cell_type == "code" and "remove-cell" not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if "data" in output and "text/html" in output.data
    )
    return [heading for html in shown for heading in _HEADING.findall(html)]


@cache
def _own(*names: str) -> Markup:
    return Markup("").join(Markup((_TEMPLATES / name).read_text("utf-8")) for name in names)  # noqa: S704 - ours


def _plotly_js(notebook: Any) -> str:
    """The script that draws the charts, put in after conversion, which would parse it."""
    return _basic() if _kinds(notebook) <= _BASIC else _whole()


def _kinds(notebook: Any) -> set[str]:
    """The kinds of traces of the charts shown."""
    return {
        trace.get("type", "scatter")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for trace in output.get("data", {}).get(PLOTLY_TYPE, {}).get("data", [])
    }


@cache
def _basic() -> str:
    """The part of plotly.js that our charts need, as its authors publish it: 4 MB less in every report."""
    return _inside((_TEMPLATES / "plotly-basic.min.js").read_text("utf-8"))


@cache
def _whole() -> str:
    """For a chart of a notebook that the DPO added: the script of the installed plotly."""
    import plotly

    return _inside((Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text("utf-8"))


def _inside(script: str) -> str:
    return script.replace("</script", "<\\/script")
