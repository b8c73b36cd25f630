"""A thin wrapper around XGBoost."""

import sys

import numpy as np
import pytest

from fieldwise.errors import MissingExtraError
from fieldwise.selection.design_matrix import DesignMatrix
from fieldwise.selection.xgboost_gain import rank_by_xgboost
from tests.selection.planted import planted


@pytest.mark.parametrize("encoding", ["targets", "codes"])
def test_equals_xgboost(encoding):
    xgboost = pytest.importorskip("xgboost")
    data = planted(num_rows=1000)

    found = rank_by_xgboost(data, encoding=encoding)

    matrix = DesignMatrix.of(data.train, encoding=encoding)
    rows = xgboost.DMatrix(matrix.columns, matrix.labels)
    trees = xgboost.train({"objective": "binary:logistic", "seed": 0}, rows, 10)
    gains = np.zeros(len(found))
    for name, gain in trees.get_score(importance_type="gain").items():
        gains[int(name.removeprefix("f"))] = gain
    np.testing.assert_allclose(found.scores, gains / gains.sum(), rtol=1e-5)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)

    with pytest.raises(
        MissingExtraError, match=r"pip install 'fieldwise\[selection\]'"
    ):
        rank_by_xgboost(planted(num_rows=100))
