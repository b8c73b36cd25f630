"""Tables for people: drawn in a terminal, aligned plain text everywhere else."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["Side", "clean", "number", "show_table", "show_text"]

Side = Literal["left", "right"]

PLAIN_WIDTH = 100_000
"""Columns of a file or pipe: nothing is cut off there."""


def clean(value: object) -> str:
    r"""Make a raw value safe to print: one line, nothing a terminal obeys.

    Examples:
        >>> print(clean("two\nlines"))
        two\nlines

    Args:
        value: anything from a user's table.

    Returns:
        Its text with control characters as escapes.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def number(value: int | float | None) -> str:
    """Write a number for a table.

    Examples:
        >>> number(1234567), number(0.98401234), number(None)
        ('1,234,567', '0.98401', '-')

    Args:
        value: a count, or a measure.

    Returns:
        Counts with separators, measures with five decimals.
    """
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.5f}"


def show_text(text: str, *, style: str = "", stderr: bool = False) -> None:
    """Print text as it is: no markup, no wrapping at a width.

    Args:
        text: what to print.
        style: of rich, used in a terminal.
        stderr: print to the standard error instead.
    """
    Console(stderr=stderr).print(Text(text, style=style), soft_wrap=True)


def show_table(
    columns: Mapping[str, Side],
    rows: Sequence[Sequence[str | Text]],
    *,
    title: str = "",
    wrapped: Collection[str] = (),
) -> None:
    """Print a table.

    Args:
        columns: the heading of each column, and the side its cells lean to.
        rows: cells in the order of the columns.
        title: printed above.
        wrapped: columns of sentences, which a narrow terminal may break into lines.
    """
    console = Console()
    plain = not console.is_terminal
    table = Table(box=None if plain else SIMPLE_HEAD, pad_edge=False)
    for heading, side in columns.items():
        no_wrap = plain or heading not in wrapped
        table.add_column(Text(heading), justify=side, overflow="fold", no_wrap=no_wrap)
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    if title:
        show_text(title, style="bold")
    if not plain:
        console.print(table)
        return
    # Rich pads the last column with spaces, which files and pipes can do without.
    wide = Console(width=PLAIN_WIDTH)
    with wide.capture() as capture:
        wide.print(table)
    for line in capture.get().splitlines():
        show_text(line.rstrip())
