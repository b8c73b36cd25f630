"""Fields by the weights of a sparse linear model.

Source: Tibshirani, "Regression Shrinkage and Selection via the Lasso", Journal of the
Royal Statistical Society B 1996, as the benchmark of Jia et al., "ERASE: Benchmarking
Feature Selection Methods for Deep Recommender Systems", KDD 2024,
https://arxiv.org/abs/2403.12660, uses it.
Differences from the benchmark: columns are standardised, as otherwise the penalty
depends on their units; a category is its out-of-fold target mean instead of a number
without meaning. ``encoding="codes"`` takes the numbers.
"""

import numpy as np

from fieldwise.importance import Importance
from fieldwise.selection.design_matrix import DesignMatrix
from fieldwise.selection.numeric_columns import Standard
from fieldwise.selection.ranking_data import RankingData

__all__ = ["rank_by_lasso"]


def rank_by_lasso(
    data: RankingData, *, seed: int = 0, alpha: float = 1e-3, encoding: str = "targets"
) -> Importance:
    r"""Rank fields by the length of their weight in a linear model with an L1 penalty.

    $$\min_w \frac{1}{2N} \lVert y - Xw \rVert^2 + \alpha \lVert w \rVert_1$$

    Reads training rows only, in memory. What is exactly 0 does not take part.

    Args:
        data: the rows; one label, categorical and numeric fields.
        seed: of the folds of the target means.
        alpha: strength of the penalty.
        encoding: of categories, ``targets`` or ``codes``.

    Returns:
        An importance of fields.

    Raises:
        DataError: if there is not one label.
        SchemaError: if fields are of other kinds; all are listed.
        ValueError: if there is no such encoding.
    """
    from sklearn.linear_model import Lasso

    matrix = DesignMatrix.of(data.train, encoding=encoding, seed=seed)
    columns = Standard.of(matrix.columns).apply(matrix.columns)
    model = Lasso(alpha=alpha).fit(columns, matrix.labels, matrix.weights)
    return data.importance(
        np.abs(model.coef_),
        meaning="length of its weight in a Lasso on standardised columns",
        method="lasso",
        seed=seed,
    )
