import numpy as np
import pytest

from fieldwise.selection.outrank.column import Column, combine, renumber


@pytest.mark.parametrize("size", [50, 10_000])
def test_gaps_are_closed_in_order(size):
    codes = np.random.default_rng(0).integers(0, size, 200)

    found = renumber(codes, size)

    # Few codes are counted in a table, many are sorted: both number alike.
    distinct = sorted(set(codes.tolist()))
    assert found.size == len(distinct)
    assert found.codes.tolist() == [distinct.index(code) for code in codes.tolist()]


def test_no_row_has_no_code():
    assert renumber(np.empty(0, dtype=np.intp), 5).size == 0


def test_tuples_of_values_stay_apart():
    random = np.random.default_rng(1)
    columns = [renumber(random.integers(0, n, 500), n) for n in (7, 300, 2)]

    found = combine(columns)

    tuples = list(zip(*(column.codes.tolist() for column in columns), strict=True))
    assert found.size == len(set(tuples))
    assert len(set(zip(tuples, found.codes.tolist(), strict=True))) == found.size


def test_one_column_is_itself():
    column = Column(np.array([0, 1, 0]), 2)

    assert combine([column]) is column


def test_rows_are_chosen():
    column = Column(np.array([2, 0, 1]), 3).take(np.array([1, 1, 0]))

    assert (column.codes.tolist(), column.size, len(column)) == ([0, 0, 2], 3, 3)
