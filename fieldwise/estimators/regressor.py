"""A ranker of a real label as a scikit-learn regressor."""

from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from fieldwise.estimators.columns import read_columns
from fieldwise.estimators.table_estimator import TableEstimator
from fieldwise.estimators.targets import read_sample_weight, read_target
from fieldwise.estimators.training_table import Targets

__all__ = ["FieldwiseRegressor"]


@final
class FieldwiseRegressor(RegressorMixin, TableEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Predicts a number, such as a rating.

    Examples:
        >>> import polars as pl
        >>> X = pl.DataFrame({"film": ["a", "b", "c", "d"] * 50})
        >>> y = [1.0, 2.0, 3.0, 4.0] * 50
        >>> regressor = FieldwiseRegressor("lr", learning_rate=0.1).fit(X, y)
        >>> regressor.score(X, y) > 0.9
        True

    Args:
        model: name in ``fieldwise.MODELS``.
        model_arguments: arguments of the model, for example ``embedding_dim``.
        learning_rate: of the training; None for the default.
        num_epochs: at most; None for the default.
        recipe: other settings of ``fieldwise.Recipe``, such as ``batch_size``.
        fields: what columns are, where the guess of ``Schema.infer`` is not right: per
            column a kind, ``ignored``, or settings such as ``{"min_count": 5}``.
        selection: of fields or rows, as ``fieldwise.fit`` takes it.
        calibration: numbers are not calibrated; it is checked only.
        valid: share of the rows to hold out, in (0, 1).
        random_state: seed of everything random; None for another one in each fit.

    Attributes:
        ranker_: the fitted ``fieldwise.Ranker``.
        importance_: what each field is worth, as an ``Importance``.
        feature_importances_: the same by column of ``X``, ``(n_features_in_,)``.
        n_features_in_: number of columns.
        feature_names_in_: names of the columns, where they have some.
        columns_: the names that columns have in the ranker: those, or ``x0``, ``x1``.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "FieldwiseRegressor":
        """Fit to labelled rows. Rows of weight zero count as if they were not there.

        Args:
            X: a Polars, pandas or Arrow table, or an array.
            y: one number per row.
            sample_weight: one weight per row; None for one each.

        Returns:
            The estimator.

        Raises:
            DataError: if there are too few rows.
            SchemaError: if no column can be a field.
            ConfigError: if a parameter is impossible.
        """
        columns = read_columns(self, X)
        labels = read_target(y, len(columns), numeric=True)
        weights = read_sample_weight(sample_weight, len(columns))
        self._fit_table(columns, Targets({"label": labels}, "real", weights=weights))
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict numbers in the unit of the label.

        Args:
            X: rows with the columns of the fit.

        Returns:
            ``(row,)``.
        """
        return self._predict_table(X)
