"""How loud and how soft a field may get before a model gets worse.

Source: Li, Wang, Deng, Barnard, "Exploring the Cloud of Feature Interaction Scores in a
Rashomon Set", ICLR 2024, https://arxiv.org/abs/2305.10181, section 4 (greedy search).
Differences from the paper: steps double while they succeed, so that a field that hardly
moves the loss takes a few of them and not hundreds; a search leaves a level after
``MAX_STEPS`` steps, which a loss that nears its limit from below would never do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.explanation.masked_loss import MaskedLoss

__all__ = ["LEVELS", "SIGNS", "RashomonMasks", "search_masks"]

LEVELS = np.linspace(0.0, 1.0, 11)
"""Shares of the loss that a field may use up."""
SIGNS = (1, -1)
"""Louder, softer."""
FIRST_STEP, LARGEST_STEP, NUM_CUTS, MAX_STEPS = 0.1, 1.6, 4, 30

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class RashomonMasks:
    """Factors of single fields on the way to the border of the Rashomon set.

    Args:
        factors: of each field at each level, louder and softer,
            ``(field, level, sign)``.
        added: loss over that of the reference model there, ``(field, level, sign)``.
        reference: loss of the reference model.
        epsilon: loss that a model of the set may have beyond it.
    """

    factors: Array
    added: Array
    reference: float
    epsilon: float


def search_masks(
    model: MaskedLoss, *, epsilon: float, fields: Sequence[int] | None = None
) -> RashomonMasks:
    """Search the factor of each field at which each level of the loss is reached.

    From the factor 1 on, steps of 0.1 and more are taken while the loss stays below the
    level; at the border the steps get ten times smaller, four times.

    Args:
        model: the reference model.
        epsilon: loss that the highest level has beyond it.
        fields: places of the fields to search for, others keep the factor 1; None for
            all.

    Returns:
        The factors. One that moves nothing keeps the factor it had after the last
        level that it reached, which is one within the set.
    """
    num_fields = len(model.names)
    reference = model.loss(np.ones(num_fields))
    factors = np.ones((num_fields, len(LEVELS), len(SIGNS)))
    added = np.zeros_like(factors)
    for field in range(num_fields) if fields is None else fields:
        for side, sign in enumerate(SIGNS):
            found = _search(model, field, sign, reference, epsilon)
            factors[field, :, side], added[field, :, side] = found
    return RashomonMasks(factors, added, reference, epsilon)


def _search(
    model: MaskedLoss, field: int, sign: int, reference: float, epsilon: float
) -> tuple[list[float], list[float]]:
    factors, added = [], []
    factor, loss, can_move = 1.0, 0.0, True
    for level in LEVELS:
        step, num_cuts = FIRST_STEP, 0
        num_same = num_steps = 0
        while can_move and num_cuts <= NUM_CUTS and num_steps < MAX_STEPS:
            mask = np.ones(len(model.names))
            mask[field] = factor + sign * step
            tried = model.loss(mask) - reference
            if tried < level * epsilon:
                num_same = num_same + 1 if tried == loss else 0
                factor, loss = mask[field], tried
                num_steps += 1
                step = min(2 * step, LARGEST_STEP) if num_cuts == 0 else step
            else:
                step, num_cuts = step / 10, num_cuts + 1
            can_move = num_same < MAX_STEPS - 1
        factors.append(float(factor))
        added.append(float(loss))
    return factors, added
