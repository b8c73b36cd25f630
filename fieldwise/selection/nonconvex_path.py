"""Numeric fields by how strong a penalty must be to silence them.

Source: Yang, Asgharian, Bhatnagar, "Accelerated Gradient Methods for Sparse Statistical
Learning with Nonconvex Penalties", 2020, https://arxiv.org/abs/2009.10629.
Differences from the paper: the sparse one of its sequences is the solution; steps are
bounded by the sum of both curvatures; there is no screening of columns, as tables of
fields are narrow.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_choice
from fieldwise.importance import Importance
from fieldwise.selection.concave_penalties import PENALTIES, Penalty
from fieldwise.selection.design_matrix import one_label
from fieldwise.selection.numeric_columns import Standard, numeric_columns
from fieldwise.selection.ranking_data import RankingData

__all__ = ["Path", "penalized_path", "rank_by_nonconvex_path"]

NUM_LAMBDAS = 100
SMALLEST = 1e-3
"""Of the smallest penalty of a path to the largest."""

TOLERANCE = 1e-5
MAX_STEPS = 500
FEWEST_STEPS = 3
"""Between two restarts of the acceleration."""

STEP = 0.99
Vector = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Path:
    """Solutions from the strongest penalty to the weakest.

    Args:
        lambdas: strength of each penalty, falling, ``(lambda,)``.
        weights: of standardised columns, ``(lambda, column)``.
        intercepts: one each, ``(lambda,)``.
    """

    lambdas: Vector
    weights: NDArray[np.float64]
    intercepts: Vector

    def entered_at(self) -> Vector:
        """The strongest penalty under which a column still takes part, ``(column,)``.

        Returns:
            One of ``lambdas``; 0 for a column that never does.
        """
        takes_part = self.weights != 0
        first = self.lambdas[takes_part.argmax(axis=0)]
        return np.where(takes_part.any(axis=0), first, 0.0)


def penalized_path(
    columns: NDArray[np.float64],
    labels: Vector,
    penalty: Penalty,
    *,
    is_binary: bool,
    num_lambdas: int = NUM_LAMBDAS,
    tolerance: float = TOLERANCE,
) -> Path:
    """Minimise a penalised mean loss for falling strengths, each from the one before.

    Args:
        columns: standardised, ``(row, column)``; no NaN.
        labels: of the rows, ``(row,)``.
        penalty: one of ``PENALTIES``.
        is_binary: log loss of labels 0 and 1, else half of the squared error.
        num_lambdas: strengths, from the one that silences all down to a thousandth.
        tolerance: of weights, where a solution is taken to stand.

    Returns:
        The solutions.
    """
    loss = _Loss(columns, labels, is_binary)
    mean = labels.mean()
    start = np.zeros(columns.shape[1] + 1)
    start[-1] = np.log(mean / (1 - mean)) if is_binary and 0 < mean < 1 else mean
    strongest = float(np.abs(loss.slope(start)[:-1]).max()) or 1.0
    lambdas = np.geomspace(strongest, SMALLEST * strongest, num_lambdas)
    found = [start]
    for strength in lambdas:
        found.append(_solve(loss, penalty, float(strength), found[-1], tolerance))
    weights = np.stack(found[1:])
    return Path(lambdas, weights[:, :-1], weights[:, -1])


def _solve(
    loss: "_Loss", penalty: Penalty, strength: float, start: Vector, tolerance: float
) -> Vector:
    """Accelerated gradient of the smooth part, soft threshold for the rest."""
    step = STEP / (loss.curvature + penalty.curvature)
    # The intercept, last, is not penalised.
    limits = np.append(np.full(len(start) - 1, strength), 0.0)
    fast, sparse, middle = start, start, start
    share, shift, since = 1.0, np.inf, 0
    for _ in range(MAX_STEPS):
        before = middle
        middle = (1 - share) * sparse + share * fast
        slope = loss.slope(middle)
        slope[:-1] += penalty.slope(middle[:-1], strength)
        fast = _soften(fast - step / share * slope, step / share * limits)
        old, sparse = sparse, _soften(middle - step * slope, step * limits)
        if np.abs(sparse - old).max() < tolerance:
            break
        last, shift = shift, float(np.linalg.norm(middle - before))
        since += 1
        if shift < last and since >= FEWEST_STEPS:
            share, since = 1.0, 0
        else:
            share = 2 / (1 + np.sqrt(1 + 4 / share**2))
    return sparse


def _soften(weights: Vector, limits: Vector) -> Vector:
    return np.sign(weights) * np.maximum(np.abs(weights) - limits, 0.0)


class _Loss:
    """Mean log loss, or half of the mean squared error, of a linear model."""

    def __init__(
        self, columns: NDArray[np.float64], labels: Vector, is_binary: bool
    ) -> None:
        self.columns, self.labels, self.is_binary = columns, labels, is_binary
        gram = columns.T @ columns / len(columns)
        # Columns have the mean 0, so the intercept has a curvature of its own.
        largest = max(float(np.linalg.eigvalsh(gram)[-1]), 1.0)
        self.curvature = largest / 4 if is_binary else largest

    def value(self, weights: Vector) -> float:
        logits = self.columns @ weights[:-1] + weights[-1]
        if self.is_binary:
            return float(np.mean(np.logaddexp(0, logits) - self.labels * logits))
        return float(np.mean((logits - self.labels) ** 2) / 2)

    def slope(self, weights: Vector) -> Vector:
        predicted = self.columns @ weights[:-1] + weights[-1]
        if self.is_binary:
            predicted = 0.5 * (1 + np.tanh(predicted / 2))
        errors = predicted - self.labels
        return np.append(self.columns.T @ errors / len(errors), errors.mean())


def rank_by_nonconvex_path(
    data: RankingData, *, seed: int = 0, penalty: str = "mcp"
) -> Importance:
    """Rank numeric fields by the strongest penalty under which they take part.

    Reads training rows, in memory; the rows that stop choose which solution of the path
    ``weight`` shows. Other fields are not ranked.

    Args:
        data: the rows; one label.
        seed: noted only; nothing is random.
        penalty: ``mcp`` or ``scad``.

    Returns:
        An importance of the numeric fields. The detail ``weight`` is that of the
        standardised field where the loss of the stopping rows is least.

    Raises:
        DataError: if there is not one label.
        SchemaError: if there is no numeric field.
        ValueError: if there is no such penalty.
    """
    check_choice("penalty", penalty, PENALTIES)
    names, columns = numeric_columns(data.train)
    label, labels = one_label(data.train)
    seen = ~np.isnan(labels)
    is_binary = label.kind == "binary"
    standard = Standard.of(columns[seen])
    path = penalized_path(
        standard.apply(columns[seen]),
        labels[seen],
        PENALTIES[penalty],
        is_binary=is_binary,
    )
    stop_labels = one_label(data.stop)[1]
    seen = ~np.isnan(stop_labels)
    stop_columns = standard.apply(numeric_columns(data.stop)[1][seen])
    loss = _Loss(stop_columns, stop_labels[seen], is_binary)
    solutions = np.column_stack([path.weights, path.intercepts])
    best = np.argmin([loss.value(solution) for solution in solutions])
    return Importance(
        unit="field",
        names=names,
        scores=path.entered_at(),
        meaning=f"strongest {penalty.upper()} penalty under which it takes part",
        method="nonconvex_path",
        data_fingerprint=data.fingerprint,
        seed=seed,
        details={"weight": path.weights[best]},
    )
