"""Shown: the pieces that a notebook cell displays and that the report collects."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from audit_lib.report.runs import Run

PLOTLY_TYPE = "application/vnd.plotly.v1+json"
_STYLE = Path(__file__).parent / "templates" / "pieces.css"
_BREAKS = re.compile(r"(?<=[_/])(?=.)|(?=\.)")


@dataclass(frozen=True)
class Shown:
    """A piece of HTML, the same in JupyterLab and in the report."""

    html: Markup

    def __html__(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return "Shown()"  # no address in memory: two runs must give the same notebook

    def _repr_html_(self) -> str:
        return f'<div class="dpo">{self.html}</div>'


@dataclass(frozen=True)
class Chart:
    """A Plotly figure with its title, a description for those who cannot see it, and its numbers."""

    figure: Any
    title: str
    alt: str
    table: Shown

    def _ipython_display_(self) -> None:
        from IPython.display import display

        show: Callable[..., None] = display
        show(shown('<p class="dpo-figure-title">{title}</p>', title=self.title))  # Plotly's own does not wrap
        show({PLOTLY_TYPE: self.figure.to_plotly_json(), "text/plain": self.title}, raw=True)
        show(self.table)


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    words: str
    numeric: bool = False


Cell = str | Markup


def shown(template: str, **values: object) -> Shown:
    """HTML from a template whose values are escaped."""
    return Shown(Markup(template).format(**values))  # noqa: S704 - templates are ours, values are escaped


def nothing(text: str) -> Shown:
    """Said in place of a table that has no row."""
    return shown('<p class="dpo-nothing">{text}</p>', text=text)


def joined(pieces: Sequence[Shown | Markup]) -> Markup:
    """Pieces one after the other."""
    return Markup("").join(pieces)


def breakable(text: str) -> Markup:
    """A technical name, such as a file or a column, that breaks between its parts and not within them."""
    return Markup("<wbr>").join(_BREAKS.split(text))


def code(text: str) -> Markup:
    """A technical name as such."""
    return Markup("<code>{}</code>").format(breakable(text))


def opened(run: "Run") -> str:
    """The line that a notebook shows for its run, with the look of the pieces."""
    line = run.words.text("ui.opened", run=run.facts["run_id"], day=run.words.instant(run.as_of))
    css = Markup(_STYLE.read_text("utf-8"))  # noqa: S704 - ours
    return Markup('<style>{}</style><div class="dpo"><p class="dpo-note">{}</p></div>').format(css, line)


def table(
    caption: str,
    heads: Sequence[Head],
    rows: Sequence[Sequence[Cell]],
    kind: str = "",
    *,
    grouped: bool = False,
) -> Markup:
    """A table with a caption; the first cell of a row is its head. Text is escaped, Markup is not.

    Grouped: rows that follow one another with the same head share it.
    """
    head = joined([Markup('<th scope="col"{}>{}</th>').format(_numeric(h), escape(h.words)) for h in heads])
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row[0])] if grouped else [[r] for r in rows]
    body = joined([_group(heads, group) for group in groups])
    return Markup(
        '<div class="dpo-scroll" role="group" tabindex="0" aria-label="{caption}">'
        '<table class="dpo-table{kind}"><caption>{caption}</caption>'
        "<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    ).format(caption=caption, kind=f" {kind}" if kind else "", head=head, body=body)


def _group(heads: Sequence[Head], rows: Sequence[Sequence[Cell]]) -> Markup:
    span = Markup(' rowspan="{}"').format(len(rows)) if len(rows) > 1 else Markup("")
    name = Markup('<th scope="row"{}{}>{}</th>').format(_numeric(heads[0]), span, escape(rows[0][0]))
    return joined(
        [
            Markup("<tr{}>{}{}</tr>").format(
                Markup(' class="more"') if number else "", "" if number else name, _cells(heads, row)
            )
            for number, row in enumerate(rows)
        ]
    )


def _cells(heads: Sequence[Head], row: Sequence[Cell]) -> Markup:
    pairs = list(zip(heads, row, strict=True))[1:]
    return joined([Markup("<td{}>{}</td>").format(_numeric(head), escape(cell)) for head, cell in pairs])


def _numeric(head: Head) -> Markup:
    return Markup(' class="num"') if head.numeric else Markup("")
