"""Weights of rows: any that are finite and not negative."""

import math

import polars as pl
import pytest

from fieldwise.data.row_weights import read_weights
from fieldwise.errors import DataError


@pytest.mark.parametrize("values", [[0.0, 2.5], [1, 3], ["1", "0.5"], [True, False]])
def test_numbers_in_any_form(values):
    weights = read_weights(pl.Series("weight", values))

    assert weights.tolist() == [float(value) for value in values]


def test_no_rows():
    assert read_weights(pl.Series("weight", [], dtype=pl.Float64)).shape == (0,)


@pytest.mark.parametrize("wrong", [-1.0, math.inf, math.nan, 1e39, None])
def test_wrong_weights_are_counted(wrong):
    column = pl.Series("weight", [1.0, wrong, wrong])

    message = r"weight 'weight' must be finite and not negative, got .* \(2 rows\)"
    with pytest.raises(DataError, match=message):
        read_weights(column)
