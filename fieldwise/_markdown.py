"""Text of others in a table of Markdown."""

__all__ = ["cell"]


def cell(text: str) -> str:
    r"""Write a text so that it stays within its cell.

    Examples:
        >>> print(cell("a|b"), cell("two\nlines"))
        a\|b two lines

    Args:
        text: of any kind, such as the name of a column.

    Returns:
        It without line breaks and other unprintable letters, bars escaped.
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return printable.replace("\\", "\\\\").replace("|", "\\|")
