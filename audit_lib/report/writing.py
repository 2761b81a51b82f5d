"""Writing: a run's notebooks, its HTML report and its PDF."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audit_lib.report.kernels import Kernels
from audit_lib.report.runner import Job, execute
from audit_lib.report.runs import load

# the order of the report; the notebook named first opens it
ORDER = (
    "10_summary",
    "01_what_we_hold",
    "02_controls",
    "03_retention",
    "04_anonymisation",
    "05_transfers",
    "06_rights",
    "07_consent",
    "08_access",
    "09_policy",
)


@dataclass(frozen=True)
class Report:
    """What was written, and what the reader should know about it."""

    html: Path
    pdf: Path | None
    messages: tuple[str, ...]


def get_ready() -> None:
    """Imports what writing takes, for who has to wait for something else."""
    import nbconvert  # noqa: F401
    import papermill  # noqa: F401


def write(
    run: Path,
    *,
    exports: Path,
    policy: Path,
    notebooks: Path,
    lang: str,
    ahead: Kernels | None = None,
    progress: Callable[[str], None] = lambda _line: None,
) -> Report:
    """Execute the notebooks on a finished run and write report.html, report.external.html and report.pdf
    into its folder.

    `ahead`: kernels that start already. ParameterError or NotebookError when a notebook does not take its parameters
    or does not run to its end; RunError when the run folder is incomplete. Without a browser there is no PDF and a
    message says so.
    """
    opened = load(run, policy=policy, lang=lang)
    words = opened.words
    folder = run / "notebooks"
    sources = _in_order(notebooks)
    # from the folder of the executed notebooks: they hold no path of this machine and can be run again
    parameters = {
        "exports": exports.name,
        # the run's own copy: what is read in it again later is what it was judged by
        "policy": f"{os.pardir}/policy"
        if (run / "policy").is_dir()
        else os.path.relpath(policy.resolve(), folder.resolve()),
        "as_of": str(opened.facts["as_of"]),
        "lang": lang,
        "run": os.pardir,
    }

    def done(job: Job, seconds: float) -> None:
        progress(words.text("messages.notebook_done", name=job.notebook.stem, seconds=words.number(round(seconds, 1))))

    execute([Job(source, folder / source.name, parameters) for source in sources], ahead=ahead, done=done)

    from audit_lib.report.external import NAME as EXTERNAL
    from audit_lib.report.external import external_html
    from audit_lib.report.html import for_print, report_html
    from audit_lib.report.pdf import PdfError, print_to_pdf

    html = report_html(opened, [folder / source.name for source in sources])
    page, paper = run / "report.html", run / "report.pdf"
    _put(html, page)
    _put(external_html(opened), run / EXTERNAL)
    progress(words.text("messages.html_done"))
    try:
        print_to_pdf(for_print(html), paper, words)
    except PdfError as error:
        return Report(page, None, (str(error),))
    progress(words.text("messages.pdf_done"))
    return Report(page, paper, ())


def _in_order(notebooks: Path) -> list[Path]:
    """Our notebooks in the report's order, then those that the DPO added."""
    found = {path.stem: path for path in sorted(notebooks.glob("*.ipynb"))}
    return [found.pop(name) for name in ORDER if name in found] + list(found.values())


def _put(text: str, place: Path) -> None:
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    beside.write_text(text, "utf-8")
    beside.replace(place)
