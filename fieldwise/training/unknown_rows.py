"""A sensible unknown row where training rows gave it nothing to learn.

A field whose every value is frequent has no rare value to train its unknown row on; the
row would keep its random start, and the first unseen value would meet it. The mean of
the field's rows, weighted by how often each was seen, is what an additive model
predicts when the value is not known.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise.data.crosses import CrossCounts
from fieldwise.nn.embeddings.cross_embedding import CrossEmbedding
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import Schema

__all__ = ["fill_unknown_crosses", "fill_unknown_rows"]

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
    offsets = dict(zip(_looked_up(schema), schema.table_offsets, strict=True))
    for embedding in model.modules():
        if not isinstance(embedding, FieldEmbedding):
            continue
        own = embedding.schema
        for name, start, size in zip(
            _looked_up(own), own.table_offsets, own.table_sizes, strict=True
        ):
            seen = counts[offsets[name] : offsets[name] + size]
            _fill(embedding.table, start, int(seen[0]), seen[1:])


@torch.no_grad()
def fill_unknown_crosses(layer: CrossEmbedding, counts: CrossCounts) -> None:
    """Do the same to the unknown row of each pair of fields.

    Args:
        layer: trained, and changed in place.
        counts: training rows of each pair of values with a row of its own.
    """
    start = 0
    for size, rare, known in zip(
        layer.cross_sizes, counts.rare_rows, counts.counts, strict=True
    ):
        _fill(layer.table, start, rare, known)
        start += size


def _fill(
    table: Tensor, start: int, num_unknown: int, known: NDArray[np.int64]
) -> None:
    """Set one unknown row, which the rows of known values follow."""
    if num_unknown >= TRAINED_COUNT or not known.sum():
        return
    shares = torch.from_numpy(known / known.sum()).to(table)
    table[start] = shares @ table[start + 1 : start + 1 + len(known)]


def _looked_up(schema: Schema) -> list[str]:
    """Names of the fields that have rows in the shared table, in its order."""
    return [field.name for field in (*schema.index_fields, *schema.sequence_fields)]
