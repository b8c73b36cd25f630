"""Numeric fields by how much nearer rows are to the quantile of their own class.

Source: Berrettini, Hennig, Viroli, "The quantile-based classifier with variable-wise
parameters", 2024, https://arxiv.org/abs/2404.13589; Hennig, Viroli, "Quantile-based
classifiers", Biometrika 2016, https://arxiv.org/abs/1303.1282.
Differences from the paper: percentage and scale of a column are set together, in closed
form, and start at the median; missing cells are left out; a column whose scale would
have no bound says nothing; the score of a field is ours.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError, ShapeError
from fieldwise.importance import Importance
from fieldwise.selection.design_matrix import one_label
from fieldwise.selection.numeric_columns import numeric_columns
from fieldwise.selection.ranking_data import RankingData

__all__ = ["QuantileClassifier", "rank_by_quantile_classifier"]

MAX_ROUNDS = 50
TOLERANCE = 1e-3
"""Relative change of the criterion below which fitting stops."""

LEAST_SPREAD = 1e-6
"""Of the check loss to the range of a column; below, the column says nothing."""


@final
@dataclass(frozen=True)
class QuantileClassifier:
    r"""Assigns rows to the class whose quantiles they are nearest to.

    $$\hat y_i = \arg\min_k \sum_j \lambda_j \rho_{\theta_j}(x_{ij} - q_{kj}), \quad
    \rho_\theta(u) = \theta u^+ + (1 - \theta) u^-$$

    This is naive Bayes for asymmetric Laplace columns, without class priors.

    Args:
        percentages: which quantile of each column, ``theta``, ``(column,)``.
        scales: what a column's check loss is multiplied by, ``lambda``, ``(column,)``;
            0 for a column that is constant within the classes.
        quantiles: of each class, ``(class, column)``.
        criterion: negative log-likelihood of a row after each round, in nats.
    """

    percentages: NDArray[np.float64]
    scales: NDArray[np.float64]
    quantiles: NDArray[np.float64]
    criterion: tuple[float, ...]

    @classmethod
    def fit(
        cls,
        columns: NDArray[np.float64],
        classes: NDArray[np.int64],
        *,
        max_rounds: int = MAX_ROUNDS,
        tolerance: float = TOLERANCE,
    ) -> "QuantileClassifier":
        """Set quantiles, percentages and scales in turn until the fit stays.

        Args:
            columns: ``(row, column)``; NaN means missing.
            classes: of the rows, ``(row,)``, from 0 on.
            max_rounds: rounds at most.
            tolerance: relative change of the criterion at which to stop.

        Returns:
            The classifier.

        Raises:
            DataError: if there are not two classes.
            ShapeError: if there is not one class per row.
        """
        if classes.shape != (len(columns),):
            message = f"classes must be {len(columns)} numbers, got {classes.shape}."
            raise ShapeError(message)
        num_classes = int(classes.max(initial=0)) + 1
        parts = [np.sort(columns[classes == k], axis=0) for k in range(num_classes)]
        if num_classes < 2 or not all(map(len, parts)):
            message = "classes must be two at least, each with rows."
            raise DataError(message)
        least = LEAST_SPREAD * _ranges(columns)
        percentages = np.full(columns.shape[1], 0.5)
        criterion: list[float] = []
        while True:
            quantiles = np.stack([sorted_quantile(part, percentages) for part in parts])
            above, below = _mean_deviations(parts, quantiles)
            is_usable = np.sqrt(above * below) > least
            sides = np.where(is_usable, np.sqrt(above) + np.sqrt(below), 1.0)
            criterion.append(float((1 + 2 * np.log(sides))[is_usable].sum()))
            change = abs(criterion[-1] - criterion[-2]) if criterion[1:] else np.inf
            if len(criterion) == max_rounds or change <= tolerance * abs(criterion[-1]):
                break
            percentages = np.where(is_usable, np.sqrt(below) / sides, 0.5)
        spread = percentages * above + (1 - percentages) * below
        return cls(
            percentages=percentages,
            scales=np.where(is_usable, 1 / np.where(is_usable, spread, 1.0), 0.0),
            quantiles=quantiles,
            criterion=tuple(criterion),
        )

    def losses(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far rows are from each class, column by column.

        Args:
            columns: ``(row, column)``; NaN means missing.

        Returns:
            Scaled check losses in nats, ``(class, row, column)``; NaN where missing.
        """
        deviations = columns - self.quantiles[:, None, :]
        found: NDArray[np.float64] = self.scales * check_loss(
            deviations, self.percentages
        )
        return found

    def predict(self, columns: NDArray[np.float64]) -> NDArray[np.int64]:
        """Assign rows to the nearest class.

        Args:
            columns: ``(row, column)``; NaN means missing.

        Returns:
            Classes, ``(row,)``.
        """
        nearest: NDArray[np.int64] = np.nansum(self.losses(columns), axis=2).argmin(0)
        return nearest


