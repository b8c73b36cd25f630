"""Out-of-fold target means, and what a plain matrix cannot hold."""

import numpy as np
import pytest

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import CategoricalField, Label, Schema, SequenceField
from fieldwise.selection.design_matrix import (
    NUM_FOLDS,
    PRIOR_ROWS,
    DesignMatrix,
    one_label,
    target_means,
)
from tests.selection.planted import ranking_data

CLICK = Label("click", "binary", positive=1)


def target_means_by_rows(codes, labels, folds):
    found = []
    for code, fold in zip(codes, folds, strict=True):
        other = folds != fold
        own = other & (codes == code)
        mean = labels[other].mean()
        found.append((labels[own] - mean).sum() / (own.sum() + PRIOR_ROWS))
    return found


def mixed(num_rows=200, *, kind="binary", seed=0):
    random = np.random.default_rng(seed)
    age = random.normal(size=num_rows)
    age[::7] = np.nan
    columns = {"site": random.integers(0, 5, num_rows), "age": age}
    columns["hour"] = random.integers(0, 3, num_rows)
    labels = random.integers(0, 2, num_rows).astype(float)
    return ranking_data(columns, labels, kind=kind)


def test_target_means_equal_a_loop_over_rows():
    random = np.random.default_rng(1)
    codes = random.integers(0, 4, 60, dtype=np.int32)
    labels = random.normal(size=60)
    folds = random.permutation(60) % NUM_FOLDS

    found = target_means(codes, labels, folds)

    np.testing.assert_allclose(found, target_means_by_rows(codes, labels, folds))


def test_no_row_sees_its_own_label():
    codes, folds = np.zeros(10, dtype=np.int32), np.arange(10) % NUM_FOLDS
    codes[0] = 1
    labels = np.zeros(10)
    changed = labels.copy()
    changed[0] = 1e6

    before = target_means(codes, labels, folds)
    after = target_means(codes, changed, folds)

    assert before[0] == after[0] == 0.0


@pytest.mark.parametrize("encoding", ["targets", "codes"])
def test_a_value_that_all_rows_have_says_exactly_nothing(encoding):
    random = np.random.default_rng(0)
    columns = {"same": np.zeros(90, dtype=int), "site": random.integers(0, 3, 90)}
    data = ranking_data(columns, random.normal(size=90), kind="real")

    column = DesignMatrix.of(data.train, encoding=encoding).columns[:, 0]

    assert np.ptp(column) == 0.0


def test_codes_count_from_the_unknown_row_of_their_field():
    data = mixed()

    matrix = DesignMatrix.of(data.train, encoding="codes")

    indices = data.train.batch(slice(None)).indices.numpy()
    np.testing.assert_array_equal(matrix.columns[:, 0], indices[:, 0])
    np.testing.assert_array_equal(
        matrix.columns[:, 2], indices[:, 1] - data.schema.table_offsets[1]
    )


def test_numbers_stand_in_their_place_and_a_missing_one_is_the_mean():
    data = mixed()

    column = DesignMatrix.of(data.train).columns[:, 1]

    numbers = data.train.batch(slice(None)).numbers[:, 0].numpy()
    np.testing.assert_array_equal(column, np.nan_to_num(numbers))


def test_rows_without_a_label_are_left_out():
    data = mixed(kind="real")
    rows = np.array(data.train.rows)
    rows[:10, data.train.layout.labels] = np.float32(np.nan).view(np.int32)

    matrix = DesignMatrix.of(Dataset(data.schema, rows))

    assert matrix.columns.shape == (len(rows) - 10, 3)
    assert len(matrix.labels) == len(rows) - 10
    assert not matrix.is_binary


def test_the_seed_decides_the_folds():
    data = mixed()
    columns = [DesignMatrix.of(data.train, seed=seed).columns for seed in (0, 0, 1)]

    np.testing.assert_array_equal(columns[0], columns[1])
    assert (columns[0] != columns[2]).any()


def test_sequences_are_named():
    fields = (
        CategoricalField("site", num_features=3, value_type="int"),
        SequenceField("tags", num_features=3, value_type="int"),
    )
    rows = Dataset(
        Schema(fields, (CLICK,)),
        np.zeros((2, 2), np.int32),
        [Ragged(np.array([3, 3], np.int32), np.arange(3))],
    )

    with pytest.raises(SchemaError, match=r"categorical or numeric.*'tags': 'seq"):
        DesignMatrix.of(rows)


def test_an_unknown_encoding_is_refused():
    with pytest.raises(ValueError, match="encoding must be one of 'targets', 'codes'"):
        DesignMatrix.of(mixed().train, encoding="hash")


def test_two_labels_are_refused():
    field = CategoricalField("site", num_features=3, value_type="int")
    labels = (CLICK, Label("sale", "binary", positive=1))
    rows = Dataset(Schema((field,), labels), np.zeros((4, 3), np.int32))

    with pytest.raises(DataError, match="must have one label to be ranked so, got 2"):
        one_label(rows)


def test_labels_that_nobody_observed_are_refused():
    rows = np.array(mixed().train.rows)
    rows[:, -1] = np.float32(np.nan).view(np.int32)

    with pytest.raises(DataError, match="whose label was observed, got none"):
        one_label(Dataset(mixed().schema, rows))
