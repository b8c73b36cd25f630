"""Columns of a few rows are read where their type is certain, else declined."""

import math

import numpy as np
import pytest

from fieldwise.data.plain_columns import (
    UnsureError,
    check_one_type,
    plain_column,
    plain_lists,
    plain_numbers,
    plain_vectors,
)


def test_a_column():
    rows = [{"site": "a", "price": 1}, {"site": None}]

    assert plain_column(rows, "site") == ["a", None]
    assert plain_column(rows, "price") == [1, None]


def test_a_column_that_no_row_has():
    with pytest.raises(UnsureError):
        plain_column([{"site": "a"}, {}], "price")


@pytest.mark.parametrize(
    "values", [["a", None], [None], [], [1, 2], [True, False], [np.float64(1)]]
)
def test_one_type(values):
    check_one_type(values)


@pytest.mark.parametrize(
    "values", [["a", 1], [1, 1.0], [True, 1], [1.0, np.float64(1)]]
)
def test_several_types_are_unsure(values):
    with pytest.raises(UnsureError):
        check_one_type(values)


def numbers(*values):
    """The values as one column, and as the columns of one row."""
    names = [f"x{place}" for place in range(len(values))]
    row = dict(zip(names, values, strict=True))
    column = [{"x": value} for value in values]
    return plain_numbers([row], names), plain_numbers(column, ["x"])


def test_numbers_by_hand():
    # 2 ** 53 + 1 is no float; halves go to the even neighbour
    one_row, one_column = numbers(1, 2.5, None, 2**53 + 1, -0.0)

    wanted = [1.0, 2.5, math.nan, 2.0**53, 0.0]
    np.testing.assert_array_equal(one_row[:, 0], wanted)
    np.testing.assert_array_equal(one_column[0], wanted)


def test_booleans_are_numbers():
    one_row, one_column = numbers(True, False)

    assert one_row[:, 0].tolist() == one_column[0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("value", ["2.5", "", [1], np.float64(1), 2**63, 1j])
def test_what_may_be_no_number(value):
    for rows in ([{"x": value}], [{"x": value}, {"x": None}]):
        with pytest.raises(UnsureError):
            plain_numbers(rows, ["x"])


def test_numbers_beside_booleans():
    # Two columns of one row have two types; one column of two rows has none.
    assert plain_numbers([{"x": True, "y": 0.5}], ["x", "y"]).tolist() == [[1.0], [0.5]]
    with pytest.raises(UnsureError):
        plain_numbers([{"x": True}, {"x": 0.5}], ["x"])


@pytest.mark.parametrize("rows", [[{"x": 1}], [{"x": 1}, {"x": 2}]])
def test_numbers_that_no_row_has(rows):
    with pytest.raises(UnsureError):
        plain_numbers(rows, ["x", "y"])


def test_lists():
    values = [["a", "b", "c"], [], None, ("d",), [None]]

    lists = plain_lists(values, 2)

    assert list(map(list, lists)) == [["b", "c"], [None], [None], ["d"], [None]]


@pytest.mark.parametrize("values", ["ab", {"a"}, 5, np.array(["a"]), [["a"], [1]]])
def test_what_may_be_no_list(values):
    with pytest.raises(UnsureError):
        plain_lists(values if isinstance(values, list) else [values], 5)


def test_items_that_do_not_count_decide_the_type_too():
    with pytest.raises(UnsureError):
        plain_lists([["a", 1]], 1)
    with pytest.raises(UnsureError):
        plain_lists([[2**63, 1]], 1)


def test_vectors_by_hand():
    values = [[0.5, 1, None], None, (math.inf, -math.inf, math.nan), [1e39, 0, 2**24]]

    found = plain_vectors(values, 3)

    nan = np.nan
    wanted = [[0.5, 1, nan], [nan] * 3, [nan] * 3, [nan, 0, 2**24]]
    np.testing.assert_array_equal(found, np.array(wanted, dtype=np.float32))
    assert found.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_are_vectors(dtype):
    found = plain_vectors([np.array([0.1, np.inf], dtype=dtype)], 2)

    np.testing.assert_array_equal(found, np.array([[0.1, np.nan]], dtype=np.float32))


@pytest.mark.parametrize(
    "value",
    [
        [0.5],
        [0.5, 1.0, 2.0],
        [],
        0.5,
        "ab",
        ["a", "b"],
        [True, False],
        [2**53 + 1, 0],
        np.array([1, 2]),
        np.array([[0.5, 1.0]]),
        np.array([0.5]),
    ],
    ids=repr,
)
def test_what_may_be_no_vector(value):
    with pytest.raises(UnsureError):
        plain_vectors([value], 2)
