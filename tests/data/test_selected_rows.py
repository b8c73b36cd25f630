"""From a selection of rows to a dataset."""

import numpy as np
import pytest

from fieldwise.data.dataset import Dataset
from fieldwise.data.selected_rows import rows_of
from fieldwise.errors import DataError
from fieldwise.importance import RowNames, Selection
from fieldwise.schema import CategoricalField, Schema

SITES = Schema((CategoricalField("site", num_features=9, value_type="int"),))


@pytest.fixture
def dataset():
    matrix = np.arange(5, dtype=np.int32).reshape(-1, 1)
    return Dataset(SITES, matrix, labelled=False, fingerprint="f" * 64)


def test_the_rows_that_are_kept(dataset):
    chosen = Selection("row", RowNames([1, 4]), RowNames.first(5))

    found = rows_of(chosen, dataset)

    assert found.rows.tolist() == [[1], [4]]
    assert found.checksum() == dataset.take(np.array([1, 4])).checksum()


def test_none_and_all(dataset):
    everything = RowNames.first(5)

    assert len(rows_of(Selection("row", RowNames([]), everything), dataset)) == 0
    kept = rows_of(Selection("row", everything, everything), dataset)
    assert kept.rows.tolist() == dataset.rows.tolist()


def test_a_selection_of_something_else(dataset):
    with pytest.raises(DataError, match=r"must be of 5 rows, .* got one of 4"):
        rows_of(Selection("row", RowNames([0]), RowNames.first(4)), dataset)
    with pytest.raises(DataError, match="selection must be of rows"):
        rows_of(Selection("field", ("site",), ("site",)), dataset)
