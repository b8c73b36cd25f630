"""Rows to try an exported file on, where the user has none at hand."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.encoder import Encoder
from fieldwise.data.values import POLARS_TYPES
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.schema import (
    CategoricalField,
    Field,
    NumericField,
    SequenceField,
)
from fieldwise.serving.export.inputs import unseen_value

__all__ = ["NULL_SHARE", "synthetic_rows"]

NULL_SHARE = 0.1
"""Of each column."""
UNSEEN_SHARE = 0.1
"""Of the values of a vocabulary."""
MAX_ITEMS = 12

Generator = np.random.Generator


def synthetic_rows(encoder: Encoder, *, num_rows: int, seed: int = 0) -> pl.DataFrame:
    """Draw rows that meet every part of an encoder.

    Values come from the vocabularies, one in ten is unseen and one in ten null; numbers
    lie on borders of buckets, just below them, far out and in between.

    Args:
        encoder: fitted.
        num_rows: rows to draw.
        seed: of the draws.

    Returns:
        Raw rows with the columns of all fields.
    """
    generator = np.random.default_rng(seed)
    return pl.DataFrame(
        [
            _column(field, encoder, num_rows, generator).alias(field.name)
            for field in encoder.schema
        ]
    )


def _column(
    field: Field, encoder: Encoder, num_rows: int, generator: Generator
) -> pl.Series:
    match field:
        case NumericField():
            column = pl.Series(_numbers(field, num_rows, generator))
        case CategoricalField():
            column = _names(encoder.vocabularies[field.name], num_rows, generator)
        case SequenceField():
            # Some lists are longer than what counts of them.
            longest = min(field.max_length + 2, MAX_ITEMS)
            lengths = generator.integers(0, longest + 1, num_rows)
            vocabulary = encoder.vocabularies[field.name]
            items = _names(vocabulary, int(lengths.sum()), generator)
            column = _lists(items, lengths)
        case _:
            width = field.vector_dim or 0
            matrix = generator.normal(size=(num_rows, width)).astype(np.float32)
            column = pl.Series(matrix, dtype=pl.Array(pl.Float32, width))
    return _with_nulls(column, generator)


def _with_nulls(column: pl.Series, generator: Generator) -> pl.Series:
    is_kept = pl.Series("kept", generator.random(len(column)) >= NULL_SHARE)
    found = pl.DataFrame([column.alias("raw"), is_kept])
    return found.select(pl.when("kept").then("raw")).to_series()


def _names(vocabulary: Vocabulary, size: int, generator: Generator) -> pl.Series:
    """Values of a vocabulary, some of them null, and some changed a little."""
    dtype = POLARS_TYPES[vocabulary.value_type]
    values = vocabulary.values
    if not len(values):
        values = pl.Series([None], dtype=dtype)
    drawn = values.gather(generator.integers(0, len(values), size))
    unseen = _unseen(vocabulary)
    is_unseen = pl.Series("unseen", generator.random(size) < UNSEEN_SHARE)
    return (
        pl.DataFrame([drawn.alias("raw"), is_unseen])
        .select(pl.when("unseen").then(unseen).otherwise("raw").cast(dtype))
        .to_series()
    )


def _unseen(vocabulary: Vocabulary) -> pl.Expr:
    """Values beside those drawn which the vocabulary does not have."""
    if vocabulary.value_type == "string":
        return pl.format("{}\U0001f600?", pl.col("raw").fill_null(""))
    if vocabulary.value_type == "bool":  # there may be no other
        return ~pl.col("raw")
    return pl.lit(unseen_value(vocabulary), POLARS_TYPES[vocabulary.value_type])


def _lists(items: pl.Series, lengths: NDArray[np.int64]) -> pl.Series:
    rows = np.repeat(np.arange(len(lengths)), lengths)
    lists = (
        pl.DataFrame([pl.Series("row", rows), items.alias("items")])
        .group_by("row", maintain_order=True)
        .agg("items")
    )
    all_rows = pl.DataFrame({"row": np.arange(len(lengths))})
    joined = all_rows.join(lists, on="row", how="left", maintain_order="left")
    return joined["items"].fill_null([])


def _numbers(
    field: NumericField, size: int, generator: Generator
) -> NDArray[np.float64]:
    """Numbers near what was learned of a field."""
    ends = [-1.0, 0.0, 2.0, field.low or 0.0, field.high or 0.0]
    if field.is_bucketed:
        ends += field.edges
    marks = np.array(ends)
    drawn = generator.choice(marks, size)
    below = np.nextafter(drawn, -np.inf)
    spread = drawn + generator.normal(size=size) * (1 + marks.std())
    forms = np.stack([drawn, below, spread, drawn * 1e6])
    return forms[generator.integers(0, len(forms), size), np.arange(size)]
