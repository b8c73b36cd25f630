"""How much the order of an explanation hurts a model, beside random orders."""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray

from fieldwise.explanation import BaselineModel, measure_faithfulness
from fieldwise.metrics import log_loss
from fieldwise.sensitivity import Embedded

__all__ = ["Areas", "measure_areas", "random_areas"]

Array = NDArray[np.float64]
STEPS = 6
"""Of the curve of losses, as many as those of logits have."""


@final
@dataclass(frozen=True)
class Areas:
    """What happens while fields come back, or go.

    Args:
        insertion: mean logit beyond the base while fields come back; higher is better.
        deletion: the same while they go; lower is better.
        log_loss: the same of the loss of all rows while fields go; higher is better.
    """

    insertion: float
    deletion: float
    log_loss: float

    @property
    def area(self) -> float:
        """Between insertion and deletion; higher is better."""
        return self.insertion - self.deletion


def measure_areas(
    model: BaselineModel, rows: Embedded, labels: Array, contributions: Array
) -> Areas:
    """Measure one explanation of some rows.

    Args:
        model: the model and its baselines.
        rows: embedded rows.
        labels: of these, ``(row,)``.
        contributions: what each field is said to add to each logit, ``(row, field)``.

    Returns:
        The areas.
    """
    found = measure_faithfulness(model, rows, contributions, num_random=1)
    side = np.where(model.score(rows) > model.base, 1.0, -1.0)
    loss = _loss_while_fields_go(model, rows, labels, side[:, None] * contributions)
    return Areas(found.insertion, found.deletion, loss)


def random_areas(
    model: BaselineModel, rows: Embedded, labels: Array, *, num_orders: int, seed: int
) -> list[Areas]:
    """Measure random orders, another one for each row.

    Args:
        model: the model and its baselines.
        rows: embedded rows.
        labels: of these, ``(row,)``.
        num_orders: of each row.
        seed: of the orders.

    Returns:
        The areas of each.
    """
    random = np.random.default_rng(seed)
    shape = (len(rows), len(model.schema))
    return [
        measure_areas(model, rows, labels, random.normal(size=shape))
        for _ in range(num_orders)
    ]


def _loss_while_fields_go(
    model: BaselineModel, rows: Embedded, labels: Array, holding: Array
) -> float:
    """The trapezoid rule, as for logits; what holds a logit where it is goes first."""
    num_fields = holding.shape[1]
    counts = np.linspace(0, num_fields, min(STEPS, num_fields) + 1).round()
    times = (-holding).argsort(axis=1, kind="stable").argsort(axis=1)
    is_gone = times[:, None, :] < counts[:, None]
    logits = model.score_replaced(rows, torch.from_numpy(is_gone))
    losses = [log_loss(labels, 1 / (1 + np.exp(-column))) for column in logits.T]
    middles = (np.array(losses[1:]) + losses[:-1]) / 2
    return float(middles @ np.diff(counts) / num_fields)
