"""A few rows of plain Python values to a batch, without a frame.

A frame costs milliseconds whatever it holds. This path makes the same batch, bit by
bit, from values whose column is certain, and declines all others: then a frame must
decide, or say what is wrong.
"""

from typing import final

import numpy as np
import torch
from numpy.typing import NDArray

from fieldwise.batch import Batch
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter
from fieldwise.data.plain_columns import (
    PlainRows,
    UnsureError,
    plain_column,
    plain_vectors,
)
from fieldwise.data.plain_names import PlainNames
from fieldwise.data.plain_numbers import PlainBuckets, PlainNumbers
from fieldwise.data.vocabulary import UNKNOWN
from fieldwise.schema import NumericField

__all__ = ["RowEncoder"]


@final
class RowEncoder:
    """Encodes rows of plain values. Read-only, so threads share it.

    Examples:
        >>> import polars as pl
        >>> from fieldwise.data.vocabulary import Vocabulary
        >>> from fieldwise.schema import CategoricalField, Schema
        >>> counts = pl.DataFrame({"value": ["a", "b"], "count": [3, 2]})
        >>> site = Vocabulary.from_counts(counts, "string", min_count=1)
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> encoder = RowEncoder(Encoder(Schema((field,)), {"site": site}))
        >>> batch, unknown = encoder.encode([{"site": "b"}, {"site": "new"}])
        >>> batch.indices.tolist(), unknown.shares()
        ([[2], [0]], {'site': 0.5})

    Args:
        encoder: the fitted encoder.
    """

    def __init__(self, encoder: Encoder) -> None:
        schema = encoder.schema
        index_fields = schema.index_fields
        offsets = np.array(schema.table_offsets, dtype=np.int32)
        bucketed = [f for f in index_fields if isinstance(f, NumericField)]
        is_bucketed = np.array([f in bucketed for f in index_fields], dtype=bool)
        self._named_places = np.flatnonzero(~is_bucketed)
        self._bucket_places = np.flatnonzero(is_bucketed)
        self._offsets = offsets[: len(index_fields), np.newaxis]
        self._item_offsets = offsets[len(index_fields) :].tolist()
        self._index_names = [field.name for field in index_fields]
        self._sequence_names = [field.name for field in schema.sequence_fields]
        self._names = PlainNames(encoder)
        self._buckets = PlainBuckets(bucketed)
        self._numbers = PlainNumbers(schema.number_fields)
        self._vectors = schema.vector_fields

    def encode(self, rows: PlainRows) -> tuple[Batch, UnknownCounter] | None:
        """Encode rows as ``encode_frame`` would.

        Args:
            rows: at least one.

        Returns:
            The rows without labels, and how many of their values are unknown; None
            where a frame must decide.
        """
        try:
            found, lengths = self._names.find(rows)
            buckets = self._buckets.encode(rows)
            numbers = self._numbers.encode(rows)
            vectors = [
                plain_vectors(plain_column(rows, field.name), field.vector_dim or 0)
                for field in self._vectors
            ]
        except UnsureError:
            return None
        num_names = len(self._named_places) * len(rows)
        indices = np.empty((len(self._index_names), len(rows)), dtype=np.int32)
        indices[self._named_places] = np.reshape(found[:num_names], (-1, len(rows)))
        if buckets:
            start = self._offsets[self._bucket_places]
            indices[self._bucket_places] = start + buckets
        items = np.array(found[num_names:], dtype=np.int32)
        ends = np.zeros(len(lengths) + 1, dtype=np.int32)
        np.cumsum(lengths, out=ends[1:])
        batch = Batch(
            indices=torch.from_numpy(np.ascontiguousarray(indices.T)),
            numbers=torch.from_numpy(numbers),
            sequence_indices=torch.from_numpy(items),
            sequence_offsets=torch.from_numpy(ends),
            vectors=tuple(map(torch.from_numpy, vectors)),
        )
        return batch, self._count_unknown(indices, items, ends)

    def _count_unknown(
        self,
        indices: NDArray[np.int32],
        items: NDArray[np.int32],
        ends: NDArray[np.int32],
    ) -> UnknownCounter:
        num_rows: int = indices.shape[1]
        is_unknown = indices == self._offsets + UNKNOWN
        num_unknown: list[int] = is_unknown.sum(axis=1).tolist()
        counter = UnknownCounter(
            dict.fromkeys(self._index_names, num_rows),
            dict(zip(self._index_names, num_unknown, strict=True)),
        )
        for place, name in enumerate(self._sequence_names):
            start, end = ends[place * num_rows], ends[(place + 1) * num_rows]
            counter.add(name, items[start:end] - self._item_offsets[place])
        return counter
