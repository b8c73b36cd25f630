"""Numbers as people read them."""

import math
from collections.abc import Sequence

__all__ = [
    "NOTHING",
    "bytes_text",
    "count",
    "crossed",
    "duration",
    "figure",
    "joined",
    "percent",
    "rough_percent",
    "shortened",
]

NOTHING = "\N{EN DASH}"
"""Where there is no number."""
MOST_LETTERS = 120


def count(value: int | float | None) -> str:
    """Write a whole number.

    Examples:
        >>> count(1234567)
        '1,234,567'

    Args:
        value: zero or more; None where there is none.

    Returns:
        The number with separators.
    """
    return NOTHING if value is None else f"{value:,.0f}"


def figure(value: int | float | None, digits: int = 4) -> str:
    """Write a measure.

    Examples:
        >>> figure(0.76456), figure(-0.5, 2), figure(0.0000123)
        ('0.7646', '-0.50', '1.2e-05')

    Args:
        value: a measure; None and NaN where there is none.
        digits: after the point.

    Returns:
        The number; tiny ones with a power of ten.
    """
    if value is None or math.isnan(value):
        return NOTHING
    if value and abs(value) < 0.5 * 10**-digits:
        return f"{value:.1e}"
    return f"{value:,.{digits}f}"


def percent(share: int | float | None, digits: int = 1) -> str:
    """Write a share.

    Examples:
        >>> percent(0.155), percent(0.155, 2), percent(0.0004)
        ('15.5%', '15.50%', '0.040%')

    Args:
        share: in [0, 1], usually.
        digits: after the point; more where the share is tiny.

    Returns:
        Percent.
    """
    if share is None or math.isnan(share):
        return NOTHING
    if share and abs(share) < 0.5 * 10 ** -(digits + 2):
        digits = min(8, 1 - math.floor(math.log10(abs(share))) - 2)
    return f"{100 * share:.{max(0, digits)}f}%"


def rough_percent(share: int | float | None) -> str:
    """Write a share for a column, where tiny ones need not be told apart.

    Examples:
        >>> rough_percent(0.155), rough_percent(0.0004), rough_percent(0.0)
        ('15.5%', '<0.1%', '0.0%')

    Args:
        share: in [0, 1]; None where there is none.

    Returns:
        Percent with one digit.
    """
    is_tiny = share is not None and 0 < share < 0.0005
    return "<0.1%" if is_tiny else percent(share)


def duration(seconds: int | float | None) -> str:
    """Write a time.

    Examples:
        >>> duration(0.0123), duration(12.3), duration(125), duration(7500)
        ('12 ms', '12.3 s', '2 min 5 s', '2 h 5 min')

    Args:
        seconds: zero or more; None where there are none.

    Returns:
        The time, in two units at most.
    """
    if seconds is None:
        return NOTHING
    if seconds < 1:
        return f"{1000 * seconds:.2g} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def bytes_text(size: int) -> str:
    """Write a size.

    Examples:
        >>> bytes_text(512), bytes_text(2_300_000)
        ('512 B', '2.3 MB')

    Args:
        size: bytes.

    Returns:
        The size in the largest unit that suits.
    """
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} B"


def joined(names: Sequence[str], most: int = 5) -> str:
    """Name some things.

    Examples:
        >>> joined(["a", "b", "c"], most=2)
        'a, b and 1 more'

    Args:
        names: of the things.
        most: that are named.

    Returns:
        One line.
    """
    shown = ", ".join(names[:most])
    more = len(names) - most
    return f"{shown} and {more} more" if more > 0 else shown


def crossed(name: str | Sequence[str]) -> str:
    """Write the name of a unit.

    Examples:
        >>> crossed("site"), len(crossed(("site", "hour")))
        ('site', 11)

    Args:
        name: a name, or the fields of a pair or cross.

    Returns:
        One string.
    """
    return name if isinstance(name, str) else " \N{MULTIPLICATION SIGN} ".join(name)


def shortened(text: str) -> str:
    """Cut a text that would fill the page: a value may have a megabyte.

    Examples:
        >>> shortened("site"), len(shortened("x" * 1000))
        ('site', 120)

    Args:
        text: a name or a value.

    Returns:
        The text, or its beginning with an ellipsis.
    """
    if len(text) <= MOST_LETTERS:
        return text
    return f"{text[: MOST_LETTERS - 1]}\N{HORIZONTAL ELLIPSIS}"
