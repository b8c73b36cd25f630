"""Tables of plain text for explanations."""

from collections.abc import Sequence

__all__ = ["aligned", "shown_value", "signed"]

WIDEST = 40


def aligned(rows: Sequence[Sequence[str]], *, head: Sequence[str]) -> list[str]:
    """Put cells under each other: names to the left, the last column to the right.

    Examples:
        >>> aligned([["site", "+1.5"]], head=["", "adds"])
        ['        adds', '  site  +1.5']

    Args:
        rows: cells.
        head: of the columns.

    Returns:
        One line a row, the first one the head.
    """
    everything = [list(head), *(list(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*everything, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if place == len(widths) - 1 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in everything
    ]


def shown_value(value: object) -> str:
    """Write a raw value on one line.

    Examples:
        >>> shown_value(None), shown_value([1, 2]), shown_value("a" * 50)[-3:]
        ('null', '[1, 2]', '...')

    Args:
        value: of a field.

    Returns:
        Its text, cut where it is long.
    """
    if value is None:
        return "null"
    listed = getattr(value, "to_list", None)
    text = str(value if listed is None else listed())
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def signed(number: float) -> str:
    """Write a number with its sign.

    Examples:
        >>> signed(0.51234), signed(-2.0)
        ('+0.5123', '-2')

    Args:
        number: what is added.

    Returns:
        Four digits.
    """
    return f"{number:+.4g}"
