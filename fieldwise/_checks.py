"""Argument checks whose messages all read the same way."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise.errors import DataError, ShapeError

__all__ = [
    "check_choice",
    "check_last_dim",
    "check_non_negative",
    "check_positive",
    "check_share",
    "read_rows",
    "read_vector",
]

_VALUE_RULES: Mapping[
    str, tuple[str, Callable[[NDArray[np.float64]], NDArray[np.bool_]]]
]
_VALUE_RULES = {
    "finite": ("finite", np.isfinite),
    "binary": ("0 or 1", lambda vector: (vector == 0) | (vector == 1)),
    "share": ("in [0, 1]", lambda vector: (vector >= 0) & (vector <= 1)),
    "non-negative": (
        "finite and zero or positive",
        lambda vector: np.isfinite(vector) & (vector >= 0),
    ),
}
"""Rules for the values of a vector: how they must be, and where they are."""


def check_positive(name: str, value: int | float) -> None:
    """Raise unless ``value`` is above zero.

    Args:
        name: argument name, as the caller wrote it.
        value: the value received.

    Raises:
        ValueError: if ``value`` is zero, negative or not a number.
    """
    if not value > 0:
        message = f"{name} must be positive, got {value}."
        raise ValueError(message)


def check_non_negative(name: str, value: int | float) -> None:
    """Raise unless ``value`` is zero or above.

    Args:
        name: argument name, as the caller wrote it.
        value: the value received.

    Raises:
        ValueError: if ``value`` is negative or not a number.
    """
    if not value >= 0:
        message = f"{name} must be zero or positive, got {value}."
        raise ValueError(message)


def check_share(name: str, value: int | float) -> None:
    """Raise unless ``value`` is a share in [0, 1).

    Args:
        name: argument name, as the caller wrote it.
        value: the value received.

    Raises:
        ValueError: if ``value`` is outside [0, 1).
    """
    if not 0 <= value < 1:
        message = f"{name} must be a share in [0, 1), got {value}."
        raise ValueError(message)


def check_choice(name: str, value: str, choices: Collection[str]) -> None:
    """Raise unless ``value`` is one of ``choices``.

    Args:
        name: argument name, as the caller wrote it.
        value: the value received.
        choices: the allowed values.

    Raises:
        ValueError: if ``value`` is not allowed.
    """
    if value not in choices:
        allowed = ", ".join(repr(choice) for choice in choices)
        message = f"{name} must be one of {allowed}, got {value!r}."
        raise ValueError(message)


def check_last_dim(name: str, shape: Sequence[int], expected: int) -> None:
    """Raise unless the last dimension of ``shape`` is ``expected``.

    Args:
        name: argument name, as the caller wrote it.
        shape: shape of the tensor received.
        expected: size its last dimension must have.

    Raises:
        ShapeError: if the last dimension has another size.
    """
    if shape[-1] != expected:
        message = f"{name} must have last dimension {expected}, got {tuple(shape)}."
        raise ShapeError(message)


def read_vector(name: str, values: ArrayLike, rule: str) -> NDArray[np.float64]:
    """Convert values to a float64 vector, which may be empty.

    Args:
        name: argument name, as the caller wrote it.
        values: the values received.
        rule: what they must be: "finite", "binary", "share" or "non-negative".

    Returns:
        The vector.

    Raises:
        ShapeError: if ``values`` is not a vector of numbers.
        DataError: if a value breaks the rule.
    """
    array = np.asarray(values)
    if problem := _shape_problem(name, array):
        raise ShapeError(problem)
    vector = array.astype(np.float64, copy=False)
    if problem := _value_problem(name, vector, rule):
        raise DataError(problem)
    return vector


def read_rows(
    columns: Mapping[str, tuple[ArrayLike, str]], weights: ArrayLike | None
) -> list[NDArray[np.float64]]:
    """Convert the columns of some rows to float64 vectors of one length.

    Args:
        columns: argument name to the values received and the rule they must keep,
            one that ``read_vector`` knows.
        weights: row weights; None means one each.

    Returns:
        The columns in the order given, and the weights as the last.

    Raises:
        ShapeError: if columns are no vectors of numbers, or differ in length.
        DataError: if there is no row, or values break their rules.
    """
    rules = {name: rule for name, (_, rule) in columns.items()}
    arrays = {name: np.asarray(values) for name, (values, _) in columns.items()}
    if weights is not None:
        arrays["weights"], rules["weights"] = np.asarray(weights), "non-negative"
    num_rows = _common_length(arrays)
    vectors = {name: arrays[name].astype(np.float64, copy=False) for name in arrays}
    found = [_value_problem(name, vectors[name], rules[name]) for name in vectors]
    problems = [problem for problem in found if problem]
    if weights is None:
        vectors["weights"] = np.ones(num_rows)
    elif not problems:
        with np.errstate(over="ignore"):
            total = vectors["weights"].sum()
        if not 0 < total < np.inf:
            problems.append(f"weights must have a positive, finite sum, got {total}.")
    if problems:
        raise DataError(" ".join(problems))
    return list(vectors.values())


def _common_length(arrays: Mapping[str, NDArray[np.generic]]) -> int:
    shapes = [_shape_problem(name, array) for name, array in arrays.items()]
    if problems := [problem for problem in shapes if problem]:
        raise ShapeError(" ".join(problems))
    lengths = {name: len(array) for name, array in arrays.items()}
    names = " and ".join(lengths)
    if len(set(lengths.values())) > 1:
        message = f"{names} must have equal lengths, got {lengths}."
        raise ShapeError(message)
    if not min(lengths.values()):
        message = f"{names} must hold at least one row, got none."
        raise DataError(message)
    return min(lengths.values())


def _shape_problem(name: str, array: NDArray[np.generic]) -> str | None:
    if array.ndim != 1:
        return f"{name} must be a vector, got shape {array.shape}."
    if array.dtype.kind not in "biuf" and len(array):
        return f"{name} must be numbers, got dtype {array.dtype}."
    return None


def _value_problem(name: str, vector: NDArray[np.float64], rule: str) -> str | None:
    wanted, is_right = _VALUE_RULES[rule]
    right = is_right(vector)
    if right.all():
        return None
    first = int(np.argmin(right))
    share = f"{np.count_nonzero(~right)} of {len(vector)} rows"
    return f"{name} must be {wanted}, got {vector[first]} in row {first} ({share})."
