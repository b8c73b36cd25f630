"""What a function of a row's tokens makes of two of them beyond each."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fieldwise.importance import Importance

__all__ = ["MEASURED_ROWS", "token_differences"]

MEASURED_ROWS = 100
"""The first so many; each is scored once for each pair."""


def token_differences(
    score: Callable[[Tensor], Tensor],
    tokens: Float[Tensor, "row token dim"],
    means: Float[Tensor, "token dim"],
    names: Sequence[str],
    *,
    meaning: str,
    method: str,
    data_fingerprint: str,
) -> Importance:
    """Measure second differences of a function, where tokens become their mean.

    Args:
        score: maps tokens to numbers of each row, ``(row, ...)``; called without
            gradients.
        tokens: of the rows; those of fields come first.
        means: of the tokens, over as many rows as there are.
        names: of the fields, whose tokens are replaced one by one and in pairs.
        meaning: what a score says.
        method: what is asked.
        data_fingerprint: checksum of the rows.

    Returns:
        An importance of pairs: mean sizes over rows and numbers.
    """

    def without(*places: int) -> Tensor:
        changed = tokens.clone()
        changed[:, list(places)] = means[list(places)]
        return score(changed)

    with torch.no_grad():
        whole = score(tokens)
        singles = [without(place) for place in range(len(names))]
        found = [
            float((whole - singles[i] - singles[j] + without(i, j)).abs().mean())
            for i, j in combinations(range(len(names)), 2)
        ]
    return Importance(
        unit="pair",
        names=tuple(combinations(names, 2)),
        scores=np.array(found),
        meaning=meaning,
        method=method,
        data_fingerprint=data_fingerprint,
    )
