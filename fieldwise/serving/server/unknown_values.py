"""Which values of encoded rows a ranker does not know."""

from typing import final

import numpy as np

from fieldwise.batch import Batch
from fieldwise.data.vocabulary import UNKNOWN
from fieldwise.schema import Schema

__all__ = ["UnknownValues"]

ALL = slice(None)


@final
class UnknownValues:
    """Counts values that fell on the unknown row of their field.

    Args:
        schema: of the rows.
    """

    def __init__(self, schema: Schema) -> None:
        num_indices = len(schema.index_fields)
        rows = np.array(schema.table_offsets, dtype=np.int32) + np.int32(UNKNOWN)
        self._rows, self._item_rows = rows[:num_indices], rows[num_indices:].tolist()
        self._names = [field.name for field in schema.index_fields]
        self._sequence_names = [field.name for field in schema.sequence_fields]

    def count(self, batch: Batch, rows: slice = ALL) -> dict[str, int]:
        """Count the unknown values of some rows.

        Args:
            batch: encoded rows.
            rows: which of them.

        Returns:
            How many there are, by field; fields without any are left out.
        """
        is_unknown = batch.indices[rows].numpy() == self._rows
        counts = is_unknown.sum(axis=0).tolist()
        found = {n: c for n, c in zip(self._names, counts, strict=True) if c}
        ends = batch.sequence_offsets.numpy()
        start, stop, _ = rows.indices(len(batch))
        for place, name in enumerate(self._sequence_names):
            low, high = (ends[place * len(batch) + row] for row in (start, stop))
            items = batch.sequence_indices[low:high].numpy()
            if count := int(np.count_nonzero(items == self._item_rows[place])):
                found[name] = count
        return found
