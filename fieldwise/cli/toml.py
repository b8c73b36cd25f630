"""Writing TOML; the standard library only reads it.

Source: TOML 1.0.0, https://toml.io/en/v1.0.0.
"""

import json
import re
from collections.abc import Iterator, Mapping

from fieldwise.errors import ConfigError

__all__ = ["dotted", "dump_toml"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def dump_toml(table: Mapping[str, object]) -> str:
    """Write a table that ``tomllib.loads`` reads back as it was.

    Examples:
        >>> print(dump_toml({"model": {"name": "lr", "dims": (64, 32)}}), end="")
        [model]
        name = "lr"
        dims = [64, 32]

    Args:
        table: strings, booleans, numbers, lists and mappings by name; there is no
            null in TOML.

    Returns:
        The text, with a newline at its end.

    Raises:
        ConfigError: if a value cannot be written.
    """
    return "\n".join(_lines(table, ())).lstrip("\n") + "\n"


def dotted(keys: tuple[str, ...]) -> str:
    """Write a path of keys as TOML does.

    Examples:
        >>> dotted(("fields", "page.site", "min_count"))
        'fields."page.site".min_count'

    Args:
        keys: from the outermost table to the innermost key.

    Returns:
        The keys joined by dots, quoted where they must be.
    """
    return ".".join(key if _BARE_KEY.fullmatch(key) else _text(key) for key in keys)


def _lines(table: Mapping[str, object], above: tuple[str, ...]) -> Iterator[str]:
    inner = {key: item for key, item in table.items() if isinstance(item, Mapping)}
    plain = {key: item for key, item in table.items() if key not in inner}
    if above and (plain or not inner):
        yield f"\n[{dotted(above)}]"
    for key, item in plain.items():
        yield f"{dotted((key,))} = {_value((*above, key), item)}"
    for key, item in inner.items():
        yield from _lines(item, (*above, key))


def _value(keys: tuple[str, ...], value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case int():
            return str(int(value))
        case float():
            # The shortest text that gives the same number; inf and nan are TOML, too.
            return repr(float(value))
        case list() | tuple():
            return f"[{', '.join(_value(keys, item) for item in value)}]"
    message = f"{dotted(keys)} must be a string, number or list, got {value!r}."
    raise ConfigError(message)


def _text(value: str) -> str:
    # TOML's basic strings are JSON's, except that DEL must be escaped, too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
