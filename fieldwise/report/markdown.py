"""The report as Markdown, for tools that review code: texts and tables, no pictures."""

import re
from collections.abc import Sequence

from fieldwise.report.blocks import (
    Block,
    Card,
    Chart,
    Code,
    Paragraph,
    Points,
    Table,
    Tabs,
)
from fieldwise.report.html import Page

__all__ = ["escaped", "render_answer", "render_blocks", "render_markdown"]

MOST_ROWS = 50
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|!~])")


def render_markdown(page: Page) -> str:
    """Write a page as Markdown.

    Args:
        page: what it says.

    Returns:
        The text of the file.
    """
    lines = [f"# {escaped(page.top.title)}", "", escaped(page.top.text), ""]
    lines += [render_answer(card) for card in page.top.cards]
    lines += ["", "## What to do next", ""]
    for told, command in page.top.steps:
        lines += [f"- {escaped(told)}", ""]
        lines += [*_fenced(command, indent="  "), ""] if command else []
    for section in page.sections:
        lines += [f"## {escaped(section.title)}", "", escaped(section.lead), ""]
        lines += render_blocks(section.blocks, level=3)
    if page.omissions:
        lines += ["## Not in this report", ""]
        lines += [
            f"- **{escaped(one.title)}**: {escaped(one.reason)}"
            for one in page.omissions
        ]
        lines.append("")
    return "\n".join([*lines, f"Made by {escaped(page.made_by)}."]) + "\n"


def escaped(text: str) -> str:
    r"""Write plain text so that nothing in it is markup, a link or a picture.

    Examples:
        >>> print(escaped("![x](y) <b>\nz"))
        \!\[x\]\(y\) \<b\> z

    Args:
        text: plain text.

    Returns:
        One line.
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def render_answer(card: Card) -> str:
    """Write one answer of the first screen as an item of a list.

    Args:
        card: the answer.

    Returns:
        One line.
    """
    answer = f"**{escaped(card.question)} {escaped(card.answer)}.**"
    return f"- {answer} {escaped(card.text)}"


def render_blocks(blocks: Sequence[Block], *, level: int) -> list[str]:
    """Write blocks as Markdown.

    Args:
        blocks: of a section.
        level: of the headings of their tables.

    Returns:
        Lines.
    """
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Tabs):
            for name, inner in block.panels:
                lines += [f"{'#' * level} {escaped(name)}", ""]
                lines += render_blocks(inner, level=level + 1)
        else:
            lines += _block(block, level)
    return lines


def _block(block: Paragraph | Points | Code | Table | Chart, level: int) -> list[str]:
    match block:
        case Paragraph():
            return [escaped(block.text), ""]
        case Points():
            return [*(f"- {escaped(item)}" for item in block.items), ""]
        case Code():
            return [*_fenced(block.text), ""]
        case Table():
            return [*_table(block, level), ""]
        case Chart():
            return [] if block.table is None else [*_table(block.table, level), ""]


def _table(table: Table, level: int) -> list[str]:
    heads = [escaped(column.title) for column in table.columns]
    sides = ["---" if column.side == "left" else "---:" for column in table.columns]
    rows = [[escaped(cell.text) for cell in row] for row in table.rows[:MOST_ROWS]]
    lines = [f"| {' | '.join(row)} |" for row in (heads, sides, *rows)]
    more = len(table.rows) - len(rows)
    notes = [escaped(table.note)] if table.note else []
    notes += [f"{more} more rows stand in report.html."] if more > 0 else []
    caption = f"{'#' * level} {escaped(table.caption)}"
    return [caption, "", *lines, *(["", *notes] if notes else [])]


def _fenced(text: str, *, indent: str = "") -> list[str]:
    """Code, in a fence that is longer than any in it."""
    longest = max((len(found) for found in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{indent}{line}" for line in (fence, *text.rstrip().splitlines(), fence)]
