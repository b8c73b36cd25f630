"""Fields by the mean gain of their splits in a few boosted trees.

Source: Chen, Guestrin, "XGBoost: A Scalable Tree Boosting System", KDD 2016,
https://arxiv.org/abs/1603.02754, as the benchmark of Jia et al., "ERASE: Benchmarking
Feature Selection Methods for Deep Recommender Systems", KDD 2024,
https://arxiv.org/abs/2403.12660, uses it: 10 trees, defaults otherwise.
Differences from the benchmark: a category is its out-of-fold target mean; with
``encoding="codes"`` it is a number, as there.
"""

import numpy as np

from fieldwise.errors import MissingExtraError
from fieldwise.importance import Importance
from fieldwise.selection.design_matrix import DesignMatrix
from fieldwise.selection.ranking_data import RankingData

__all__ = ["rank_by_xgboost"]


def rank_by_xgboost(
    data: RankingData, *, seed: int = 0, num_trees: int = 10, encoding: str = "targets"
) -> Importance:
    """Rank fields by the mean gain of a split, as a share of the sum of these means.

    Reads training rows only, in memory.

    Args:
        data: the rows; one label, categorical and numeric fields.
        seed: of the trees, and of the folds of the target means.
        num_trees: trees that are grown.
        encoding: of categories, ``targets`` or ``codes``.

    Returns:
        An importance of fields.

    Raises:
        DataError: if there is not one label.
        MissingExtraError: if XGBoost is not installed.
        SchemaError: if fields are of other kinds; all are listed.
        ValueError: if there is no such encoding.
    """
    try:
        from xgboost import XGBClassifier, XGBRegressor
    except ImportError as error:
        message = (
            "ranking by XGBoost needs it installed. Install it with: "
            "pip install 'fieldwise[selection]'"
        )
        raise MissingExtraError(message) from error
    matrix = DesignMatrix.of(data.train, encoding=encoding, seed=seed)
    kind = XGBClassifier if matrix.is_binary else XGBRegressor
    trees = kind(n_estimators=num_trees, random_state=seed, importance_type="gain")
    trees.fit(matrix.columns, matrix.labels, sample_weight=matrix.weights)
    return data.importance(
        trees.feature_importances_.astype(np.float64),
        meaning="share of the mean gain of a split",
        method="xgboost",
        seed=seed,
    )
