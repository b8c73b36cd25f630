"""Dataclasses from plain JSON types, each entry checked against its annotation.

A saved schema may come from a stranger: what does not fit is refused here, before it
reaches anything that trusts its types.
"""

import sys
from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from fieldwise.errors import SchemaError

__all__ = ["fits", "read_plain"]

T = TypeVar("T")


def read_plain(kind: type[T], entry: Any) -> T:  # noqa: ANN401  not trusted yet
    """Build a dataclass from a mapping.

    Args:
        kind: a dataclass whose annotations are scalars, literals, unions or tuples.
        entry: plain JSON types by name; a list stands for a tuple, and 40 for 40.0.

    Returns:
        The instance.

    Raises:
        SchemaError: listing entries that are missing, unknown or of the wrong type.
    """
    if not isinstance(entry, Mapping):
        message = f"{kind.__name__} must be a mapping, got {entry!r}."
        raise SchemaError(message)
    hints = get_type_hints(kind)
    slots = {slot.name: slot for slot in fields(kind)}  # type: ignore[arg-type]
    values = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in entry.items()
    }
    problems = [f"{key!r} is unknown" for key in values if key not in slots]
    problems += [
        f"{key!r} is missing"
        for key, slot in slots.items()
        if key not in values and slot.default is MISSING
    ]
    problems += [
        f"{key!r} is {value!r}"
        for key, value in values.items()
        if key in slots and not fits(value, hints[key])
    ]
    if problems:
        message = f"{kind.__name__} must have its entries: {', '.join(problems)}."
        raise SchemaError(message)
    return kind(**{key: _as_float(value, hints[key]) for key, value in values.items()})


def fits(value: object, hint: Any) -> bool:  # noqa: ANN401
    """Whether a plain value has an annotated type.

    Examples:
        >>> fits(3, float), fits(True, int), fits((1.0, 2), tuple[float, ...])
        (True, False, True)

    Args:
        value: the value.
        hint: a scalar type, a literal, a union of these, or a tuple of any length.

    Returns:
        Whether it fits; an integer is a float, a boolean is no number, and a number is
        finite.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(value, argument) for argument in arguments)
    if origin is Literal:
        return isinstance(value, str) and value in arguments
    if origin is tuple:
        return isinstance(value, tuple) and all(fits(x, arguments[0]) for x in value)
    if hint is float:
        return _is_finite_number(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, NoneType if hint is None else hint)


def _is_finite_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max  # false for NaN


def _as_float(value: Any, hint: Any) -> Any:  # noqa: ANN401
    arguments = get_args(hint)
    if isinstance(value, tuple):
        return tuple(_as_float(item, arguments[0]) for item in value)
    is_float = hint is float or (float in arguments and int not in arguments)
    return float(value) if isinstance(value, int) and is_float else value
