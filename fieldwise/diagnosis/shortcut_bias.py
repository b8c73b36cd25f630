r"""Whether a learner leans on what is easy to extract, rather than on what predicts.

Two latents say something of a label $y = \pm 1$: $z_i = y \mu_i + \varepsilon$ with
unit variance, so that the sign of one alone is right with probability $\rho_i =
\Phi(\mu_i)$. What a model relies on shows on a grid of latents, which the same map
turns into its inputs:

$$R_i = \big|2\, \overline{[\operatorname{sign} f = \operatorname{sign} z_i]} - 1\big|,
  \quad \text{bias} = \tfrac12 \big[(R_s - R_c)_f - (R_s - R_c)_\text{optimal}\big]$$

Source: Hermann, Mobahi, Fel, Mozer, "On the Foundations of Shortcut Learning", ICLR
2024, https://arxiv.org/abs/2310.16228.
Differences from the paper: written from its description, no code was found; the optimal
learner is the linear discriminant of the latents; scaled to [-1, 1].
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_positive
from fieldwise.errors import DataError, ShapeError

__all__ = ["optimal_logits", "probe_grid", "shortcut_bias", "shortcut_reliance"]

Array = NDArray[np.float64]


def probe_grid(num_points: int = 40, *, extent: float = 3.0) -> Array:
    """Make a uniform grid over both latents, in which no latent is zero.

    Examples:
        >>> probe_grid(2, extent=1.0).tolist()
        [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]

    Args:
        num_points: along each latent; even.
        extent: the largest size of a latent, in its standard deviations.

    Returns:
        Shortcut and core latent of each probe, ``(num_points ** 2, 2)``.

    Raises:
        ValueError: if ``num_points`` is odd, or a number is not positive.
    """
    check_positive("num_points", num_points)
    check_positive("extent", extent)
    if num_points % 2:
        message = f"num_points must be even, so that no latent is 0, got {num_points}."
        raise ValueError(message)
    points = np.linspace(-extent, extent, num_points)
    return np.stack(np.meshgrid(points, points, indexing="ij"), axis=-1).reshape(-1, 2)


def optimal_logits(
    latents: Array, *, accuracies: tuple[float, float], correlation: float = 0.0
) -> Array:
    r"""Say what an ideal learner says: log odds $2 \mu^\top \Sigma^{-1} z$.

    Args:
        latents: shortcut and core, ``(row, 2)``.
        accuracies: of the sign of each alone, in (0, 1).
        correlation: of the noise of both, in (-1, 1).

    Returns:
        Log odds of the label 1 where both labels are as frequent, ``(row,)``.

    Raises:
        ShapeError: if there are not two latents.
        ValueError: if an accuracy or the correlation is out of its range.
    """
    _check_latents(latents)
    if not all(0 < accuracy < 1 for accuracy in accuracies):
        message = f"accuracies must be in (0, 1), got {accuracies}."
        raise ValueError(message)
    if not -1 < correlation < 1:
        message = f"correlation must be in (-1, 1), got {correlation}."
        raise ValueError(message)
    means = np.array([NormalDist().inv_cdf(accuracy) for accuracy in accuracies])
    covariance = np.array([[1.0, correlation], [correlation, 1.0]])
    return np.asarray(latents @ (2 * np.linalg.solve(covariance, means)))


def shortcut_reliance(logits: Array, latent: Array) -> float:
    """Measure how far decisions follow the sign of one latent.

    Examples:
        >>> latent = np.array([-2.0, -1.0, 1.0, 2.0])
        >>> shortcut_reliance(5 * latent, latent)
        1.0
        >>> shortcut_reliance(np.array([1.0, -1.0, 1.0, -1.0]), latent)
        0.0

    Args:
        logits: of the probes, ``(row,)``.
        latent: of the same, ``(row,)``.

    Returns:
        In [0, 1]; 0 where decisions do not depend on it, 1 where on nothing else.

    Raises:
        DataError: if there is no probe, or a number is not finite.
        ShapeError: if there is not one logit per probe.
    """
    if logits.shape != latent.shape or logits.ndim != 1:
        message = (
            f"logits must be one per probe, {latent.shape}, got shape {logits.shape}."
        )
        raise ShapeError(message)
    if not len(logits) or not np.isfinite(logits).all():
        message = "logits must be finite numbers, at least one."
        raise DataError(message)
    agrees = (logits > 0) == (latent > 0)
    return float(abs(2 * agrees.mean() - 1))


def shortcut_bias(logits: Array, optimal: Array, latents: Array) -> float:
    """Measure how much more than an ideal learner a model leans on the shortcut.

    It varies by the seed of the training: report several.

    Args:
        logits: of the model on the probes, ``(row,)``.
        optimal: of an ideal learner, ``(row,)``.
        latents: shortcut and core of the probes, ``(row, 2)``.

    Returns:
        In [-1, 1]; positive where it leans on the shortcut more, 0 for the ideal.

    Raises:
        DataError: if there is no probe, or a number is not finite.
        ShapeError: if there is not one logit per probe, or there are not two latents.
    """
    _check_latents(latents)
    leans = [
        shortcut_reliance(given, latents[:, 0])
        - shortcut_reliance(given, latents[:, 1])
        for given in (logits, optimal)
    ]
    return (leans[0] - leans[1]) / 2


def _check_latents(latents: Array) -> None:
    if latents.ndim != 2 or latents.shape[1] != 2:
        message = f"latents must be two, (row, 2), got shape {latents.shape}."
        raise ShapeError(message)
