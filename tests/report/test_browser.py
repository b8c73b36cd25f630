"""The report in a real browser: drawn, silent, usable, and open to everybody."""

import pytest

from tests.report.made_up import HOSTILE, LABEL
from tests.report.open_page import opened, show_all_panels, wait_until_drawn

WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
}
CHARTS = """() => [...document.querySelectorAll('.chart')].map((chart) => {
    const svg = chart.querySelector('svg.marks');
    const box = svg ? svg.getBoundingClientRect() : { width: 0, height: 0 };
    const marks = svg ? svg.querySelectorAll('.mark-symbol path, .mark-rect path, '
        + '.mark-line path, .mark-rule line, .mark-arc path').length : 0;
    const document = chart.querySelector('[role=graphics-document]');
    return [box.width, box.height, marks, document.getAttribute('aria-label')];
})"""


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")]
)
def test_every_chart_is_drawn_and_nobody_is_kept_out(
    browser, whole_report, screenshots, width, scheme
):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")

    with opened(browser, whole_report, width=width, scheme=scheme) as page:
        show_all_panels(page)

        charts = page.evaluate(CHARTS)
        assert len(charts) == 18
        for chart_width, height, marks, told in charts:
            assert chart_width > 150
            assert height > 60
            assert marks > 0
            assert told
        # Nothing sticks out of the page: only tables scroll, within themselves.
        assert page.evaluate("document.documentElement.scrollWidth") == width
        found = axe.Axe().run(page, options=WCAG).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        page.set_viewport_size({"width": width, "height": 9000})
        wait_until_drawn(page)
        for section in page.locator("section.part").all():
            name = f"{section.get_attribute('id')}-{width}-{scheme}.png"
            section.screenshot(path=screenshots / name)
        assert len(list(screenshots.glob(f"*-{width}-{scheme}.png"))) == 11


def test_names_are_text(browser, whole_report):
    with opened(browser, whole_report) as page:
        show_all_panels(page)

        assert page.evaluate("window.pwned") is None
        assert page.locator("img, b, i, iframe").count() == 0
        assert page.locator("script").count() == 3
        assert page.title() == f"Predicting {LABEL} with dcnv2"
        rows = page.locator("#data table").first.locator("tbody th")
        assert rows.all_text_contents() == list(HOSTILE)
        # In a chart, too: the labels of the axis.
        svg = page.locator("#importance .chart svg.marks").first
        assert HOSTILE[0] in svg.text_content()


def test_table_is_sorted_by_each_column(browser, whole_report):
    with opened(browser, whole_report) as page:
        table = page.locator("#segments table").first
        head = table.get_by_role("columnheader", name="rows")

        def counts():
            texts = table.locator("tbody tr td:nth-child(2)").all_inner_texts()
            return [int(text) for text in texts]

        before = counts()
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "descending"
        assert counts() == sorted(before, reverse=True)
        head.get_by_role("button").press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        assert counts() == sorted(before)
        first = table.get_by_role("columnheader").first
        first.get_by_role("button").click()
        assert head.get_attribute("aria-sort") is None
        names = table.locator("tbody th").all_inner_texts()
        assert [x.lower() for x in names] == sorted(x.lower() for x in names)


def test_tabs_by_mouse_and_by_keys(browser, whole_report):
    with opened(browser, whole_report) as page:
        tabs = page.locator("#importance").get_by_role("tab")
        panels = page.locator("#importance [role=tabpanel]")
        visible = [panel.is_visible() for panel in panels.all()]
        assert visible == [True, False, False]

        tabs.nth(1).click()
        wait_until_drawn(page)
        assert tabs.nth(1).get_attribute("aria-selected") == "true"
        assert not panels.nth(0).is_visible()
        assert panels.nth(1).locator("svg.marks").is_visible()
        tabs.nth(1).press("ArrowRight")
        assert panels.nth(2).is_visible()
        tabs.nth(2).press("ArrowRight")
        assert panels.nth(0).is_visible()
        assert page.evaluate("document.activeElement.textContent") == "permutation"


def test_links_lead_to_sections(browser, whole_report):
    with opened(browser, whole_report) as page:
        links = page.get_by_role("navigation").get_by_role("link")
        targets = [link.get_attribute("href") for link in links.all()]
        assert len(targets) == 12
        for target in targets:
            assert page.locator(target).count() == 1
        links.last.click()
        page.wait_for_function(
            "document.querySelector('nav a:last-of-type') && "
            "document.querySelector('#reproduce').getBoundingClientRect().top < 900"
        )


def test_switch_between_light_and_dark(browser, whole_report):
    background = "getComputedStyle(document.body).backgroundColor"
    chart = "document.querySelector('svg.marks').style.backgroundColor"

    with opened(browser, whole_report, scheme="dark") as page:
        switch = page.get_by_role("button", name="Dark")
        assert switch.get_attribute("aria-pressed") == "true"
        dark = [page.evaluate(one) for one in (background, chart)]
        switch.click()
        wait_until_drawn(page)
        light = [page.evaluate(one) for one in (background, chart)]

        assert switch.get_attribute("aria-pressed") == "false"
        assert light == ["rgb(255, 255, 255)"] * 2
        assert dark[0] == dark[1] != light[0]


@pytest.mark.parametrize(("kind", "start"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_chart_is_saved(browser, whole_report, tmp_path, kind, start):
    with opened(browser, whole_report) as page:
        chart = page.locator(".chart").first
        chart.locator("summary").click()
        with page.expect_download() as download:
            chart.get_by_role("link", name=f"Save as {kind}").click()
        path = tmp_path / "chart"
        download.value.save_as(path)

        assert path.read_bytes().startswith(start)
