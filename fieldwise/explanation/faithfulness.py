r"""Whether the fields that an explanation names first move the logit most.

Fields of a row are taken away one by one, those that hold its logit where it is first
(deletion), or brought back in that order (insertion). A good order lets the logit fall
early, or rise early; random orders are the measure of what "early" is.

Source: Petsiuk, Das, Saenko, "RISE: Randomized Input Sampling for Explanation of
Black-box Models", BMVC 2018, https://arxiv.org/abs/1806.07421, section 4.2.
Differences from the paper: fields instead of pixels; what is taken away says what it
says in the baselines; areas are of logits, in the direction away from the base, because
probabilities near 0 hide what moves.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor

from fieldwise._checks import check_positive
from fieldwise.errors import DataError
from fieldwise.explanation.baselines import BaselineModel
from fieldwise.importance import Importance
from fieldwise.sensitivity import Embedded

__all__ = ["Faithfulness", "measure_faithfulness"]

NUM_RANDOM = 3
"""Random orders of each row."""
MAX_STEPS = 6
"""Of many fields several go at a time, so that a curve has no more steps than these."""

Array = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Faithfulness:
    """Areas under curves of logits, beside those of random orders.

    Args:
        insertion: mean logit above the base while fields come back; higher is better.
        deletion: mean logit above the base while fields go; lower is better.
        random_insertion: the same of random orders.
        random_deletion: the same of random orders.
        num_rows: rows that were measured.
    """

    insertion: float
    deletion: float
    random_insertion: float
    random_deletion: float
    num_rows: int

    @property
    def area(self) -> float:
        """Between both curves; higher is better."""
        return self.insertion - self.deletion

    @property
    def random_area(self) -> float:
        """Between both curves of random orders: near 0."""
        return self.random_insertion - self.random_deletion

    def __str__(self) -> str:
        return (
            f"area between insertion and deletion {self.area:.4g}, of random orders "
            f"{self.random_area:.4g} ({self.num_rows} rows)"
        )


def measure_faithfulness(
    model: BaselineModel,
    rows: Embedded,
    explanation: Float[np.ndarray, "row field"] | Importance,
    *,
    num_random: int = NUM_RANDOM,
    seed: int = 0,
) -> Faithfulness:
    """Compare the order of an explanation with random ones.

    Args:
        model: the model and its baselines.
        rows: embedded rows.
        explanation: what each field is said to add to the logit of each row; or an
            importance of fields, whoever found it: one order for all rows.
        num_random: random orders of each row.
        seed: of these.

    Returns:
        The areas, in units of the logit.

    Raises:
        DataError: if there is no row, or the importance is not one of all fields.
        ValueError: if the number of random orders is not positive.
    """
    check_positive("num_random", num_random)
    if not len(rows):
        message = "rows must be at least one to be measured, got none."
        raise DataError(message)
    random = np.random.default_rng(seed)
    logits = model.score(rows)
    side = np.where(logits > model.base, 1.0, -1.0)
    toward = (
        np.tile(_scores(model, explanation), (len(rows), 1))
        if isinstance(explanation, Importance)
        else side[:, None] * explanation
    )
    told = np.argsort(-toward, axis=1, kind="stable")
    tiled = np.tile(np.arange(told.shape[1]), (len(rows), num_random, 1))
    orders = np.concatenate([told[:, None], random.permuted(tiled, axis=-1)], axis=1)
    insertion, deletion = _areas(model, rows, orders, side, logits)
    return Faithfulness(
        insertion=float(insertion[:, 0].mean()),
        deletion=float(deletion[:, 0].mean()),
        random_insertion=float(insertion[:, 1:].mean()),
        random_deletion=float(deletion[:, 1:].mean()),
        num_rows=len(rows),
    )


def _scores(model: BaselineModel, importance: Importance) -> Array:
    """Of all fields, in the order of the schema."""
    names = model.schema.names
    if importance.unit != "field" or set(importance.names) != set(names):
        message = (
            f"explanation must be an importance of the fields {list(names)}, got "
            f"{len(importance)} of {importance.unit!r} by {importance.method}."
        )
        raise DataError(message)
    places = {name: place for place, name in enumerate(importance.names)}
    return importance.scores[[places[name] for name in names]]


def _areas(
    model: BaselineModel,
    rows: Embedded,
    orders: Int[np.ndarray, "row order field"],
    side: Float[np.ndarray, " row"],
    logits: Float[np.ndarray, " row"],
) -> tuple[Array, Array]:
    """Areas of insertion and deletion, ``(row, order)``."""
    num_fields = orders.shape[-1]
    counts = np.linspace(0, num_fields, min(MAX_STEPS, num_fields) + 1).round()
    gone = _gone(torch.from_numpy(orders), torch.from_numpy(counts[1:-1]))
    masks = torch.stack([~gone, gone], dim=1).flatten(start_dim=1, end_dim=3)
    scored = model.score_replaced(rows, masks)
    heights = np.zeros((len(rows), 2, orders.shape[1], len(counts)))
    heights[..., 1:-1] = scored.reshape(*heights.shape[:3], -1) - model.base
    # Both ends are known: nothing or everything is gone.
    heights[:, 0, :, -1] = heights[:, 1, :, 0] = (logits - model.base)[:, None]
    heights *= side[:, None, None, None]
    # The trapezoid rule over the shares of fields that are gone.
    areas = (heights[..., 1:] + heights[..., :-1]) @ np.diff(counts) / (2 * num_fields)
    return areas[:, 0], areas[:, 1]


def _gone(
    orders: Int[Tensor, "row order field"], counts: Float[Tensor, " step"]
) -> Bool[Tensor, "row order step field"]:
    """Which fields are gone after each step, so many of the first."""
    # When each field goes.
    times = orders.argsort(dim=-1)[:, :, None, :]
    return times < counts[:, None]
