"""Fields by what their splits explain in a random forest.

Source: Breiman, "Random Forests", Machine Learning 2001, as the benchmark of Jia et
al., "ERASE: Benchmarking Feature Selection Methods for Deep Recommender Systems", KDD
2024, https://arxiv.org/abs/2403.12660, uses it: 10 trees of any depth.
Differences from the benchmark: a category is its out-of-fold target mean; with
``encoding="codes"`` it is a number, as there.
"""

from fieldwise.importance import Importance
from fieldwise.selection.design_matrix import DesignMatrix
from fieldwise.selection.ranking_data import RankingData

__all__ = ["rank_by_random_forest"]


def rank_by_random_forest(
    data: RankingData, *, seed: int = 0, num_trees: int = 10, encoding: str = "targets"
) -> Importance:
    """Rank fields by the impurity their splits take away, as a share of all.

    Trees of any depth learn rows by heart, and fields of many values help with that:
    such fields are ranked too high. Reads training rows only, in memory.

    Args:
        data: the rows; one label, categorical and numeric fields.
        seed: of the forest, and of the folds of the target means.
        num_trees: trees of the forest.
        encoding: of categories, ``targets`` or ``codes``.

    Returns:
        An importance of fields.

    Raises:
        DataError: if there is not one label.
        SchemaError: if fields are of other kinds; all are listed.
        ValueError: if there is no such encoding.
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    matrix = DesignMatrix.of(data.train, encoding=encoding, seed=seed)
    kind = RandomForestClassifier if matrix.is_binary else RandomForestRegressor
    forest = kind(n_estimators=num_trees, random_state=seed)
    forest.fit(matrix.columns, matrix.labels, sample_weight=matrix.weights)
    return data.importance(
        forest.feature_importances_,
        meaning="share of the impurity that its splits take away",
        method="random_forest",
        seed=seed,
    )
