"""Labels: what is learned about them, and how they become numbers."""

from dataclasses import replace
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data._polars_types import DataType
from fieldwise.data.columns import read_numbers
from fieldwise.data.values import canonical, is_missing, value_type_of
from fieldwise.errors import SchemaError
from fieldwise.schema import Label
from fieldwise.schema.field import ValueType
from fieldwise.schema.labels import guess_label

__all__ = ["LabelStudy", "is_positive", "read_label"]

# bool before int: in Python True is an int, too.
_POSITIVE_TYPES: tuple[tuple[type, ValueType], ...] = (
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (str, "string"),
)


def is_positive(label: Label, dtype: DataType) -> pl.Expr:
    """Whether a binary label has its positive value; null where not observed.

    Args:
        label: a fitted binary label.
        dtype: type of its column.

    Returns:
        A boolean expression over the label's column.
    """
    column = pl.col(label.name)
    kind = next(
        name for cls, name in _POSITIVE_TYPES if isinstance(label.positive, cls)
    )
    is_equal = canonical(column, dtype, kind) == pl.lit(label.positive)
    # What cannot be cast is some other value, hence negative; null stays null.
    return pl.when(~is_missing(column, dtype)).then(is_equal.fill_null(value=False))


def read_label(label: Label, column: pl.Series) -> NDArray[np.float64]:
    """Labels as a model learns them: 0 or 1, or standardised where real.

    Args:
        label: a fitted label.
        column: its raw values.

    Returns:
        The labels, ``(row,)``; NaN where not observed.

    Raises:
        SchemaError: if a real label is no number, or infinite.
    """
    if label.kind != "real":
        return read_numbers(
            column.to_frame().select(is_positive(label, column.dtype)).to_series()
        )
    return (_finite(label, read_numbers(column)) - label.center) / label.scale


@final
class LabelStudy:
    """What one pass over the training rows tells about a label.

    Args:
        label: its settings.
        dtype: type of its column.
    """

    def __init__(self, label: Label, dtype: DataType) -> None:
        if label.positive is not None:
            label = replace(label, kind=label.kind or "binary")
        self._label = label
        self._dtype = dtype
        self._classes: set[bool] = set()
        self._distinct: list[str | int | float | bool] = []

    @property
    def name(self) -> str:
        """Name of the label."""
        return self._label.name

    @property
    def may_be_real(self) -> bool:
        """Whether ``learn`` may need a sample of the label's numbers."""
        kind = self._label.kind
        return kind == "real" or (kind is None and self._dtype.is_numeric())

    @property
    def _is_fractional(self) -> bool:
        return self._dtype.is_numeric() and not self._dtype.is_integer()

    def add(self, chunk: pl.DataFrame) -> None:
        """Note the classes of a chunk.

        Args:
            chunk: raw rows.
        """
        label = self._label
        if label.kind == "real":
            return
        if label.positive is not None:
            classes = chunk.select(
                is_positive(label, self._dtype).drop_nulls().unique()
            )
            self._classes.update(classes.to_series().to_list())
            return
        column = pl.col(label.name)
        values = column.filter(~is_missing(column, self._dtype))
        if self._is_fractional:
            values = canonical(values, self._dtype, "float")
        # Any three values tell what there is to tell; the smallest are the same for
        # any order of rows.
        some = chunk.select(values.unique().sort().head(3)).to_series()
        self._distinct = sorted({*self._distinct, *some.to_list()})[:3]

    def learn(self, numbers: NDArray[np.float64] | None) -> Label:
        """The label with its learned part.

        Args:
            numbers: a sample of its numbers where it ``may_be_real``.

        Returns:
            The fitted label.

        Raises:
            SchemaError: if it has one class, or more than its kind allows.
        """
        label = self._label
        if label.kind != "real" and label.positive is None:
            label = self._guess()
        if label.kind == "real" and numbers is not None:
            return _fit_real(label, numbers)
        if label is self._label and len(self._classes) < 2:
            message = (
                f"label {label.name!r} must have two classes in the training rows, one "
                f"of them {label.positive!r}. Check the split, or train on more rows."
            )
            raise SchemaError(message)
        return label

    def _guess(self) -> Label:
        whole = value_type_of(self._dtype, all_integral=True)
        word = "float" if self._is_fractional else whole
        guessed = guess_label(self._label.name, self._distinct, word)
        if self._label.kind == "binary" and guessed.kind != "binary":
            message = (
                f"label {self._label.name!r} must have two values to be binary, got "
                f"{self._distinct} and maybe more. Say which one is positive."
            )
            raise SchemaError(message)
        return guessed


def _fit_real(label: Label, numbers: NDArray[np.float64]) -> Label:
    observed = _finite(label, numbers)[~np.isnan(numbers)]
    if not len(observed):
        message = (
            f"label {label.name!r} must have values in the training rows, got none."
        )
        raise SchemaError(message)
    center, scale = float(observed.mean()), float(observed.std())
    is_constant = scale <= 1e-12 * max(1.0, abs(center))
    return replace(label, center=center, scale=1.0 if is_constant else scale)


def _finite(label: Label, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    if np.isinf(numbers).any():
        message = f"label {label.name!r} must be finite, got infinity. Clip or drop it."
        raise SchemaError(message)
    return numbers
