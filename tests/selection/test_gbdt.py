"""A thin wrapper around LightGBM."""

import sys

import numpy as np
import pytest

from fieldwise.errors import MissingExtraError
from fieldwise.selection.design_matrix import DesignMatrix
from fieldwise.selection.gbdt import rank_by_gbdt
from tests.selection.planted import planted, ranking_data


@pytest.mark.parametrize("encoding", ["targets", "codes"])
def test_equals_lightgbm(encoding):
    lightgbm = pytest.importorskip("lightgbm")
    data = planted(num_rows=1000)

    found = rank_by_gbdt(data, num_trees=20, encoding=encoding)

    matrix = DesignMatrix.of(data.train, encoding=encoding)
    settings = {"objective": "binary", "max_depth": 3, "num_leaves": 8, "verbosity": -1}
    settings |= {"deterministic": True, "force_row_wise": True, "seed": 0}
    rows = lightgbm.Dataset(matrix.columns, matrix.labels)
    gains = lightgbm.train(settings, rows, 20).feature_importance("gain")
    np.testing.assert_allclose(found.scores, gains / gains.sum(), rtol=1e-6)


def test_no_split_is_no_gain():
    pytest.importorskip("lightgbm")
    data = ranking_data({"site": np.zeros(100, int)}, np.arange(100) % 2)

    assert rank_by_gbdt(data).scores.tolist() == [0.0]


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)

    with pytest.raises(
        MissingExtraError, match=r"pip install 'fieldwise\[selection\]'"
    ):
        rank_by_gbdt(planted(num_rows=100))
