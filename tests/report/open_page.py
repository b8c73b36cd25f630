"""Opens a report from disk, and listens to all it says and asks for."""

from contextlib import contextmanager

DRAWN = """[...document.querySelectorAll('.chart')]
    .filter((chart) => !chart.closest('[hidden]'))
    .every((chart) => chart.dataset.drawn === document.documentElement.dataset.theme)"""


@contextmanager
def opened(browser, path, *, width=1280, scheme="light"):
    """A page that is drawn; afterwards nothing was said to the console, nor asked."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        accept_downloads=True,
    )
    said, asked = [], []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    wait_until_drawn(page)
    try:
        yield page
        assert said == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert sum(url.startswith("file:") for url in asked) == 1
    finally:
        context.close()


def wait_until_drawn(page):
    page.wait_for_function(DRAWN, timeout=30_000)


def show_all_panels(page):
    """Open every tab, and then show all panels at once."""
    for tab in page.get_by_role("tab").all():
        tab.click()
        wait_until_drawn(page)
    page.evaluate(
        "document.querySelectorAll('[role=tabpanel]').forEach(p => p.hidden = false)"
    )
    wait_until_drawn(page)
