"""The page at ``/`` in a real browser: a row is edited, the score moves, and why."""

import json
import re
import subprocess
from contextlib import contextmanager
from itertools import pairwise
from urllib.parse import parse_qs

import polars as pl
import pytest

from fieldwise.fitting import fit
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from fieldwise.training import Recipe
from tests.chromium import browser, screenshots
from tests.serving.server.conftest import table
from tests.serving.server.running import running

__all__ = ["browser", "screenshots"]

WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
}
HOSTILE = "<img src=x onerror='window.pwned=1'>\"&amp;"
NAMES = {
    "site": HOSTILE,
    "user": "__proto__",
    "mobile": "🦜 is it a phone?",
    "price": "السعر",
    "hour": 'it\'s "late" `hour`',
    "tags": "tags</script><script>window.pwned=2</script>",
    "text": "text",
}
MINUS = "\u2212"
RIGHT_TO_LEFT = "\u200f\u05e2\u05d1\u05e8\u05d9\u05ea"
SECRET = "a token of more than sixteen letters"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A ranker whose names and values try to be markup."""
    rows = table().rename(NAMES)
    rows = rows.with_columns(
        pl.col(HOSTILE).replace({"a": "<b>a</b>", "🦜 ara": RIGHT_TO_LEFT})
    )
    kinds = {
        "site": CategoricalField,
        "user": CategoricalField,
        "mobile": CategoricalField,
        "price": NumericField,
        "hour": NumericField,
        "tags": SequenceField,
        "text": VectorField,
    }
    fields = tuple(kind(NAMES[name]) for name, kind in kinds.items())
    recipe = Recipe(num_epochs=2, batch_size=64, learning_rate=0.05)
    folder = tmp_path_factory.mktemp("hostile") / "ranker"
    schema = Schema(fields, (Label("click"),))
    fit(rows, schema=schema, model="lr", recipe=recipe, progress=False).save(folder)
    return folder


@pytest.fixture(scope="module")
def pages(folders, hostile):
    arguments = (folders / "clicks", f"two={folders / 'both'}", f"odd={hostile}")
    with running(*arguments) as server:
        yield server


@contextmanager
def opened(browser, server, fragment="", *, width=1280, scheme="light", expected=()):
    """A page with a score; nothing was asked elsewhere, nothing said but expected."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    said, asked = [], []
    # A method of a list cannot be noted by Playwright.
    context.on("request", lambda request: asked.append(request))  # noqa: PLW0108
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.asked = asked
    page.goto(f"{server.url}/{fragment}")
    try:
        yield page
        strange = [text for text in said if not any(x in text for x in expected)]
        assert strange == []
        assert [x.url for x in asked if not x.url.startswith(server.url)] == []
    finally:
        context.close()


def wait(page):
    """Until the newest answers are drawn."""
    page.wait_for_selector("#why:not(.stale) tbody tr")
    page.wait_for_selector("#scores:not(.stale) .value")


def field(page, name):
    return page.locator("fieldset").filter(has=page.locator("bdi", has_text=name))


def value_of(page):
    return float(page.locator(".score .value").first.inner_text())


@contextmanager
def answer(page, question):
    """What the server says to what happens inside."""
    with page.expect_response(lambda x: x.url.endswith(f"/{question}")) as found:
        told = []
        yield told
    told.append(found.value.json())


def test_a_score_moves_with_a_value_and_tells_why(browser, pages):
    with opened(browser, pages) as page:
        wait(page)
        before = value_of(page)
        with answer(page, "explain") as why, answer(page, "predict") as told:
            field(page, "site").get_by_role("combobox").first.fill("ü/../x")
        page.wait_for_selector(".change span")
        wait(page)

        (now,) = told[0]["predictions"]["click"]
        assert value_of(page) == pytest.approx(now, abs=5e-5)
        change = page.locator(".change").first.inner_text()
        moved = float(re.search(rf"[+{MINUS}][\d.]+", change)[0].replace(MINUS, "-"))
        assert moved == pytest.approx(now - before, abs=2e-4)
        assert f"from {before:.4f}" in change
        width = page.locator(".fill").first.evaluate("e => e.style.width")
        assert float(width.rstrip("%")) == pytest.approx(100 * now, abs=1e-3)

        parts = why[0]["explanations"][0]["contributions"]
        rows = page.locator("#why tbody tr")
        assert rows.locator("th").all_inner_texts() == [x["field"] for x in parts]
        adds = [
            text.replace(MINUS, "-") for text in rows.locator(".adds").all_inner_texts()
        ]
        assert [float(x) for x in adds] == pytest.approx(
            [x["adds"] for x in parts], abs=6e-5, rel=1e-2
        )
        # The first is drawn longest: half of the track, on the side of its sign.
        style = "e => [parseFloat(e.style.left), parseFloat(e.style.width)]"
        drawn = [bar.evaluate(style) for bar in rows.locator(".pull span").all()]
        assert drawn[0][1] == pytest.approx(50)
        assert all(a[1] >= b[1] for a, b in pairwise(drawn))
        for (left, _), part in zip(drawn, parts, strict=True):
            assert (left < 50) == (part["adds"] < 0)


