"""Numbers of a few rows are what ``numbers.py`` makes of columns, bit by bit."""

import numpy as np
import pytest

from fieldwise.data.numbers import bucket, fit_numeric, standardise
from fieldwise.data.plain_columns import UnsureError
from fieldwise.data.plain_numbers import PlainBuckets, PlainNumbers
from fieldwise.schema import NumericField

ODD = [None, np.nan, np.inf, -np.inf, 0.0, -0.0, 1, 2, 3, 2.5, -1, 1e300, -1e300, True]


def fitted(encoding, seed=0, *, has_nulls=False):
    rng = np.random.default_rng(seed)
    values = np.round(rng.exponential(5, 200) - 2, seed % 3)
    field = NumericField(f"x{seed}", encoding, num_buckets=6)
    return fit_numeric(field, values, has_nulls=has_nulls)


def columns(fields, num_rows=40):
    rng = np.random.default_rng(1)
    return [
        {f.name: float(rng.normal(0, 10)) for f in fields} for _ in range(num_rows)
    ] + [{f.name: value for f in fields} for value in ODD if value is not True]


@pytest.mark.parametrize("has_nulls", [False, True])
def test_numbers_equal_those_of_columns(has_nulls):
    fields = [
        fitted(encoding, seed, has_nulls=has_nulls)
        for seed, encoding in enumerate(("standard", "ple", "periodic", "ple"))
    ]
    rows = columns(fields)

    found = PlainNumbers(fields).encode(rows)

    for place, field in enumerate(fields):
        raw = np.array([row[field.name] for row in rows], dtype=float)
        wanted = standardise(field, raw)
        if not has_nulls:
            wanted[np.isnan(wanted)] = 0.0
        np.testing.assert_array_equal(found[:, place], wanted.astype(np.float32))
    assert found.dtype == np.float32
    assert found.flags.c_contiguous


def test_one_row_equals_many():
    fields = [fitted("standard", seed) for seed in range(5)]
    rows = columns(fields)
    numbers = PlainNumbers(fields)

    found = np.concatenate([numbers.encode([row]) for row in rows])

    np.testing.assert_array_equal(found, numbers.encode(rows))


@pytest.mark.parametrize("has_nulls", [False, True])
def test_buckets_equal_those_of_columns(has_nulls):
    fields = [
        fitted(encoding, seed, has_nulls=has_nulls)
        for seed, encoding in enumerate(("quantile", "log_square", "quantile"))
    ]
    rows = columns(fields)

    found = PlainBuckets(fields).encode(rows)

    for field, indices in zip(fields, found, strict=True):
        raw = np.array([row[field.name] for row in rows], dtype=float)
        assert indices == bucket(field, raw).tolist()


def test_a_boolean_is_a_number():
    field = fitted("quantile")
    assert PlainBuckets([field]).encode([{"x0": True}]) == PlainBuckets([field]).encode(
        [{"x0": 1.0}]
    )


def test_no_fields():
    assert PlainNumbers([]).encode([{}, {}]).shape == (2, 0)
    assert PlainBuckets([]).encode([{}]) == []


@pytest.mark.parametrize("row", [{}, {"x0": "1"}, {"x0": [1]}])
def test_what_may_be_no_number(row):
    with pytest.raises(UnsureError):
        PlainNumbers([fitted("standard")]).encode([row])
    with pytest.raises(UnsureError):
        PlainBuckets([fitted("quantile")]).encode([row])
