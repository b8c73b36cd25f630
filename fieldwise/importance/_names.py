"""What units are called, in memory and in files."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fieldwise.errors import DataError

__all__ = [
    "FORMAT_VERSION",
    "SHOWN",
    "UNITS",
    "Name",
    "check_names",
    "label",
    "plain_names",
    "plural",
    "read_json",
    "read_names",
]

Name = str | tuple[str, ...]
"""One unit: ``"site"``, or the fields of a pair or cross, ``("site", "device")``."""

UNITS = (
    *("value", "dim", "field", "pair", "cross"),
    *("row", "expert", "layer", "head"),
)
"""What an importance may be about."""

FORMAT_VERSION = 1
SHOWN = 10
"""Units that ``repr`` shows."""


def check_names(names: Sequence[Name]) -> None:
    """Raise unless names can tell units apart.

    Args:
        names: of all units.

    Raises:
        DataError: if names repeat or are not alike.
    """
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


def plain_names(names: Sequence[Name]) -> list[Any]:
    """Write names as plain JSON types.

    Args:
        names: of units.

    Returns:
        Strings, or lists of strings.
    """
    return [name if isinstance(name, str) else list(name) for name in names]


def read_names(names: Sequence[Any]) -> tuple[Name, ...]:
    """Read what ``plain_names`` wrote.

    Args:
        names: plain JSON types.

    Returns:
        The names.
    """
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
        content = json.loads(path.read_bytes())
        version = content["format_version"]
    except (OSError, KeyError, TypeError, ValueError) as error:
        message = f"{path.name} in {str(path.parent)!r} cannot be used: {error!r}"
        raise DataError(message) from error
    if version != FORMAT_VERSION:
        message = (
            f"{path.name} must have format {FORMAT_VERSION}, got {version!r}. "
            "Upgrade fieldwise."
        )
        raise DataError(message)
    return dict(content)
