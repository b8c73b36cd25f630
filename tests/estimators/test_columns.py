"""Arrays and frames as columns."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator

from fieldwise.estimators.columns import read_columns

NAMES = {"site": ["a", "b", None], "price": [1.5, 2.5, 3.5]}


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame, pa.table])
def test_frames_keep_names_types_and_missing_values(make):
    estimator = BaseEstimator()

    frame = read_columns(estimator, make(NAMES))

    assert frame.to_dict(as_series=False) == NAMES
    assert frame.schema == {"site": pl.String, "price": pl.Float64}
    assert estimator.feature_names_in_.tolist() == ["site", "price"]
    assert estimator.n_features_in_ == 2


def test_lists_of_a_frame_stay_lists():
    frame = read_columns(BaseEstimator(), pl.DataFrame({"tags": [["a"], ["b", "c"]]}))

    assert frame["tags"].to_list() == [["a"], ["b", "c"]]


@pytest.mark.parametrize(
    ("array", "dtype", "values"),
    [
        (np.array([[1], [2]], dtype=np.int8), pl.Int8, [1, 2]),
        (np.array([[0.5], [1.5]], dtype=np.float16), pl.Float32, [0.5, 1.5]),
        (np.array([["a"], ["bc"]]), pl.String, ["a", "bc"]),
        (np.array([["a"], [np.nan]], dtype=object), pl.String, ["a", None]),
        (np.array([[1], [None]], dtype=object), pl.Int64, [1, None]),
        (np.array([[True], [False]]), pl.Boolean, [True, False]),
        (
            np.array([["2026-01-31"], ["2026-02-01"]], dtype="datetime64[us]"),
            pl.Datetime("us"),
            [datetime.datetime(2026, 1, 31), datetime.datetime(2026, 2, 1)],
        ),
    ],
)
def test_columns_of_arrays_are_numbered(array, dtype, values):
    estimator = BaseEstimator()

    frame = read_columns(estimator, array)

    assert frame.schema == {"x0": dtype}
    assert frame["x0"].to_list() == values
    assert not hasattr(estimator, "feature_names_in_")


def test_later_rows_take_the_names_of_the_fit():
    estimator = BaseEstimator()
    read_columns(estimator, np.eye(3))

    frame = read_columns(estimator, np.eye(3)[:1], names=("a", "b", "c"))

    assert frame.rows(named=True) == [{"a": 1.0, "b": 0.0, "c": 0.0}]


def test_columns_in_another_order_are_refused():
    estimator, frame = BaseEstimator(), pl.DataFrame(NAMES)
    read_columns(estimator, frame)

    with pytest.raises(ValueError, match="must be in the same order"):
        read_columns(estimator, frame.select("price", "site"), names=("site", "price"))


def test_a_frame_without_rows_or_columns_is_refused():
    with pytest.raises(ValueError, match=r"at least 2 sample\(s\), got 1 sample"):
        read_columns(BaseEstimator(), pl.DataFrame({"a": [1]}))
    with pytest.raises(ValueError, match=r"at least 1 feature\(s\), got 0 feature"):
        read_columns(BaseEstimator(), pd.DataFrame(index=[0, 1, 2]))


def test_arrays_that_are_no_table_are_refused():
    with pytest.raises(TypeError, match="Sparse data was passed"):
        read_columns(BaseEstimator(), sparse.eye_array(3, format="csr"))
    with pytest.raises(ValueError, match="contains infinity"):
        read_columns(BaseEstimator(), np.array([[1.0], [np.inf]]))