def test_every_control_says_what_the_server_hears(browser, pages):
    with opened(browser, pages) as page:
        wait(page)
        with answer(page, "predict"):
            field(page, "user").get_by_role("combobox").first.fill(str(2**60 + 7))
            field(page, "mobile").locator("select").first.select_option("false")
            field(page, "price").locator("input").fill("2.5")
            items = field(page, "tags")
            while items.get_by_role("button", name="Remove").count():
                items.get_by_role("button", name="Remove").first.click()
            for text in ("a", "new, one"):
                items.get_by_role("button", name="Add an item").click()
                items.locator("input").last.fill(text)
            field(page, "text").locator(".state").select_option("value")
            for place, entry in enumerate(("1", "", "-0.25")):
                field(page, "text").locator("input").nth(place).fill(entry)
            field(page, "hour").locator(".state").select_option("null")
        page.wait_for_timeout(800)
        wait(page)

        row = [x for x in page.asked if x.url.endswith("/predict")][-1]
        sent = json.loads(row.post_data)["rows"][0]
        assert sent | {"site": None} == {
            "site": None,
            # All its digits: a number of JavaScript would be rounded.
            "user": 2**60 + 7,
            "mobile": False,
            "price": 2.5,
            "hour": None,
            "tags": ["a", "new, one"],
            "text": [1, None, -0.25],
        }
        assert "unknown" in items.locator(".said").inner_text()


def test_known_values_are_suggested_most_frequent_first(browser, pages):
    with opened(browser, pages) as page, pages.client() as client:
        wait(page)
        known = client.get("/v1/schema").json()["fields"][0]["examples"]
        options = field(page, "site").locator("datalist option")

        found = [option.get_attribute("value") for option in options.all()]
        assert found == [value for value in known if value is not None]


def test_errors_stand_beside_their_field(browser, pages):
    with opened(browser, pages, expected=("422",)) as page:
        wait(page)
        site, user = field(page, "site"), field(page, "user")
        user.locator("input").fill("many")
        site.locator(".state").select_option("left out")
        page.wait_for_selector("#problem:not([hidden])")

        said = page.get_by_role("alert").inner_text()
        assert "“site”" in said
        assert "“user”" in said
        assert "must be there" in site.locator(".said").inner_text()
        assert 'got "many"' in user.locator(".said").inner_text()
        box = user.locator("input")
        assert box.get_attribute("aria-invalid") == "true"
        assert box.get_attribute("aria-describedby") == "said-1"
        assert field(page, "price").locator(".said").is_hidden()

        site.locator(".state").select_option("value")
        box.fill("5")
        page.wait_for_selector("#problem", state="hidden")
        wait(page)
        assert box.get_attribute("aria-invalid") is None


def test_an_old_answer_never_overwrites_a_newer_one(browser, pages):
    with opened(browser, pages) as page:
        wait(page)
        held = []

        def hold_first(route):
            answer = route.fetch()
            if held:
                route.fulfill(response=answer)
                return
            held.append((route, answer))

        page.route("**/predict", hold_first)
        price = field(page, "price").locator("input")
        price.fill("1")
        page.wait_for_timeout(400)
        with answer(page, "predict") as told:
            price.fill("7")
        page.wait_for_timeout(300)
        newest = value_of(page)
        assert newest == pytest.approx(told[0]["predictions"]["click"][0], abs=5e-5)
        route, old = held[0]
        assert old.json()["predictions"]["click"][0] != pytest.approx(newest, abs=5e-5)
        route.fulfill(response=old)
        page.wait_for_timeout(300)

        assert value_of(page) == newest


def test_a_link_brings_the_row_back(browser, pages):
    with opened(browser, pages, "#ranker=two") as page:
        wait(page)
        field(page, "price").locator("input").fill("3.25")
        field(page, "site").get_by_role("combobox").first.fill("ü & #/🦜")
        page.wait_for_timeout(800)
        wait(page)
        page.get_by_role("button", name="Copy link").click()
        page.wait_for_selector("#copied:has-text('copied')")
        link = page.evaluate("navigator.clipboard.readText()")
        wanted = page.locator(".score .value").all_inner_texts()

    fragment = link.partition("#")[2]
    row = json.loads(parse_qs(fragment)["row"][0])
    assert (row["price"], row["site"]) == (3.25, "ü & #/🦜")
    with opened(browser, pages, f"#{fragment}") as page:
        wait(page)
        assert page.get_by_label("Ranker").input_value() == "two"
        assert page.locator(".score .value").all_inner_texts() == wanted
        page.get_by_label("Label", exact=True).select_option("rating")
        page.wait_for_selector(".score:not(.other) .name:has-text('rating')")
        page.get_by_label("Ranker").select_option("clicks")
        page.wait_for_selector("#label-pick", state="hidden")
        wait(page)
        assert page.locator(".score").count() == 1


@pytest.mark.parametrize("fragment", ["#row=%7B", "#row=3&ranker=no", "#%00", "#row"])
def test_a_broken_link_shows_the_example(browser, pages, fragment):
    with opened(browser, pages, fragment) as page:
        wait(page)

        assert page.get_by_label("Ranker").input_value() == "clicks"


def test_the_command_says_the_same(browser, pages):
    with opened(browser, pages, "#ranker=odd") as page:
        wait(page)
        field(page, HOSTILE).get_by_role("combobox").first.fill("it's $(id) `x`")
        page.wait_for_timeout(800)
        wait(page)
        page.get_by_role("button", name="Copy as curl").click()
        page.wait_for_selector("#copied:has-text('copied')")
        command = page.evaluate("navigator.clipboard.readText()")
        shown = value_of(page)

    found = shell(command)
    assert json.loads(found)["predictions"]["click"][0] == pytest.approx(
        shown, abs=5e-5
    )


def shell(command):
    assert command.startswith("curl 'http://127.0.0.1:")
    done = subprocess.run(
        ["sh", "-c", command], check=True, capture_output=True, timeout=60
    )
    return done.stdout


def test_names_and_values_are_text(browser, pages):
    with opened(browser, pages, "#ranker=odd") as page:
        wait(page)

        assert page.evaluate("window.pwned") is None
        assert page.locator("img, b, iframe").count() == 0
        assert page.locator("script").count() == 1
        names = page.locator("legend bdi").all_text_contents()
        assert names == list(NAMES.values())
        assert page.evaluate("({}).polluted") is None
        told = page.locator("#why tbody th").all_text_contents()
        assert sorted(told) == sorted(names)
        options = field(page, HOSTILE).locator("datalist option")
        values = [option.get_attribute("value") for option in options.all()]
        assert {"<b>a</b>", RIGHT_TO_LEFT} <= set(values)


def test_a_token_is_kept_in_memory_only(browser, folders):
    with (
        running(folders / "clicks", FIELDWISE_TOKEN=SECRET) as server,
        opened(browser, server, expected=("401",)) as page,
    ):
        page.wait_for_selector("#problem:has-text('token')")
        page.get_by_label("Bearer token").fill(SECRET)
        wait(page)

        kept = page.evaluate(
            "[document.cookie, JSON.stringify({...localStorage}), "
            "JSON.stringify({...sessionStorage}), location.href].join()"
        )
        assert SECRET not in kept
        assert "token" not in kept
        command = page.locator("#request").text_content()
        assert "Bearer $TOKEN" in command
        assert SECRET not in command
        page.reload()
        page.wait_for_selector("#problem:has-text('token')")
        assert page.get_by_label("Bearer token").input_value() == ""


def test_it_is_used_by_keys_alone(browser, pages):
    with opened(browser, pages) as page:
        wait(page)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "To the row"
        page.keyboard.press("Enter")
        tags = field(page, "tags")
        for _ in range(40):
            page.keyboard.press("Tab")
            name = page.evaluate("document.activeElement.textContent")
            if name == "Add an item":
                break
        before = tags.locator("input").count()
        page.keyboard.press("Enter")
        page.keyboard.type("b")
        assert tags.locator("input").count() == before + 1
        assert tags.locator("input").last.input_value() == "b"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert tags.locator("input").count() == before


@pytest.mark.parametrize("shown", ["clicks", "two", "odd"])
@pytest.mark.parametrize(
    ("width", "scheme"),
    [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")],
)
def test_nobody_is_kept_out(browser, pages, screenshots, width, scheme, shown):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    fragment = f"#ranker={shown}"
    with opened(
        browser, pages, fragment, width=width, scheme=scheme, expected=("422",)
    ) as page:
        wait(page)
        page.locator(".state").nth(3).select_option("null")
        page.wait_for_timeout(800)
        wait(page)
        name = f"page-{shown}-{width}-{scheme}"
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)
        page.locator(".state").nth(1).select_option("left out")
        page.wait_for_selector("#problem:not([hidden])")
        if shown == "clicks":
            page.screenshot(path=screenshots / f"{name}-wrong.png", full_page=True)

        found = axe.Axe().run(page, options=WCAG).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
