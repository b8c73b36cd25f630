"""Reports to look at, and a browser to look with."""

import pytest

from fieldwise.report.html import render_html
from fieldwise.report.writing import page_of
from tests.chromium import browser, screenshots
from tests.report.made_up import whole_run

__all__ = ["browser", "screenshots"]


@pytest.fixture(scope="session")
def whole_page():
    """All that a report can show, as content."""
    return page_of(whole_run())


@pytest.fixture(scope="session")
def whole_report(tmp_path_factory, whole_page):
    """All that a report can show, as a file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_html(whole_page), "utf-8")
    return path
