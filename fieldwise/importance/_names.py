"""What units are called, in memory and in files."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fieldwise._bounded_read import read_bounded
from fieldwise.errors import DataError
from fieldwise.importance.row_names import RowNames

__all__ = [
    "FORMAT_VERSION",
    "SHOWN",
    "UNITS",
    "Name",
    "Names",
    "check_names",
    "label",
    "plain_names",
    "plural",
    "read_json",
    "read_names",
]

Name = str | tuple[str, ...]
"""One unit: ``"site"``, or the fields of a pair or cross, ``("site", "device")``."""

Names = tuple[Name, ...] | RowNames
"""All units; rows are named by their numbers."""

UNITS = (
    *("value", "dim", "field", "pair", "cross"),
    *("row", "expert", "layer", "head"),
)
"""What an importance may be about."""

FORMAT_VERSION = 1
MAX_ROWS = 2**28
"""One number in a file stands for at most so many rows: they take 8 bytes each."""
SHOWN = 10
"""Units that ``repr`` shows."""


def check_names(names: Sequence[Name]) -> None:
    """Raise unless names can tell units apart.

    Args:
        names: of all units.

    Raises:
        DataError: if names repeat or are not alike.
    """
    if isinstance(names, RowNames):
        return  # it has checked them itself
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        message = f"names must differ, got {twice[:SHOWN]} more than once."
        raise DataError(message)
    if len({isinstance(name, str) for name in names}) > 1:
        message = "names must all be strings, or all be tuples."
        raise DataError(message)


def label(name: Name) -> str:
    """Write a name for people.

    Examples:
        >>> label("site"), label(("site", "device"))
        ('site', 'site x device')

    Args:
        name: of a unit.

    Returns:
        One string.
    """
    return name if isinstance(name, str) else " x ".join(name)


def plural(unit: str) -> str:
    """Write a unit for people, where there are several.

    Examples:
        >>> plural("field"), plural("cross")
        ('fields', 'crosses')

    Args:
        unit: one of ``UNITS``.

    Returns:
        One word.
    """
    return f"{unit}es" if unit.endswith("s") else f"{unit}s"


def plain_names(names: Sequence[Name]) -> Any:  # noqa: ANN401
    """Write names as plain JSON types.

    Examples:
        >>> plain_names([("a", "b")]), plain_names(RowNames.first(1_000_000))
        ([['a', 'b']], 1000000)

    Args:
        names: of units.

    Returns:
        Strings, or lists of strings, or numbers of rows; one number for so many rows
        from 0 on.
    """
    if isinstance(names, RowNames):
        return len(names) if names.is_all else names.numbers.tolist()
    return [name if isinstance(name, str) else list(name) for name in names]


def read_names(names: Any, *, max_rows: int = MAX_ROWS) -> Names:  # noqa: ANN401
    """Read what ``plain_names`` wrote.

    Args:
        names: plain JSON types; names of rows are taken as they are.
        max_rows: largest number that may stand for so many rows.

    Returns:
        The names.

    Raises:
        DataError: if one number stands for more rows.
    """
    if isinstance(names, RowNames):
        return names
    if isinstance(names, int):
        if names > max_rows:
            message = f"names must be of at most {max_rows} rows, got {names}."
            raise DataError(message)
        return RowNames.first(names)
    if names and isinstance(names[0], int):
        return RowNames(names)
    return tuple(
        name if isinstance(name, str) else tuple(str(part) for part in name)
        for name in names
    )


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file of this room.

    Args:
        path: the file.

    Returns:
        Its content.

    Raises:
        DataError: if it is missing, damaged or of another format.
    """
    try:
        content = dict(json.loads(read_bounded(path)))
        version = content["format_version"]
    # Whatever a parser raises on bytes that may come from a stranger, the file is bad.
    except Exception as error:
        message = f"{path.name} in {str(path.parent)!r} cannot be used: {error!r}"
        raise DataError(message) from error
    if version != FORMAT_VERSION:
        message = (
            f"{path.name} must have format {FORMAT_VERSION}, got {version!r}. "
            "Upgrade fieldwise."
        )
        raise DataError(message)
    return content
