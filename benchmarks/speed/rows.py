"""Rows like those of an ad log: a few small fields, many with a long tail."""

import numpy as np

from fieldwise.data.dataset import Dataset
from fieldwise.schema import CategoricalField, Label, Schema

__all__ = ["make_rows"]

SIZES = (*[60] * 13, *(int(size) for size in np.geomspace(10, 350_000, 26)))
"""Features of the 39 fields, about a million together."""

EXPONENT = 1.05
"""Of Zipf's law: 4096 rows touch some 22 thousand features."""


def make_rows(num_rows: int, *, seed: int = 0) -> Dataset:
    """Draw rows; what they say is of no interest.

    Args:
        num_rows: how many.
        seed: of the draw.

    Returns:
        The rows, encoded.
    """
    random = np.random.default_rng(seed)
    schema = Schema(
        tuple(
            CategoricalField(f"field{number}", num_features=size, value_type="int")
            for number, size in enumerate(SIZES)
        ),
        (Label("click", "binary", positive=1),),
    )
    matrix = np.empty((num_rows, len(SIZES) + 1), dtype=np.int32)
    for column, (offset, size) in enumerate(
        zip(schema.table_offsets, SIZES, strict=True)
    ):
        mass = np.arange(1, size + 1) ** -EXPONENT
        limits = np.cumsum(mass / mass.sum())[:-1]
        matrix[:, column] = offset + np.searchsorted(limits, random.random(num_rows))
    labels = (random.random(num_rows) < 0.25).astype(np.float32)
    matrix[:, -1] = labels.view(np.int32)
    return Dataset(schema, matrix)
