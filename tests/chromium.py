"""A real browser for tests: the system's own Chromium, driven by Playwright."""

import os
import shutil
from pathlib import Path

import pytest

CHROMIUM = "FIELDWISE_CHROMIUM"
"""Environment variable that names a browser; else those of the path are looked for."""
SCREENSHOTS = "FIELDWISE_SCREENSHOTS"
"""Environment variable that names a folder for pictures of every section."""


def chromium_path():
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get(CHROMIUM)
    return found or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def browser():
    """While Playwright runs, no other test can start a loop: not for the session."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed"
    )
    path = chromium_path()
    if path is None:
        pytest.skip(f"no Chromium found: install one, or name it in {CHROMIUM}")
    with api.sync_playwright() as playwright:
        # Containers have no sandbox of their own to give; the page is ours.
        started = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory):
    given = os.environ.get(SCREENSHOTS)
    folder = Path(given) if given else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
