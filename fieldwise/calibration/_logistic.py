"""The logistic function and its regression, in float64.

Source: Lin, Lin, Weng, "A note on Platt's probabilistic outputs for support vector
machines", Machine Learning 2007 (Newton's method with backtracking).
"""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["fit_shift", "fit_slopes", "log_sigmoid", "sigmoid"]

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

_MAX_STEPS = 100
_MAX_HALVINGS = 60


def log_sigmoid(logits: Vector) -> Vector:
    """Take the log of the probability without computing the probability.

    Args:
        logits: any finite numbers.

    Returns:
        ``ln p``; of the negated logits it is ``ln(1 - p)``.
    """
    logs: Vector = -np.logaddexp(0, -logits)
    return logs


def sigmoid(logits: Vector) -> Vector:
    """Turn logits into probabilities, exact on both tails.

    Args:
        logits: any numbers, infinite ones too.

    Returns:
        The probabilities.
    """
    probabilities: Vector = np.exp(log_sigmoid(logits))
    return probabilities


def fit_shift(logits: Vector, targets: Vector, weights: Vector) -> float:
    """Find the constant that, added to the logits, gives the mean target.

    Args:
        logits: one per row.
        targets: in (0, 1).
        weights: row weights, positive.

    Returns:
        The constant, in logits.
    """
    ones = np.ones((len(logits), 1))
    return float(_fit_logistic(ones, targets, weights, offsets=logits)[0])


def fit_slopes(
    columns: Matrix,
    targets: Vector,
    weights: Vector,
    *,
    prior_deviation: float = math.inf,
) -> tuple[Vector, float]:
    """Find the linear logit of least log loss.

    Args:
        columns: one per slope.
        targets: in (0, 1).
        weights: row weights, positive.
        prior_deviation: how far from 1 slopes may easily go; of a normal prior.

    Returns:
        The slopes and the intercept.
    """
    # Standardised, so that Newton's method works for columns of any size.
    means = np.average(columns, axis=0, weights=weights)
    deviations = np.sqrt(np.average((columns - means) ** 2, axis=0, weights=weights))
    scales = np.where(deviations > 0, deviations, 1.0)
    coefficients = _fit_logistic(
        np.column_stack([(columns - means) / scales, np.ones(len(columns))]),
        targets,
        weights,
        precisions=np.append((prior_deviation * scales) ** -2.0, 0.0),
        centers=np.append(scales, 0.0),
    )
    slopes = coefficients[:-1] / scales
    return slopes, float(coefficients[-1] - slopes @ means)


def _fit_logistic(
    design: Matrix,
    targets: Vector,
    weights: Vector,
    *,
    offsets: Vector | float = 0.0,
    precisions: Vector | float = 0.0,
    centers: Vector | float = 0.0,
) -> Vector:
    r"""Minimise the log loss of a linear logit by Newton's method.

    $$\sum_i w_i (\ln(1 + e^{\eta_i}) - t_i \eta_i) + \tfrac12 \sum_j \lambda_j
    (\theta_j - \mu_j)^2, \quad \eta = X \theta + o$$

    Args:
        design: one column per coefficient; the last is 1.
        targets: in (0, 1).
        weights: row weights, positive.
        offsets: fixed part of the logits.
        precisions: strength of the pull towards ``centers``, per coefficient.
        centers: where coefficients are pulled to.

    Returns:
        The coefficients.
    """

    def objective(theta: Vector) -> float:
        eta = design @ theta + offsets
        loss = weights @ (np.logaddexp(0, eta) - targets * eta)
        return float(loss + 0.5 * np.sum(precisions * (theta - centers) ** 2))

    total = weights.sum()
    rounding = 1e-14 * total
    theta = _start(design, targets, weights, offsets)
    value = objective(theta)
    for _ in range(_MAX_STEPS):
        p = sigmoid(design @ theta + offsets)
        gradient = design.T @ (weights * (p - targets))
        gradient += precisions * (theta - centers)
        hessian = (design.T * (weights * p * (1 - p))) @ design
        # The last term keeps it invertible where every probability is 0 or 1.
        diagonal = precisions + np.full(len(theta), 1e-12 * total)
        step = np.linalg.solve(hessian + np.diag(diagonal), gradient)
        decrease = float(gradient @ step)
        for _ in range(_MAX_HALVINGS):
            trial = objective(theta - step)
            if trial <= value - 1e-4 * decrease + rounding:
                break
            step, decrease = step / 2, decrease / 2
        else:
            break
        theta, value = theta - step, trial
        if decrease <= 1e-20 * total:
            break
    return theta


def _start(
    design: Matrix, targets: Vector, weights: Vector, offsets: Vector | float
) -> Vector:
    """Start from the mean target, where the curvature is large."""
    mean = np.average(targets, weights=weights)
    theta = np.zeros(design.shape[1])
    theta[-1] = np.log(mean / (1 - mean)) - np.average(
        offsets + np.zeros(len(targets)), weights=weights
    )
    return theta
