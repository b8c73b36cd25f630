import numpy as np
import pytest

from fieldwise.selection.outrank.number_column import number_column


@pytest.mark.parametrize("rule", ["buckets", "values"])
def test_few_numbers_are_categories_and_missing_is_one(rule):
    values = np.array([3.0, np.nan, 3.0, -1.0, np.nan])

    column = number_column(values, rule)

    assert column.codes[0] == column.codes[2] > column.codes[3]
    assert column.codes[1] == column.codes[4] > column.codes[0]
    assert column.codes.max() < column.size


def test_buckets_hold_equally_many_numbers():
    column = number_column(np.random.default_rng(0).normal(size=3200), "buckets")

    counts = np.bincount(column.codes)
    assert len(counts[counts > 0]) == 32
    assert counts[counts > 0].min() > 90


def test_values_stay_apart():
    values = np.random.default_rng(0).normal(size=500)

    assert number_column(values, "values").size == 500


@pytest.mark.parametrize("rule", ["buckets", "values"])
def test_nothing_but_gaps(rule):
    assert len(set(number_column(np.full(4, np.nan), rule).codes.tolist())) == 1
