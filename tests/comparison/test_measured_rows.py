"""Labels, weights and groups, taken from encoded rows and kept in a file."""

import numpy as np
import polars as pl
import pytest

from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import encode_frame
from fieldwise.schema import Label, NumericField, Schema


@pytest.fixture
def dataset():
    """A number, two labels, a weight and a group; a label is not observed."""
    schema = Schema(
        (NumericField("price", "standard", center=0.0, scale=1.0),),
        labels=(
            Label("click", "binary", positive=1),
            Label("pay", "real", center=10.0, scale=2.0),
        ),
        weight="w",
        group="g",
    )
    floats = np.array([[0, 1, -1, 0.5], [0, np.nan, 2, 0]], dtype=np.float32)
    groups = np.array([[4], [7]], dtype=np.int32)
    return Dataset(schema, np.hstack([floats.view(np.int32), groups]))


def test_values_are_in_the_unit_of_the_label(dataset):
    rows = MeasuredRows.of(dataset)

    # 10 + 2 * -1 and 10 + 2 * 2
    np.testing.assert_array_equal(rows.labels, [[1, 8], [np.nan, 14]])
    assert rows.kinds == ("binary", "real")
    assert rows.names == ("click", "pay")
    assert rows.weights.tolist() == [0.5, 0.0]
    assert rows.groups.tolist() == [4, 7]
    assert len(rows) == 2


def test_rows_that_count(dataset):
    rows = MeasuredRows.of(dataset)

    assert rows.observed(0).tolist() == [True, False]
    assert rows.observed(1).tolist() == [True, False]


def test_written_and_read(dataset, tmp_path, measured):
    plain = measured(np.array([0.0, 1.0, np.nan]))
    for rows in (MeasuredRows.of(dataset), plain):
        rows.write(tmp_path / "rows.parquet")

        again = MeasuredRows.read(tmp_path / "rows.parquet")

        np.testing.assert_array_equal(again.labels, rows.labels)
        assert (again.kinds, again.names) == (rows.kinds, rows.names)
        np.testing.assert_array_equal(again.weights, rows.weights)
        np.testing.assert_array_equal(again.groups, rows.groups)
        assert again.segments == {}


def test_segments_are_kept(tmp_path):
    frame = pl.DataFrame({"a b": ["x", None] * 20, "click": [0, 1] * 20})
    schema = Schema.infer(frame, label="click")
    encoder = Encoder.fit(frame.lazy(), schema)
    rows = MeasuredRows.of(encode_frame(encoder, frame, labelled=True), encoder)
    rows.write(tmp_path / "rows.parquet")

    again = MeasuredRows.read(tmp_path / "rows.parquet")

    assert list(again.segments) == ["a b"]
    assert again.segments["a b"].to_list() == ["x", "(null)"] * 20
