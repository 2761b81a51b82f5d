"""Every test: with CI=true, one that was skipped has failed."""

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No test writes in the user's own history.
os.environ["DPO_AUDIT_HISTORY"] = "none"
CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """The Chromium of the system, the one that prints the report."""
    from playwright.sync_api import sync_playwright

    from audit_lib.report import pdf

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=pdf.find_browser(), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A skipped module."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true refuses: {report.longrepr}"
