"""What a client may send for one value of a vocabulary, or for one number.

Stricter than a ranker, which reads tables of any origin: a service that takes text for
a number hides the error of its client.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import polars as pl

from fieldwise.data.values import POLARS_TYPES
from fieldwise.schema.field import ValueType

__all__ = ["ENTRY", "ITEM_RULES", "NUMBER", "ItemRule"]

LARGEST_ENTRY = 1e9
"""Of a vector: its entries are not clipped as numbers are, and models multiply them."""

_NOTHING = type(None)


@final
@dataclass(frozen=True)
class ItemRule:
    """What one value must be.

    Args:
        must: the rule, in words.
        remedy: what to do where it does not hold.
        json_schema: the same as JSON Schema, null left out.
        dtype: of a column of such values.
        clean: values of one column to values of one type each, nulls kept; None where
            some value breaks the rule.
    """

    must: str
    remedy: str
    json_schema: Mapping[str, Any]
    dtype: Any
    clean: Callable[[Sequence[Any]], Sequence[Any] | None]


def _kinds(values: Sequence[Any]) -> set[type]:
    kinds = set(map(type, values))
    kinds.discard(_NOTHING)
    return kinds


def _texts(values: Sequence[Any]) -> Sequence[Any] | None:
    if not _kinds(values) <= {str}:
        return None
    try:
        # Half characters: JSON can write them, a column cannot hold them.
        "".join(filter(None, values)).encode()
    except UnicodeEncodeError:
        return None
    return values


def _flags(values: Sequence[Any]) -> Sequence[Any] | None:
    return values if _kinds(values) <= {bool} else None


def _whole(
    low: int, end: int, digits: str
) -> Callable[[Sequence[Any]], Sequence[Any] | None]:
    def clean(values: Sequence[Any]) -> Sequence[Any] | None:
        if not _kinds(values) <= {int}:
            try:
                values = [_as_whole(value, digits) for value in values]
            except TypeError:
                return None
        present = [value for value in values if value is not None]
        if present and not (low <= min(present) and max(present) < end):
            return None
        return values

    return clean


def _as_whole(value: Any, digits: str) -> int | None:  # noqa: ANN401  not trusted yet
    if value is None or type(value) is int:
        return value
    # JSON does not tell 2.0 from 2.
    if type(value) is float and value.is_integer():
        return int(value)
    # A browser cannot write integers beyond 2 ** 53 but in quotes.
    if type(value) is str and re.fullmatch(digits, value):
        return int(value)
    raise TypeError


def _entries(values: Sequence[Any]) -> Sequence[Any] | None:
    numbers = _floats(values)
    if numbers is None:
        return None
    sizes = [abs(number) for number in numbers if number is not None]
    return numbers if max(sizes, default=0.0) <= LARGEST_ENTRY else None


def _floats(values: Sequence[Any]) -> Sequence[Any] | None:
    kinds = _kinds(values)
    if not kinds <= {int, float}:
        return None
    if int not in kinds:
        return values
    try:
        return [float(value) if type(value) is int else value for value in values]
    except OverflowError:
        return None


_NUMBER = {"type": ["number"]}
NUMBER = ItemRule(
    must="must be a number or null",
    remedy="Send it without quotes.",
    json_schema=_NUMBER,
    dtype=pl.Float64,
    clean=_floats,
)

ENTRY = ItemRule(
    must="must be a number from -1e9 to 1e9 or null",
    remedy="Send it without quotes, scaled as in training.",
    json_schema={**_NUMBER, "minimum": -LARGEST_ENTRY, "maximum": LARGEST_ENTRY},
    dtype=pl.Float64,
    clean=_entries,
)


def _digits_up_to(limit: int) -> str:
    """A pattern of the whole numbers from 0 to a limit, in as few digits."""
    text = str(limit)
    parts = [f"[0-9]{{1,{len(text) - 1}}}", text]
    parts += [
        f"{text[:place]}[0-{int(digit) - 1}][0-9]{{{len(text) - place - 1}}}"
        for place, digit in enumerate(text)
        if digit != "0"
    ]
    return f"({'|'.join(parts)})"


_INT_DIGITS = f"({_digits_up_to(2**63 - 1)}|-{_digits_up_to(2**63)})"
_UINT_DIGITS = _digits_up_to(2**64 - 1)

ITEM_RULES: Mapping[ValueType, ItemRule] = {
    "string": ItemRule(
        must="must be text or null",
        remedy="Send it in quotes; half of a surrogate pair is no text.",
        json_schema={"type": ["string"]},
        dtype=POLARS_TYPES["string"],
        clean=_texts,
    ),
    "int": ItemRule(
        must="must be a whole number of 64 bits or null",
        remedy="Send all its digits; in quotes where numbers are rounded.",
        json_schema={
            "type": ["integer", "string"],
            "minimum": -(2**63),
            "maximum": 2**63 - 1,
            "pattern": f"^{_INT_DIGITS}$",
        },
        dtype=POLARS_TYPES["int"],
        clean=_whole(-(2**63), 2**63, _INT_DIGITS),
    ),
    "uint": ItemRule(
        must="must be a whole number from 0 below 2**64 or null",
        remedy="Send all its digits; in quotes where numbers are rounded.",
        json_schema={
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": 2**64 - 1,
            "pattern": f"^{_UINT_DIGITS}$",
        },
        dtype=POLARS_TYPES["uint"],
        clean=_whole(0, 2**64, _UINT_DIGITS),
    ),
    "float": ItemRule(
        must="must be a number or null",
        remedy="Send it without quotes.",
        json_schema=_NUMBER,
        dtype=POLARS_TYPES["float"],
        clean=_floats,
    ),
    "bool": ItemRule(
        must="must be true, false or null",
        remedy="Send it without quotes.",
        json_schema={"type": ["boolean"]},
        dtype=POLARS_TYPES["bool"],
        clean=_flags,
    ),
}
"""By type of the vocabulary."""
