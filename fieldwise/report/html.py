"""The report as one HTML file that needs no network and runs nothing of the data.

Every text goes through the escaping of Jinja; specifications of charts are JSON in
which no character can end a script element. A content security policy allows the
scripts of this page by their hashes, and nothing from anywhere else.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from fieldwise.errors import MissingExtraError
from fieldwise.report.blocks import Block, Chart, Omission, Section, Tabs
from fieldwise.report.first_screen import FirstScreen
from fieldwise.report.scripts import drawing_script, page_file

__all__ = ["Page", "render_html", "script_json"]

TEMPLATE, STYLE, SCRIPT = "report.html.j2", "report.css", "report.js"


@final
@dataclass(frozen=True)
class Page:
    """What a report says.

    Args:
        top: the first screen.
        sections: in order.
        omissions: sections that are left out.
        made_by: program and version.
    """

    top: FirstScreen
    sections: Sequence[Section]
    omissions: Sequence[Omission]
    made_by: str


def render_html(page: Page) -> str:
    """Write a page as HTML.

    Args:
        page: what it says.

    Returns:
        The text of the file.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        message = (
            "a report needs Jinja. Install it with: pip install 'fieldwise[report]'"
        )
        raise MissingExtraError(message) from error
    charts = list(_charts(page))
    # A chart is found by its place among all charts of the page.
    numbers = {id(chart): number for number, chart in enumerate(charts)}
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    specs: list[Mapping[str, Any]] = [
        {**chart.spec, "description": chart.description} for chart in charts
    ]
    safe = Markup
    scripts = {"bundle": drawing_script(), "script": page_file(SCRIPT)}
    template = environment.from_string(page_file(TEMPLATE))
    return template.render(
        page=page,
        has_charts=bool(charts),
        number_of=lambda chart: numbers[id(chart)],
        specs=safe(script_json(specs)),
        style=safe(page_file(STYLE)),
        hashes=safe(" ".join(_hash(text) for text in scripts.values())),
        **{name: safe(text) for name, text in scripts.items()},
    )


def script_json(value: object) -> str:
    r"""Write JSON that can stand in a script element.

    Examples:
        >>> print(script_json(["</script>&"]))
        ["\u003c/script\u003e\u0026"]

    Args:
        value: plain JSON types.

    Returns:
        ASCII without the characters that HTML gives a meaning to.
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _charts(page: Page) -> Iterator[Chart]:
    for section in page.sections:
        yield from _charts_of(section.blocks)


def _charts_of(blocks: Sequence[Block]) -> Iterator[Chart]:
    for block in blocks:
        if isinstance(block, Chart):
            yield block
        elif isinstance(block, Tabs):
            for _, inner in block.panels:
                yield from _charts_of(inner)
