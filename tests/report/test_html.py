"""The HTML file without a browser."""

import json
import re
import sys
from dataclasses import replace
from itertools import combinations

import pytest

from fieldwise.errors import MissingExtraError
from fieldwise.report.html import Page, render_html, script_json
from fieldwise.report.scripts import drawing_script
from fieldwise.report.writing import page_of
from tests.report.made_up import HOSTILE, importance, segment, whole_run

MAX_BYTES = 5_000_000


def test_size_and_parts(whole_page, whole_report):
    text = whole_report.read_text("utf-8")

    assert len(text.encode()) < MAX_BYTES
    assert text.count(drawing_script()) == 1
    # Three scripts: the numbers, the libraries and the page's own.
    assert len(re.findall(r"</script", text)) == 3
    specs = re.search(
        r'<script type="application/json" id="specs">(.*?)</script>', text
    )
    assert len(json.loads(specs[1])) == 18
    for section in whole_page.sections:
        assert f'<section class="part" id="{section.key}"' in text


def test_nothing_is_loaded_from_elsewhere(whole_report):
    text = whole_report.read_text("utf-8").replace(drawing_script(), "")

    assert "default-src 'none'" in text
    assert re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:,)""", text) == []
    assert re.findall(r"@import|url\(", text) == []


def test_json_cannot_end_a_script():
    text = script_json(list(HOSTILE))

    assert not set("<>&") & set(text)
    assert text.isascii()
    assert json.loads(text) == list(HOSTILE)


def test_page_without_charts_has_no_libraries(whole_page):
    page = Page(whole_page.top, (), whole_page.omissions, "nobody")

    assert drawing_script() not in render_html(page)


@pytest.mark.parametrize("name", ["jinja2", "vl_convert"])
def test_missing_extra(whole_page, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    drawing_script.cache_clear()

    with pytest.raises(MissingExtraError, match=r"pip install 'fieldwise\[report\]'"):
        render_html(whole_page)


def test_a_huge_table_makes_no_huge_file():
    many = [f"field {number}" for number in range(3000)]
    value = "x" * 1_000_000
    run = whole_run()
    fields = [{"name": name, "kind": "categorical"} for name in many]
    segments = [segment("plain")]
    segments[0]["lines"][0]["value"] = value
    pairs = tuple(combinations(many[:400], 2))

    text = render_html(
        page_of(
            whole_run(
                schema={**run.schema, "fields": fields},
                diagnosed=replace(run.diagnosed, segments=segments),
                importances=[
                    importance("field", many, "gates"),
                    importance("pair", pairs, "pairs"),
                ],
            )
        )
    )

    assert len(text.encode()) < 0.6 * MAX_BYTES
    assert "2500 more fields are left out" in text
