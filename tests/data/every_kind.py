"""A small table with every kind of field, two labels, weights and groups."""

import numpy as np
import polars as pl

from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

FIELDS = (
    VectorField("text"),
    CategoricalField("site", min_count=1),
    NumericField("depth", "ple"),
    SequenceField("history", min_count=1),
    NumericField("price", "quantile", num_buckets=4),
    CategoricalField("device", min_count=2),
    NumericField("age", "standard"),
    SequenceField("tags", min_count=2, max_length=2),
    NumericField("rank", "log_square"),
    VectorField("image"),
)
SCHEMA = Schema(
    FIELDS, labels=(Label("click"), Label("paid")), weight="weight", group="user"
)


def raw_table():
    """Sixty rows; numbers have nulls, lists may be empty."""
    generator = np.random.default_rng(0)

    def names(prefix, size):
        return [f"{prefix}{code}" for code in generator.integers(0, size, 60)]

    def lists(size):
        lengths = generator.integers(0, 4, 60)
        return [generator.integers(0, size, length).tolist() for length in lengths]

    def numbers():
        return [None if x > 2 else float(x) for x in generator.gamma(1, 2, 60)]

    def vectors(width):
        return generator.normal(size=(60, width)).tolist()

    return pl.DataFrame(
        {
            "text": pl.Series(vectors(3), dtype=pl.Array(pl.Float64, 3)),
            "site": names("s", 7),
            "depth": numbers(),
            "history": lists(9),
            "price": numbers(),
            "device": names("d", 4),
            "age": numbers(),
            "tags": lists(5),
            "rank": numbers(),
            "image": pl.Series(vectors(2), dtype=pl.Array(pl.Float64, 2)),
            "click": generator.integers(0, 2, 60),
            "paid": generator.integers(0, 2, 60),
            "weight": generator.uniform(0.5, 2, 60),
            "user": names("u", 9),
        }
    )
