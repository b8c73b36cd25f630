"""Which kind of target a column is, and which of its two values is the positive one."""

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from fieldwise.errors import SchemaError
from fieldwise.schema.field import Label

__all__ = ["guess_label"]

_TYPES = ("string", "int", "uint", "float", "decimal", "bool")

_NEGATIVE_WORDS = frozenset(("0", "no", "n", "false", "f", "neg", "negative", "off"))
_POSITIVE_WORDS = frozenset(("1", "yes", "y", "true", "t", "pos", "positive", "on"))


def guess_label(name: str, distinct_values: Iterable[Any], dtype: str) -> Label:
    """Guess the kind of a label from its values.

    Two values make a binary label: the larger number counts as positive, the word for
    yes, or the last in alphabetical order. More numbers make a real label.

    Examples:
        >>> guess_label("income", ["<=50K", ">50K"], "string").positive
        '>50K'
        >>> guess_label("rating", [1, 2, 3], "int").kind
        'real'

    Args:
        name: column name.
        distinct_values: its distinct values, or any three of them.
        dtype: the plain word for their type, as in ``ColumnProfile``.

    Returns:
        The label; centre and scale of a real one are left to the encoder.

    Raises:
        SchemaError: if the values are of one class, or no target of a ranking model.
    """
    present = [_plain(value) for value in distinct_values if not _is_null(value)]
    wanted = str if dtype == "string" else bool | int | float
    if dtype not in _TYPES or not all(isinstance(value, wanted) for value in present):
        got = dtype if dtype != "string" else type(present[0]).__name__
        message = f"label {name!r} must hold numbers, text or booleans, got {got}."
        raise SchemaError(message)
    values = list(dict.fromkeys(present))
    if not values:
        message = f"label {name!r} must have values, got only nulls."
        raise SchemaError(message)
    if len(values) == 1:
        message = f"label {name!r} must have two classes, got only {values[0]!r}."
        raise SchemaError(message)
    if len(values) == 2:
        return Label(name, "binary", _positive(values))
    if dtype == "string":
        shown = ", ".join(repr(value) for value in sorted(values)[:3])
        message = (
            f"label {name!r} must have two classes or be a number, got the texts "
            f"{shown}. Make it binary, for example by comparing it with one of them, "
            "or numbers."
        )
        raise SchemaError(message)
    return Label(name, "real")


def _is_null(value: Any) -> bool:  # noqa: ANN401
    return value is None or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any) -> Any:  # noqa: ANN401
    return float(value) if isinstance(value, Decimal) else value


def _positive(values: list[Any]) -> str | int | float | bool:
    if not isinstance(values[0], str):
        larger: int | float | bool = max(values)
        return larger
    for words, is_positive in ((_NEGATIVE_WORDS, False), (_POSITIVE_WORDS, True)):
        known = [value.strip().casefold() in words for value in values]
        if known.count(True) == 1:
            return str(values[known.index(is_positive)])
    return str(max(values, key=_order))


def _order(text: str) -> tuple[int, float, str, str]:
    """Sort key: numbers by size and before words, words without regard to case."""
    try:
        return 0, float(text), "", text
    except ValueError:
        return 1, 0.0, text.casefold(), text
