"""A thin wrapper around scikit-learn's Lasso."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso

from fieldwise.selection.design_matrix import DesignMatrix
from fieldwise.selection.lasso import rank_by_lasso
from tests.selection.planted import planted, ranking_data


@pytest.mark.parametrize("encoding", ["targets", "codes"])
def test_equals_scikit_learn_on_standardised_columns(encoding):
    data = planted(num_rows=2000)

    found = rank_by_lasso(data, encoding=encoding, alpha=2e-3)

    matrix = DesignMatrix.of(data.train, encoding=encoding)
    columns = matrix.columns - matrix.columns.mean(0)
    columns = columns / columns.std(0)
    expected = np.abs(Lasso(alpha=2e-3).fit(columns, matrix.labels).coef_)
    np.testing.assert_allclose(found.scores, expected, atol=1e-12)
    assert found.names == data.schema.names


def test_the_unit_of_a_column_does_not_matter():
    random = np.random.default_rng(0)
    columns = {name: random.normal(size=900) for name in ("a", "b", "c")}
    labels = columns["a"] + columns["b"] / 2 > random.normal(size=900)
    others = columns | {"a": 3 - columns["a"] / 50}

    scores = [rank_by_lasso(ranking_data(c, labels)).scores for c in (columns, others)]

    np.testing.assert_allclose(*scores, rtol=1e-4)


def test_raw_numbers_of_categories_depend_on_the_order_of_values():
    random = np.random.default_rng(0)
    values = random.integers(0, 6, 1500)
    labels = random.random(1500) < np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.8])[values]
    other = np.array([3, 0, 5, 1, 4, 2])[values]
    tables = [ranking_data({"site": column}, labels) for column in (values, other)]

    codes = [rank_by_lasso(data, encoding="codes").scores[0] for data in tables]
    targets = [rank_by_lasso(data).scores[0] for data in tables]

    assert codes[0] > 2 * codes[1]
    assert targets[0] == pytest.approx(targets[1])
