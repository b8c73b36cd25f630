"""Undo the sampling of negatives: a model that saw few of them predicts too high.

Source: He et al., "Practical Lessons from Predicting Clicks on Ads at Facebook", ADKDD
2014, section 6.3.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._checks import read_vector

__all__ = ["correct_down_sampling", "down_sampling_logit_shift"]


def correct_down_sampling(
    probabilities: ArrayLike, *, negative_rate: float
) -> NDArray[np.float64]:
    r"""Turn probabilities of the sampled rows into those of all rows.

    $$p = \frac{q}{q + (1 - q) / w}$$

    Examples:
        >>> correct_down_sampling([0.5, 1.0], negative_rate=0.25).tolist()
        [0.2, 1.0]

    Args:
        probabilities: ``q``, of a model trained on the sample, shape (row,).
        negative_rate: ``w``, share of the negatives that were kept, in (0, 1].

    Returns:
        ``p``, the probabilities before sampling, shape (row,).

    Raises:
        ShapeError: if ``probabilities`` is not a vector of numbers.
        DataError: if a probability is outside [0, 1].
        ValueError: if ``negative_rate`` is outside (0, 1].
    """
    _check_rate(negative_rate)
    q = read_vector("probabilities", probabilities, "share")
    # Times w above and below, so that no tiny w overflows.
    corrected: NDArray[np.float64] = q * negative_rate / (q * negative_rate + (1 - q))
    return corrected


def down_sampling_logit_shift(negative_rate: float) -> float:
    """Give what to add to the logits to undo the sampling of negatives.

    Examples:
        >>> round(down_sampling_logit_shift(0.1), 6)
        -2.302585

    Args:
        negative_rate: share of the negatives that were kept, in (0, 1].

    Returns:
        ``ln(negative_rate)``, zero or negative.

    Raises:
        ValueError: if ``negative_rate`` is outside (0, 1].
    """
    _check_rate(negative_rate)
    return math.log(negative_rate)


def _check_rate(negative_rate: float) -> None:
    if not 0 < negative_rate <= 1:
        message = (
            f"negative_rate must be a share in (0, 1], got {negative_rate}. It is the "
            "share of the negatives that were kept, not dropped."
        )
        raise ValueError(message)
