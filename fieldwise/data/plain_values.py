"""Canonical forms of single Python values: ``values.canonical`` without a column.

A column has the last word. Only forms that are certain to be the column's are told
here; for any other value the answer is ``UNSURE``, and a frame must decide.
"""

import math
import re
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from typing import Any, TypeAlias, final

from fieldwise.schema.field import ValueType

__all__ = ["PLAIN_FORMS", "PlainForm", "PlainForms", "Verdict", "is_wide"]


@final
class Verdict(Enum):
    """What stands in for the canonical form of a value that has none."""

    MISSING = "missing"
    UNSEEN = "unseen"
    UNSURE = "unsure"


PlainForm: TypeAlias = Callable[[Any], Hashable]
PlainForms: TypeAlias = Mapping[type, PlainForm]

_LOW, _END = -(2**63), 2**63
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NO_DIGIT = re.compile(r"[a-zA-Z_ ]*")
_TRUE = ("true", "True", "TRUE", "1")
_FALSE = ("false", "False", "FALSE", "0")


def is_wide(value: int) -> bool:
    """Whether an integer does not fit into 64 bits with a sign.

    Args:
        value: the integer.

    Returns:
        Whether a column would need a wider type to hold it.
    """
    return not _LOW <= value < _END


def _same(value: Hashable) -> Hashable:
    return value


def _int_as_int(value: int) -> Hashable:
    return value if _LOW <= value < _END else Verdict.UNSURE


def _int_as_text(value: int) -> Hashable:
    return str(value) if _LOW <= value < _END else Verdict.UNSURE


def _int_as_float(value: int) -> Hashable:
    return float(value) if _LOW <= value < _END else Verdict.UNSURE


def _bool_as_text(value: bool) -> Hashable:
    return "true" if value else "false"


def _float_as_text(value: float) -> Hashable:
    if math.isnan(value):
        return Verdict.MISSING
    # Polars and Python write fractions and large numbers differently.
    is_short = value.is_integer() and _LOW <= value < _END
    return str(int(value)) if is_short else Verdict.UNSURE


def _float_as_int(value: float) -> Hashable:
    return _float_as_whole(value, _LOW, _END)


def _float_as_uint(value: float) -> Hashable:
    return _float_as_whole(value, 0, 2**64)


def _float_as_whole(value: float, low: int, end: int) -> Hashable:
    if math.isnan(value):
        return Verdict.MISSING
    is_whole = value.is_integer() and low <= value < end
    return int(value) if is_whole else Verdict.UNSEEN


def _text_as_int(text: str) -> Hashable:
    if _WHOLE.fullmatch(text):
        return int(text)
    return Verdict.UNSEEN if _NO_DIGIT.fullmatch(text) else Verdict.UNSURE


def _text_as_uint(text: str) -> Hashable:
    return Verdict.UNSURE if text.startswith("-") else _text_as_int(text)


def _int_as_uint(value: int) -> Hashable:
    return Verdict.UNSEEN if _LOW <= value < 0 else _int_as_int(value)


def _float_as_float(value: float) -> Hashable:
    return Verdict.MISSING if math.isnan(value) else value


def _text_as_bool(text: str) -> Hashable:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    # Some text that is not ASCII cannot stand in a column at all.
    return Verdict.UNSEEN if text.isascii() else Verdict.UNSURE


def _int_as_bool(value: int) -> Hashable:
    if is_wide(value):
        return Verdict.UNSURE
    return bool(value) if value in (0, 1) else Verdict.UNSEEN


def _float_as_bool(value: float) -> Hashable:
    if math.isnan(value):
        return Verdict.MISSING
    return bool(value) if value in (0.0, 1.0) else Verdict.UNSEEN


PLAIN_FORMS: Mapping[ValueType, PlainForms] = {
    "string": {
        str: _same,
        int: _int_as_text,
        bool: _bool_as_text,
        float: _float_as_text,
    },
    "int": {
        int: _int_as_int,
        bool: int,
        float: _float_as_int,
        str: _text_as_int,
    },
    "uint": {
        int: _int_as_uint,
        bool: int,
        float: _float_as_uint,
        str: _text_as_uint,
    },
    "float": {
        float: _float_as_float,
        int: _int_as_float,
        bool: float,
    },
    "bool": {
        bool: _same,
        int: _int_as_bool,
        float: _float_as_bool,
        str: _text_as_bool,
    },
}
"""By type of the vocabulary and exact type of the value, its canonical form.

A type that is not here is one to be unsure about.
"""
