"""Numbers of encoded rows, and how they are standardised."""

import numpy as np
import pytest

from fieldwise.errors import SchemaError
from fieldwise.selection.numeric_columns import Standard, numeric_columns
from tests.selection.planted import ranking_data


def test_only_numbers_are_read_in_the_order_of_the_schema():
    random = np.random.default_rng(0)
    columns = {"b": random.normal(size=50), "site": random.integers(0, 3, 50)}
    columns["a"] = random.normal(size=50)
    data = ranking_data(columns, np.arange(50) % 2)

    names, numbers = numeric_columns(data.train)

    assert names == ("b", "a")
    expected = np.column_stack([columns["b"], columns["a"]])[:30]
    np.testing.assert_array_equal(numbers, expected.astype(np.float32))


def test_a_table_without_numbers_is_refused():
    data = ranking_data({"site": np.arange(10) % 3}, np.arange(10) % 2)

    with pytest.raises(SchemaError, match=r"must have numeric fields.*got none"):
        numeric_columns(data.train)


def test_standard_equals_numpy_on_the_numbers_that_are_there():
    columns = np.random.default_rng(0).normal(3.0, 5.0, (40, 3))
    columns[::4, 1] = np.nan

    scaled = Standard.of(columns).apply(columns)

    expected = (columns - np.nanmean(columns, axis=0)) / np.nanstd(columns, axis=0)
    np.testing.assert_allclose(scaled, np.nan_to_num(expected), atol=1e-12)


def test_nothing_and_always_the_same_are_zero():
    columns = np.column_stack([np.full(5, np.nan), np.full(5, 7.3)])

    assert Standard.of(columns).apply(columns).tolist() == [[0.0, 0.0]] * 5
