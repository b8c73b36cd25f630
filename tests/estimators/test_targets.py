"""Labels and weights, checked."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from fieldwise.errors import DataError
from fieldwise.estimators.targets import read_sample_weight, read_target


@pytest.mark.parametrize(
    "y", [[1, 0], np.array([1, 0]), pl.Series([1, 0]), pd.Series([1, 0])]
)
def test_labels_of_any_kind(y):
    assert read_target(y, 2).tolist() == [1, 0]


def test_numbers_are_of_64_bits():
    labels = read_target(np.array([1, 2], dtype=np.int8), 2, numeric=True)

    assert labels.dtype == np.float64


@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([1.0, np.nan], "Input y contains NaN"),
        ([1, 2, 3], "inconsistent numbers of samples"),
        (None, "y should be a 1d array"),
        ([[1, 2], [3, 4]], "y should be a 1d array"),
    ],
)
def test_labels_that_are_none(y, words):
    with pytest.raises(ValueError, match=words):
        read_target(y, 2)


def test_a_missing_text_is_no_label():
    with pytest.raises(DataError, match="no missing values, got None"):
        read_target(pl.Series(["a", None]), 2)


def test_weights():
    assert read_sample_weight(None, 2) is None
    assert read_sample_weight(pd.Series([0, 2]), 2).tolist() == [0.0, 2.0]


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([0, 0], "positive for some rows, got only zero"),
        ([-1, 2], "zero or positive, got -1"),
        ([1, 2, 3], "inconsistent numbers of samples"),
        ([[1], [2]], "must be a vector"),
    ],
)
def test_impossible_weights(weights, words):
    with pytest.raises(ValueError, match=words):
        read_sample_weight(weights, 2)
