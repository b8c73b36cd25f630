"""A thin wrapper around scikit-learn's random forest."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from fieldwise.selection.design_matrix import DesignMatrix
from fieldwise.selection.random_forest import rank_by_random_forest
from tests.selection.planted import planted, ranking_data


@pytest.mark.parametrize("encoding", ["targets", "codes"])
def test_equals_scikit_learn(encoding):
    data = planted(num_rows=1000)

    found = rank_by_random_forest(data, seed=3, encoding=encoding)

    matrix = DesignMatrix.of(data.train, encoding=encoding, seed=3)
    forest = RandomForestClassifier(n_estimators=10, random_state=3)
    forest.fit(matrix.columns, matrix.labels)
    np.testing.assert_array_equal(found.scores, forest.feature_importances_)


def test_a_real_label_gets_a_regression():
    random = np.random.default_rng(0)
    columns = {"a": random.normal(size=300), "b": random.normal(size=300)}
    data = ranking_data(columns, 2 * columns["b"], kind="real")

    found = rank_by_random_forest(data, num_trees=3)

    matrix = DesignMatrix.of(data.train)
    forest = RandomForestRegressor(n_estimators=3, random_state=0)
    forest.fit(matrix.columns, matrix.labels)
    np.testing.assert_array_equal(found.scores, forest.feature_importances_)
    assert found.ranked[0] == "b"
