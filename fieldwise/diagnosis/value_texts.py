"""What the counted values of a field are called."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.encoder import Encoder
from fieldwise.schema import NumericField

__all__ = ["NULL", "UNKNOWN", "interval_texts", "raw_numbers", "value_texts"]

UNKNOWN, NULL = "(unknown)", "(null)"


def value_texts(encoder: Encoder, name: str, indices: Sequence[int]) -> list[str]:
    """Name some values of a field that is looked up.

    Args:
        encoder: knows them.
        name: of a categorical, sequence or bucketed numeric field.
        indices: in its own table, 0 for the unknown row.

    Returns:
        One text for each.
    """
    field = encoder.schema[name]
    if isinstance(field, NumericField):
        if field.encoding == "log_square":
            texts = [f"code {edge:g}" for edge in field.edges]
        else:
            texts = interval_texts(np.asarray(field.edges))
        texts = [UNKNOWN, *texts, NULL]
        return [texts[index] for index in indices]
    values = encoder.vocabularies[name].values
    found = [UNKNOWN if index == 0 else values[index - 1] for index in indices]
    return [NULL if value is None else str(value) for value in found]


def interval_texts(edges: NDArray[np.float64]) -> list[str]:
    """Name the intervals between edges.

    Examples:
        >>> interval_texts(np.array([1.0, 2.5]))
        ['below 1', '1 to 2.5', '2.5 and more']
        >>> interval_texts(np.array([]))
        ['any number']

    Args:
        edges: ascending; each belongs to the interval above.

    Returns:
        One text more than there are edges.
    """
    if not len(edges):
        return ["any number"]
    texts = [f"{edge:.4g}" for edge in edges]
    middle = [f"{a} to {b}" for a, b in pairwise(texts)]
    return [f"below {texts[0]}", *middle, f"{texts[-1]} and more"]


def raw_numbers(
    field: NumericField, standardised: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Turn standardised numbers of a field back into its own unit.

    Args:
        field: fitted, not bucketed.
        standardised: as the encoder writes them.

    Returns:
        Raw numbers, those beyond the clipping excepted.
    """
    squashed = standardised * (field.scale or 1.0) + (field.center or 0.0)
    return np.asarray(np.copysign(np.expm1(np.abs(squashed)), squashed))