def check_loss(
    deviations: NDArray[np.float64], percentages: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """The loss whose minimum is a quantile.

    Examples:
        >>> check_loss(np.array([2.0, -2.0]), 0.2)
        array([0.4, 1.6])

    Args:
        deviations: from the quantile.
        percentages: of the quantile, in (0, 1).

    Returns:
        Losses, of the shape of the deviations.
    """
    losses: NDArray[np.float64] = deviations * (percentages - (deviations < 0))
    return losses


def sorted_quantile(
    rows: NDArray[np.float64], percentages: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A quantile of each column, in constant time, interpolated as numpy does.

    Args:
        rows: ``(row, column)``, each column sorted, NaN last.
        percentages: one per column.

    Returns:
        Quantiles, ``(column,)``; NaN of a column without numbers.
    """
    places = percentages * np.maximum(np.count_nonzero(~np.isnan(rows), axis=0) - 1, 0)
    low = places.astype(np.int64)
    high = np.ceil(places).astype(np.int64)
    columns = np.arange(rows.shape[1])
    lower, upper = rows[low, columns], rows[high, columns]
    found: NDArray[np.float64] = lower + (places - low) * (upper - lower)
    return found


def rank_by_quantile_classifier(data: RankingData, *, seed: int = 0) -> Importance:
    r"""Rank numeric fields by the log-likelihood they add to a row's own class.

    $$G_j = \frac{1}{N} \sum_i \left( \min_{k \ne y_i} \ell_{kij} - \ell_{y_i ij}
    \right), \quad \ell_{kij} = \lambda_j \rho_{\theta_j}(x_{ij} - q_{kj})$$

    The classifier is fitted to training rows; gains are those of the rows for gates, so
    that noise has about 0. Other fields are not ranked.

    Args:
        data: the rows; one binary label.
        seed: noted only; nothing is random.

    Returns:
        An importance of the numeric fields, with ``percentage`` and ``scale`` of each.

    Raises:
        DataError: if there is not one binary label.
        SchemaError: if there is no numeric field.
    """
    names, columns = numeric_columns(data.train)
    classes, seen = _classes(data.train)
    fitted = QuantileClassifier.fit(columns[seen], classes)
    classes, seen = _classes(data.gate)
    losses = fitted.losses(numeric_columns(data.gate)[1][seen])
    gaps = np.where(classes == 0, 1.0, -1.0)[:, None] * (losses[1] - losses[0])
    observed = ~np.isnan(gaps)
    gains = np.where(observed, gaps, 0.0).sum(0) / np.maximum(observed.sum(0), 1)
    return Importance(
        unit="field",
        names=names,
        scores=gains,
        meaning="log-likelihood it adds to a row's own class, in nats",
        method="quantile_classifier",
        data_fingerprint=data.fingerprint,
        seed=seed,
        details={"percentage": fitted.percentages, "scale": fitted.scales},
    )


def _classes(dataset: Dataset) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Class of each row whose label was observed, and which rows these are."""
    label, labels = one_label(dataset)
    if label.kind != "binary":
        message = f"label {label.name!r} must be binary to be ranked so, got a number."
        raise DataError(message)
    seen = ~np.isnan(labels)
    return labels[seen].astype(np.int64), seen


def _ranges(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest less smallest number of each column, 0 where there is none."""
    highest = np.where(np.isnan(columns), -np.inf, columns).max(axis=0)
    lowest = np.where(np.isnan(columns), np.inf, columns).min(axis=0)
    return np.where(highest > -np.inf, highest, 0.0) - np.where(
        lowest < np.inf, lowest, 0.0
    )


def _mean_deviations(
    parts: list[NDArray[np.float64]], quantiles: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean distance from the quantile of the own class, above it and below it."""
    deviations = np.concatenate(
        [part - row for part, row in zip(parts, quantiles, strict=True)]
    )
    observed = np.maximum(np.count_nonzero(~np.isnan(deviations), axis=0), 1)
    deviations = np.nan_to_num(deviations)
    above = np.maximum(deviations, 0.0).sum(axis=0) / observed
    below = np.maximum(-deviations, 0.0).sum(axis=0) / observed
    return above, below
