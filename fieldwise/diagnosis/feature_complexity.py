r"""How much of a model it takes until a number can be read off linearly.

$$\Omega(z) = 1 - \frac1L \sum_l \max(0, R^2_l)$$

with $R^2_l$ of a ridge regression of $z$ on the states of layer $l$, on held-out rows.
Near 0: it is there in the embeddings already, such as the effect of one field. Near 1:
only the last layers have it, such as a cross of two.

Source: Fel, Bethune, Lampinen, Serre, Hermann, "Understanding Visual Feature Reliance
through the Lens of Complexity", NeurIPS 2024, https://arxiv.org/abs/2407.06076.
Differences from the paper: explained variance, which is bounded, instead of the
V-information in nats; held-out rows and a ridge of 1 % of the mean variance, so that a
wide layer does not read noise.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fieldwise.errors import DataError, ShapeError
from fieldwise.importance import Importance

__all__ = ["complexity_of", "find_decodability"]

RIDGE = 0.01
"""Times the mean variance of a unit."""

States = NDArray[np.float64]


def find_decodability(
    states: Mapping[str, States], feature: NDArray[np.float64], *, seed: int = 0
) -> Importance:
    """Measure how well a number can be read off each layer.

    Half of the rows, drawn at random, are for the fit, the others for the measure.

    Examples:
        ``complexity_of(find_decodability(states, logits))`` says whether a model makes
        any use of its interactions.

    Args:
        states: by layer, from the embeddings on, ``(row, width)``.
        feature: the number, such as the logit, of the same rows, ``(row,)``.
        seed: of the halves.

    Returns:
        An importance of layers: the share of held-out variance that is explained, in
        [0, 1].

    Raises:
        DataError: if there are fewer than four rows, or the number is constant.
        ShapeError: if rows differ.
    """
    num_rows = len(feature)
    shapes = [layer.shape for layer in states.values()]
    if feature.ndim != 1 or any(len(s) != 2 or s[0] != num_rows for s in shapes):
        message = (
            f"states must be of the rows of the feature, ({num_rows}, width), got "
            f"shapes {shapes}."
        )
        raise ShapeError(message)
    order = np.random.default_rng(seed).permutation(num_rows)
    seen, held_out = order[: num_rows // 2], order[num_rows // 2 :]
    if num_rows < 4 or not feature[seen].std() or not feature[held_out].std():
        message = f"feature must differ between 4 rows at least, got {num_rows} rows."
        raise DataError(message)
    scores = [
        _explained(layer[seen], feature[seen], layer[held_out], feature[held_out])
        for layer in states.values()
    ]
    return Importance(
        unit="layer",
        names=tuple(states),
        scores=np.array(scores),
        meaning="share of held-out variance that a ridge regression explains",
        method="decodability",
        seed=seed,
    )


def complexity_of(decodability: Importance) -> float:
    """Say how late a number can be read off.

    Args:
        decodability: what ``find_decodability`` found.

    Returns:
        In [0, 1]: 0 in every layer, 1 in none.
    """
    return 1 - float(decodability.scores.mean())


def _explained(
    states: States,
    feature: NDArray[np.float64],
    other_states: States,
    other_feature: NDArray[np.float64],
) -> float:
    middle, mean = states.mean(axis=0), feature.mean()
    inputs = states - middle
    gram = inputs.T @ inputs
    penalty = RIDGE * np.trace(gram) / len(gram)
    if not penalty:
        return 0.0
    gram[np.diag_indices_from(gram)] += penalty
    weights = np.linalg.solve(gram, inputs.T @ (feature - mean))
    errors = other_feature - mean - (other_states - middle) @ weights
    left = np.square(errors).sum()
    return max(
        0.0, 1 - float(left / np.square(other_feature - other_feature.mean()).sum())
    )
