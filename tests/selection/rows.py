"""Encoded rows for tests of methods that choose rows."""

import numpy as np

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
)

SCALED = {"center": 0.0, "scale": 1.0, "low": -9.0, "high": 9.0}


def categories(columns, *, sizes, labels=None):
    """Rows of categorical fields ``a``, ``b``, ... with values from 0 on."""
    fields = tuple(
        CategoricalField(chr(97 + place), num_features=size, value_type="int")
        for place, size in enumerate(sizes)
    )
    roles = () if labels is None else (Label("click", "binary", positive=1),)
    schema = Schema(fields, roles)
    matrix = np.asarray(columns).reshape(-1, len(sizes)) + np.array(
        schema.table_offsets
    )
    parts = [matrix.astype(np.int32)]
    if labels is not None:
        bits = np.asarray(labels, dtype=np.float32).view(np.int32)
        parts.append(bits.reshape(-1, 1))
    return Dataset(
        schema, np.ascontiguousarray(np.hstack(parts)), labelled=labels is not None
    )


def mixed(random, num_rows):
    """Rows of two categories, two numbers and a list, some missing or empty."""
    schema = Schema(
        (
            CategoricalField("site", num_features=6, value_type="string"),
            NumericField("price", "standard", **SCALED),
            SequenceField("tags", num_features=5, value_type="string"),
            CategoricalField("device", num_features=3, value_type="string"),
            NumericField("age", "standard", **SCALED),
        )
    )
    values = [random.integers(0, size, num_rows) for size in (6, 3)]
    starts = schema.table_offsets
    indices = np.stack(values, axis=1) + np.array(starts[:2])
    numbers = random.normal(size=(num_rows, 2)).astype(np.float32)
    numbers[random.random((num_rows, 2)) < 0.1] = np.nan
    matrix = np.hstack([indices.astype(np.int32), numbers.view(np.int32)])
    lengths = random.integers(0, 4, num_rows)
    items = (starts[2] + random.integers(0, 5, lengths.sum())).astype(np.int32)
    ragged = Ragged(items, np.concatenate([[0], np.cumsum(lengths)]))
    return Dataset(schema, matrix, [ragged], labelled=False)
