"""Fields by the gain of their splits in gradient-boosted trees.

Source: Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", Annals
of Statistics 2001; Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision
Tree", NeurIPS 2017.
Differences from the benchmark of Jia et al., "ERASE: Benchmarking Feature Selection
Methods for Deep Recommender Systems", KDD 2024, https://arxiv.org/abs/2403.12660:
LightGBM grows the 100 trees of depth 3, all of them; each looks at one random
threshold of a field, so that copies share their gain instead of one taking it all; a
category is its out-of-fold target mean, with ``encoding="codes"`` a number, as there.
"""

import numpy as np

from fieldwise.errors import MissingExtraError
from fieldwise.importance import Importance
from fieldwise.selection.design_matrix import DesignMatrix
from fieldwise.selection.ranking_data import RankingData

__all__ = ["rank_by_gbdt"]

DEPTH = 3


def rank_by_gbdt(
    data: RankingData, *, seed: int = 0, num_trees: int = 100, encoding: str = "targets"
) -> Importance:
    """Rank fields by the total gain of their splits, as a share of all.

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
        MissingExtraError: if LightGBM is not installed.
        SchemaError: if fields are of other kinds; all are listed.
        ValueError: if there is no such encoding.
    """
    try:
        from lightgbm import LGBMClassifier, LGBMRegressor
    except ImportError as error:
        message = (
            "ranking by boosted trees needs LightGBM. Install it with: "
            "pip install 'fieldwise[selection]'"
        )
        raise MissingExtraError(message) from error
    matrix = DesignMatrix.of(data.train, encoding=encoding, seed=seed)
    kind = LGBMClassifier if matrix.is_binary else LGBMRegressor
    trees = kind(
        n_estimators=num_trees,
        max_depth=DEPTH,
        num_leaves=2**DEPTH,
        extra_trees=True,
        importance_type="gain",
        random_state=seed,
        deterministic=True,
        force_row_wise=True,
        verbosity=-1,
    )
    trees.fit(matrix.columns, matrix.labels, sample_weight=matrix.weights)
    gains = trees.feature_importances_.astype(np.float64)
    return data.importance(
        gains / max(gains.sum(), np.finfo(np.float64).tiny),
        meaning="share of the gain of all splits",
        method="gbdt",
        seed=seed,
    )
