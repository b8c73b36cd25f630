"""Where attention goes: between fields, or from what decides to the fields.

An attention map describes a layer. It does not say what causes a logit: a field that is
looked at may add nothing, and residual connections go around attention. Compare with
``permute_fields``.

Source: Song et al., "AutoInt: Automatic Feature Interaction Learning via Self-Attentive
Neural Networks", CIKM 2019, https://arxiv.org/abs/1810.11921, "Explainable
Recommendations".
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import ShapeError
from fieldwise.explanation.layer_inputs import find_layer, show_inputs
from fieldwise.importance import Importance
from fieldwise.nn.interactions.field_pairs import FieldPairs
from fieldwise.nn.interactions.self_attention import SelfAttention

__all__ = ["TaskAttention", "attention_fields", "attention_pairs"]

METHOD = "attention"


@runtime_checkable
class TaskAttention(Protocol):
    """A model whose tasks look at the fields, as ``Hiformer`` does."""

    def attend(self, batch: Batch) -> Float[Tensor, "batch task head field"]:
        """How much of each field goes to each task.

        Args:
            batch: encoded rows.

        Returns:
            Weights.
        """
        ...  # pragma: no cover


def attention_pairs(
    model: nn.Module,
    batches: Iterable[Batch],
    names: Sequence[str],
    *,
    layer: int | None = None,
    data_fingerprint: str = "",
) -> Importance:
    """Average how much the fields of each pair look at each other.

    Args:
        model: has self-attention between fields, as ``AutoInt`` and ``AutoIntPlus`` do.
        batches: the rows.
        names: of the fields, in the order of the schema.
        layer: number of the layer, the first one is 0; None takes the mean of all. From
            the second one on, what looks and is looked at is already a mixture.
        data_fingerprint: checksum of the rows.

    Returns:
        An importance of pairs, in the order of ``FieldPairs``.

    Raises:
        DataError: if there is no row.
        IndexError: if there is no such layer.
        ShapeError: if there is not one name per field.
        ValueError: if the model has no self-attention.
    """
    mean = _mean_map(model, batches, names, layer)
    pairs = FieldPairs(len(names))
    return Importance(
        unit="pair",
        names=tuple((names[i], names[j]) for i, j in pairs.positions),
        scores=(mean + mean.T)[pairs.left.numpy(), pairs.right.numpy()],
        meaning="attention to each other, in both directions, mean over rows and heads",
        method=METHOD,
        data_fingerprint=data_fingerprint,
    )


def attention_fields(
    model: nn.Module,
    batches: Iterable[Batch],
    names: Sequence[str],
    *,
    data_fingerprint: str = "",
) -> Importance:
    """Average how much each field is looked at.

    Args:
        model: has self-attention between fields, or tasks that look at fields, as
            ``Hiformer`` does.
        batches: the rows.
        names: of the fields, in the order of the schema.
        data_fingerprint: checksum of the rows.

    Returns:
        An importance of fields: of self-attention the mean over all fields that look,
        of tasks the mean over the tasks.

    Raises:
        DataError: if there is no row.
        ShapeError: if there is not one name per field.
        ValueError: if the model has no attention.
    """
    if isinstance(model, TaskAttention):
        mean, looking = _Mean(names), "tasks"
        attend = model.attend
        show_inputs(
            model,
            model,
            batches,
            lambda batch: mean.add(attend(batch).mean(dim=(1, 2))),
        )
        scores = mean.result()
    else:
        scores, looking = _mean_map(model, batches, names, None).mean(axis=0), "fields"
    return Importance(
        unit="field",
        names=tuple(names),
        scores=scores,
        meaning=f"attention that {looking} pay to it, mean over rows and heads",
        method=METHOD,
        data_fingerprint=data_fingerprint,
    )


def _mean_map(
    model: nn.Module,
    batches: Iterable[Batch],
    names: Sequence[str],
    layer: int | None,
) -> NDArray[np.float64]:
    """Who looks (row) at whom (column), mean over rows, heads and layers."""
    attention = find_layer(model, SelfAttention)
    chosen = slice(None) if layer is None else layer
    mean = _Mean(names)

    def add(x: Float[Tensor, "row field dim"]) -> None:
        maps = attention.attention(x)[chosen]
        together = torch.stack(maps) if isinstance(maps, tuple) else maps.unsqueeze(0)
        mean.add(together.mean(dim=(0, 2)))

    show_inputs(model, attention, batches, add)
    return mean.result()


class _Mean:
    """Running mean over rows of weights whose last axis is the fields."""

    def __init__(self, names: Sequence[str]) -> None:
        self._num_fields = len(names)
        self._total = np.zeros(())
        self._num_rows = 0

    def add(self, weights: Float[Tensor, "row *looking field"]) -> None:
        if weights.shape[-1] != self._num_fields:
            message = (
                f"names must be {weights.shape[-1]} fields, got {self._num_fields}."
            )
            raise ShapeError(message)
        total = weights.sum(dim=0, dtype=torch.float64)
        self._total = self._total + total.cpu().numpy()
        self._num_rows += len(weights)

    def result(self) -> NDArray[np.float64]:
        return self._total / self._num_rows
