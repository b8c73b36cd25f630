"""A sensible unknown row where training rows gave it nothing to learn.

A field whose every value is frequent has no rare value to train its unknown row on; the
row would keep its random start, and the first unseen value would meet it. The mean of
the field's rows, weighted by how often each was seen, is what an additive model
predicts when the value is not known.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import Schema

__all__ = ["fill_unknown_rows"]

TRAINED_COUNT = 20
"""An unknown row seen at least this often in training keeps what it learned."""


@torch.no_grad()
def fill_unknown_rows(
    model: nn.Module, schema: Schema, counts: NDArray[np.int64]
) -> None:
    """Set unknown rows that were hardly trained to the mean row of their field.

    Args:
        model: a trained model; every ``FieldEmbedding`` in it is changed in place.
        schema: the fitted schema.
        counts: training occurrences of every table row, ``(num_features,)``.
    """
    tables = [m.table for m in model.modules() if isinstance(m, FieldEmbedding)]
    for start, size in zip(schema.table_offsets, schema.table_sizes, strict=True):
        known = counts[start + 1 : start + size]
        if counts[start] >= TRAINED_COUNT or not known.sum():
            continue
        for table in tables:
            shares = torch.from_numpy(known / known.sum()).to(table)
            table[start] = shares @ table[start + 1 : start + size]
