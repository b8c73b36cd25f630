"""Rankers that are exported: every kind of field and of value, and drawn weights."""

import jaxtyping
import numpy as np
import polars as pl
import pytest
import torch

from fieldwise.calibration import IsotonicCalibrator, PlattCalibrator
from fieldwise.data.encoder import Encoder
from fieldwise.nn.embeddings.table_layer import TableLayer
from fieldwise.ranker import Ranker
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from tests.contracts.small_models import make_model

NUM_ROWS = 240
FIELDS = (
    CategoricalField("site", min_count=1),
    NumericField("depth", "ple", num_buckets=4),
    CategoricalField("user", min_count=2),
    SequenceField("history", min_count=1, max_length=3),
    CategoricalField("device", min_count=1),
    NumericField("price", "quantile", num_buckets=5),
    CategoricalField("version", min_count=1),
    VectorField("text"),
    CategoricalField("is_new", min_count=1),
    NumericField("age", "standard"),
    NumericField("rank", "log_square"),
    SequenceField("tags", min_count=2, max_length=2),
    NumericField("hour", "periodic"),
    CategoricalField("day", min_count=1),
)
LABELS = (Label("click"), Label("paid"), Label("spent", kind="real"))
SCHEMA = Schema(FIELDS, labels=LABELS)
ONE_LABEL = Schema(FIELDS, labels=LABELS[:1])
USERS = [2**62 + 1, 2**62, -1, -2, 7, None]
WORDS = ["a", "", "\U0001f600", "é\u0301", " x", "null", "0", "a\tb", None]


def raw_rows(seed=0):
    """Names with emoji, 64-bit identifiers, dates, gaps in every column."""
    generator = np.random.default_rng(seed)

    def pick(values, size=NUM_ROWS):
        return [values[place] for place in generator.integers(0, len(values), size)]

    def lists(values):
        lengths = generator.integers(0, 6, NUM_ROWS)
        found = [pick(values, length) for length in lengths]
        return [None if len(row) == 5 else row for row in found]

    def numbers(scale):
        drawn = generator.gamma(1, scale, NUM_ROWS)
        return [None if x < 0.1 * scale else float(x) for x in drawn]

    whole = generator.integers(-5, 500, NUM_ROWS).astype(float)
    vectors = generator.normal(size=(NUM_ROWS, 3))
    return pl.DataFrame(
        {
            "site": pick(WORDS),
            "depth": numbers(2.0),
            "user": pl.Series(
                pick([2**62 + 1, 2**62, -1, -2, 7, None]), dtype=pl.Int64
            ),
            "history": pl.Series(
                lists([1, 2**53 + 1, 3, None]), dtype=pl.List(pl.Int64)
            ),
            "device": pl.Series(pick([2**64 - 1, 2**63, 1, None]), dtype=pl.UInt64),
            "price": numbers(30.0),
            "version": pick([0.1, 2.5, -0.0, 1e300, None]),
            "text": pl.Series(vectors, dtype=pl.Array(pl.Float64, 3)),
            "is_new": pick([True, True, False, None]),
            "age": whole,
            "rank": whole,
            "tags": pl.Series(lists([*WORDS[:3], None]), dtype=pl.List(pl.String)),
            "hour": numbers(5.0),
            "day": pl.Series(pick([19000, 19001, None])).cast(pl.Date),
            "click": generator.integers(0, 2, NUM_ROWS),
            "paid": generator.integers(0, 2, NUM_ROWS),
            "spent": generator.normal(40, 9, NUM_ROWS),
        }
    )


def drawn_ranker(name, encoder, *, negative_rate=0.3, **settings):
    """A ranker whose scores depend on every row of its tables."""
    model = make_model(name, encoder.schema, **settings)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, TableLayer):
                module.table.normal_(std=0.3, generator=generator)
    generator = np.random.default_rng(2)
    logits, labels = generator.normal(size=99), generator.integers(0, 2, 99)
    calibrators = [
        PlattCalibrator().fit(logits, labels),
        IsotonicCalibrator().fit(logits, labels),
        None,
    ]
    return Ranker(
        encoder,
        model,
        calibrators[: len(encoder.schema.labels)],
        model_name=name,
        model_arguments={},
        negative_rate=negative_rate,
    )


@pytest.fixture(autouse=True)
def traceable(monkeypatch):
    """The checks of shapes in this test run would pin the number of rows."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture(scope="session")
def rows():
    return raw_rows()


@pytest.fixture(scope="session")
def encoder(rows):
    """Of three labels."""
    return Encoder.fit(rows.lazy(), SCHEMA)


@pytest.fixture(scope="session")
def dcnv2(encoder):
    return drawn_ranker("dcnv2", encoder)
