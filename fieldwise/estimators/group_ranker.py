"""A ranker of rows within groups, as a scikit-learn estimator."""

from typing import Any, final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.utils import check_consistent_length, column_or_1d

from fieldwise.errors import DataError
from fieldwise.estimators.columns import read_columns
from fieldwise.estimators.table_estimator import TableEstimator
from fieldwise.estimators.targets import read_sample_weight, read_target
from fieldwise.estimators.training_table import Targets
from fieldwise.metrics import ndcg

__all__ = ["FieldwiseRanker"]


@final
class FieldwiseRanker(TableEstimator):
    """Orders the rows of each group: the results of a query, the ads of a page.

    Rows are scored one by one, by how likely their label is, or how high; groups say
    which rows are held out together, and which are compared by ``score``.

    Examples:
        >>> import polars as pl
        >>> X = pl.DataFrame({"page": range(50), "ad": ["a", "b"] * 25})
        >>> X = pl.concat([X, X.reverse()])
        >>> y = (X["ad"] == "a").cast(int)
        >>> ranker = FieldwiseRanker("lr", learning_rate=0.1).fit(X, y, group="page")
        >>> ranker.score(X, y)
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
        calibration: a name in ``CALIBRATORS``, or ``auto``; of labels 0 and 1 only.
        valid: share of the rows to hold out, in (0, 1).
        random_state: seed of everything random; None for another one in each fit.

    Attributes:
        ranker_: the fitted ``fieldwise.Ranker``.
        group_: the column of groups; only where it is one of ``X``.
        importance_: what each field is worth, as an ``Importance``.
        feature_importances_: the same by column of ``X``, ``(n_features_in_,)``.
        n_features_in_: number of columns.
        feature_names_in_: names of the columns, where they have some.
        columns_: the names that columns have in the ranker: those, or ``x0``, ``x1``.
    """

    group_: str

    def fit(
        self, X: Any, y: Any, *, group: Any = None, sample_weight: Any = None
    ) -> "FieldwiseRanker":
        """Fit to labelled rows. Rows of weight zero count as if they were not there.

        Args:
            X: a Polars, pandas or Arrow table, or an array.
            y: one relevance per row: 0 or 1, or grades from 0 up.
            group: the column of ``X`` that says which rows are ranked together, which
                is then no field, or one group per row; None for one group of all.
            sample_weight: one weight per row; None for one each.

        Returns:
            The estimator.

        Raises:
            DataError: if there are too few rows or groups.
            SchemaError: if no column can be a field.
            ConfigError: if a parameter is impossible.
        """
        columns = read_columns(self, X)
        labels = read_target(y, len(columns), numeric=True)
        weights = read_sample_weight(sample_weight, len(columns))
        self.__dict__.pop("group_", None)
        groups = group
        if isinstance(group, str):
            _check_column(columns, group)
            self.group_ = group
        elif group is not None:
            groups = _numbered(group, len(columns))
        is_binary = set(np.unique(labels).tolist()) == {0.0, 1.0}
        targets = Targets(
            {"label": labels.astype(np.int8) if is_binary else labels},
            "binary" if is_binary else "real",
            weights=weights,
            groups=groups,
        )
        self._fit_table(columns, targets)
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Score rows: the higher one stands first.

        Args:
            X: rows with the columns of the fit.

        Returns:
            Probabilities of labels 0 and 1, else expected grades, ``(row,)``.
        """
        return self._predict_table(X)

    def score(self, X: Any, y: Any, *, group: Any = None) -> float:
        """The mean NDCG of the groups, in [0, 1]; higher is better.

        Args:
            X: rows with the columns of the fit.
            y: one relevance per row, zero or positive.
            group: as in ``fit``; None for the column that ``fit`` was given, or else
                one group of all.

        Returns:
            The NDCG over groups with a positive label.

        Raises:
            DataError: if no label is positive, or one is negative.
        """
        scores = self.predict(X)
        group = getattr(self, "group_", None) if group is None else group
        groups = np.zeros(len(scores), dtype=np.intp)
        if isinstance(group, str):
            columns = read_columns(self, X, names=self.columns_)
            _check_column(columns, group)
            groups = _numbered(columns[group], len(scores))
        elif group is not None:
            groups = _numbered(group, len(scores))
        return ndcg(read_target(y, len(scores), numeric=True), scores, groups)


def _check_column(columns: pl.DataFrame, group: str) -> None:
    if group not in columns.columns:
        message = f"group must be a column of X, {columns.columns}, got {group!r}."
        raise DataError(message)


def _numbered(group: Any, num_rows: int) -> NDArray[np.intp]:
    """Number groups of any type."""
    values = column_or_1d(group)
    check_consistent_length(np.empty(num_rows), values)
    numbers: NDArray[np.intp] = np.unique(values, return_inverse=True)[1]
    return numbers
