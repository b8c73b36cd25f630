"""What a function of a row's tokens makes of two of them beyond each."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["MEASURED_ROWS", "token_differences"]

MEASURED_ROWS = 100
"""The first so many; each is scored once for each pair."""


def token_differences(
    score: Callable[[Tensor], Tensor],
    tokens: Float[Tensor, "row token dim"],
    means: Float[Tensor, "token dim"],
    *,
    num_fields: int,
) -> NDArray[np.float64]:
    """Measure second differences of a function, where tokens become their mean.

    Args:
        score: maps tokens to numbers of each row, ``(row, ...)``; called without
            gradients.
        tokens: of the rows; those of fields come first.
        means: of the tokens, over as many rows as there are.
        num_fields: tokens that are replaced, one by one and in pairs.

    Returns:
        Mean sizes, over rows and numbers, of the pairs in the order of ``FieldPairs``.
    """

    def without(*places: int) -> Tensor:
        changed = tokens.clone()
        changed[:, list(places)] = means[list(places)]
        return score(changed)

    with torch.no_grad():
        whole = score(tokens)
        singles = [without(place) for place in range(num_fields)]
        found = [
            float((whole - singles[i] - singles[j] + without(i, j)).abs().mean())
            for i, j in combinations(range(num_fields), 2)
        ]
    return np.array(found)
