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
    settings["extra_trees"] = True
    rows = lightgbm.Dataset(matrix.columns, matrix.labels)
    gains = lightgbm.train(settings, rows, 20).feature_importance("gain")
    np.testing.assert_allclose(found.scores, gains / gains.sum(), rtol=1e-6)


def test_copies_share_their_gain():
    pytest.importorskip("lightgbm")
    random = np.random.default_rng(0)
    site, noise = random.integers(0, 20, (2, 4000))
    clicks = random.random(4000) < 0.2 + 0.03 * site
    data = ranking_data({"site": site, "noise": noise, "copy": site.copy()}, clicks)

    first, noise, copy = rank_by_gbdt(data).scores

    assert min(first, copy) > 3 * noise
    assert min(first, copy) > 0.2


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
