"""Texts of counted values."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data.encoder import Encoder
from fieldwise.data.numbers import standardise
from fieldwise.diagnosis.value_texts import raw_numbers, value_texts
from fieldwise.schema import CategoricalField, NumericField, Schema


def fitted(field, values):
    frame = pl.LazyFrame({field.name: values})
    return Encoder.fit(frame, Schema((field,)))


def test_names():
    encoder = fitted(CategoricalField("site", min_count=1), ["a", "a", "a", None, "b"])

    assert value_texts(encoder, "site", [1, 0]) == ["a", "(unknown)"]
    assert set(value_texts(encoder, "site", [2, 3])) == {"(null)", "b"}


def test_buckets():
    field = NumericField("price", encoding="quantile", num_buckets=2)
    encoder = fitted(field, [1.0, 2.0, 3.0, 4.0, None])

    found = value_texts(encoder, "price", range(4))

    assert found == ["(unknown)", "below 3", "3 and more", "(null)"]


def test_codes():
    encoder = fitted(NumericField("n", encoding="log_square"), [1.0, 1.0, 2.0, 2.0])

    assert value_texts(encoder, "n", [1, 2]) == ["code 1", "code 2"]


def test_numbers_return():
    encoder = fitted(NumericField("n"), [-3.0, 0.0, 2.0, 8.0])
    raw = np.array([-2.0, 0.0, 5.0])

    found = raw_numbers(encoder.schema["n"], standardise(encoder.schema["n"], raw))

    assert found == pytest.approx(raw)
