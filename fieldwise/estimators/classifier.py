"""A ranker as a scikit-learn classifier."""

from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from fieldwise.errors import DataError
from fieldwise.estimators.columns import read_columns
from fieldwise.estimators.table_estimator import TableEstimator
from fieldwise.estimators.targets import read_sample_weight, read_target
from fieldwise.estimators.training_table import Targets

__all__ = ["FieldwiseClassifier"]


@final
class FieldwiseClassifier(ClassifierMixin, TableEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Predicts which class a row is of, with calibrated probabilities.

    Text, numbers, lists and missing values of a frame are taken as they are. A share
    of the rows is held out to stop and to calibrate on, of each class its part. With
    more than two classes the model has one output per class, one against the rest;
    their probabilities are divided by their sum.

    Examples:
        >>> import polars as pl
        >>> X = pl.DataFrame({"site": ["a", "b", "c", "d"] * 50})
        >>> y = ["click", "none", "none", "none"] * 50
        >>> classifier = FieldwiseClassifier("lr", learning_rate=0.1).fit(X, y)
        >>> classifier.classes_.tolist(), classifier.predict_proba(X).shape
        (['click', 'none'], (200, 2))
        >>> classifier.score(X, y)
        1.0

    Args:
        model: name in ``fieldwise.MODELS``.
        model_arguments: arguments of the model, for example ``embedding_dim``.
        learning_rate: of the training; None for the default.
        num_epochs: at most; None for the default.
        recipe: other settings of ``fieldwise.Recipe``, such as ``batch_size``.
        fields: what columns are, where the guess of ``Schema.infer`` is not right: per
            column a kind, ``ignored``, or settings such as ``{"min_count": 5}``.
        selection: of fields or rows, as ``fieldwise.fit`` takes it.
        calibration: a name in ``CALIBRATORS``, or ``auto``.
        valid: share of the rows to hold out, in (0, 1).
        random_state: seed of everything random; None for another one in each fit.

    Attributes:
        ranker_: the fitted ``fieldwise.Ranker``, for ``fieldwise.explain`` and servers.
        classes_: the classes, sorted, ``(class,)``.
        importance_: what each field is worth, as an ``Importance``.
        feature_importances_: the same by column of ``X``, ``(n_features_in_,)``.
        n_features_in_: number of columns.
        feature_names_in_: names of the columns, where they have some.
        columns_: the names that columns have in the ranker: those, or ``x0``, ``x1``.
    """

    classes_: NDArray[Any]

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "FieldwiseClassifier":
        """Fit to labelled rows. Rows of weight zero count as if they were not there.

        Args:
            X: a Polars, pandas or Arrow table, or an array.
            y: one class per row.
            sample_weight: one weight per row; None for one each.

        Returns:
            The estimator.

        Raises:
            DataError: if a class has no rows with a weight, or there are too few rows.
            SchemaError: if no column can be a field.
            ConfigError: if a parameter is impossible.
        """
        columns = read_columns(self, X)
        labels = read_target(y, len(columns))
        check_classification_targets(labels)
        weights = read_sample_weight(sample_weight, len(columns))
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        _check_classes(self.classes_, numbers, weights)
        tasks = _one_against_rest(self.classes_, numbers)
        self._fit_table(
            columns, Targets(tasks, "binary", weights=weights, strata=numbers)
        )
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Calibrated probabilities.

        Args:
            X: rows with the columns of the fit.

        Returns:
            ``(row, class)``, in the order of ``classes_``.
        """
        values = self._predict_table(X)
        if values.ndim == 1:
            return np.stack([1 - values, values], axis=1)
        totals = values.sum(axis=1, keepdims=True)
        shares: NDArray[np.float64] = np.full_like(values, 1 / values.shape[1])
        np.divide(values, totals, out=shares, where=totals > 0)
        return shares

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class.

        Args:
            X: rows with the columns of the fit.

        Returns:
            ``(row,)``.
        """
        best = self.predict_proba(X).argmax(axis=1)
        chosen: NDArray[Any] = self.classes_[best]
        return chosen


def _check_classes(
    classes: NDArray[Any],
    numbers: NDArray[np.intp],
    weights: NDArray[np.float64] | None,
) -> None:
    if len(classes) < 2:
        message = f"y must have two classes, got one class: {classes.tolist()}."
        raise DataError(message)
    absent = classes[np.bincount(numbers, weights=weights) == 0].tolist()
    if absent:
        message = f"sample_weight must be positive in every class, got 0 in {absent}."
        raise DataError(message)


def _one_against_rest(
    classes: NDArray[Any], numbers: NDArray[np.intp]
) -> dict[str, NDArray[np.int8]]:
    """One label of 0 and 1 per class; of two classes the second alone says it all."""
    if len(classes) == 2:
        return {"label": (numbers == 1).astype(np.int8)}
    names = [f"label {number}: {name}" for number, name in enumerate(classes)]
    return {
        name: (numbers == number).astype(np.int8) for number, name in enumerate(names)
    }
