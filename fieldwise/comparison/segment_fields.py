"""Values of some fields in the rows that all systems are compared on."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.schema import CategoricalField

__all__ = ["segment_fields"]

NUM_FIELDS = 4
UNKNOWN, NULL = "(unknown)", "(null)"


def segment_fields(encoder: Encoder, dataset: Dataset) -> Mapping[str, pl.Series]:
    """Take the categorical fields whose values differ most in the first label.

    No system is asked: the choice must not favour one of them.

    Args:
        encoder: knows the values.
        dataset: encoded, labelled rows.

    Returns:
        By field the value of each row as text; ``NUM_FIELDS`` at most, the one that
        tells most first.
    """
    labels = dataset.labels[:, 0].astype(np.float64)
    seen = ~np.isnan(labels)
    codes = _codes(encoder, dataset)
    told = {
        name: _explained(column[seen], labels[seen]) for name, column in codes.items()
    }
    ranked = sorted((name for name in told if told[name] > 0), key=lambda n: -told[n])
    return {name: _texts(encoder, name, codes[name]) for name in ranked[:NUM_FIELDS]}


def _codes(encoder: Encoder, dataset: Dataset) -> dict[str, NDArray[np.int64]]:
    schema = dataset.schema
    return {
        field.name: (dataset.rows[:, place] - schema.table_offsets[place]).astype(int)
        for place, field in enumerate(schema.index_fields)
        if isinstance(field, CategoricalField)
        and len(encoder.vocabularies[field.name].values) > 1
    }


def _explained(codes: NDArray[np.int64], labels: NDArray[np.float64]) -> float:
    """Share of the variance between values, less what as many values of noise have."""
    if not len(labels) or labels.var() == 0:
        return 0.0
    counts = np.bincount(codes)
    sums = np.bincount(codes, labels)
    filled = counts > 0
    means = sums[filled] / counts[filled]
    between = float(counts[filled] @ (means - labels.mean()) ** 2) / len(labels)
    return between / float(labels.var()) - (int(filled.sum()) - 1) / len(labels)


def _texts(encoder: Encoder, name: str, codes: NDArray[np.int64]) -> pl.Series:
    values = encoder.vocabularies[name].values
    known = values.cast(pl.String, strict=False).fill_null(NULL)
    is_known = pl.Series(codes > 0)
    return known.gather(np.maximum(codes - 1, 0)).zip_with(
        is_known, pl.Series([UNKNOWN])
    )
