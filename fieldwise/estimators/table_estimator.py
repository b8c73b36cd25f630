"""What the estimators have in common: parameters, the fit, importance, files.

Think twice before adding here: what one estimator alone needs belongs in its own file.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fieldwise.data.dataset import Dataset
from fieldwise.data.encoded_parts import EncodedParts
from fieldwise.estimators.columns import read_columns
from fieldwise.estimators.fitted_parts import FittedParts
from fieldwise.estimators.settings import joined_recipe, seed_of
from fieldwise.estimators.storage import read_estimator, write_estimator
from fieldwise.estimators.training_table import Targets, training_table
from fieldwise.fitting import fit as fit_ranker
from fieldwise.importance import Importance
from fieldwise.ranker import Ranker
from fieldwise.sensitivity import permute_fields

__all__ = ["TableEstimator"]

NUM_IMPORTANCE_ROWS = 2_000
"""Held-out rows that are kept to measure importance on: DCNv2 takes 0.1 s per field."""


class TableEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A ranker behind scikit-learn's interface; see the classes for its meaning."""

    ranker_: Ranker
    n_features_in_: int
    columns_: tuple[str, ...]
    _held_out: Dataset
    _importance: Importance

    def __init__(
        self,
        model: Any = "dcnv2",
        *,
        model_arguments: Any = None,
        learning_rate: Any = None,
        num_epochs: Any = None,
        recipe: Any = None,
        fields: Any = None,
        selection: Any = None,
        calibration: Any = "auto",
        valid: Any = 0.1,
        random_state: Any = 0,
    ) -> None:
        self.model = model
        self.model_arguments = model_arguments
        self.learning_rate = learning_rate
        self.num_epochs = num_epochs
        self.recipe = recipe
        self.fields = fields
        self.selection = selection
        self.calibration = calibration
        self.valid = valid
        self.random_state = random_state

    @property
    def importance_(self) -> Importance:
        """Log loss (squared error) added when a field's values are permuted.

        Measured on at most 2,000 held-out rows when it is first asked for, or when the
        estimator is pickled or saved, and kept: rows of the data are in no file.
        """
        check_is_fitted(self)
        if not hasattr(self, "_importance"):
            self._importance = permute_fields(
                self.ranker_.model,
                self._held_out,
                metric="loss",
                seed=self.ranker_.info["recipe"]["seed"],
            )
            del self._held_out
        return self._importance

    @property
    def feature_importances_(self) -> NDArray[np.float64]:
        """``importance_`` of each column of ``X``, ``(n_features_in_,)``.

        A column that is no field has none: 0.
        """
        importance = self.importance_
        scores = dict(zip(importance.names, importance.scores, strict=True))
        return np.array([scores.get(name, 0.0) for name in self.columns_])

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write the estimator to a folder without pickle, all of it or nothing.

        Args:
            folder: where to.
            overwrite: replace an estimator that is already there.

        Raises:
            NotFittedError: if it is not fitted.
            ConfigError: if a parameter is no plain JSON.
            DataError: if the folder exists and must not be replaced.
        """
        importance = self.importance_
        parts = FittedParts(self.ranker_, importance)
        write_estimator(self, parts, Path(folder), overwrite=overwrite)

    @classmethod
    def load(cls, folder: str | Path) -> Any:
        """Read an estimator that ``save`` wrote. Never runs code from the folder.

        Args:
            folder: where it is.

        Returns:
            The fitted estimator.

        Raises:
            RankerFormatError: naming the file and what is wrong with it.
            DataError: the same, for a file of the importance.
        """
        estimator, parts = read_estimator(cls, Path(folder))
        estimator._take(parts)
        return estimator

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "ranker_" in state:
            parts = FittedParts(self.ranker_, self.importance_)
            for name in ("ranker_", "_importance", "_held_out"):
                state.pop(name, None)
            state["_fitted_parts"] = parts.to_bytes()
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        others = dict(state)
        content = others.pop("_fitted_parts", None)
        super().__setstate__(others)
        if content is not None:
            self._take(FittedParts.from_bytes(content))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def _fit_table(self, columns: pl.DataFrame, targets: Targets) -> None:
        """Fit a ranker, and keep what importance is measured on."""
        seed = seed_of(self.random_state)
        recipe = joined_recipe(
            self.recipe, learning_rate=self.learning_rate, num_epochs=self.num_epochs
        )
        table = training_table(
            columns, targets, fields=self.fields, valid=self.valid, seed=seed
        )
        kept: list[Dataset] = []
        self.ranker_ = fit_ranker(
            table.rows,
            schema=table.schema,
            split=table.split,
            model=self.model,
            model_arguments=self.model_arguments,
            recipe=recipe | {"seed": seed},
            selection=self.selection,
            calibration=self.calibration,
            observe=partial(_keep_rows, kept),
            progress=False,
        )
        self.columns_ = tuple(columns.columns)
        self._held_out = kept[0]
        self.__dict__.pop("_importance", None)

    def _predict_table(self, X: Any) -> NDArray[np.float64]:
        """Probabilities or values, ``(row,)`` or ``(row, task)``."""
        check_is_fitted(self)
        return self.ranker_.predict(read_columns(self, X, names=self.columns_))

    def _take(self, parts: FittedParts) -> None:
        self.ranker_, self._importance = parts.ranker, parts.importance


def _keep_rows(kept: list[Dataset], _ranker: Ranker, parts: EncodedParts) -> None:
    """Copy held-out rows, evenly spaced, before their file is gone."""
    valid = parts.datasets["valid"]
    num_rows = min(len(valid), NUM_IMPORTANCE_ROWS)
    kept.append(valid.take(np.arange(num_rows) * len(valid) // num_rows))
