"""Tables in Markdown."""

from collections.abc import Iterable, Sequence

from fieldwise._markdown import cell

__all__ = ["table_lines"]


def table_lines(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    r"""Write a table whose first column leans to the left.

    Examples:
        >>> table_lines(["field", "score"], [["a|b", "0.5"]])
        ['| field | score |', '|---|---:|', '| a\\|b | 0.5 |']

    Args:
        headings: of the columns.
        rows: cells.

    Returns:
        Lines.
    """
    sides = "---|" + "---:|" * (len(headings) - 1)
    return [_line(headings), f"|{sides}", *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(cell, cells))} |"
