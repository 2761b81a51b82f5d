"""PDF: the report as printed by the Chromium of the system."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from audit_lib.report.words import Words

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # nothing leaves the machine
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
    "--export-tagged-pdf",
    "--virtual-time-budget=10000",  # until the charts are drawn
)
TIMEOUT_SECONDS = 120


class PdfError(Exception):
    """No PDF was made. Says why in the report's language; the HTML report stands."""


def print_to_pdf(html: str, output: Path, words: Words) -> None:
    """Print a page to a tagged PDF with an outline. PdfError when there is no browser or it fails."""
    browser = find_browser()
    if browser is None:
        raise PdfError(words.text("messages.no_browser"))
    with tempfile.TemporaryDirectory(prefix="pdf") as folder:
        page, made = Path(folder, "report.html"), Path(folder, "report.pdf")
        page.write_text(html, "utf-8")
        command = [
            browser,
            *_FLAGS,
            *_as_root(),
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={made}",
        ]
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | {"HOME": folder}
        try:
            ended = subprocess.run(
                [*command, page.as_uri()],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PdfError(words.text("messages.browser_slow", seconds=TIMEOUT_SECONDS)) from None
        if ended.returncode or not made.is_file():
            raise PdfError(words.text("messages.browser_failed", code=ended.returncode))
        beside = output.with_name(f".{output.name}.{os.getpid()}")
        shutil.copyfile(made, beside)
        beside.replace(output)


def find_browser() -> str | None:
    """The Chromium of the system; BROWSER_PATH names another."""
    named = os.environ.get("BROWSER_PATH")
    return next((found for name in ([named] if named else _NAMES) if (found := shutil.which(name))), None)


def _as_root() -> list[str]:
    """Chromium's sandbox refuses root, which is whom a container runs as."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []
