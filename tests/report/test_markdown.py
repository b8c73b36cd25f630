"""The report as Markdown: nothing in a name is markup."""

import re

from fieldwise.report.blocks import Code
from fieldwise.report.first_screen import FirstScreen
from fieldwise.report.html import Page
from fieldwise.report.markdown import escaped, render_markdown


def test_every_section_is_there(whole_page):
    text = render_markdown(whole_page)

    for section in whole_page.sections:
        assert f"\n## {section.title}\n" in text
    assert "\n## What to do next\n" in text


def test_names_are_text(whole_page):
    text = render_markdown(whole_page)

    outside = re.sub(
        r"^( *)(`{3,})\n.*?^\1\2$", "", text, flags=re.DOTALL | re.MULTILINE
    )
    assert re.findall(r"(?<!\\)<", outside) == []
    assert re.findall(r"(?<!\\)!\[", outside) == []
    rows = [line for line in text.splitlines() if line.startswith("| plain |")]
    assert rows


def test_rows_have_as_many_cells_as_headings(whole_page):
    lines = render_markdown(whole_page).splitlines()

    for number, line in enumerate(lines):
        if re.fullmatch(r"\|( -{3}:? \|)+", line):
            wanted = line.count("|")
            for row in (lines[number - 1], *lines[number + 1 :]):
                if not row.startswith("|"):
                    break
                assert len(re.findall(r"(?<!\\)\|", row)) == wanted


def test_a_fence_is_longer_than_those_inside():
    page = Page(
        FirstScreen("t", "x", (), (("do", "a ```` b"),)), (), (), made_by="nobody"
    )

    assert "  `````\n  a ```` b\n  `````" in render_markdown(page)
    assert Code("x").kind == "code"


def test_escaped():
    assert escaped("a|b\n# c") == r"a\|b \# c"
