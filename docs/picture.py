"""Picture: the top of a report as a PNG, for the README: python docs/picture.py REPORT.html PICTURE.png"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from audit_lib.report import pdf

SIZE = {"width": 1280, "height": 900}


def take(report: Path, picture: Path) -> None:
    """What a reader of the report sees first."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=pdf.find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        page.goto(report.resolve().as_uri())
        page.locator("html[data-drawn]").wait_for()
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
